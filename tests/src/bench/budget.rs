//! What an order may cost, and what functions may be made of: the tables in `tests/bench`, and how counts are held against
//! them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use super::prices::{Prices, cents_per_million};
use super::stories::{Arrival, Story, Told};
use super::template::memory_mb;
use super::usage::Measure;

/// A table of budgets: its file's name in `tests/bench`, and what stands there.
pub type Table = (&'static str, &'static str);

/// What an order may cost, by story: `story, arrival`.
pub const COSTS: Table = ("budget.toml", include_str!("../../bench/budget.toml"));

/// What a function may be made of, by function.
pub const PARTS: Table = ("parts.toml", include_str!("../../bench/parts.toml"));

/// How large a function may be as `make build` makes it, by function; and by which compiler.
pub const BUILT: Table = ("built.toml", include_str!("../../bench/built.toml"));

/// Stands in [`BUILT`] among the functions: what made them.
pub const TOOLCHAIN: &str = "toolchain";

/// What is counted of a story or a function, by name. All but [`SPREADING`] is exact, and of all orders together.
pub type Figures = BTreeMap<String, u64>;

/// The figures that stories or functions are held to.
pub type Budget = BTreeMap<String, Figures>;

/// Figures that are not the same in each run, and the thousandths that they may differ by: log lines tell how many
/// milliseconds something took, and so are longer in slow ones; and binaries hold the names of this machine's folders.
const SPREADING: [(&str, u64); 3] = [("log_bytes", 40), ("cents_per_million", 40), ("kb", 10)];

/// Reads a table.
///
/// # Errors
/// When it can't be read.
pub fn budget((file, text): Table) -> Result<Budget> {
    toml::from_str(text).with_context(|| format!("failed to read tests/bench/{file}"))
}

/// What is wrong with counts under the budgets of a table, each in a sentence; empty if nothing is, or if the table was
/// written anew because `UPDATE_EXPECT` asked for that.
///
/// # Errors
/// When the table can't be read or written.
pub fn held(table: Table, counted: &Budget) -> Result<Vec<String>> {
    if is_updating() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench").join(table.0);
        std::fs::write(file, written(table, counted))?;
        return Ok(Vec::new());
    }
    let allowed = budget(table)?;
    let problems = counted.iter().map(|(title, figures)| {
        let Some(budget) = allowed.get(title) else {
            return vec![format!("`{title}` has no budget: add it to tests/bench/{}", table.0)];
        };
        problems(title, figures, budget)
    });
    Ok(problems.flatten().collect())
}

/// Whether tables are written anew.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "as the snapshots of other tests are updated")]
pub fn is_updating() -> bool {
    std::env::var("UPDATE_EXPECT").is_ok()
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

fn problems(title: &str, figures: &Figures, budget: &Figures) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, count) in figures {
        let Some(allowed) = budget.get(name) else {
            problems.push(format!("`{title}`: `{name}` has no budget; it is {count}"));
            continue;
        };
        let spread = SPREADING.iter().find(|(spreading, _)| spreading == name);
        let spread = spread.map_or(0, |(_, per_mille)| allowed * per_mille / 1_000);
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
fn written((_, text): Table, counted: &Budget) -> String {
    let mut text = text
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
