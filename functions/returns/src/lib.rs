//! Returns: decides what waited for photos, buys labels for the way back, gives money back, and ends what never came. Labels
//! and refunds go the same way: the intent is on record first; whoever finds an intent without an outcome looks our key up,
//! over there, before anything is bought or paid again; and what nobody can know is put before a person.

mod label;
mod refund;

use anyhow::Result;
use domain::id::{OrderId, ReturnId};
use domain::message::{Function, Message};
use domain::order::returns::receive;
use futures_util::future::try_join;
use ports::returns::decide_with_photos;
use ports::{Catalog, Clock, Events, Http, People, Queues, Secrets, transact_from, transact_in};

pub use label::buy_label;
pub use refund::refund_order;

/// Takes a message, and gives back one that is for another function.
///
/// # Errors
/// When the world says not now; the queue delivers again.
pub async fn take(
    world: &(impl Catalog + Clock + Events + Http + People + Queues + Secrets),
    message: Message,
) -> Result<Option<Message>> {
    match message {
        Message::DecideReturn { order_id, return_id } => {
            decide_return(world, &order_id, return_id).await?;
        }
        Message::BuyReturnLabel { order_id, return_id } => {
            buy_label(world, &order_id, return_id).await?;
        }
        Message::ExpireReturn { order_id, return_id } => {
            expire_return(world, &order_id, return_id).await?;
        }
        Message::RefundOrder { order_id, refund_id } => {
            refund_order(world, &order_id, refund_id).await?;
        }
        other => return Ok(Some(other)),
    }
    Ok(None)
}

/// Decides a return that waited for photos, once they are there and its customer has not said that these are all.
///
/// # Errors
/// When the world says not now; the queue delivers again.
pub async fn decide_return(
    world: &(impl Catalog + Clock + Events + Queues),
    order_id: &OrderId,
    return_id: ReturnId,
) -> Result<()> {
    let (settings, known) = try_join(world.settings(), world.glance_at_order(order_id)).await?;
    transact_from(world, Function::Returns, order_id, known, async |order, now| {
        decide_with_photos(world, order, return_id, &settings, now).await
    })
    .await?;
    Ok(())
}

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
