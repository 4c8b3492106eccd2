//! What Lambda would bill functions for, measured: the processes that AWS gets, asked by a Runtime API that reports how long
//! each answer took, on an AWS that takes its time.

use anyhow::Result;
use serde::Serialize;

use super::budget::title;
use super::onward::{Answers, Onward, Times};
use super::prices::{Prices, cents_per_million};
use super::stories::{ARRIVALS, Told, tell, tell_on, told};
use super::usage::Measure;

/// What memory a function could have, in megabytes. With the last it has a whole vCPU.
const MEMORIES_MB: [u64; 5] = [128, 192, 256, 512, 1_769];

/// What one of a story's orders is billed for.
#[derive(Debug, Clone, Serialize)]
pub struct Billed {
    /// Its name.
    pub story: String,
    /// Milliseconds by the runtime's report, at the memory that the template gives.
    pub measured_ms: u64,
    /// The same by the model that `cost` counts with.
    pub modelled_ms: u64,
    /// Microseconds that processes computed.
    pub cpu_us: u64,
    /// GB-seconds of a million orders in cents, and the milliseconds of an invocation, by megabytes of memory.
    pub by_memory: Vec<(u64, u64, u64)>,
}

/// Tells each story to processes that have told it before, so that they are connected and know their settings.
///
/// # Errors
/// When a function is not built, or an order does not reach its end.
pub fn measure() -> Result<Vec<Billed>> {
    let prices = Prices::read()?;
    let mut all = Vec::new();
    for (story, arrival) in told() {
        let mut onward = Onward::begin(Answers::ToProcesses)?;
        let [alone, ..] = ARRIVALS;
        tell_on(&mut onward, story, alone, 0)?;
        let measured = tell_on(&mut onward, story, arrival, alone.orders)?;
        let modelled = tell(story, arrival)?;
        let per_order = |told: &Told| told.usage.all(Measure::BilledMs) / told.orders;
        let cpu: u128 = measured.times.values().map(|times| times.cpu.as_micros()).sum();
        let by_memory = MEMORIES_MB.map(|memory_mb| by_memory(&prices, &measured, memory_mb));
        all.push(Billed {
            story: title(story, arrival),
            measured_ms: per_order(&measured),
            modelled_ms: per_order(&modelled),
            cpu_us: u64::try_from(cpu)? / arrival.orders,
            by_memory: by_memory.into_iter().collect::<Result<_>>()?,
        });
    }
    Ok(all)
}

/// What it would cost if all functions had that memory.
fn by_memory(prices: &Prices, told: &Told, memory_mb: u64) -> Result<(u64, u64, u64)> {
    let mut times = Times::default();
    told.times.values().for_each(|own| times.add(*own));
    let billed_ms = u64::try_from(prices.billed(times, memory_mb).as_millis())?;
    let cents = cents_per_million(prices.of_memory(billed_ms * memory_mb)?, told.orders);
    Ok((memory_mb, cents, billed_ms / told.usage.all(Measure::Invocations).max(1)))
}
