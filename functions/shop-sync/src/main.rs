//! Wires [`shop_sync::update_shop`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| match message {
        Message::UpdateShop { order_id, parcel_id } => {
            shop_sync::update_shop(world, &order_id, parcel_id).await
        }
        other => Err(aws::misdirected(&other)),
    })
}
