//! Wires [`documents::archive_document`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| match message {
        Message::ArchiveDocument { order_id, document } => {
            documents::archive_document(world, &order_id, document).await
        }
        other => Err(aws::misdirected(&other)),
    })
}
