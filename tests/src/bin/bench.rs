//! Measures, and writes `target/bench.json` and, as a table, `target/bench.txt`. Each figure says how it was obtained. What
//! functions log goes to standard output.
//!
//! `bench cost`, or another part of `PARTS`, for that alone; without a word, all of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use tests::bench::billed::Billed;
use tests::bench::budget::{figures, title};
use tests::bench::onward::{Answers, Onward};
use tests::bench::prices::{Prices, cents_per_million};
use tests::bench::start::{Start, ensure_within_budget, functions, measure as starts};
use tests::bench::stories::{ARRIVALS, MANY, STORIES, Told, tell, tell_in, tell_on, told};
use tests::bench::usage::Measure;
use tests::bench::webhook;

/// How each figure was obtained.
const HOW: [(&str, &str); 11] = [
    (
        "calls, requests, invocations",
        "counted: real steps, shells and adapters against an AWS in memory",
    ),
    ("units", "by AWS's published rules, from the sizes of what was written and read"),
    ("log bytes", "counted, and 26 a line more, as CloudWatch Logs does"),
    (
        "billed milliseconds",
        "counted in made-up time: functions wait for their calls together or one after the other as they make them, each as \
         long as tests/bench/prices.toml has it, and compute as long as it says",
    ),
    (
        "billed",
        "the processes of target/release on an AWS that takes as long as tests/bench/prices.toml has it: from when the Runtime \
         API handed out an event until it had the answer, and CPU time by the share of a vCPU that memory gives; cold starts \
         left out",
    ),
    ("dollars", "by the dated list prices in tests/bench/prices.toml"),
    (
        "growth",
        "counted as above, beside 100, 10,000 and 1,000,000 copies of a delivered order, each due at a time of its own; CPU time \
         of clock and tracking-poll as in cpu, beside the fewest and the most in turn, 5 rounds: medians",
    ),
    (
        "start",
        "each function and an empty one, 20 rounds, in another order each time: medians of the ratios in a round; peak memory is \
         VmHWM",
    ),
    ("sizes", "of target/release, for this machine; zipped is deflated as zip does it"),
    (
        "cpu",
        "CPU time that the kernel counts of the processes of target/release, of 200 orders in batches of ten, after one order, on \
         an AWS in memory that answers at once; without processes, the steps on the thread of that AWS, less its own",
    ),
    (
        "webhook",
        "order-intake's answer, and two PutItem and one SendMessage of as many bytes by the same SDK, 400 times, in turn first: \
         median of the ratios, the AWS in memory included in both",
    ),
];

