//! The catalogue file: CSV, one row per offer, as a merchant makes it in a spreadsheet.
//!
//! | column | |
//! | --- | --- |
//! | `sku` | the shop's article number; empty for an article that is only a part of bundles |
//! | `shop` | whose SKU it is; empty or `*` for all shops |
//! | `article` | what is shipped for it; a bundle has rows with the same `sku` and several articles |
//! | `component_quantity` | units of the article in one unit of the SKU; 1 if empty |
//! | `title`, `weight_g` | of one unit; needed in one row of each article |
//! | `hs_code`, `origin`, `age_min`, `hazmat` | customs code, country, least age of buyers, `yes` or `no`; optional |
//! | `supplier`, `location`, `supplier_sku`, `unit_cost`, `currency` | an offer: all of them or none |
//! | `stock`, `restock_on` | units of the offer on hand; the day more come; optional |
//!
//! Columns may stand in any order, separated by commas or semicolons. What is left empty in one row of an article is as
//! in its other rows; what is said twice must be said alike. An article that is described replaces the one of that name
//! in the catalogue, offers and all; one that is only named stays as it is. A row that is refused changes nothing, and a
//! SKU of which a part is refused is left as it was: half a bundle must not be shipped.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use anyhow::{Context, Result, ensure};
use aws::SkuEntry;
use csv::StringRecord;
use domain::address::Country;
use domain::catalog::{Article, Component, Offer, SkuMapping, StockKey};
use domain::id::{ArticleId, LocationId, ShopId, SupplierId};
use domain::money::{Currency, Money};

const COLUMNS: [&str; 17] = [
    "sku",
    "shop",
    "article",
    "component_quantity",
    "title",
    "weight_g",
    "hs_code",
    "origin",
    "age_min",
    "hazmat",
    "supplier",
    "location",
    "supplier_sku",
    "unit_cost",
    "currency",
    "stock",
    "restock_on",
];

/// What a file says, as far as it could be taken.
#[derive(Debug, Default)]
pub struct CatalogFile {
    /// Rows below the header.
    pub rows: u64,
    /// The SKU map.
    pub sku_entries: Vec<SkuEntry>,
    /// Articles that are described.
    pub articles: Vec<Article>,
    /// Units on hand.
    pub stock: BTreeMap<StockKey, i64>,
    /// Rows that were refused, in the order of the file.
    pub refused: Vec<Refused>,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// The line in the file, as a spreadsheet counts: the header is 1.
    pub row: u64,
    /// The column that is wrong.
    pub column: &'static str,
    /// Why.
    pub reason: String,
}

/// What one row says.
struct Row {
    number: u64,
    sku: Option<(Option<ShopId>, String)>,
    component: Component,
    facts: ArticleFacts,
    offer: Option<(Offer, Option<i64>)>,
}

/// What is said of an article, in one row or in all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct ArticleFacts {
    title: Option<String>,
    weight_g: Option<u32>,
    hs_code: Option<String>,
    origin: Option<Country>,
    age_min: Option<u8>,
    hazmat: Option<bool>,
}

/// The SKUs and articles of a file while it is read.
#[derive(Default)]
struct Draft {
    skus: BTreeMap<(Option<ShopId>, String), Sku>,
    articles: BTreeMap<ArticleId, (u64, ArticleFacts, Vec<Offer>)>,
    stock: BTreeMap<StockKey, i64>,
}

#[derive(Default)]
struct Sku {
    first_row: u64,
    components: Vec<Component>,
    /// Articles that some row names for it, refused or not.
    named: BTreeSet<String>,
}

