//! Wires [`console::answer_operator`] to the API.

fn main() -> anyhow::Result<()> {
    aws::run_http(async |world, inbound| console::answer_operator(world, inbound).await)
}