/// A part: its name, and what measures it and adds to the page.
type Part = (&'static str, fn(&mut String) -> Result<Value>);

const PARTS: [Part; 7] = [
    ("cost", cost),
    ("billed", billed),
    ("growth", growth),
    ("start", start),
    ("cpu", cpu),
    ("webhook", answer),
    ("pace", pace),
];

fn main() -> Result<()> {
    let wanted = std::env::args().nth(1).filter(|part| !part.is_empty());
    let is_wanted = |part: &&Part| wanted.as_deref().is_none_or(|wanted| wanted == part.0);
    let parts: Vec<&Part> = PARTS.iter().filter(is_wanted).collect();
    ensure!(!parts.is_empty(), "the parts are {:?}", PARTS.map(|(name, _)| name));
    let how = HOW.map(|(figure, how)| json!({ "figure": figure, "how": how }));
    #[expect(clippy::disallowed_methods, reason = "figures are of a day")]
    let at = jiff::Timestamp::now();
    let mut written =
        Map::from_iter([("measured_at".to_owned(), json!(at)), ("how".to_owned(), json!(how))]);
    let mut page = String::new();
    for (name, measure) in parts {
        let figures = measure(&mut page).with_context(|| format!("failed to measure {name}"))?;
        written.insert((*name).to_owned(), figures);
        // After each part, for the next may take long, or find something too large.
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
        std::fs::create_dir_all(&target)?;
        std::fs::write(target.join("bench.json"), serde_json::to_string_pretty(&written)?)?;
        std::fs::write(target.join("bench.txt"), &page)?;
    }
    let starts = written.get("start").map(|starts| serde_json::from_value(starts.clone()));
    starts.transpose()?.map_or(Ok(()), |starts| ensure_within_budget(&starts))
}

fn cost(page: &mut String) -> Result<Value> {
    let prices = Prices::read()?;
    let mut stories = Vec::new();
    for (story, arrival) in told() {
        let title = title(story, arrival);
        let told = tell(story, arrival).with_context(|| title.clone())?;
        stories.push(described(&title, &told, &prices, page)?);
    }
    let prices = json!({ "date": prices.date, "source": prices.source });
    Ok(json!({ "prices": prices, "stories": stories }))
}

fn billed(page: &mut String) -> Result<Value> {
    let all = tests::bench::billed::measure()?;
    page.push_str("\nbilled: milliseconds of each order, measured and by the model; CPU\n");
    for billed in &all {
        let Billed { story, measured_ms, modelled_ms, cpu_us, by_memory } = billed;
        page.push_str(&format!(
            "    {measured_ms:>6} ms  {modelled_ms:>6} ms  {cpu_us:>6} us  {story}\n"
        ));
        for (memory_mb, cents, invocation_ms) in by_memory {
            page.push_str(&format!(
                "        {:>7}  dollars of GB-seconds with {memory_mb} MB, {invocation_ms} ms an invocation\n",
                decimal(*cents)
            ));
        }
    }
    Ok(json!(all))
}

fn growth(page: &mut String) -> Result<Value> {
    let growth = tests::bench::growth::measure()?;
    let [few, some, most] = growth.stored;
    page.push_str(&format!("\ngrowth: beside {few}, {some} and {most} stored orders alike\n"));
    for (title, figures) in &growth.units {
        let of_each = |name: &str| {
            let all = figures.get(name).copied().unwrap_or_default();
            decimal(all * 100 / figures.get("orders").copied().unwrap_or(1))
        };
        page.push_str(&format!(
            "    {:>7} write units, {:>7} halves of read units, {:>7} calls of each order: {title}\n",
            of_each("write_units"),
            of_each("read_half_units"),
            of_each("aws_calls"),
        ));
    }
    for polling in &growth.polling {
        page.push_str(&format!(
            "    {:>7} due together: {} calls, {} halves of read units, {} us; beside {most}, {} times that\n",
            polling.due,
            polling.calls,
            polling.read_halves,
            polling.cpu_us,
            decimal(polling.percent_beside_most),
        ));
    }
    Ok(json!(growth))
}

fn pace(page: &mut String) -> Result<Value> {
    let pace = tests::bench::pace::measure()?;
    page.push_str(&format!("\n{}", pace.table()));
    Ok(json!(pace))
}

fn start(page: &mut String) -> Result<Value> {
    let starts: BTreeMap<String, Start> = starts()?;
    page.push_str(
        "\nstart: to the first poll and the first answer, times the empty function's; and size\n",
    );
    for (function, start) in &starts {
        page.push_str(&format!(
            "    {:>5}  {:>5}  {:>6} us  {:>6} us  {:>6} KB at most  {:>6} KB  {:>6} KB zipped  {function}\n",
            decimal(start.first_poll_percent),
            decimal(start.first_answer_percent),
            start.first_poll_us,
            start.first_answer_us,
            start.peak_kb,
            start.unzipped_bytes / 1_000,
            start.zipped_bytes / 1_000,
        ));
    }
    let (_, not_built) = functions()?;
    if !not_built.is_empty() {
        page.push_str(&format!("    not built: {}\n", not_built.join(", ")));
    }
    Ok(json!(starts))
}

fn cpu(page: &mut String) -> Result<Value> {
    let [alone, ..] = ARRIVALS;
    let mut onward = Onward::begin(Answers::ToProcessesAtOnce)?;
    tell_in(&mut onward, STORIES[0], alone)?;
    let before = onward.cpu_of_processes()?;
    let Told { orders, usage, times, .. } = tell_on(&mut onward, STORIES[0], MANY, alone.orders)?;
    let spent = onward.cpu_of_processes()? - before;
    let here = tell_in(&mut Onward::begin(Answers::AtOnce)?, STORIES[0], MANY)?;
    let here: Duration = here.times.values().map(|times| times.cpu).sum();

    let of_each = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX) / orders;
    let (of_an_order_us, here_us) = (of_each(spent), of_each(here));
    let calls = usage.all(Measure::Calls) + usage.all(Measure::OutsideCalls);
    page.push_str(&format!(
        "\ncpu: {of_an_order_us} us of each order, {} events and {} calls; without the processes {here_us}\n",
        decimal(usage.all(Measure::Invocations) * 100 / orders),
        decimal(calls * 100 / orders),
    ));
    let mut functions = Map::new();
    for (function, times) in &times {
        let us = of_each(times.cpu);
        page.push_str(&format!("    {us:>7} us  {function}\n"));
        functions.insert((*function).to_owned(), json!(us));
    }
    Ok(json!({
        "orders": orders, "of_an_order_us": of_an_order_us, "without_processes_us": here_us,
        "calls": calls, "functions_us": functions,
    }))
}

fn answer(page: &mut String) -> Result<Value> {
    let webhook = webhook::measure()?;
    page.push_str(&format!(
        "\nwebhook: answered in {} times the bare writes: {} us and {} us\n",
        decimal(webhook.percent_of_bare),
        webhook.answer_us,
        webhook.bare_us,
    ));
    Ok(json!(webhook))
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
        page.push_str(&counted(&format!("{measure:?}"), counts, told.orders));
    }
    page.push_str("  calls of each function; the clock's in all minutes that found something:\n");
    for (function, used) in &told.used_by {
        let counts = used.0.get(&Measure::Calls).into_iter();
        counts.for_each(|counts| page.push_str(&counted(function, counts, told.orders)));
    }
    Ok(json!({
        "story": title, "orders": told.orders, "dollars_per_million": decimal(cents), "dollars": dollars,
        "figures": figures(told)?, "usage": told.usage, "idle_minute": told.idle_tick,
        "invocations": told.usage.all(Measure::Invocations),
    }))
}

/// A line of counts by name, for one of so many orders.
fn counted(title: &str, counts: &BTreeMap<String, u64>, orders: u64) -> String {
    let of_each = |count: u64| decimal(count * 100 / orders);
    let parts: Vec<String> =
        counts.iter().map(|(of, count)| format!("{of} {}", of_each(*count))).collect();
    format!("    {:>7}  {title}: {}\n", of_each(counts.values().sum()), parts.join(", "))
}

/// Hundredths, as a decimal number.
fn decimal(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
