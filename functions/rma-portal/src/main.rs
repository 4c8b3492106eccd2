//! Wires [`rma_portal::answer_customer`] to the API.

fn main() -> anyhow::Result<()> {
    aws::run_http(async |world, inbound| {
        let public_url = world.public_url().unwrap_or_default();
        rma_portal::answer_customer(world, public_url, inbound).await
    })
}
