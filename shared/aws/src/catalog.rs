//! `Catalog` on DynamoDB: what the merchant tells us, and the stock counters.
//!
//! | `pk` | other attributes |
//! | --- | --- |
//! | `settings` | `version`, `body` (JSON) |
//! | `gone#<endpoint>` | `url`: where it said that it wants to hear no more |
//! | `sku#<shop>#<sku>`, `sku#*#<sku>` for all shops | `body` (JSON) |
//! | `article#<article>` | `body` (JSON) |
//! | `bookmark#<shop>` | `from`, `seen_until` (RFC 3339), `page` where there is one |
//! | `stock#<supplier>#<location>#<supplier's number>` | `available`, `reserved` |
//!
//! No id holds a `#`; a SKU can, and is last.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use domain::catalog::{Article, SkuMapping, StockKey, StockLevel};
use domain::id::{ArticleId, ShopId};
use domain::settings::Settings;
use jiff::{SignedDuration, Timestamp};
use ports::{Bookmark, Bookmarks, Catalog};
use serde::Serialize;

use crate::batches::{Manner, Read, Table, WRITE_MAX};
use crate::items::{Item, item, json, json_of, number, number_of, text, text_of};
use crate::world::World;

/// How long settings that were replaced may still count.
pub(crate) const SETTINGS_AGE_MAX: SignedDuration = SignedDuration::from_secs(60);

/// A longer partition key is none. What a shop calls a SKU can be longer; it is then in no catalogue.
const KEY_BYTES_MAX: usize = 2048;

/// How often a batch is written whose items were not all taken: a table needs some seconds to get used to an import.
const ATTEMPTS_MAX: u32 = 8;

/// Where the settings are.
const SETTINGS: &str = "settings";

/// Stands for every shop that says nothing else.
const EVERY_SHOP: &str = "*";

fn sku_pk(shop: &str, sku: &str) -> String {
    format!("sku#{shop}#{sku}")
}

fn article_pk(article: &ArticleId) -> String {
    format!("article#{article}")
}

/// Where a stock counter is.
pub(crate) fn stock_pk(key: &StockKey) -> String {
    format!("stock#{}#{}#{}", key.supplier, key.location, key.supplier_sku)
}

fn bookmark_pk(shop: &ShopId) -> String {
    format!("bookmark#{shop}")
}

impl Catalog for World {
    async fn settings(&self) -> Result<Arc<Settings>> {
        let read = async || {
            // Those of a moment ago, at half the price: they may count for a minute more in any case.
            let stored = self.stored_settings(false).await?;
            stored.map(Arc::new).context("no settings are stored")
        };
        self.settings.get(self, || Box::pin(read())).await
    }

    async fn sku_mappings(
        &self,
        shop: &ShopId,
        skus: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, SkuMapping>> {
        let keys = |sku: &String| [sku_pk(shop.as_str(), sku), sku_pk(EVERY_SHOP, sku)];
        let stored = self.read_items(skus.iter().flat_map(keys).collect(), false);
        let stored = stored.await.context("failed to read SKU mappings")?;
        let known = |sku: &String| {
            let own_first = keys(sku);
            let found = own_first.iter().find_map(|pk| stored.get(pk))?;
            Some(json_of(found, "body").map(|mapping| (sku.clone(), mapping)))
        };
        skus.iter().filter_map(known).collect()
    }

    async fn articles(
        &self,
        articles: &BTreeSet<ArticleId>,
    ) -> Result<BTreeMap<ArticleId, Article>> {
        let stored = self.read_items(articles.iter().map(article_pk).collect(), false);
        let stored = stored.await.context("failed to read articles")?;
        let known = |article: &ArticleId| {
            let found = stored.get(&article_pk(article))?;
            Some(json_of(found, "body").map(|known| (article.clone(), known)))
        };
        articles.iter().filter_map(known).collect()
    }

    async fn stock(&self, keys: &BTreeSet<StockKey>) -> Result<BTreeMap<StockKey, StockLevel>> {
        // Consistent: whoever lost a race for the last units must see that they are gone, or loses it again.
        let stored = self.read_items(keys.iter().map(stock_pk).collect(), true);
        let stored = stored.await.context("failed to read stock")?;
        let known = |key: &StockKey| {
            Some(level(stored.get(&stock_pk(key))?).map(|level| (key.clone(), level)))
        };
        keys.iter().filter_map(known).collect()
    }

    async fn report_stock(&self, key: &StockKey, on_hand: i64) -> Result<()> {
        let update = self
            .dynamodb()
            .update_item()
            .table_name(&self.config.table_catalog)
            .key("pk", text(stock_pk(key)))
            .update_expression(
                "SET available = :on_hand - if_not_exists(reserved, :zero), \
                 reserved = if_not_exists(reserved, :zero)",
            )
            .expression_attribute_values(":on_hand", number(on_hand))
            .expression_attribute_values(":zero", number(0));
        update
            .send()
            .await
            .with_context(|| format!("failed to report stock of `{}`", stock_pk(key)))?;
        Ok(())
    }
}

fn level(item: &Item) -> Result<StockLevel> {
    Ok(StockLevel {
        available: number_of(item, "available")?,
        reserved: number_of(item, "reserved")?,
    })
}

impl Bookmarks for World {
    async fn bookmark(&self, shop: &ShopId) -> Result<Option<Bookmark>> {
        let failed = || format!("failed to read the bookmark of shop `{shop}`");
        let get = self
            .dynamodb()
            .get_item()
            .table_name(&self.config.table_catalog)
            .key("pk", text(bookmark_pk(shop)))
            .consistent_read(true);
        let found = get.send().await.with_context(failed)?.item;
        found.map(|found| bookmark(&found)).transpose().with_context(failed)
    }

