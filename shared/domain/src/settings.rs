//! What the merchant decides: shops, suppliers, locations, carriers' services, rules. Data, with a version.

mod check;
mod fetch;
pub mod notifications;
pub mod pages;
pub mod returns;

use jiff::civil::{Time, Weekday};
use serde::{Deserialize, Serialize};

use crate::address::Country;
use crate::id::{EndpointId, LocationId, ServiceId, ShopId, SupplierId};
use crate::money::{Currency, Money};

pub use notifications::Notifications;
pub use pages::Pages;
pub use returns::Returns;

/// One state of the settings. Every decision that used them names the version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Counted up by whoever stores them; 0 in a file.
    #[serde(default)]
    pub version: u64,
    /// Who we are, on invoices and mails.
    pub seller: Seller,
    /// Where orders come from.
    pub shops: Vec<Shop>,
    /// Who ships.
    pub suppliers: Vec<Supplier>,
    /// Where they ship from.
    pub locations: Vec<Location>,
    /// How it travels.
    pub services: Vec<Service>,
    /// How to choose among them.
    pub routing: Routing,
    /// What stops an order.
    #[serde(default)]
    pub screening: Screening,
    /// How often carriers are asked.
    #[serde(default)]
    pub tracking: Tracking,
    /// Who else is told what happens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<Endpoint>,
    /// What customers' pages look like.
    #[serde(default)]
    pub pages: Pages,
    /// What may come back, and how.
    #[serde(default)]
    pub returns: Returns,
    /// What one unit of another currency is worth; dated, so that a decision can be understood later.
    #[serde(default)]
    pub rates: Vec<Rate>,
}

/// The merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seller {
    /// Legal name.
    pub name: String,
    /// Address as it is printed.
    pub address: Vec<String>,
    /// Tax number as it is printed, if any.
    #[serde(default)]
    pub tax_number: Option<String>,
}

/// A storefront.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// Its name in URLs, order ids and secrets.
    pub id: ShopId,
    /// What it speaks.
    pub kind: ShopKind,
    /// Base URL of its API: `https://alpenshop.myshopify.com`.
    pub api: String,
    /// What we tell its customers; nothing where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notifications: Option<Notifications>,
}

/// What a shop speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShopKind {
    /// Shopify's webhooks and Admin GraphQL.
    Shopify,
    /// WooCommerce's webhooks and REST v3.
    Woocommerce,
    /// Our own order JSON.
    Onward,
}

/// Whoever ships for us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supplier {
    /// Its name in offers, URLs and secrets.
    pub id: SupplierId,
    /// How it is reached.
    pub channel: Channel,
    /// Until when it has to answer, in minutes from submission.
    #[serde(default = "day")]
    pub answer_within_minutes: u32,
    /// Until when it has to ship, in minutes from acceptance.
    #[serde(default = "two_days")]
    pub ship_within_minutes: u32,
    /// How reliable it is, 0 to 100.
    #[serde(default = "neutral_score")]
    pub score: u8,
    /// Not used while true.
    #[serde(default)]
    pub paused: bool,
}

/// How a supplier is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
pub enum Channel {
    /// Our documented JSON protocol.
    Api {
        /// Base URL.
        url: String,
        /// Whether it buys nothing more when the same reference comes again, as our protocol asks. One that can't
        /// promise that is looked up before it is asked again.
        #[serde(default = "yes")]
        drops_repeats: bool,
    },
    /// A mail with a CSV and signed links.
    Email {
        /// Its address.
        address: String,
    },
}

/// A place that goods leave from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Its name in offers.
    pub id: LocationId,
    /// Where it is.
    pub country: Country,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Orders before this, local time, leave the same day.
    pub cut_off: Time,
    /// The days on which goods leave.
    #[serde(default = "monday_to_friday", with = "weekdays")]
    pub working_days: Vec<Weekday>,
    /// Countries it ships to; empty means all.
    #[serde(default)]
    pub ships_to: Vec<Country>,
    /// Smaller comes first where the ranking says `priority`.
    #[serde(default)]
    pub priority: u32,
}

