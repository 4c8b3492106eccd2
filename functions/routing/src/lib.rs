//! Routing: a supplier for every unit of a screened order.

use anyhow::Result;
use domain::id::OrderId;
use domain::message::Function;
use domain::order::routing::{self, Supply};
use domain::order::{Order, fact::Fact};
use futures_util::future::try_join;
use jiff::Timestamp;
use ports::{Catalog, Clock, Events, Queues, transact_in};

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
        decide(world, order, now).await
    })
    .await?;
    Ok(())
}

async fn decide(world: &impl Catalog, order: &Order, now: Timestamp) -> Result<Vec<Fact>> {
    let articles = routing::articles(order);
    if articles.is_empty() {
        return Ok(Vec::new());
    }
    let (articles, settings) = try_join(world.articles(&articles), world.settings()).await?;
    let stock = world.stock(&routing::stock_keys(&articles)).await?;
    Ok(routing::route(
        order,
        Supply { articles: &articles, stock: &stock, settings: &settings },
        now,
    ))
}
