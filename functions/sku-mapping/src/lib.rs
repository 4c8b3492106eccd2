//! SKU mapping: a shop's article numbers become the articles that are shipped.

use anyhow::Result;
use domain::id::OrderId;
use domain::message::Function;
use ports::{Catalog, Clock, Events, People, Queues, planning, transact_in};

/// Maps every line of an order, or holds it with the SKUs that the catalogue does not know. An order that nothing holds is
/// screened and routed at once.
///
/// # Errors
/// When the world says not now, or the contact was erased; the queue delivers again.
pub async fn map_order(
    world: &(impl Clock + Events + People + Catalog + Queues),
    order_id: &OrderId,
) -> Result<()> {
    transact_in(world, Function::SkuMapping, order_id, async |order, now| {
        planning::plan(world, order_id, order, now).await
    })
    .await?;
    Ok(())
}
