//! What the rules make of a return: they ask whether anybody has the goods to send them again.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::catalog::{Article, StockKey};
use domain::id::{ArticleId, ReturnId};
use domain::order::Order;
use domain::order::fact::Fact;
use domain::order::returns::decide::{self, Context};
use domain::settings::Settings;
use jiff::Timestamp;

use crate::Catalog;

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
