//! Wires [`clock::tick`] to its schedule.

fn main() -> anyhow::Result<()> {
    aws::run_schedule(async |world| clock::tick(world).await)
}