type Refusal = (&'static str, String);

/// Reads a file row by row; `on_row` is told how many there were so far.
///
/// # Errors
/// When it has no header, or one with unknown columns. Everything else refuses a row.
pub fn parse(text: &str, mut on_row: impl FnMut(u64) -> Result<()>) -> Result<CatalogFile> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let places = places(reader.headers().context("failed to read the header")?)?;
    let mut file = CatalogFile::default();
    let mut draft = Draft::default();
    for record in reader.records() {
        file.rows += 1;
        on_row(file.rows)?;
        let number = file.rows + 1;
        let refused = match record {
            Ok(record) => {
                let fields = Fields { places: &places, record: &record };
                draft.name(number, &fields);
                read_row(number, &fields).and_then(|row| draft.take(row)).err()
            }
            Err(error) => Some(("sku", format!("the row can't be read: {error}"))),
        };
        if let Some((column, reason)) = refused {
            file.refused.push(Refused { row: number, column, reason });
        }
    }
    draft.finish(&mut file);
    file.refused.sort();
    Ok(file)
}

fn places(header: &StringRecord) -> Result<BTreeMap<&'static str, usize>> {
    let mut places = BTreeMap::new();
    for (place, name) in header.iter().enumerate() {
        let known = COLUMNS.iter().find(|known| known.eq_ignore_ascii_case(name));
        let known = known.with_context(|| {
            format!("`{name}` is no column; the columns are {}", COLUMNS.join(", "))
        })?;
        ensure!(places.insert(*known, place).is_none(), "the column `{name}` is there twice");
    }
    ensure!(places.contains_key("article"), "the column `article` is missing");
    Ok(places)
}

/// The fields of a row by their columns' names.
struct Fields<'a> {
    places: &'a BTreeMap<&'static str, usize>,
    record: &'a StringRecord,
}

impl<'a> Fields<'a> {
    /// Empty where the column or the field is.
    fn text(&self, column: &str) -> &'a str {
        self.places.get(column).and_then(|place| self.record.get(*place)).unwrap_or_default()
    }

    /// What `parse` makes of a field; none when it is empty.
    fn optional<T, E: Display>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Refusal> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        parse(text).map(Some).map_err(|error| (column, error.to_string()))
    }

    fn required<T, E: Display>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Refusal> {
        self.optional(column, parse)?.ok_or_else(|| (column, "is missing".to_owned()))
    }

    fn sku(&self) -> Result<Option<(Option<ShopId>, String)>, Refusal> {
        let shop = self.optional("shop", |shop| match shop {
            "*" => Ok(None),
            shop => ShopId::parse(shop).map(Some),
        });
        let sku = self.optional("sku", |sku| Ok::<_, String>(sku.to_owned()))?;
        let shop = shop?.flatten();
        Ok(sku.map(|sku| (shop, sku)))
    }
}

fn read_row(number: u64, fields: &Fields<'_>) -> Result<Row, Refusal> {
    let article = fields.required("article", ArticleId::parse)?;
    let quantity = fields.optional("component_quantity", at_least_one)?.unwrap_or(1);
    Ok(Row {
        number,
        sku: fields.sku()?,
        component: Component { article, quantity },
        facts: ArticleFacts {
            title: fields.optional("title", |title| Ok::<_, String>(title.to_owned()))?,
            weight_g: fields.optional("weight_g", at_least_one)?,
            hs_code: fields.optional("hs_code", hs_code)?,
            origin: fields.optional("origin", Country::parse)?,
            age_min: fields.optional("age_min", number_of)?,
            hazmat: fields.optional("hazmat", yes_or_no)?,
        },
        offer: read_offer(fields)?,
    })
}

