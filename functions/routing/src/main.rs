//! Wires [`routing::route_order`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| match message {
        Message::RouteOrder { order_id } => routing::route_order(world, &order_id).await,
        other => Err(aws::misdirected(&other)),
    })
}
