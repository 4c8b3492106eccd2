//! What an operator may do to the world that no step may.

use std::sync::Arc;

use anyhow::{Context, Result};
use aws::SkuEntry;
use domain::catalog::Article;
use domain::id::OrderId;
use domain::order::documents::Archived;
use domain::settings::Settings;
use domain::views::{Row, order_pk};

/// The operators' port.
pub trait Operator {
    /// Puts settings in force and gives their version.
    async fn put_settings(&self, settings: &Settings) -> Result<u64>;

    /// Stores entries of the SKU map, in place of those of the same shop and SKU.
    async fn put_sku_mappings(&self, entries: &[SkuEntry]) -> Result<()>;

    /// Stores articles, in place of those of the same name.
    async fn put_articles(&self, articles: &[Article]) -> Result<()>;

    /// Every order that has facts. The one thing that reads the whole of `Events`.
    async fn order_ids(&self) -> Result<Vec<OrderId>>;

    /// A document's bytes, once they are known to be those that are on record.
    async fn document(&self, archived: &Archived) -> Result<Vec<u8>>;

    /// The rows of an order as they are stored, in no order.
    async fn rows(&self, order_id: &OrderId) -> Result<Vec<Row>>;
}

impl Operator for aws::World {
    async fn put_settings(&self, settings: &Settings) -> Result<u64> {
        self.put_settings(settings).await
    }

    async fn put_sku_mappings(&self, entries: &[SkuEntry]) -> Result<()> {
        self.put_sku_mappings(entries).await
    }

    async fn put_articles(&self, articles: &[Article]) -> Result<()> {
        self.put_articles(articles).await
    }

    async fn order_ids(&self) -> Result<Vec<OrderId>> {
        self.order_ids().await
    }

    async fn document(&self, archived: &Archived) -> Result<Vec<u8>> {
        self.document(archived).await
    }

    async fn rows(&self, order_id: &OrderId) -> Result<Vec<Row>> {
        self.rows(order_id).await
    }
}

impl Operator for ports::memory::World {
    async fn put_settings(&self, settings: &Settings) -> Result<u64> {
        self.faults
            .call(|| {
                let mut stored = self.settings.borrow_mut();
                let version = stored.as_ref().map_or(0, |stored| stored.version) + 1;
                *stored = Some(Arc::new(Settings { version, ..settings.clone() }));
                Ok(version)
            })
            .await
    }

    /// This world keeps its SKU map by shop: an entry for all shops becomes one for each shop of the settings.
    async fn put_sku_mappings(&self, entries: &[SkuEntry]) -> Result<()> {
        self.faults.call(|| put_for_each_shop(self, entries)).await
    }

    async fn put_articles(&self, articles: &[Article]) -> Result<()> {
        self.faults
            .call(|| {
                let mut stored = self.articles.borrow_mut();
                stored.extend(articles.iter().map(|it| (it.article.clone(), it.clone())));
                Ok(())
            })
            .await
    }

    async fn order_ids(&self) -> Result<Vec<OrderId>> {
        self.faults.call(|| Ok(self.streams.borrow().keys().cloned().collect())).await
    }

    async fn document(&self, archived: &Archived) -> Result<Vec<u8>> {
        self.faults.call(|| self.archived(archived)).await
    }

    async fn rows(&self, order_id: &OrderId) -> Result<Vec<Row>> {
        let (pk, sk) = (order_pk(order_id), order_id.to_string());
        let is_its = |row: &&Row| row.pk == pk || row.sk == sk;
        self.faults.call(|| Ok(self.rows.borrow().values().filter(is_its).cloned().collect())).await
    }
}

fn put_for_each_shop(world: &ports::memory::World, entries: &[SkuEntry]) -> Result<()> {
    let settings = world.settings.borrow();
    let settings = settings.as_ref().context("no settings are stored")?;
    let mut stored = world.sku_mappings.borrow_mut();
    for entry in entries {
        let is_meant = |shop: &&domain::settings::Shop| {
            entry.shop.as_ref().is_none_or(|named| *named == shop.id)
        };
        for shop in settings.shops.iter().filter(is_meant) {
            stored.insert((shop.id.clone(), entry.sku.clone()), entry.mapping.clone());
        }
    }
    Ok(())
}
