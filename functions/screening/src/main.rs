//! Wires [`screening::screen_order`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| match message {
        Message::ScreenOrder { order_id } => screening::screen_order(world, &order_id).await,
        other => Err(aws::misdirected(&other)),
    })
}