/// A carrier's service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name in facts and towards suppliers.
    pub id: ServiceId,
    /// The carrier's name.
    pub carrier: String,
    /// Countries it starts in; empty means all.
    #[serde(default)]
    pub from: Vec<Country>,
    /// Countries it goes to; empty means all.
    #[serde(default)]
    pub to: Vec<Country>,
    /// Countries it does not go to.
    #[serde(default)]
    pub not_to: Vec<Country>,
    /// Grams it carries at the most.
    pub weight_max_g: u32,
    /// Value of goods from which it is used.
    #[serde(default)]
    pub value_min: Option<Money>,
    /// Value of goods up to which it is used.
    #[serde(default)]
    pub value_max: Option<Money>,
    /// Whether it takes dangerous goods.
    #[serde(default)]
    pub hazmat: bool,
    /// Whether it is what a customer gets who paid for speed.
    #[serde(default)]
    pub express: bool,
    /// Days from departure to door: at least, at most.
    pub days: (u16, u16),
    /// Price up to one kilogram.
    pub base: Money,
    /// Price of each further kilogram, begun ones count; minor units of `base`'s currency.
    #[serde(default)]
    pub per_kg_minor: i64,
}

/// How to choose who ships.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// What counts, most important first.
    pub rank: Vec<Ranking>,
    /// Whether an order may be shipped in parts.
    pub split: Split,
    /// An order that would earn less is held: percent of what the customer pays for the goods and their shipping.
    pub margin_floor_percent: i64,
    /// How long an order rests before it goes to a supplier, so that it can still be cancelled; seconds.
    pub cooling_off_seconds: u32,
    /// Days until an article without stock is expected, when no supplier said.
    #[serde(default = "two_weeks")]
    pub backorder_days: u16,
}

/// One way to prefer an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ranking {
    /// The location's own priority.
    Priority,
    /// Goods and freight.
    Cost,
    /// Days to the door, counted from the next departure.
    Speed,
    /// The supplier's score.
    Score,
}

/// When an order is shipped in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Never: all of it from one place, or wait.
    Never,
    /// When no single place has it all; what nobody has is backordered.
    WhenNeeded,
}

/// What stops an order before it is routed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Screening {
    /// An order with so many points is held.
    pub fraud_points_max: u32,
    /// What counts as unusually much: minor units per currency.
    pub high_value: Vec<Money>,
    /// Units in one line from which a quantity is unusual.
    pub high_quantity: u32,
    /// Countries where dangerous goods may not be sent.
    pub no_hazmat_to: Vec<Country>,
}

impl Default for Screening {
    fn default() -> Self {
        Self {
            fraud_points_max: 60,
            high_value: Vec::new(),
            high_quantity: 20,
            no_hazmat_to: Vec::new(),
        }
    }
}

/// How often carriers are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tracking {
    /// Who is asked where parcels are.
    pub service: TrackingService,
    /// Minutes from one look at a fresh parcel to the next; older parcels are looked at less often.
    pub poll_minutes: u32,
    /// Days after which nobody asks any more.
    pub stop_after_days: u16,
}

impl Default for Tracking {
    fn default() -> Self {
        Self { service: TrackingService::default(), poll_minutes: 240, stop_after_days: 60 }
    }
}

/// A service that follows parcels of all carriers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackingService {
    /// 17TRACK.
    #[default]
    SeventeenTrack,
    /// AfterShip.
    Aftership,
}

impl TrackingService {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::SeventeenTrack, Self::Aftership];

    /// Its name in settings, URLs and secrets.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SeventeenTrack => "seventeen_track",
            Self::Aftership => "aftership",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::SeventeenTrack => "17TRACK",
            Self::Aftership => "AfterShip",
        }
    }
}

