//! Wires [`supplier_forwarding::forward_order`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| match message {
        Message::ForwardOrder { order_id, fulfillment_order_id } => {
            let public_url = world.public_url()?;
            supplier_forwarding::forward_order(world, public_url, &order_id, fulfillment_order_id)
                .await
        }
        other => Err(aws::misdirected(&other)),
    })
}
