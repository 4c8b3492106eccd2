//! Counts what an order costs, and writes it to `target/bench.json` and, as a table, to `target/bench.txt`. Each
//! figure says how it was obtained. What functions log goes to standard output.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::bench::budget::{figures, title};
use tests::bench::prices::{Prices, cents_per_million};
use tests::bench::stories::{Told, tell, told};
use tests::bench::usage::Measure;

/// How each figure was obtained.
const HOW: [(&str, &str); 5] = [
    (
        "calls, requests, invocations",
        "counted: real steps, shells and adapters against an AWS in memory",
    ),
    ("units", "by AWS's published rules, from the sizes of what was written and read"),
    ("log bytes", "counted, and 26 a line more, as CloudWatch Logs does"),
    ("billed milliseconds", "a model, with its assumptions in tests/bench/prices.toml"),
    ("dollars", "by the dated list prices in tests/bench/prices.toml"),
];

fn main() -> Result<()> {
    let prices = Prices::read()?;
    let (mut stories, mut page) = (Vec::new(), String::new());
    for (story, arrival) in told() {
        let title = title(story, arrival);
        let told = tell(story, arrival).with_context(|| title.clone())?;
        stories.push(described(&title, &told, &prices, &mut page)?);
    }
    let how = HOW.map(|(figure, how)| json!({ "figure": figure, "how": how }));
    let written = json!({
        "prices": { "date": prices.date, "source": prices.source }, "how": how, "cost": stories,
    });
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    std::fs::create_dir_all(&target)?;
    std::fs::write(target.join("bench.json"), serde_json::to_string_pretty(&written)?)?;
    std::fs::write(target.join("bench.txt"), page)?;
    Ok(())
}

fn described(title: &str, told: &Told, prices: &Prices, page: &mut String) -> Result<Value> {
    let bill = prices.bill(&told.usage, tests::bench::memory_mb)?;
    let cents = cents_per_million(bill.sum(), told.orders);
    page.push_str(&format!("\n{title}: {} dollars for a million orders\n", decimal(cents)));
    let mut dollars = serde_json::Map::new();
    for (name, price) in &bill.0 {
        let cents = cents_per_million(*price, told.orders);
        page.push_str(&format!("    {:>7}  {name}\n", decimal(cents)));
        dollars.insert((*name).to_owned(), json!(decimal(cents)));
    }
    page.push_str("  of each order:\n");
    for (measure, counts) in &told.usage.0 {
        let sum = told.usage.all(*measure) * 100 / told.orders;
        let parts =
            counts.iter().map(|(of, count)| format!("{of} {}", decimal(count * 100 / told.orders)));
        let parts: Vec<String> = parts.collect();
        page.push_str(&format!("    {:>7}  {measure:?}: {}\n", decimal(sum), parts.join(", ")));
    }
    Ok(json!({
        "story": title, "orders": told.orders, "dollars_per_million": decimal(cents), "dollars": dollars,
        "figures": figures(told)?, "usage": told.usage, "idle_minute": told.idle_tick,
        "invocations": told.usage.all(Measure::Invocations),
    }))
}

/// Hundredths, as a decimal number.
fn decimal(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
