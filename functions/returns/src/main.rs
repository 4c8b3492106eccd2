//! Wires [`returns::take`] to its queue.

fn main() -> anyhow::Result<()> {
    aws::run_batch(async |world, message| {
        let other = returns::take(world, message).await?;
        other.map_or(Ok(()), |other| Err(aws::misdirected(&other)))
    })
}
