//! The letter that opens the returns portal.

use crate::{Block, Content, Scene};

impl Content {
    /// The link to the returns of an order, for whoever asked for it: good once, for an hour.
    #[must_use]
    pub fn of_link(link: &str, scene: Scene<'_>) -> Self {
        let number = scene.order.received.as_ref().map_or("", |received| received.number.as_str());
        let text = |key: &str| scene.texts.with(key, &[("number", number.into())]);
        Self {
            subject: text("link-mail-subject"),
            heading: text("link-mail-heading"),
            blocks: vec![
                Block::Paragraph(text("link-mail-text")),
                Block::Button(text("link-mail-open"), link.to_owned()),
                Block::Paragraph(text("link-mail-not-you")),
            ],
        }
    }
}
