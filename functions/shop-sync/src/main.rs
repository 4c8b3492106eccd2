//! Wires [`shop_sync`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| match message {
        Message::UpdateShop { order_id, parcel_id } => {
            shop_sync::update_shop(world, &order_id, parcel_id).await
        }
        Message::AnswerShop { order_id, request } => {
            shop_sync::answer_shop(world, &order_id, request).await
        }
        other => Err(aws::misdirected(&other)),
    })
}
