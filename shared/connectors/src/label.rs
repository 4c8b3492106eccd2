//! What a label is bought for, and what comes of it: the same for every service that sells them.

use domain::address::Address;
use domain::money::Money;
use jiff::Timestamp;

/// How a label service is reached.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// Base URL of its API, without a slash at its end.
    pub api: &'a str,
    /// The key that proves that we may.
    pub key: &'a str,
}

/// A label to be bought, once.
#[derive(Debug, Clone, Copy)]
pub struct LabelRequest<'a> {
    /// What makes this label this one, whoever asks how often: `alpenshop/1001/R1`.
    pub reference: &'a str,
    /// When it was asked for first, as our facts have it: nothing can have been bought before.
    pub asked_at: Timestamp,
    /// Where the parcel starts: the customer's, when goods come back.
    pub from: Party<'a>,
    /// Where it goes.
    pub to: Party<'a>,
    /// The box.
    pub parcel: ParcelSize,
    /// Whether goods come back: some carriers bill that otherwise.
    pub is_return: bool,
    /// Services that may carry it, the most welcome first, as the label service names them: `USPS/GroundAdvantage`.
    /// None means the cheapest of all.
    pub services: &'a [String],
    /// What customs are told; none within one customs area.
    pub customs: Option<&'a Customs>,
}

/// Somebody at one end of a parcel's way. Personal data.
#[derive(Debug, Clone, Copy)]
pub struct Party<'a> {
    /// Where.
    pub address: &'a Address,
    /// How a carrier can call.
    pub phone: Option<&'a str>,
    /// How a carrier can write.
    pub email: Option<&'a str>,
}

/// A box, packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParcelSize {
    /// Weight in grams.
    pub weight_g: u32,
    /// Length in millimetres; 0 where none of the three is known.
    pub length_mm: u32,
    /// Width in millimetres.
    pub width_mm: u32,
    /// Height in millimetres.
    pub height_mm: u32,
}

/// What customs are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customs {
    /// Who signs for it.
    pub signer: String,
    /// What is inside.
    pub items: Vec<CustomsItem>,
}

/// Units of one article, as customs see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomsItem {
    /// What it is.
    pub description: String,
    /// How many.
    pub quantity: u32,
    /// What all of them are worth.
    pub value: Money,
    /// What all of them weigh, in grams.
    pub weight_g: u32,
    /// HS code.
    pub hs_code: String,
    /// Where it was made: two letters.
    pub origin: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelOutcome {
    /// It is bought.
    Bought(Label),
    /// Nothing was bought.
    Refused {
        /// Why; names the field, where one is wrong.
        why: String,
    },
    /// It may have been bought, and nobody can be asked. A person has to look.
    Doubted {
        /// What is known.
        why: String,
    },
}

/// A label that was bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The service's id of the shipment.
    pub shipment_id: String,
    /// Who carries it.
    pub carrier: String,
    /// The tracking number.
    pub number: String,
    /// Where the label is, for everyone who knows the address.
    pub label_url: String,
    /// What it cost.
    pub cost: Money,
    /// Whether it was there before: a delivery of ours before this one bought it.
    pub found: bool,
}
