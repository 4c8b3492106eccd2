//! Returns: buys labels for the way back, gives money back, and ends what never came. Labels and refunds go the same way:
//! the intent is on record first; whoever finds an intent without an outcome looks our key up, over there, before
//! anything is bought or paid again; and what nobody can know is put before a person.

mod label;
mod refund;

use anyhow::Result;
use domain::id::{OrderId, ReturnId};
use domain::message::Function;
use domain::order::returns::receive;
use ports::{Clock, Events, Queues, transact_in};

pub use label::buy_label;
pub use refund::refund_order;

/// Ends a return that was approved and never sent, once its time is over.
///
/// # Errors
/// When the world says not now; the queue delivers again.
pub async fn expire_return(
    world: &(impl Clock + Events + Queues),
    order_id: &OrderId,
    return_id: ReturnId,
) -> Result<()> {
    transact_in(world, Function::Returns, order_id, async |order, now| {
        Ok(receive::expire(order, return_id, now))
    })
    .await?;
    Ok(())
}
