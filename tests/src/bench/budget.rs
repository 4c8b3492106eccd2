//! What an order may cost: the table in `tests/bench/budget.toml`, and how counts are held against it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::prices::{Prices, cents_per_million};
use super::stories::{Arrival, Story, Told};
use super::template::memory_mb;
use super::usage::Measure;

const BUDGET: &str = include_str!("../../bench/budget.toml");

/// What is counted of a story, by name. All but `log_bytes` and `cents_per_million` is exact, and of all orders together.
pub type Figures = BTreeMap<String, u64>;

/// The figures that a story is held to: `story, arrival`.
pub type Budget = BTreeMap<String, Figures>;

/// Log lines tell how many milliseconds something took, and so are longer in slow runs: so many thousandths.
const SPREAD_PER_MILLE: u64 = 40;

/// Figures that are not the same in each run.
const SPREADING: [&str; 2] = ["log_bytes", "cents_per_million"];

/// Reads the table.
///
/// # Errors
/// When it can't be read.
pub fn budget() -> Result<Budget> {
    toml::from_str(BUDGET).context("failed to read the budget")
}

/// The name of a story in the table.
#[must_use]
pub fn title(story: Story, arrival: Arrival) -> String {
    format!("{}, {}", story.name, arrival.name)
}

/// What is counted of a story.
///
/// # Errors
/// When the price table can't be read.
pub fn figures(told: &Told) -> Result<Figures> {
    let used = &told.usage;
    let bill = Prices::read()?.bill(used, memory_mb)?;
    let figures = [
        ("orders", told.orders),
        ("aws_calls", used.all(Measure::Calls)),
        ("write_units", used.all(Measure::WriteUnits)),
        ("read_half_units", used.all(Measure::ReadHalves)),
        ("queue_requests", used.all(Measure::QueueRequests)),
        ("objects", used.all(Measure::Objects)),
        ("api_requests", used.all(Measure::ApiRequests)),
        ("invocations", used.all(Measure::Invocations)),
        ("billed_ms", used.all(Measure::BilledMs)),
        ("log_bytes", used.all(Measure::LogBytes)),
        ("cents_per_million", cents_per_million(bill.sum(), told.orders)),
    ];
    Ok(figures.into_iter().map(|(name, count)| (name.to_owned(), count)).collect())
}

/// What is wrong with figures under a budget, each in a sentence; empty if nothing is.
#[must_use]
pub fn problems(title: &str, figures: &Figures, budget: Option<&Figures>) -> Vec<String> {
    let Some(budget) = budget else {
        return vec![format!("`{title}` has no budget: add it to tests/bench/budget.toml")];
    };
    let mut problems = Vec::new();
    for (name, count) in figures {
        let Some(allowed) = budget.get(name) else {
            problems.push(format!("`{title}`: `{name}` has no budget; it is {count}"));
            continue;
        };
        let spread =
            if SPREADING.contains(&name.as_str()) { allowed * SPREAD_PER_MILLE / 1_000 } else { 0 };
        if *count > allowed + spread {
            problems.push(format!("`{title}` costs more: {count} `{name}` instead of {allowed}"));
        } else if count + spread < *allowed {
            problems
                .push(format!("`{title}` costs less: lower `{name}` from {allowed} to {count}"));
        }
    }
    problems
}

/// The table as the file has it, of what was counted.
#[must_use]
pub fn written(counted: &Budget) -> String {
    let mut text = BUDGET
        .lines()
        .take_while(|line| line.starts_with('#'))
        .fold(String::new(), |text, line| text + line + "\n");
    for (title, figures) in counted {
        text.push_str(&format!("\n[\"{title}\"]\n"));
        for (name, count) in figures {
            text.push_str(&format!("{name} = {count}\n"));
        }
    }
    text
}