fn read_offer(fields: &Fields<'_>) -> Result<Option<(Offer, Option<i64>)>, Refusal> {
    let columns = ["location", "supplier_sku", "unit_cost", "stock", "restock_on"];
    let is_stated = columns.iter().any(|column| !fields.text(column).is_empty());
    if fields.text("supplier").is_empty() && !is_stated {
        return Ok(None);
    }
    let supplier = fields.required("supplier", SupplierId::parse)?;
    let location = fields.required("location", LocationId::parse)?;
    let supplier_sku = fields.required("supplier_sku", |sku| Ok::<_, String>(sku.to_owned()))?;
    let currency = fields.required("currency", Currency::parse)?;
    let minor = fields.required("unit_cost", |cost| match currency.parse_minor(cost) {
        Ok(minor) if minor < 0 => Err("is negative".to_owned()),
        other => other.map_err(|error| error.to_string()),
    })?;
    let stock = fields.optional("stock", |stock| match number_of(stock) {
        Ok(on_hand) if on_hand < 0 => Err("is negative".to_owned()),
        other => other,
    })?;
    let restock_on = fields.optional("restock_on", |date| {
        date.parse().map_err(|_| format!("`{date}` is no date such as 2026-12-24"))
    })?;
    let unit_cost = Money { minor, currency };
    Ok(Some((Offer { supplier, location, supplier_sku, unit_cost, restock_on }, stock)))
}

fn number_of<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("`{text}` is no whole number, or too large"))
}

fn at_least_one(text: &str) -> Result<u32, String> {
    match number_of(text)? {
        0 => Err("is 0".to_owned()),
        number => Ok(number),
    }
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "1" | "x" => Ok(true),
        "no" | "false" | "0" => Ok(false),
        _ => Err(format!("`{text}` is neither `yes` nor `no`")),
    }
}

/// Dots and spaces are how people group it. It is never padded: a zero at its beginning that a spreadsheet took away can't
/// be told from one at its end.
fn hs_code(text: &str) -> Result<String, String> {
    let digits: String = text.chars().filter(|c| !matches!(c, '.' | ' ')).collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(digits.len(), 6 | 8 | 10) {
        return Err(format!("`{text}` is no HS code of 6, 8 or 10 digits"));
    }
    Ok(digits)
}

impl Draft {
    /// Notes which parts a SKU should have, whether or not the row can be taken.
    fn name(&mut self, number: u64, fields: &Fields<'_>) {
        if let Ok(Some(sku)) = fields.sku() {
            let known = self.skus.entry(sku).or_default();
            known.first_row = if known.first_row == 0 { number } else { known.first_row };
            known.named.insert(fields.text("article").to_owned());
        }
    }

    /// Takes a row as a whole, or not at all.
    fn take(&mut self, row: Row) -> Result<(), Refusal> {
        let Row { number, sku, component, facts, offer } = row;
        let mut components = sku
            .as_ref()
            .and_then(|sku| self.skus.get(sku))
            .map_or_else(Vec::new, |known| known.components.clone());
        if sku.is_some() {
            add_component(&mut components, &component)?;
        }
        let article = self.articles.get(&component.article).cloned();
        let (first_row, known, mut offers) =
            article.unwrap_or((number, ArticleFacts::default(), Vec::new()));
        let facts = known.with(&facts)?;
        if let Some((offer, stock)) = offer {
            let key = key(&offer);
            add_offer(&mut offers, offer)?;
            match (self.stock.get(&key), stock) {
                (Some(said), Some(stock)) if *said != stock => {
                    return Err(contradiction("stock", said));
                }
                (_, Some(stock)) => {
                    self.stock.insert(key, stock);
                }
                (_, None) => {}
            }
        }
        self.articles.insert(component.article, (first_row, facts, offers));
        if let Some(known) = sku.and_then(|sku| self.skus.get_mut(&sku)) {
            known.components = components;
        }
        Ok(())
    }

