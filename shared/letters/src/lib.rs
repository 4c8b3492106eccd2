//! Letters: what customers read in their mails and text messages, in each of their languages.
//!
//! A [`Content`] says what a letter says, once; `templates/` has how it looks as HTML and as text. The words are
//! `shared/language/texts/*/mails.ftl`.

mod content;
mod link;
mod notice;
pub mod sample;

#[cfg(test)]
mod tests;

use domain::id::OrderId;
use domain::order::Order;
use domain::settings::Settings;
use language::Texts;

pub use content::{Block, Content, Written};

/// All that a letter is about.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// In the customer's language.
    pub texts: &'a Texts,
    /// What customers call the shop.
    pub shop: &'a str,
    /// The merchant's settings: what customers see looks like, and where returns go to.
    pub settings: &'a Settings,
    /// Which order it is.
    pub order_id: &'a OrderId,
    /// The order as it is now.
    pub order: &'a Order,
    /// Where the customer can go from the letter.
    pub links: &'a Links,
}

/// Where a customer can go from a letter; what is none is not offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The page that shows where the order is.
    pub track: Option<String>,
    /// The returns portal.
    pub returns: Option<String>,
}
