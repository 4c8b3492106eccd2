//! Wires [`documents::archive_documents`] to its queue.

use domain::message::Message;
use domain::order::documents::DocumentRef;

fn main() -> anyhow::Result<()> {
    let wanted = |message| match message {
        Message::ArchiveDocument { order_id, document } => {
            Ok(vec![DocumentRef { order_id, document }])
        }
        other => Err(aws::misdirected(&other)),
    };
    aws::run_gathered(wanted, async |world, wanted| {
        documents::archive_documents(world, wanted).await
    })
}
