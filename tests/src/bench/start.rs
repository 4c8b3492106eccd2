//! How fast functions start, and how large they are, against one that does nothing: of all in `target/release`, which
//! `make bench` builds as `make release` does, for this machine.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use miniz_oxide::deflate::compress_to_vec;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::onward::{Answers, Onward};
use super::process::Process;
use super::template::is_behind_the_api;

/// How often each is started. They take turns, so that what else the machine does hits all of them alike.
const RUNS: usize = 20;

/// As `zip` does it.
const EFFORT: u8 = 6;

const BUDGET: &str = include_str!("../../bench/starts.toml");

/// What a function may be, whoever it is.
#[derive(Debug, Deserialize)]
struct Budget {
    unzipped_bytes: u64,
    zipped_bytes: u64,
    peak_kb: u64,
    /// Until it asks for its first event, in hundredths of what the empty one takes.
    first_poll_percent: u64,
}

/// What was measured of a function.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Start {
    /// Median of the ratios to the empty function in the same round, in hundredths, until the first poll.
    pub first_poll_percent: u64,
    /// The same until the first answer: to an empty batch, or to a call that nobody signed.
    pub first_answer_percent: u64,
    /// Median in microseconds until the first poll.
    pub first_poll_us: u64,
    /// Median in microseconds until the first answer.
    pub first_answer_us: u64,
    /// The most memory in any of the runs, after the first answer.
    pub peak_kb: u64,
    /// The binary as it is.
    pub unzipped_bytes: u64,
    /// Deflated.
    pub zipped_bytes: u64,
}

/// The empty function's name.
pub const EMPTY: &str = "empty";

/// What was seen of a process.
#[derive(Debug, Clone, Copy)]
struct Life {
    /// From its spawn until it first asked for an event.
    first_poll: Duration,
    /// Until it had answered that.
    first_answer: Duration,
    /// The most memory that it had until then, in kilobytes.
    peak_kb: u64,
}

/// Where cargo puts what AWS gets, built for this machine.
pub(super) fn binary(function: &str) -> PathBuf {
    let release = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release");
    if function == EMPTY { release.join("examples").join(EMPTY) } else { release.join(function) }
}

/// Every function that is built, and the empty one first; and those that are not built.
///
/// # Errors
/// When the folder of functions can't be read.
pub fn functions() -> Result<(Vec<String>, Vec<String>)> {
    let mut names = names()?;
    names.insert(0, EMPTY.to_owned());
    Ok(names.into_iter().partition(|function| binary(function).exists()))
}

/// The names of all functions.
///
/// # Errors
/// When their folder can't be read.
pub fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions"))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Starts each function that is built many times.
///
/// # Errors
/// When none is built, or one does not start.
pub fn measure() -> Result<BTreeMap<String, Start>> {
    let onward = Onward::begin(Answers::AtOnce)?;
    let mut lives: BTreeMap<String, Vec<Life>> = BTreeMap::new();
    let (functions, _) = functions()?;
    ensure!(functions.first().is_some_and(|name| name == EMPTY), "no function is built");
    for round in 0..RUNS {
        // In another order each time: what one leaves behind as it ends, the kernel clears away while the next starts.
        let mut turns: Vec<&String> = functions.iter().collect();
        let by = BuildHasherDefault::<DefaultHasher>::default();
        turns.sort_by_key(|function| by.hash_one((round, function)));
        for function in turns {
            let environment = onward.environment(function);
            let life = onward.wait(live(function, &environment))?;
            lives.entry(function.clone()).or_default().push(life);
        }
    }
    let empty = lives[EMPTY].clone();
    let starts = lives.into_iter().map(|(function, lives)| {
        let start = started(&function, &lives, &empty)?;
        Ok((function, start))
    });
    starts.collect()
}

async fn live(function: &str, environment: &BTreeMap<String, String>) -> Result<Life> {
    let process = Process::spawn(&binary(function), environment)?;
    let answered = process.ask(&event(function)).await.with_context(|| function.to_owned())?;
    Ok(Life {
        first_poll: process.first_poll().context("it answered what it never asked for")?,
        first_answer: process.age_at(answered.at),
        peak_kb: process.peak_kb()?,
    })
}

/// Something to which there is little to say: an empty batch, or a call that nobody signed.
fn event(function: &str) -> Vec<u8> {
    let event = if is_behind_the_api(function) {
        let http = json!({ "method": "POST" });
        json!({ "routeKey": "POST /nowhere", "requestContext": { "http": http } })
    } else {
        json!({ "Records": [] })
    };
    event.to_string().into_bytes()
}

fn started(function: &str, lives: &[Life], empty: &[Life]) -> Result<Start> {
    let bytes = fs::read(binary(function))?;
    let percent = |of: fn(&Life) -> u64| {
        median(lives.iter().zip(empty).map(|(own, empty)| of(own) * 100 / of(empty).max(1)))
    };
    let micros = |of: fn(&Life) -> u64| median(lives.iter().map(of));
    let first_poll = |life: &Life| u64::try_from(life.first_poll.as_micros()).unwrap_or(u64::MAX);
    let first_answer =
        |life: &Life| u64::try_from(life.first_answer.as_micros()).unwrap_or(u64::MAX);
    Ok(Start {
        first_poll_percent: percent(first_poll),
        first_answer_percent: percent(first_answer),
        first_poll_us: micros(first_poll),
        first_answer_us: micros(first_answer),
        peak_kb: lives.iter().map(|life| life.peak_kb).max().context("it never ran")?,
        unzipped_bytes: bytes.len() as u64,
        zipped_bytes: compress_to_vec(&bytes, EFFORT).len() as u64,
    })
}

/// The one in the middle.
pub fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Fails when a function is larger, hungrier or slower to start than the table in `tests/bench/starts.toml` lets it be.
///
/// # Errors
/// Names each that is, and what.
pub fn ensure_within_budget(starts: &BTreeMap<String, Start>) -> Result<()> {
    let budgets: BTreeMap<String, Budget> = toml::from_str(BUDGET)?;
    let every = budgets.get("every").context("there is no budget for `every` function")?;
    let mut problems = Vec::new();
    for (function, start) in starts {
        let budget = budgets.get(function).unwrap_or(every);
        for (what, is, may_be) in [
            ("unzipped_bytes", start.unzipped_bytes, budget.unzipped_bytes),
            ("zipped_bytes", start.zipped_bytes, budget.zipped_bytes),
            ("peak_kb", start.peak_kb, budget.peak_kb),
            ("first_poll_percent", start.first_poll_percent, budget.first_poll_percent),
        ] {
            if is > may_be {
                problems.push(format!("`{function}`: {is} `{what}` instead of {may_be} at most"));
            }
        }
    }
    ensure!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    Ok(())
}
