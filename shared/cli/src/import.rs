//! A catalogue file into the catalogue, and the orders that waited for what is in it.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;

use anyhow::Result;
use aws::SkuEntry;
use domain::catalog::StockKey;
use domain::id::OrderId;
use domain::message::Message;
use domain::views::Wait;
use futures_util::future::try_join_all;
use ports::{Catalog, Queues, Views};

use crate::catalog_file::{self, CatalogFile, Refused};
use crate::operator::Operator;

/// How many entries go between two lines of progress.
const CHUNK: usize = 250;

/// How many calls are under way at once.
const CALLS_MAX: usize = 16;

/// How an import went.
#[derive(Debug, Default)]
pub struct Report {
    /// Rows in the file.
    pub rows: u64,
    /// SKUs that were stored.
    pub skus: usize,
    /// Articles that were stored.
    pub articles: usize,
    /// Counters that were set.
    pub counters: usize,
    /// Orders that were woken.
    pub woken: usize,
    /// What was refused.
    pub refused: Vec<Refused>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, skus, articles, counters, woken, refused } = self;
        write!(f, "{rows} rows: {skus} SKUs, {articles} articles, {counters} stock counters")?;
        write!(f, "; {woken} waiting orders go on; {} refused", refused.len())
    }
}

/// Stores what a file says, then wakes the orders that waited for it. The same file again changes nothing.
///
/// # Errors
/// When the file is none, or the world says not now; some of it may be stored then, and it can be imported again.
pub async fn import(
    world: &(impl Catalog + Operator + Queues + Views),
    text: &str,
    progress: &mut impl Write,
) -> Result<Report> {
    let file = catalog_file::parse(text, |rows| {
        if rows % 10_000 == 0 {
            writeln!(progress, "{rows} rows read")?;
        }
        Ok(())
    })?;
    // Stock first and SKUs last: an order that is mapped finds the article, and who has it.
    let stock: Vec<(&StockKey, i64)> =
        file.stock.iter().map(|(key, on_hand)| (key, *on_hand)).collect();
    for (chunk, done) in stock.chunks(CALLS_MAX).zip(1..) {
        try_join_all(chunk.iter().map(|(key, on_hand)| world.report_stock(key, *on_hand))).await?;
        if done % CHUNK == 0 {
            writeln!(progress, "{} of {} stock counters", done * CALLS_MAX, stock.len())?;
        }
    }
    for (chunk, done) in file.articles.chunks(CHUNK).zip(0..) {
        writeln!(progress, "{} of {} articles", done * CHUNK, file.articles.len())?;
        world.put_articles(chunk).await?;
    }
    for (chunk, done) in file.sku_entries.chunks(CHUNK).zip(0..) {
        writeln!(progress, "{} of {} SKUs", done * CHUNK, file.sku_entries.len())?;
        world.put_sku_mappings(chunk).await?;
    }
    let messages = waiting(world, &file).await?;
    world.send(&messages).await?;
    Ok(Report {
        rows: file.rows,
        skus: file.sku_entries.len(),
        articles: file.articles.len(),
        counters: file.stock.len(),
        woken: messages.len(),
        refused: file.refused,
    })
}

/// What the orders are to be told that waited for something in the file. Who waits in vain waits on.
async fn waiting(world: &impl Views, file: &CatalogFile) -> Result<Vec<Message>> {
    let mut to_map: BTreeSet<OrderId> = BTreeSet::new();
    for entries in file.sku_entries.chunks(CALLS_MAX) {
        let lookup = async |entry: &SkuEntry| {
            let mut orders = world.lookup(&Wait::Sku(entry.sku.clone()).pk()).await?;
            orders.retain(|order_id| entry.shop.as_ref().is_none_or(|it| *it == order_id.shop()));
            anyhow::Ok(orders)
        };
        to_map.extend(try_join_all(entries.iter().map(lookup)).await?.into_iter().flatten());
    }
    let mut to_route: BTreeSet<OrderId> = BTreeSet::new();
    let offers = file.articles.iter().flat_map(|article| &article.offers);
    let counters: Vec<StockKey> = offers.map(catalog_file::key).collect();
    for counters in counters.chunks(CALLS_MAX) {
        let lookup = async |key: &StockKey| world.lookup(&Wait::Stock(key.clone()).pk()).await;
        to_route.extend(try_join_all(counters.iter().map(lookup)).await?.into_iter().flatten());
    }
    let map = to_map.into_iter().map(|order_id| Message::MapSkus { order_id });
    let route = to_route.into_iter().map(|order_id| Message::RouteOrder { order_id });
    Ok(map.chain(route).collect())
}
