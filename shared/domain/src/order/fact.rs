//! What can happen to an order.
//!
//! **This is the storage format of the Events table, for ever.** Never rename a variant or a field and never change
//! what one means: only add, with a default. Facts hold no personal data; they refer to it by [`ContactRef`].

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::address::Country;
use crate::catalog::StockKey;
use crate::id::{
    ArticleId, FulfillmentOrderId, ItemId, LineId, LocationId, ParcelId, ServiceId, SupplierId,
};
use crate::money::Currency;
use crate::order::amendment::Verdict;
use crate::order::documents::Archived;
use crate::order::refund::fact::RefundFact;
use crate::order::returns::fact::ReturnFact;
use crate::shop_order::{Payment, ShippingChoice, ShopLine, Wishes};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Fact {
    /// The shop told us of the order for the first time.
    Received(Received),
    /// The shop told us how far payment is now.
    PaymentChanged { payment: Payment, updated_at: Timestamp },
    /// The shop stated the order again, later, and nothing of it had changed. What is older changes nothing any more.
    Confirmed { updated_at: Timestamp },
    /// The shop wants other quantities, or further lines, now.
    EditRequested {
        lines: Vec<LineQuantity>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<ShopLine>,
        updated_at: Timestamp,
    },
    /// The shop wants fewer units than can still be stopped; those stay on their way.
    EditRefused { line_id: LineId, quantity: u32, why: String },
    /// Someone gave a new address or contact.
    ContactChanged {
        contact: ContactRef,
        country: Option<Country>,
        by: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        updated_at: Option<Timestamp>,
    },
    /// Someone wants the whole order cancelled.
    CancelRequested {
        by: String,
        why: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        updated_at: Option<Timestamp>,
    },
    /// The shop wants the order after all that it had cancelled: its customer paid late.
    Reinstated { updated_at: Timestamp },
    /// Every line became articles.
    Mapped { items: Vec<Item> },
    /// Something stops the order.
    Held { hold: Hold, detail: String },
    /// It does not stop it any more, by itself.
    Released { hold: Hold },
    /// A person let it pass.
    Overridden { hold: Hold, by: String, why: String },
    /// Every check was made; those that failed are holds of their own.
    Screened { contact: ContactRef, checks: Vec<Check>, settings_version: u64 },
    /// Suppliers were chosen, and why.
    Routed(Routed),
    /// The intent to buy: from here on, nobody may believe that nothing was bought.
    SubmissionStarted { fulfillment_order_id: FulfillmentOrderId },
    /// The supplier has it.
    Submitted {
        fulfillment_order_id: FulfillmentOrderId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        supplier_reference: Option<String>,
        answer_by: Timestamp,
    },
    /// The supplier will ship these.
    Accepted { fulfillment_order_id: FulfillmentOrderId, units: Vec<Units>, ship_by: Timestamp },
    /// The supplier will not ship these; they are routed again, elsewhere.
    Rejected {
        fulfillment_order_id: FulfillmentOrderId,
        units: Vec<Units>,
        reason: RejectReason,
        detail: String,
    },
    /// The supplier did not answer in time and was told that it is off; the units are routed again, elsewhere.
    TimedOut { fulfillment_order_id: FulfillmentOrderId, units: Vec<Units> },
    /// Nobody can tell whether it was bought. A person decides.
    InDoubt { fulfillment_order_id: FulfillmentOrderId, detail: String },
    /// A person, or a look-up, found out.
    Resolved { fulfillment_order_id: FulfillmentOrderId, bought: bool, by: String, why: String },
    /// The supplier promised to have shipped by now.
    Overdue { fulfillment_order_id: FulfillmentOrderId },
    /// The last day on which it was expected at the customer's has passed, and not all of it is there.
    Delayed { fulfillment_order_id: FulfillmentOrderId, expected_on: Date },
    /// The supplier is to be asked to cancel.
    CancelWanted { fulfillment_order_id: FulfillmentOrderId },
    /// The supplier was asked to cancel, and will answer later.
    CancelAsked { fulfillment_order_id: FulfillmentOrderId },
    /// The supplier will ship all the same.
    CancelRejected { fulfillment_order_id: FulfillmentOrderId, why: String },
    /// The supplier was told another address, and will answer later. `change` counts the order's addresses from 1, the
    /// first one not included.
    AddressAsked { fulfillment_order_id: FulfillmentOrderId, change: u32 },
    /// The supplier ships to that address.
    AddressChanged { fulfillment_order_id: FulfillmentOrderId, change: u32 },
    /// The supplier ships to the address that it had before.
    AddressRefused { fulfillment_order_id: FulfillmentOrderId, change: u32, why: String },
    /// These units left the fulfillment order for good: it was cancelled before or by the supplier.
    Withdrawn { fulfillment_order_id: FulfillmentOrderId, units: Vec<Units> },
    /// These units of the order will not be shipped by anyone.
    Cancelled { units: Vec<Units>, why: String },
    /// The supplier handed a box to a carrier.
    Shipped {
        parcel_id: ParcelId,
        fulfillment_order_id: FulfillmentOrderId,
        carrier: String,
        number: String,
        ship_date: Date,
        units: Vec<Units>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<Label>,
    },
    /// The supplier had named a wrong number. This one is the parcel's: its journey begins anew.
    NumberCorrected { parcel_id: ParcelId, carrier: String, number: String, ship_date: Date },
    /// The tracking service watches the parcel. Not written any more: it says so itself when it is asked.
    TrackingRegistered { parcel_id: ParcelId },
    /// The carrier saw the parcel: scans that we had not heard of.
    Tracked { parcel_id: ParcelId, scans: Vec<Scan> },
    /// The customer says that the parcel has arrived.
    ArrivalConfirmed { parcel_id: ParcelId },
    /// Nobody asks for the parcel any more.
    TrackingStopped { parcel_id: ParcelId, why: String },
    /// The intent to show something in a shop that could not tell a second time from more of it.
    ShopUpdateStarted { parcel_id: ParcelId, milestone: Milestone },
    /// The shop shows what we know.
    ShopUpdated {
        parcel_id: ParcelId,
        milestone: Milestone,
        shop_reference: String,
        found: bool,
        /// The number that it shows, where that was corrected in between.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
    },
    /// The shop will not show it, however often it is asked. A person decides.
    ShopUpdateRefused { parcel_id: ParcelId, milestone: Milestone, why: String },
    /// A person looked: the shop shows it, or it is to be tried again.
    ShopUpdateResolved {
        parcel_id: ParcelId,
        milestone: Milestone,
        shown: bool,
        by: String,
        why: String,
    },
    /// The shop was told what came of a request to change the order; requests count from 1.
    ShopAnswered {
        request: u16,
        verdict: Verdict,
        shop_reference: String,
        found: bool,
        /// Why the shop does not take it, if so; nobody tries again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
    },
    /// The shop does not know a parcel any more that it showed: it is shown again, once, by its own path.
    ShopLost { parcel_id: ParcelId, why: String },
    /// All links that customers had to the order open nothing any more; new ones do.
    LinksRevoked { by: String, why: String },
    /// A document was archived.
    Archived(Archived),
    /// Something happened to a return. Stored without this level: `"type":"ReturnRequested"`.
    #[serde(untagged)]
    Return(ReturnFact),
    /// Something happened to a refund. Stored without this level: `"type":"RefundPlanned"`.
    #[serde(untagged)]
    Refund(RefundFact),
}