/// A system of the merchant that is told what happens, by signed webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its name in secrets and logs.
    pub id: EndpointId,
    /// Where it listens.
    pub url: String,
    /// What it wants to hear: names of events, or a family as `order.*`. Empty means everything.
    #[serde(default)]
    pub events: Vec<String>,
    /// Told nothing while true; what happens meanwhile it never hears of.
    #[serde(default)]
    pub paused: bool,
}

impl Endpoint {
    /// Whether it wants to hear of an event.
    #[must_use]
    pub fn wants(&self, event: &str) -> bool {
        let is_meant = |wanted: &String| match wanted.strip_suffix('*') {
            Some(family) => event.starts_with(family),
            None => wanted == event,
        };
        !self.paused && (self.events.is_empty() || self.events.iter().any(is_meant))
    }
}

/// An exchange rate: how many millionths of `to` one unit of `from` is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// One unit of this …
    pub from: Currency,
    /// … in this …
    pub to: Currency,
    /// … is so many millionths: 1.08 is `1_080_000`.
    pub millionths: i64,
    /// The day it was true.
    pub on: jiff::civil::Date,
}

fn yes() -> bool {
    true
}

fn day() -> u32 {
    24 * 60
}

fn two_days() -> u32 {
    48 * 60
}

fn neutral_score() -> u8 {
    50
}

fn two_weeks() -> u16 {
    14
}

fn monday_to_friday() -> Vec<Weekday> {
    vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday]
}

/// Weekdays by their English names, in lower case.
mod weekdays {
    use jiff::civil::Weekday;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    const NAMES: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];

    pub(super) fn serialize<S: Serializer>(
        days: &[Weekday],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let name =
            |day: &Weekday| NAMES.iter().find(|(_, named)| named == day).map(|(name, _)| *name);
        days.iter().filter_map(name).collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Weekday>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let day = |name: &String| {
            let found = NAMES.iter().find(|(known, _)| known == name).map(|(_, day)| *day);
            found.ok_or_else(|| D::Error::custom(format!("`{name}` is no weekday")))
        };
        names.iter().map(day).collect()
    }
}

/// What is wrong with settings that could be read: the place, and why. See [`Settings::check`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsProblem {
    /// Path of the field: `locations[1].time_zone`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Settings {
    /// The shop of that name.
    #[must_use]
    pub fn shop(&self, shop: &ShopId) -> Option<&Shop> {
        self.shops.iter().find(|known| known.id == *shop)
    }

    /// The supplier of that name.
    #[must_use]
    pub fn supplier(&self, supplier: &SupplierId) -> Option<&Supplier> {
        self.suppliers.iter().find(|known| known.id == *supplier)
    }

    /// The endpoint of that name.
    #[must_use]
    pub fn endpoint(&self, endpoint: &EndpointId) -> Option<&Endpoint> {
        self.endpoints.iter().find(|known| known.id == *endpoint)
    }

    /// The location of that name.
    #[must_use]
    pub fn location(&self, location: &LocationId) -> Option<&Location> {
        self.locations.iter().find(|known| known.id == *location)
    }

    /// An amount in another currency, rounded up (costs are never understated); none where no rate is known.
    #[must_use]
    pub fn convert(&self, money: Money, currency: Currency) -> Option<i64> {
        if money.currency == currency {
            return Some(money.minor);
        }
        let rate =
            self.rates.iter().find(|rate| rate.from == money.currency && rate.to == currency)?;
        // Minor units differ in size: 100 yen are 100 minor units, 100 euros 10,000.
        let scale = |exponent: u32| 10_i128.pow(exponent);
        let numerator =
            i128::from(money.minor) * i128::from(rate.millionths) * scale(currency.exponent());
        let denominator = 1_000_000 * scale(money.currency.exponent());
        i64::try_from((numerator + denominator - 1).div_euclid(denominator)).ok()
    }
}
