//! What a shop is told of a parcel, and what comes of it: the same for every kind of shop.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use domain::id::{LineId, ParcelId};
use domain::order::fact::Milestone;
use domain::order::push_back::NO_PLACE;
use jiff::Timestamp;
use jiff::civil::Date;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// How a shop is reached.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// Base URL of its API, without a slash at its end.
    pub api: &'a str,
    /// What proves that we may, newest first: see the shop's own module.
    pub secrets: &'a [String],
}

impl<'a> Access<'a> {
    /// The one that is to be used from now on.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn newest_secret(&self) -> Result<&'a str> {
        self.secrets.first().map(String::as_str).context("there is no secret for the shop's API")
    }
}

/// A parcel at a milestone, for the shop to show.
#[derive(Debug, Clone, Copy)]
pub struct Shipment<'a> {
    /// The shop's own id of the order.
    pub order: &'a str,
    /// Which of the order's parcels.
    pub parcel_id: ParcelId,
    /// How far it is.
    pub milestone: Milestone,
    /// Units of the shop's lines that are complete with this parcel; none when it is a part of a bundle.
    pub lines: &'a BTreeMap<LineId, u32>,
    /// Whether everything that will be shipped has been.
    pub is_last: bool,
    /// The carrier, as the supplier named it.
    pub carrier: &'a str,
    /// The tracking number.
    pub number: &'a str,
    /// The day it left.
    pub ship_date: Date,
    /// The number that the shop shows instead, and that was wrong.
    pub replaces: Option<&'a str>,
    /// When the customer got it.
    pub delivered_at: Option<Timestamp>,
    /// Whether the customer is to hear of it: not when the shop forgot what it had told.
    pub is_news: bool,
}

impl Shipment<'_> {
    /// A page that follows the parcel, whoever carries it.
    #[must_use]
    pub fn tracking_url(&self) -> String {
        format!("https://t.17track.net/en#nums={}", encode(self.number))
    }
}

/// The shop will not take it, however often it is asked: there is no such order, it does not let us, or it gives a
/// reason. The text names no people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Whether a status says that the same call will never succeed. A wrong secret is not among them: it is put right for all
/// orders at once, and until then they wait.
pub(crate) fn is_final(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 401 | 408 | 409 | 423 | 425 | 429)
}

/// What the shop shows now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The shop's name for it; several are separated by spaces, `-` where there is none.
    pub reference: String,
    /// Whether it was there before: a delivery of ours before this one did it, or a person.
    pub found: bool,
}

impl Shown {
    /// The shop has no place for it.
    #[must_use]
    pub fn nothing() -> Self {
        Self { reference: NO_PLACE.to_owned(), found: true }
    }
}

/// A value as one segment of a URL.
pub(crate) fn encode(segment: &str) -> String {
    utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string()
}

/// A carrier's name as it is compared: "SF-Express" and "sf express" are one.
pub(crate) fn plain(carrier: &str) -> String {
    plain_letters(carrier).collect()
}

/// The letters of [`plain`], one by one: for whoever compares with many names.
pub(crate) fn plain_letters(carrier: &str) -> impl Iterator<Item = char> {
    carrier.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}
