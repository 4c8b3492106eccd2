//! What the rules make of a return: they ask whether anybody has the goods to send them again. And what its customer wrote
//! of it, which is kept with the person and in no fact.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::catalog::{Article, StockKey};
use domain::id::{ArticleId, OrderId, ReturnId};
use domain::order::Order;
use domain::order::fact::Fact;
use domain::order::returns::Return;
use domain::order::returns::decide::{self, Context};
use domain::settings::Settings;
use jiff::Timestamp;

use crate::{Catalog, Notes};

/// Keeps what the customer wrote to a return, by the key of their request. There may be no return of that key yet.
///
/// # Errors
/// When the world says not now.
pub async fn keep_comment(
    world: &impl Notes,
    order_id: &OrderId,
    key: &str,
    comment: &str,
) -> Result<()> {
    world.keep_note(order_id, &note(key), comment).await
}

/// What the customer wrote to each return of the order: none where they wrote nothing, or where it was erased.
///
/// # Errors
/// When the world says not now.
pub async fn comments(
    world: &impl Notes,
    order_id: &OrderId,
    order: &Order,
) -> Result<BTreeMap<ReturnId, String>> {
    let mut comments = BTreeMap::new();
    for (return_id, known) in &order.returns {
        let Some(key) = &known.requested.key else { continue };
        if let Some(comment) = world.note(order_id, &note(key)).await? {
            comments.insert(*return_id, comment);
        }
    }
    Ok(comments)
}

fn note(key: &str) -> String {
    format!("return/{key}")
}

/// What the rules make of a return after these facts, which come first.
///
/// # Errors
/// When the catalogue can't be read.
pub async fn and_decide(
    world: &impl Catalog,
    order: &Order,
    return_id: ReturnId,
    mut facts: Vec<Fact>,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<Fact>> {
    if facts.is_empty() {
        return Ok(facts);
    }
    let order = order.clone().after(now, &facts);
    let available = available(world, settings, &decide::articles(&order, return_id)).await?;
    let context = Context { settings, available: &available, now };
    facts.extend(decide::decide(&order, return_id, context));
    Ok(facts)
}

/// What the rules make of a return that waited for photos, if they are there.
///
/// # Errors
/// When the catalogue can't be read.
pub async fn decide_with_photos(
    world: &impl Catalog,
    order: &Order,
    return_id: ReturnId,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<Fact>> {
    if !order.returns.get(&return_id).is_some_and(Return::has_all_photos) {
        return Ok(Vec::new());
    }
    let available = available(world, settings, &decide::articles(order, return_id)).await?;
    let context = Context { settings, available: &available, now };
    Ok(decide::decide_with_photos(order, return_id, context))
}

/// Units of each article that anyone could ship now.
///
/// # Errors
/// When the catalogue can't be read.
pub async fn available(
    world: &impl Catalog,
    settings: &Settings,
    articles: &[ArticleId],
) -> Result<BTreeMap<ArticleId, i64>> {
    if articles.is_empty() {
        return Ok(BTreeMap::new());
    }
    let articles = world.articles(&articles.iter().cloned().collect()).await?;
    let keys = domain::order::routing::stock_keys(&articles);
    let stock = world.stock(&keys).await?;
    let is_open = |key: &StockKey| settings.supplier(&key.supplier).is_some_and(|it| !it.paused);
    let of_article = |article: &Article| {
        let one = BTreeMap::from([(article.article.clone(), article.clone())]);
        let keys = domain::order::routing::stock_keys(&one);
        let open = keys.iter().filter(|key| is_open(key));
        open.filter_map(|key| stock.get(key)).map(|level| level.available.max(0)).sum()
    };
    Ok(articles.iter().map(|(id, article)| (id.clone(), of_article(article))).collect())
}
