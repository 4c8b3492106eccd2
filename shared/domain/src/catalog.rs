//! What the merchant sells and who can ship it: SKU maps, articles, offers, stock.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::address::Country;
use crate::id::{ArticleId, LocationId, SupplierId};
use crate::money::Money;

/// What one SKU of a shop stands for: one article, or a bundle's several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkuMapping {
    /// What one unit of the SKU is made of; never empty.
    pub components: Vec<Component>,
}

/// A part of a bundle, or the whole of a simple article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// What is shipped.
    pub article: ArticleId,
    /// How many of it one unit of the SKU needs; at least 1.
    pub quantity: u32,
}

/// One thing that can be shipped, and all who can ship it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Its name in the catalogue.
    pub article: ArticleId,
    /// What it is, for packing lists and customs.
    pub title: String,
    /// Mass of one unit in grams, packed.
    pub weight_g: u32,
    /// Harmonized System code, 6, 8 or 10 digits; never padded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hs_code: Option<String>,
    /// Where it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Country>,
    /// Buyers must be at least so old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_min: Option<u8>,
    /// Dangerous goods: lithium batteries, liquids under pressure …
    #[serde(default)]
    pub hazmat: bool,
    /// Who offers it. Order does not matter; the rules rank.
    pub offers: Vec<Offer>,
}

/// What a supplier sells that can fulfil an article, at one location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Who.
    pub supplier: SupplierId,
    /// From where.
    pub location: LocationId,
    /// The supplier's own article number.
    pub supplier_sku: String,
    /// What one unit costs us, packaging and branding included.
    pub unit_cost: Money,
    /// When more comes, if the supplier said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restock_on: Option<Date>,
}

/// Which counter: one supplier's stock of one article number at one location.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StockKey {
    /// Who has it.
    pub supplier: SupplierId,
    /// Where.
    pub location: LocationId,
    /// Under which number.
    pub supplier_sku: String,
}

/// A stock counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StockLevel {
    /// Units that may still be promised: what the supplier reported, less what is reserved.
    pub available: i64,
    /// Units promised to orders and not yet shipped.
    pub reserved: i64,
}

/// A change of one counter that goes into the same transaction as the fact that causes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockChange {
    /// Which counter.
    pub key: StockKey,
    /// What happens to it.
    pub movement: Movement,
    /// How many units; at least 1.
    pub quantity: u32,
}

/// What can happen to a stock counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// `available` → `reserved`; refused when there is not enough.
    Reserve,
    /// `reserved` → `available`: the units are not needed from here after all.
    Release,
    /// `reserved` → gone: they were shipped, or the supplier says that there are none.
    Consume,
    /// → `available`: they came back and can be sold again.
    Restock,
}
