//! What an order costs on AWS does not grow unseen: exact counts, held to `tests/bench/budget.toml`.

use std::path::Path;

use anyhow::Result;
use tests::bench::budget::{Budget, budget, figures, problems, title, written};
use tests::bench::stories::{tell, told};

#[test]
fn an_order_costs_what_it_may() -> Result<()> {
    let (allowed, mut counted, mut wrong) = (budget()?, Budget::new(), Vec::new());
    for (story, arrival) in told() {
        let (title, figures) = (title(story, arrival), figures(&tell(story, arrival)?)?);
        wrong.extend(problems(&title, &figures, allowed.get(&title)));
        counted.insert(title, figures);
    }
    #[expect(clippy::disallowed_methods, reason = "as the snapshots of other tests are updated")]
    if std::env::var("UPDATE_EXPECT").is_ok() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/budget.toml");
        std::fs::write(file, written(&counted))?;
        return Ok(());
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    Ok(())
}
