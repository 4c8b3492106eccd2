//! What an order costs on AWS does not grow unseen: exact counts, held to `tests/bench/budget.toml`.

use std::path::Path;

use anyhow::Result;
use aws::Metric;
use domain::order::phase::Phase;
use tests::bench::budget::{Budget, budget, figures, problems, title, written};
use tests::bench::stories::{ARRIVALS, STORIES, Told, tell, tell_beside, told};
use tests::bench::usage::Measure;

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

#[test]
fn functions_tell_of_an_order_what_it_used() -> Result<()> {
    let (story, arrival) = (STORIES[0], ARRIVALS[2]);
    let Told { orders, usage, .. } = tell(story, arrival)?;
    let sends = ["SendMessage", "SendMessageBatch"]
        .map(|request| usage.0[&Measure::QueueRequests].get(request).copied().unwrap_or_default());
    let told = aws::told();
    let told = |metric| told.get(&metric).copied().unwrap_or_default();
    assert_eq!(told(Metric::Orders), orders);
    assert_eq!(told(Metric::Phase(Phase::Delivered)), orders);
    assert_eq!(told(Metric::Objects), usage.all(Measure::Objects));
    assert_eq!(told(Metric::QueueSends), sends.iter().sum::<u64>());
    assert_eq!(told(Metric::Failed), 0);
    Ok(())
}

#[test]
fn an_order_costs_the_same_however_many_are_stored() -> Result<()> {
    let [few, many] = [100, 10_000].map(|stored| {
        let told = tell_beside(STORIES[0], ARRIVALS[0], stored)?;
        let mut figures = figures(&told)?;
        // Log lines tell how long something took.
        figures.retain(|name, _| name != "log_bytes" && name != "cents_per_million");
        anyhow::Ok(figures)
    });
    assert_eq!(few?, many?);
    Ok(())
}
