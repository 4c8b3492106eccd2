//! Routing: a supplier for every unit of a screened order. Of orders that were screened before, such as one that a person
//! let pass, that a supplier rejected, or that waited for stock.

use anyhow::Result;
use domain::id::OrderId;
use domain::message::Function;
use ports::{Catalog, Clock, Events, Queues, planning, transact_in};

/// Gives every unit that nobody was asked to ship to the best supplier, and reserves it there; what nobody has is
/// backordered. Stock that someone else took in between makes the decision anew.
///
/// # Errors
/// When the world says not now; the queue delivers again.
pub async fn route_order(
    world: &(impl Clock + Events + Catalog + Queues),
    order_id: &OrderId,
) -> Result<()> {
    transact_in(world, Function::Routing, order_id, async |order, now| {
        planning::route(world, order, now).await
    })
    .await?;
    Ok(())
}
