//! Wires [`notifications::take`] to its queue.

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| {
        let other = notifications::take(world, world.public_url()?, message).await?;
        other.map_or(Ok(()), |other| Err(aws::misdirected(&other)))
    })
}