impl Fact {
    /// The fact's name, as it is stored.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Received(_) => "Received",
            Self::PaymentChanged { .. } => "PaymentChanged",
            Self::Confirmed { .. } => "Confirmed",
            Self::EditRequested { .. } => "EditRequested",
            Self::EditRefused { .. } => "EditRefused",
            Self::ContactChanged { .. } => "ContactChanged",
            Self::CancelRequested { .. } => "CancelRequested",
            Self::Reinstated { .. } => "Reinstated",
            Self::Mapped { .. } => "Mapped",
            Self::Held { .. } => "Held",
            Self::Released { .. } => "Released",
            Self::Overridden { .. } => "Overridden",
            Self::Screened { .. } => "Screened",
            Self::Routed(_) => "Routed",
            Self::SubmissionStarted { .. } => "SubmissionStarted",
            Self::Submitted { .. } => "Submitted",
            Self::Accepted { .. } => "Accepted",
            Self::Rejected { .. } => "Rejected",
            Self::TimedOut { .. } => "TimedOut",
            Self::InDoubt { .. } => "InDoubt",
            Self::Resolved { .. } => "Resolved",
            Self::Overdue { .. } => "Overdue",
            Self::Delayed { .. } => "Delayed",
            Self::CancelWanted { .. } => "CancelWanted",
            Self::CancelAsked { .. } => "CancelAsked",
            Self::CancelRejected { .. } => "CancelRejected",
            Self::AddressAsked { .. } => "AddressAsked",
            Self::AddressChanged { .. } => "AddressChanged",
            Self::AddressRefused { .. } => "AddressRefused",
            Self::Withdrawn { .. } => "Withdrawn",
            Self::Cancelled { .. } => "Cancelled",
            Self::Shipped { .. } => "Shipped",
            Self::NumberCorrected { .. } => "NumberCorrected",
            Self::TrackingRegistered { .. } => "TrackingRegistered",
            Self::Tracked { .. } => "Tracked",
            Self::ArrivalConfirmed { .. } => "ArrivalConfirmed",
            Self::TrackingStopped { .. } => "TrackingStopped",
            Self::ShopUpdateStarted { .. } => "ShopUpdateStarted",
            Self::ShopUpdated { .. } => "ShopUpdated",
            Self::ShopUpdateRefused { .. } => "ShopUpdateRefused",
            Self::ShopUpdateResolved { .. } => "ShopUpdateResolved",
            Self::ShopAnswered { .. } => "ShopAnswered",
            Self::ShopLost { .. } => "ShopLost",
            Self::LinksRevoked { .. } => "LinksRevoked",
            Self::Archived(_) => "Archived",
            Self::Return(fact) => fact.name(),
            Self::Refund(fact) => fact.name(),
        }
    }
}