    async fn put_bookmark(&self, shop: &ShopId, bookmark: &Bookmark) -> Result<()> {
        let mut stored = item([
            ("pk", text(bookmark_pk(shop))),
            ("from", text(bookmark.from)),
            ("seen_until", text(bookmark.seen_until)),
        ]);
        stored.extend(bookmark.page.as_ref().map(|page| ("page".to_owned(), text(page))));
        let put = self.dynamodb().put_item().table_name(&self.config.table_catalog);
        let put = put.set_item(Some(stored)).send().await;
        put.with_context(|| format!("failed to store the bookmark of shop `{shop}`"))?;
        Ok(())
    }
}

fn bookmark(item: &Item) -> Result<Bookmark> {
    let time = |name: &str| -> Result<Timestamp> {
        text_of(item, name)?.parse().with_context(|| format!("`{name}` is no time"))
    };
    let page = item.contains_key("page").then(|| text_of(item, "page").map(str::to_owned));
    Ok(Bookmark { from: time("from")?, page: page.transpose()?, seen_until: time("seen_until")? })
}

/// A line of the SKU map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkuEntry {
    /// Whose SKU it is; none for all shops that have no entry of their own.
    pub shop: Option<ShopId>,
    /// The shop's article number.
    pub sku: String,
    /// What it stands for.
    pub mapping: SkuMapping,
}

/// What operators write. No step does.
impl World {
    /// Stores settings as the version after the one that is stored, and gives that version. Running functions take them
    /// up within a minute.
    ///
    /// # Errors
    /// When someone else stored settings in the same moment, or the world says not now; nothing is stored then.
    pub async fn put_settings(&self, settings: &Settings) -> Result<u64> {
        let stored = self.stored_settings(true).await?.map_or(0, |stored| stored.version);
        let version = stored + 1;
        let put = self
            .dynamodb()
            .put_item()
            .table_name(&self.config.table_catalog)
            .set_item(Some(item([
                ("pk", text(SETTINGS)),
                ("version", number(version)),
                ("body", json(&Settings { version, ..settings.clone() })?),
            ])))
            .condition_expression("attribute_not_exists(pk) OR version = :stored")
            .expression_attribute_values(":stored", number(stored));
        put.send().await.with_context(|| format!("failed to store settings {version}"))?;
        self.settings.forget().await;
        Ok(version)
    }

    /// Stores entries of the SKU map, in place of those of the same shop and SKU. Each shop and SKU may be there once.
    ///
    /// # Errors
    /// When a SKU is longer than some 1,900 bytes, or the world says not now; some may be stored then.
    pub async fn put_sku_mappings(&self, entries: &[SkuEntry]) -> Result<()> {
        let stored = |entry: &SkuEntry| {
            let shop = entry.shop.as_ref().map_or(EVERY_SHOP, ShopId::as_str);
            body_item(sku_pk(shop, &entry.sku), &entry.mapping)
        };
        let items = entries.iter().map(stored).collect::<Result<Vec<_>>>()?;
        self.write_items(items).await.context("failed to store SKU mappings")
    }

    /// Stores articles, in place of those of the same name. Each article may be there once.
    ///
    /// # Errors
    /// When the world says not now; some may be stored then.
    pub async fn put_articles(&self, articles: &[Article]) -> Result<()> {
        let stored = |article: &Article| body_item(article_pk(&article.article), article);
        let items = articles.iter().map(stored).collect::<Result<Vec<_>>>()?;
        self.write_items(items).await.context("failed to store articles")
    }

    async fn stored_settings(&self, is_consistent: bool) -> Result<Option<Settings>> {
        let get = self
            .dynamodb()
            .get_item()
            .table_name(&self.config.table_catalog)
            .key("pk", text(SETTINGS))
            .consistent_read(is_consistent);
        let found = get.send().await.context("failed to read the settings")?.item;
        found
            .map(|found| json_of(&found, "body"))
            .transpose()
            .context("failed to read the settings")
    }

    /// The items of these keys that there are, by key.
    async fn read_items(
        &self,
        keys: Vec<String>,
        is_consistent: bool,
    ) -> Result<BTreeMap<String, Item>> {
        let keys: Vec<String> = keys.into_iter().filter(|key| key.len() <= KEY_BYTES_MAX).collect();
        let manner = Manner { table: Table::Catalog, is_consistent, attributes: None };
        let read = |pk: &String| Read { manner, key: (pk.clone(), None) };
        let found = self.call_together(keys.iter().map(read).collect()).await;
        let found = keys.into_iter().zip(found);
        found.filter_map(|(key, item)| item.map(|item| Some((key, item?))).transpose()).collect()
    }

    async fn write_items(&self, items: Vec<Item>) -> Result<()> {
        for items in items.chunks(WRITE_MAX) {
            let written =
                self.write_batch(&self.config.table_catalog, items.to_vec(), ATTEMPTS_MAX);
            let left = written.await?;
            ensure!(
                left.is_empty(),
                "{} items were not taken in {ATTEMPTS_MAX} attempts",
                left.len()
            );
        }
        Ok(())
    }
}

fn body_item(pk: String, body: &impl Serialize) -> Result<Item> {
    Ok(item([("pk", text(pk)), ("body", json(body)?)]))
}
