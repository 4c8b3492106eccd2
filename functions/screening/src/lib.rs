//! Screening: may this order be shipped to this person? Of orders that were mapped before, such as one that is to go to
//! another address.

use anyhow::Result;
use domain::id::OrderId;
use domain::message::Function;
use ports::{Catalog, Clock, Events, People, Queues, planning, transact_in};

/// Makes every check of an order for its present contact; what fails holds it.
///
/// # Errors
/// When the world says not now, or the contact was erased; the queue delivers again.
pub async fn screen_order(
    world: &(impl Clock + Events + People + Catalog + Queues),
    order_id: &OrderId,
) -> Result<()> {
    transact_in(world, Function::Screening, order_id, async |order, _| {
        planning::screen(world, order_id, order).await
    })
    .await?;
    Ok(())
}