/// Where a contact lies in `People`: the key of its item under the order. Hashes of the contact, of the payload it came
/// in, and of where it goes: `contact.payload.destination`. The last came later and may be missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContactRef(pub String);

impl ContactRef {
    /// Whether both say the same of the person, whatever else their payloads say.
    #[must_use]
    pub fn is_same_contact(&self, other: &Self) -> bool {
        let contact = |contact_ref: &Self| contact_ref.0.split('.').next().map(str::to_owned);
        contact(self) == contact(other)
    }

    /// Whether both are delivered to alike, whatever else they say of the person.
    #[must_use]
    pub fn is_same_destination(&self, other: &Self) -> bool {
        let destination = |contact_ref: &Self| contact_ref.0.split('.').nth(2).map(str::to_owned);
        let is_same = destination(self).is_some() && destination(self) == destination(other);
        is_same || self.is_same_contact(other)
    }
}

/// The order as the shop first stated it, without the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The number that people see.
    pub number: String,
    /// When the customer bought.
    pub placed_at: Timestamp,
    /// Which state of the shop's order this was.
    pub updated_at: Timestamp,
    /// A test of the shop's owner.
    pub test: bool,
    /// Whether it was paid.
    pub payment: Payment,
    /// The currency of every amount of the order.
    pub currency: Currency,
    /// What was bought.
    pub lines: Vec<ShopLine>,
    /// How it is to travel.
    pub shipping: ShippingChoice,
    /// Discounts on the whole order, minor units.
    pub discount_minor: i64,
    /// Tax, minor units.
    pub tax_minor: i64,
    /// Whether prices contain the tax.
    pub tax_included: bool,
    /// What the customer pays in all, minor units.
    pub total_minor: i64,
    /// Special requests.
    pub wishes: Wishes,
    /// Hints at fraud that the shop gave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risk_hints: Vec<String>,
    /// Where the person is.
    pub contact: ContactRef,
    /// Where it goes.
    pub country: Option<Country>,
}

/// A line's quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineQuantity {
    /// Which line.
    pub line_id: LineId,
    /// Units that the shop wants now.
    pub quantity: u32,
}

/// Units of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Units {
    /// Of what.
    pub item: ItemId,
    /// How many; at least 1.
    pub quantity: u32,
}

/// What one line needs of one article, with what the rules must know of the article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its line and article.
    pub id: ItemId,
    /// Units of the article for one unit of the line.
    pub per_unit: u32,
    /// What it is.
    pub title: String,
    /// Grams per unit of the article.
    pub weight_g: u32,
    /// Harmonized System code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hs_code: Option<String>,
    /// Where it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Country>,
    /// Buyers must be at least so old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_min: Option<u8>,
    /// Dangerous goods.
    #[serde(default)]
    pub hazmat: bool,
}

/// Why an order may not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// A line's SKU is not in the catalogue.
    UnmappedSku,
    /// The address can't be delivered to.
    Address,
    /// Too many indicators of fraud.
    Fraud,
    /// Someone must see proof of age.
    Age,
    /// Dangerous goods to where they must not go.
    Hazmat,
    /// Customs would stop it: HS code or origin missing.
    CustomsData,
    /// It would earn too little.
    Margin,
    /// Nobody can ship it there.
    NoSupplier,
    /// The shop shows as sent, and not by us, what we were still to ship.
    SentElsewhere,
}

impl Hold {
    /// Whether routing decides it anew, once what is to be shipped, or where to, has changed.
    #[must_use]
    pub fn is_of_routing(self) -> bool {
        matches!(self, Self::CustomsData | Self::Margin | Self::NoSupplier)
    }

