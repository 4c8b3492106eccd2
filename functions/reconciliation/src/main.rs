//! Wires [`reconciliation::reconcile`] to its schedule.

fn main() -> anyhow::Result<()> {
    aws::run_schedule(async |world| reconciliation::reconcile(world).await)
}
