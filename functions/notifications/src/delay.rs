//! What was expected at the customer's by a day, and is not there.

use anyhow::Result;
use domain::id::{FulfillmentOrderId, OrderId};
use domain::message::Function;
use domain::order::delay;
use ports::{Clock, Events, Queues, transact_in};

/// Puts on record that a fulfillment order is late, if it is: who is to hear of it hears of the fact.
///
/// # Errors
/// When the world says not now.
pub async fn note_delay(
    world: &(impl Clock + Events + Queues),
    order_id: &OrderId,
    fulfillment_order_id: FulfillmentOrderId,
) -> Result<()> {
    transact_in(world, Function::Notifications, order_id, async |order, now| {
        Ok(delay::note(order, fulfillment_order_id, now))
    })
    .await?;
    Ok(())
}
