//! An order as a shop states it, in our words: what every connector makes of what its shop sends.
//!
//! It holds personal data ([`Contact`]) and must not be logged or put into a fact as a whole.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::address::{Address, Country};
use crate::id::LineId;
use crate::money::Currency;

/// What a shop says of one order at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopOrder {
    /// The shop's own, stable id of the order; half of our order id, and what we call the shop's API with.
    pub order: String,
    /// The number that people see: `#1002`.
    pub number: String,
    /// When the customer bought.
    pub placed_at: Timestamp,
    /// When the shop last changed it. What is older than we know already changes nothing.
    pub updated_at: Timestamp,
    /// A test of the shop's owner: recorded, never forwarded.
    pub test: bool,
    /// Whether it is paid.
    pub payment: Payment,
    /// Why the shop cancelled it, if it did.
    pub cancelled: Option<String>,
    /// Whether the shop has closed it as sent, as a whole.
    pub is_sent: bool,
    /// The currency of every amount in it.
    pub currency: Currency,
    /// What was bought.
    pub lines: Vec<ShopLine>,
    /// How it is to travel.
    pub shipping: ShippingChoice,
    /// Discounts that no line's price contains yet, minor units, not negative.
    pub discount_minor: i64,
    /// Tax in all, minor units, whether or not the prices contain it.
    pub tax_minor: i64,
    /// Whether prices contain the tax.
    pub tax_included: bool,
    /// What the customer pays in all, minor units.
    pub total_minor: i64,
    /// What the customer asked for besides.
    pub wishes: Wishes,
    /// Hints at fraud that the shop itself gives, as codes.
    pub risk_hints: Vec<String>,
    /// What the shop shows as sent, by us or by others; none where it does not say.
    pub parcels: Option<Vec<ShopParcel>>,
    /// Who bought, and where it goes.
    pub contact: Contact,
}

/// One line of what was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopLine {
    /// The shop's id of the line.
    pub line_id: LineId,
    /// The shop's article number; empty when the shop gave none.
    pub sku: String,
    /// What the customer read.
    pub title: String,
    /// Units to ship *now*: after edits and refunds, not as first bought.
    pub quantity: u32,
    /// Price of one unit in minor units, after the line's own discounts.
    pub unit_price_minor: i64,
    /// Whether it travels at all: gift cards, downloads and services don't.
    pub ships: bool,
}

/// What a shop shows as sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShopParcel {
    /// Its tracking numbers; none for what was sent without.
    pub numbers: Vec<String>,
    /// Units in it, by line; none where the shop does not say.
    pub lines: Option<BTreeMap<LineId, u32>>,
    /// Whether it still counts: someone may have taken it back.
    pub stands: bool,
}

/// How far payment is. The order of the variants is the order in which a payment moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// Nothing yet.
    Pending,
    /// Reserved on the customer's card, not taken.
    Authorized,
    /// A part of it.
    PartlyPaid,
    /// All of it.
    Paid,
    /// Some of it has gone back.
    PartlyRefunded,
    /// All of it has gone back.
    Refunded,
    /// Given up.
    Voided,
}

impl Payment {
    /// Whether the goods may go out.
    #[must_use]
    pub fn allows_shipping(self) -> bool {
        matches!(self, Self::Paid | Self::PartlyRefunded)
    }
}

/// The shipping option that the customer chose.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShippingChoice {
    /// The shop's name for it.
    pub title: String,
    /// Whether the customer paid for speed.
    pub express: bool,
    /// What the customer paid for it, minor units.
    pub price_minor: i64,
}

/// Special requests that are no personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wishes {
    /// Wrap it.
    pub gift_wrap: bool,
    /// Put a printed invoice in.
    pub invoice: bool,
    /// The buyer's age was checked by the shop.
    pub age_verified: bool,
}

/// Who bought and where it goes: personal data, kept in `People` only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contact {
    /// E-mail address of the customer.
    pub email: Option<String>,
    /// Phone number of the customer.
    pub phone: Option<String>,
    /// The language that the customer bought in, as IETF has it: `de-AT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Where it goes; some orders have none (pick-up, digital).
    pub shipping: Option<Address>,
    /// Where the invoice goes, when the shop says.
    pub billing: Option<Address>,
    /// A note for the gift card.
    pub gift_note: Option<String>,
    /// Personalisation per line: engraving, name, date.
    pub personalisation: Vec<Personalisation>,
}

/// What is to be written on one line's goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personalisation {
    /// The line it belongs to.
    pub line_id: LineId,
    /// What it is: "Engraving".
    pub name: String,
    /// The text.
    pub value: String,
}

impl Contact {
    /// Where it goes, as far as rules need it.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        self.shipping.as_ref().and_then(|address| address.country)
    }

    /// All that whoever delivers it goes by. Personal data.
    #[must_use]
    pub fn destination(&self) -> (Option<&Address>, Option<&str>) {
        (self.shipping.as_ref(), self.phone.as_deref())
    }
}
