//! Wires [`tracking_poll::track_parcels`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| match message {
        Message::TrackParcels { parcels } => {
            tracking_poll::track_parcels(world, world.tracking_url()?, &parcels).await
        }
        other => Err(aws::misdirected(&other)),
    })
}