    /// Refuses articles and SKUs of which something is missing when all rows have been read.
    fn finish(self, file: &mut CatalogFile) {
        let mut incomplete: BTreeSet<ArticleId> = BTreeSet::new();
        for (article, (row, facts, offers)) in self.articles {
            if facts == ArticleFacts::default() && offers.is_empty() {
                continue;
            }
            match facts.describe(article.clone(), offers) {
                Ok(described) => file.articles.push(described),
                Err(column) => {
                    let reason = format!("is missing in every row of article `{article}`");
                    file.refused.push(Refused { row, column, reason });
                    incomplete.insert(article);
                }
            }
        }
        for ((shop, sku), known) in self.skus {
            let is_whole = known.named.len() == known.components.len();
            if is_whole && !known.components.iter().any(|it| incomplete.contains(&it.article)) {
                let mapping = SkuMapping { components: known.components };
                file.sku_entries.push(SkuEntry { shop, sku, mapping });
            } else {
                let reason =
                    format!("SKU `{sku}` is left as it was: another of its rows is refused");
                file.refused.push(Refused { row: known.first_row, column: "sku", reason });
            }
        }
        let counters: BTreeSet<StockKey> =
            file.articles.iter().flat_map(|it| it.offers.iter().map(key)).collect();
        file.stock = self.stock.into_iter().filter(|(key, _)| counters.contains(key)).collect();
    }
}

impl ArticleFacts {
    /// Both together, or the column in which they contradict each other.
    fn with(&self, other: &Self) -> Result<Self, Refusal> {
        Ok(Self {
            title: same("title", &self.title, &other.title)?,
            weight_g: same("weight_g", &self.weight_g, &other.weight_g)?,
            hs_code: same("hs_code", &self.hs_code, &other.hs_code)?,
            origin: same("origin", &self.origin, &other.origin)?,
            age_min: same("age_min", &self.age_min, &other.age_min)?,
            hazmat: same("hazmat", &self.hazmat, &other.hazmat)?,
        })
    }

    fn describe(self, article: ArticleId, offers: Vec<Offer>) -> Result<Article, &'static str> {
        Ok(Article {
            article,
            title: self.title.ok_or("title")?,
            weight_g: self.weight_g.ok_or("weight_g")?,
            hs_code: self.hs_code,
            origin: self.origin,
            age_min: self.age_min,
            hazmat: self.hazmat.unwrap_or(false),
            offers,
        })
    }
}

fn same<T: Clone + PartialEq + Display>(
    column: &'static str,
    said: &Option<T>,
    says: &Option<T>,
) -> Result<Option<T>, Refusal> {
    match (said, says) {
        (Some(said), Some(says)) if said != says => Err(contradiction(column, said)),
        (Some(said), _) => Ok(Some(said.clone())),
        (None, says) => Ok(says.clone()),
    }
}

fn contradiction(column: &'static str, said: impl Display) -> Refusal {
    (column, format!("an earlier row says `{said}`"))
}

fn add_component(components: &mut Vec<Component>, component: &Component) -> Result<(), Refusal> {
    match components.iter().find(|known| known.article == component.article) {
        Some(known) if known.quantity != component.quantity => {
            Err(contradiction("component_quantity", known.quantity))
        }
        Some(_) => Ok(()),
        None => {
            components.push(component.clone());
            Ok(())
        }
    }
}

fn add_offer(offers: &mut Vec<Offer>, offer: Offer) -> Result<(), Refusal> {
    let Some(known) = offers.iter().find(|known| key(known) == key(&offer)) else {
        offers.push(offer);
        return Ok(());
    };
    if known.unit_cost != offer.unit_cost {
        return Err(contradiction("unit_cost", known.unit_cost));
    }
    same("restock_on", &known.restock_on, &offer.restock_on).map(|_| ())
}

/// The counter of an offer.
pub(crate) fn key(offer: &Offer) -> StockKey {
    StockKey {
        supplier: offer.supplier.clone(),
        location: offer.location.clone(),
        supplier_sku: offer.supplier_sku.clone(),
    }
}

/// The refused rows as a CSV file of their own.
///
/// # Errors
/// Never for rows that [`parse`] refused.
pub fn refused_csv(refused: &[Refused]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["row", "column", "reason"])?;
    for Refused { row, column, reason } in refused {
        writer.write_record([&row.to_string(), *column, reason])?;
    }
    writer.into_inner().map_err(|error| error.into_error()).context("failed to write the report")
}

#[cfg(test)]
mod tests;
