//! Wires [`order_intake::take_webhook`] to the API.

fn main() -> anyhow::Result<()> {
    aws::run_http(async |world, inbound| order_intake::take_webhook(world, inbound).await)
}
