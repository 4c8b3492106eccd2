//! Wires [`sku_mapping::map_order`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| match message {
        Message::MapSkus { order_id } => sku_mapping::map_order(world, &order_id).await,
        other => Err(aws::misdirected(&other)),
    })
}
