//! Wires [`returns`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| match message {
        Message::BuyReturnLabel { order_id, return_id } => {
            returns::buy_label(world, &order_id, return_id).await
        }
        Message::ExpireReturn { order_id, return_id } => {
            returns::expire_return(world, &order_id, return_id).await
        }
        Message::RefundOrder { order_id, refund_id } => {
            returns::refund_order(world, &order_id, refund_id).await
        }
        other => Err(aws::misdirected(&other)),
    })
}
