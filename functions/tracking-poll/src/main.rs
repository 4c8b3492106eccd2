//! Wires [`tracking_poll::track_parcels`] to its queue.

use domain::message::Message;

fn main() -> anyhow::Result<()> {
    let parcels = |message| match message {
        Message::TrackParcels { parcels } => Ok(parcels),
        other => Err(aws::misdirected(&other)),
    };
    aws::run_gathered(parcels, async |world, parcels| {
        tracking_poll::track_parcels(world, world.tracking_url(), parcels).await
    })
}
