//! Wires [`notifications`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| match message {
        Message::NoteDelay { order_id, fulfillment_order_id } => {
            notifications::note_delay(world, &order_id, fulfillment_order_id).await
        }
        Message::SuppressRecipients { recipients } => {
            notifications::suppress_recipients(world, &recipients).await
        }
        other => Err(aws::misdirected(&other)),
    })
}
