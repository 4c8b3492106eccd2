//! Wires [`supplier_inbox::take_answer`] to the API.

fn main() -> anyhow::Result<()> {
    aws::run_http(async |world, inbound| supplier_inbox::take_answer(world, inbound).await)
}
