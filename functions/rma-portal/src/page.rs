//! What all pages share: the merchant's name and colours, the language, the headers.

use anyhow::Result;
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connectors::form;
use domain::language::Language;
use domain::settings::Settings;
use language::{FluentValue, Texts};
use ports::{Inbound, Reply};
use sha2::{Digest as _, Sha256};

/// The cookie that remembers which language was chosen.
const LANGUAGE_COOKIE: &str = "language";

/// The frame of a page, for one customer.
pub(crate) struct Page {
    pub(crate) texts: Texts,
    /// What customers call the merchant.
    pub(crate) name: String,
    /// Address of the merchant's logo.
    pub(crate) logo: Option<String>,
    style: String,
    /// A language that was chosen just now, and is to be remembered.
    chosen: Option<Language>,
}

impl Page {
    pub(crate) fn new(settings: &Settings, inbound: &Inbound) -> Self {
        let query = form::fields(inbound.query.as_bytes()).unwrap_or_default();
        let chosen = query.get("language").and_then(|code| Language::of_locale(code));
        let remembered = || cookie(inbound, LANGUAGE_COOKIE).and_then(Language::of_locale);
        let accepted =
            || Language::negotiate(inbound.header("accept-language").unwrap_or_default());
        let language = chosen.or_else(remembered).unwrap_or_else(accepted);
        let pages = &settings.pages;
        Self {
            texts: Texts::new(language),
            name: pages.name.clone().unwrap_or_else(|| settings.seller.name.clone()),
            logo: pages.logo.clone(),
            style: format!(":root{{--accent:{}}}{}", pages.accent, include_str!("style.css")),
            chosen,
        }
    }

    /// A text.
    pub(crate) fn say(&self, key: &str) -> String {
        self.texts.text(key)
    }

    /// A text with one argument.
    pub(crate) fn say_with(
        &self,
        key: &str,
        name: &str,
        value: impl Into<FluentValue<'static>>,
    ) -> String {
        self.texts.with(key, &[(name, value.into())])
    }

    /// The language of the page.
    pub(crate) fn language(&self) -> Language {
        self.texts.language()
    }

    /// Those in which it could be.
    pub(crate) fn languages(&self) -> [Language; 4] {
        Language::ALL
    }

    pub(crate) fn style(&self) -> &str {
        &self.style
    }

    /// Sends a page.
    pub(crate) fn reply(&self, status: u16, template: &impl Template) -> Result<Reply> {
        self.reply_allowing(Allowed::default(), status, template)
    }

    /// Sends a page that may do more than others.
    pub(crate) fn reply_allowing(
        &self,
        allowed: Allowed<'_>,
        status: u16,
        template: &impl Template,
    ) -> Result<Reply> {
        let mut headers = headers(&self.style, self.logo.as_deref(), allowed);
        if let Some(chosen) = self.chosen {
            let cookie = format!(
                "{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; HttpOnly; Secure; SameSite=Lax",
                chosen.code()
            );
            headers.push(("set-cookie".to_owned(), cookie));
        }
        Ok(Reply { status, headers, body: template.render()? })
    }

    /// What everyone sees whose link or session is good for nothing, whatever is wrong with it. `returns` is the way to
    /// `/returns` from there.
    pub(crate) fn gone(&self, returns: &str) -> Result<Reply> {
        self.reply(404, &Gone { page: self, returns })
    }
}

#[derive(Template)]
#[template(path = "gone.html")]
struct Gone<'a> {
    page: &'a Page,
    returns: &'a str,
}

/// What a page may do besides showing itself and sending forms to us.
#[derive(Clone, Copy, Default)]
pub(crate) struct Allowed<'a> {
    /// Files go to this address, whose answer may show in a frame of the page; our own script looks at them before.
    pub(crate) uploads_to: Option<&'a str>,
    /// The page itself may show in such a frame.
    pub(crate) is_framed: bool,
}

/// Headers of every page: nothing may be loaded but the logo, nothing framed, stored or passed on, and forms go to us, but
/// for what is allowed to it.
fn headers(style: &str, logo: Option<&str>, allowed: Allowed<'_>) -> Vec<(String, String)> {
    let style = STANDARD.encode(Sha256::digest(style));
    let images = logo.map_or("'none'".to_owned(), origin);
    let (forms, more) = match allowed.uploads_to.map(origin) {
        Some(place) => {
            let more = format!(" script-src 'self'; frame-src 'self' {place};");
            (format!(" {place}"), more)
        }
        None => (String::new(), String::new()),
    };
    let ancestors = if allowed.is_framed { "'self'" } else { "'none'" };
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src {images};{more} form-action 'self'{forms}; \
         base-uri 'none'; frame-ancestors {ancestors}"
    );
    [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", &policy),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex"),
        ("vary", "accept-language, cookie"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// `https://shop.example/logo.svg` → `https://shop.example`.
fn origin(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let host = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

/// Sends the browser elsewhere, to look at something with a GET.
pub(crate) fn redirect(to: &str, cookie: Option<String>) -> Reply {
    let mut headers = headers("", None, Allowed::default());
    headers.push(("location".to_owned(), to.to_owned()));
    headers.extend(cookie.map(|cookie| ("set-cookie".to_owned(), cookie)));
    Reply { status: 303, headers, body: String::new() }
}

/// A cookie's value.
pub(crate) fn cookie<'a>(inbound: &'a Inbound, name: &str) -> Option<&'a str> {
    let pairs = inbound.header("cookie").unwrap_or_default().split(';');
    let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
    named.find(|(known, _)| *known == name).map(|(_, value)| value)
}
