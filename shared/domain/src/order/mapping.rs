//! SKU mapping: every line becomes the articles that are shipped for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Article, SkuMapping};
use crate::id::{ArticleId, ItemId};
use crate::order::Order;
use crate::order::fact::{Fact, Hold, Item};
use crate::shop_order::ShopLine;

/// What the catalogue says of an order's SKUs; what it does not know is absent.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Per SKU of the shop.
    pub mappings: BTreeMap<String, SkuMapping>,
    /// Per article that a mapping names.
    pub articles: BTreeMap<ArticleId, Article>,
}

/// The SKUs that must be looked up: those of lines that travel and are not mapped yet.
#[must_use]
pub fn skus(order: &Order) -> BTreeSet<String> {
    order.unmapped_lines().map(|line| line.sku.clone()).collect()
}

/// Maps every line that is not mapped yet, or holds the order with the SKUs that are missing. A hold goes by itself when nothing is missing.
#[must_use]
pub fn map(order: &Order, known: &Known) -> Vec<Fact> {
    if !order.is_live() || order.is_mapped() || order.cancel_requested.is_some() {
        return Vec::new();
    }
    let mut missing: BTreeSet<&str> = BTreeSet::new();
    // What is mapped stays so, whatever the catalogue says by now: a supplier may have it.
    let mut items: Vec<Item> = order.items().cloned().collect();
    for line in order.unmapped_lines() {
        match line_items(line, known) {
            Some(of_line) => items.extend(of_line),
            None => {
                missing.insert(&line.sku);
            }
        }
    }
    let standing = order.holds.get(&Hold::UnmappedSku);
    if missing.is_empty() {
        let released = standing.map(|_| Fact::Released { hold: Hold::UnmappedSku });
        return released.into_iter().chain([Fact::Mapped { items }]).collect();
    }
    let named: Vec<String> = missing.iter().map(|sku| format!("`{sku}`")).collect();
    let detail = format!("not in the catalogue: {}", named.join(", "));
    if standing.is_some_and(|standing| standing.detail == detail) {
        return Vec::new();
    }
    vec![Fact::Held { hold: Hold::UnmappedSku, detail }]
}

/// None when the SKU, or an article that it names, is not in the catalogue.
fn line_items(line: &ShopLine, known: &Known) -> Option<Vec<Item>> {
    let mapping = known.mappings.get(&line.sku)?;
    let item = |component: &crate::catalog::Component| {
        let article = known.articles.get(&component.article)?;
        Some(Item {
            id: ItemId { line: line.line_id.clone(), article: article.article.clone() },
            per_unit: component.quantity,
            title: article.title.clone(),
            weight_g: article.weight_g,
            hs_code: article.hs_code.clone(),
            origin: article.origin,
            age_min: article.age_min,
            hazmat: article.hazmat,
        })
    };
    mapping.components.iter().map(item).collect()
}
