//! Wires [`status_webhooks::tell_endpoint`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| match message {
        Message::TellEndpoint { endpoint_id, news, retry } => {
            status_webhooks::tell_endpoint(world, &endpoint_id, &news, retry.as_ref()).await
        }
        other => Err(aws::misdirected(&other)),
    })
}