    /// Its name, as it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnmappedSku => "unmapped_sku",
            Self::Address => "address",
            Self::Fraud => "fraud",
            Self::Age => "age",
            Self::Hazmat => "hazmat",
            Self::CustomsData => "customs_data",
            Self::Margin => "margin",
            Self::NoSupplier => "no_supplier",
            Self::SentElsewhere => "sent_elsewhere",
        }
    }
}

/// A check of screening and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was checked.
    pub check: String,
    /// How it went.
    pub outcome: Outcome,
    /// What it saw: points and codes, never what a person typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing to see.
    Passed,
    /// It stops the order.
    Held,
    /// It would, but a person let it pass.
    Overridden,
}

/// Who ships what, and why they and not another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    /// Each share.
    pub fulfillment_orders: Vec<Planned>,
    /// What nobody has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backorders: Vec<Backorder>,
    /// Everyone who was considered.
    pub candidates: Vec<Candidate>,
    /// What the order earns with these shares, minor units of its currency; none while something is backordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin_minor: Option<i64>,
    /// The settings that were in force.
    pub settings_version: u64,
}

impl Routed {
    /// The counters of everyone who was considered for an article.
    pub(super) fn counters(&self, article: &ArticleId) -> Vec<StockKey> {
        let counter = |candidate: &Candidate| StockKey {
            supplier: candidate.supplier.clone(),
            location: candidate.location.clone(),
            supplier_sku: candidate.supplier_sku.clone(),
        };
        self.candidates.iter().filter(|known| known.article == *article).map(counter).collect()
    }
}

/// A planned fulfillment order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Its id in the order.
    pub fulfillment_order_id: FulfillmentOrderId,
    /// Who.
    pub supplier: SupplierId,
    /// From where.
    pub location: LocationId,
    /// How it travels.
    pub service: ServiceId,
    /// What is in it.
    pub shares: Vec<Share>,
    /// Price of its freight, minor units of the order's currency.
    pub freight_minor: i64,
    /// Not before this: until then the order can be cancelled without asking anyone.
    pub submit_at: Timestamp,
    /// When it leaves if it is submitted then.
    pub leaves_on: Date,
    /// When the customer has it: at the earliest, at the latest.
    pub arrives: (Date, Date),
}

/// Units of one item from one offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Of what.
    pub item: ItemId,
    /// The supplier's number for it.
    pub supplier_sku: String,
    /// How many.
    pub quantity: u32,
    /// What one costs, minor units of the order's currency.
    pub unit_cost_minor: i64,
}

/// Units that wait for stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backorder {
    /// Of what.
    pub item: ItemId,
    /// How many.
    pub quantity: u32,
    /// When they are expected.
    pub expected_on: Date,
}

/// An offer that was considered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The article it is for.
    pub article: ArticleId,
    /// Who.
    pub supplier: SupplierId,
    /// From where.
    pub location: LocationId,
    /// The supplier's number for it.
    #[serde(default)]
    pub supplier_sku: String,
    /// Units in stock as seen then.
    pub available: i64,
    /// Cost of one unit, minor units of the order's currency, where it could be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_cost_minor: Option<i64>,
    /// Why it lost; none if it won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
}

/// Why a supplier says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// It has none.
    OutOfStock,
    /// It no longer sells it.
    Discontinued,
    /// It does not ship there.
    Destination,
    /// Anything else.
    Other,
}

/// A shipping label that a supplier offers for download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Where it can be fetched.
    pub url: String,
}

/// What a shop is told of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// It is on its way, with this number.
    Shipped,
    /// Its number was wrong; it is this one.
    Corrected,
    /// The customer has it.
    Delivered,
}

impl Milestone {
    /// Its name, as it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Corrected => "corrected",
            Self::Delivered => "delivered",
        }
    }
}

/// One thing that a carrier said of a parcel. Ordered by event time, then rank.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scan {
    /// When it happened, by the carrier.
    pub at: Timestamp,
    /// What it means.
    pub status: ScanStatus,
    /// The tracking service's own code, for what we don't tell apart.
    pub code: String,
}

/// What a scan means. The order of the variants is their rank: of two scans at one moment the later variant counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanStatus {
    /// Nobody has seen it.
    LabelCreated,
    /// It moves.
    InTransit,
    /// Something went wrong with it.
    Exception,
    /// It waits at a counter.
    ReadyForPickup,
    /// The courier has it.
    OutForDelivery,
    /// Nobody opened.
    AttemptFailed,
    /// It is on its way back.
    Returning,
    /// It is back.
    Returned,
    /// The customer has it.
    Delivered,
}
