//! Wires [`projection::project`] to the stream of `Events`.

fn main() -> anyhow::Result<()> {
    aws::run_stream(async |world, order_id, versions| {
        projection::project(world, &order_id, &versions).await
    })
}
