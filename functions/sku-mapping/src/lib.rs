//! SKU mapping: a shop's article numbers become the articles that are shipped.

use anyhow::Result;
use domain::id::OrderId;
use domain::message::Function;
use domain::order::mapping::{self, Known};
use domain::order::{Order, fact::Fact};
use ports::{Catalog, Clock, Events, Queues, transact_in};

/// Maps every line of an order, or holds it with the SKUs that the catalogue does not know.
///
/// # Errors
/// When the world says not now; the queue delivers again.
pub async fn map_order(
    world: &(impl Clock + Events + Catalog + Queues),
    order_id: &OrderId,
) -> Result<()> {
    transact_in(world, Function::SkuMapping, order_id, async |order, _| {
        decide(world, order_id, order).await
    })
    .await?;
    Ok(())
}

async fn decide(world: &impl Catalog, order_id: &OrderId, order: &Order) -> Result<Vec<Fact>> {
    if order.is_mapped() {
        return Ok(Vec::new());
    }
    let mappings = world.sku_mappings(&order_id.shop(), &mapping::skus(order)).await?;
    let named = mappings
        .values()
        .flat_map(|mapping| &mapping.components)
        .map(|component| component.article.clone());
    let articles = world.articles(&named.collect()).await?;
    Ok(mapping::map(order, &Known { mappings, articles }))
}
