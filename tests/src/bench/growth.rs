//! What an order costs beside a million others: as much as beside a hundred. And what polling takes: as much as is due.

use anyhow::{Result, ensure};
use jiff::SignedDuration;
use serde::Serialize;

use super::archive::Sample;
use super::budget::{Figures, figures, title};
use super::onward::{Answers, Onward};
use super::start::median;
use super::stories::{Arrival, STORIES, Story, Told, sample, tell_in, told};
use super::usage::{Measure, Usage};

/// So many orders are stored already.
pub const STORED: [u32; 3] = [100, 10_000, 1_000_000];

/// So many orders have a parcel that is asked for in the same minute.
const DUE: [u64; 3] = [1, 10, 100];

/// Times are medians of so many rounds, in which they take turns.
const ROUNDS: usize = 5;

/// What polls parcels.
const POLLING: [&str; 2] = ["clock", "tracking-poll"];

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Growth {
    /// So many orders were stored, each time.
    pub stored: [u32; 3],
    /// What is counted of a story, the same each time.
    pub units: Vec<(String, Figures)>,
    /// What polling takes.
    pub polling: Vec<Polling>,
}

/// What the clock and the tracking poll take of orders that are due together, from the webhook to the door.
#[derive(Debug, Clone, Serialize)]
pub struct Polling {
    /// So many are due together, three times.
    pub due: u64,
    /// All calls to AWS and to the tracking service, however many orders are stored.
    pub calls: u64,
    /// Halves of read units, likewise.
    pub read_halves: u64,
    /// CPU time beside the fewest, microseconds.
    pub cpu_us: u64,
    /// CPU time beside the most, in hundredths of that.
    pub percent_beside_most: u64,
}

/// Tells every story beside so many orders.
///
/// # Errors
/// When a story costs more or less than beside others, or does not reach its end.
pub fn measure() -> Result<Growth> {
    let sample = sample()?;
    let mut units = Vec::new();
    for (story, arrival) in told() {
        let [few, some, most] = STORED.map(|stored| counted(&sample, story, arrival, stored));
        let (few, title) = (few?, title(story, arrival));
        for (stored, figures) in STORED[1..].iter().zip([some?, most?]) {
            ensure!(figures == few, "`{title}` beside {stored}: {figures:?} instead of {few:?}");
        }
        units.push((title, few));
    }
    let polling = DUE.map(|due| polling(&sample, due)).into_iter().collect::<Result<_>>()?;
    Ok(Growth { stored: STORED, units, polling })
}

/// What is counted exactly of a story that is told beside so many stored orders.
///
/// # Errors
/// When it does not reach its end.
pub fn counted(sample: &Sample, story: Story, arrival: Arrival, stored: u32) -> Result<Figures> {
    let mut onward = Onward::begin(Answers::AsPriced)?;
    onward.store(sample, stored);
    let mut figures = figures(&tell_in(&mut onward, story, arrival)?)?;
    // Log lines tell how long something took.
    figures.retain(|name, _| name != "log_bytes" && name != "cents_per_million");
    Ok(figures)
}

/// What the clock and the tracking poll used of orders that are due together, beside so many stored ones.
///
/// # Errors
/// When an order does not reach its end.
pub fn polled(sample: &Sample, due: u64, stored: u32) -> Result<(Usage, Told)> {
    let together = Arrival { name: "together", orders: due, every: SignedDuration::ZERO };
    let mut onward = Onward::begin(Answers::AtOnce)?;
    onward.store(sample, stored);
    let told = tell_in(&mut onward, STORIES[0], together)?;
    let mut used = Usage::default();
    for function in POLLING {
        told.used_by.get(function).into_iter().for_each(|own| used.join(own));
    }
    // All answered at once here, and a log line tells how long something took.
    used.0.retain(|measure, _| !matches!(measure, Measure::BilledMs | Measure::LogBytes));
    Ok((used, told))
}

fn polling(sample: &Sample, due: u64) -> Result<Polling> {
    let [few, .., most] = STORED;
    let (mut of_few, mut ratios, mut used) = (Vec::new(), Vec::new(), Usage::default());
    for _ in 0..ROUNDS {
        let (used_beside_few, beside_few) = polled(sample, due, few)?;
        let (used_beside_most, beside_most) = polled(sample, due, most)?;
        ensure!(used_beside_few == used_beside_most, "{used_beside_few:?}, {used_beside_most:?}");
        let (few_us, most_us) = (cpu_us(&beside_few), cpu_us(&beside_most));
        of_few.push(few_us);
        ratios.push(most_us * 100 / few_us.max(1));
        used = used_beside_few;
    }
    Ok(Polling {
        due,
        calls: used.all(Measure::Calls) + used.all(Measure::OutsideCalls),
        read_halves: used.all(Measure::ReadHalves),
        cpu_us: median(of_few.into_iter()),
        percent_beside_most: median(ratios.into_iter()),
    })
}

fn cpu_us(told: &Told) -> u64 {
    let of = |function: &&str| told.times.get(*function).map_or(0, |times| times.cpu.as_micros());
    u64::try_from(POLLING.iter().map(of).sum::<u128>()).unwrap_or(u64::MAX)
}
