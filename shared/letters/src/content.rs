//! What a letter says, and how that is written down: as HTML and as text, from the same parts.

use anyhow::{Context, Result};
use askama::Template;

use crate::Scene;

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The subject; a text message says it, too.
    pub subject: String,
    /// The first line.
    pub heading: String,
    /// The rest.
    pub blocks: Vec<Block>,
}

/// A part of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Words.
    Paragraph(String),
    /// Someone's own words.
    Quote(String),
    /// What something is called, and what it is: lines of an address are several.
    Detail(String, Vec<String>),
    /// Articles, each with its quantity, under a heading of their own if there is one.
    Articles(Option<String>, Vec<(String, u32)>),
    /// Something to press: its name and where it leads. The first of a letter stands out.
    Button(String, String),
}

/// A letter, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The subject.
    pub subject: String,
    /// As text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    language: &'a str,
    /// What the merchant is called on the pages; where the settings don't say, the shop's own name.
    name: &'a str,
    accent: &'a str,
    logo: Option<&'a str>,
    content: &'a Content,
    footer: &'a [String],
}

#[derive(Template)]
#[template(path = "letter.txt")]
struct Text<'a> {
    content: &'a Content,
    footer: &'a [String],
    shop: &'a str,
}

impl Html<'_> {
    /// Whether a button is not the first one.
    fn is_further(&self, block: &Block) -> bool {
        let first = self.content.blocks.iter().find(|known| matches!(known, Block::Button(..)));
        first != Some(block)
    }
}

impl Content {
    /// Writes it down.
    ///
    /// # Errors
    /// When it can't be, which no content should bring about.
    pub fn write(&self, scene: Scene<'_>) -> Result<Written> {
        let Scene { texts, shop, settings, order, .. } = scene;
        let number = order.received.as_ref().map_or("", |received| received.number.as_str());
        let why = texts.with("mail-why", &[("shop", shop.into()), ("number", number.into())]);
        let footer = [texts.text("mail-answer"), why];
        let language = texts.language().code();
        let pages = &settings.pages;
        let html = Html {
            language,
            name: pages.name.as_deref().unwrap_or(shop),
            accent: &pages.accent,
            logo: pages.logo.as_deref(),
            content: self,
            footer: &footer,
        };
        let text = Text { content: self, footer: &footer, shop };
        Ok(Written {
            subject: self.subject.clone(),
            text: text.render().context("failed to write a letter as text")?,
            html: html.render().context("failed to write a letter as HTML")?,
        })
    }

    /// What fits into a text message: who writes, what about, and where to read more.
    #[must_use]
    pub fn brief(&self, scene: Scene<'_>) -> String {
        let link = scene.links.track.as_ref().map(|link| format!(" {link}")).unwrap_or_default();
        format!("{}: {}.{link}", scene.shop, self.subject)
    }
}
