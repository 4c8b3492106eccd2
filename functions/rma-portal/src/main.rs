//! Wires [`rma_portal::answer_customer`] to the API.

fn main() -> anyhow::Result<()> {
    aws::run_http(async |world, inbound| rma_portal::answer_customer(world, inbound).await)
}
