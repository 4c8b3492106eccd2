//! Wires [`tracking_inbox::take_push`] to the API.

fn main() -> anyhow::Result<()> {
    aws::run_http(async |world, inbound| tracking_inbox::take_push(world, inbound).await)
}
