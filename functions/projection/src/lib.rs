//! Projection: the rows of `Views`, from the facts.

use anyhow::Result;
use domain::id::OrderId;
use domain::order::Order;
use domain::views;
use ports::{Events, Views};

/// Brings an order's rows up to its facts. Whatever was missed before is made good: it does not look at what changed,
/// only at what is.
///
/// # Errors
/// When the world says not now; the stream delivers again.
pub async fn project(world: &(impl Events + Views), order_id: &OrderId) -> Result<()> {
    let (history, version) = world.load(order_id).await?;
    world.replace(&views::rows(order_id, &Order::fold(&history), version)).await
}
