//! Simulates one seed after the other, for as long as one likes: `make soak SECONDS=600`. The first seed that fails is
//! shrunk, and the life of the order concerned is told. `make soak SEED=17` runs one seed, `STEPS=900` a part of it,
//! `ORDER=alpenshop/100017` tells of that order whether it fails or not.

use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use domain::id::OrderId;
use tests::simulation::{Outcome, Plan, run, shrink};

/// Most of what the simulation does is to ask for memory and give it back. Functions on AWS do so for one order at a time,
/// and go without.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is asked for on the command line: `--seed 17 --steps 900 --orders 200 --order alpenshop/100017`, or
/// `--seconds 600`.
struct Asked {
    /// The first seed; without one, one by chance.
    seed: Option<u64>,
    /// How long it goes on; one seed, if one is named and no time is.
    seconds: Option<u64>,
    /// Orders of each seed.
    orders: u32,
    steps: Option<u64>,
    order: Option<OrderId>,
    /// How often a failing plan is run to shrink it.
    tries: u32,
}

impl Asked {
    fn read() -> Result<Self> {
        let mut asked =
            Self { seed: None, seconds: None, orders: 200, steps: None, order: None, tries: 200 };
        let mut words = std::env::args().skip(1);
        while let Some(name) = words.next() {
            let value = words.next().with_context(|| format!("`{name}` needs a value"))?;
            // `make` gives all of them, those that were not asked for empty.
            if value.is_empty() {
                continue;
            }
            match name.as_str() {
                "--seed" => asked.seed = Some(value.parse()?),
                "--seconds" => asked.seconds = Some(value.parse()?),
                "--orders" => asked.orders = value.parse()?,
                "--steps" => asked.steps = Some(value.parse()?),
                "--tries" => asked.tries = value.parse()?,
                "--order" => asked.order = Some(OrderId::parse(&value)?),
                _ => bail!("there is no `{name}`"),
            }
        }
        Ok(asked)
    }

    fn first(&self) -> u64 {
        self.seed.unwrap_or_else(|| RandomState::new().build_hasher().finish() >> 32)
    }

    fn time(&self) -> Duration {
        let usual = if self.seed.is_some() { 0 } else { 60 };
        Duration::from_secs(self.seconds.unwrap_or(usual))
    }
}

/// Time that a core has worked for this program; the clock's, where nobody counts it.
struct Worked {
    since: Instant,
}

impl Worked {
    fn milliseconds(&self) -> u128 {
        let counted = fs::read_to_string("/proc/self/schedstat").ok();
        let nanoseconds = counted.and_then(|text| text.split(' ').next()?.parse::<u128>().ok());
        nanoseconds.map_or(self.since.elapsed().as_millis(), |it| it / 1_000_000).max(1)
    }
}

fn main() -> Result<()> {
    let asked = Asked::read()?;
    let mut out = std::io::stdout().lock();
    let (worked, mut orders) = (Worked { since: Instant::now() }, 0);
    for seed in asked.first().. {
        let plan = Plan {
            steps: asked.steps,
            trace: asked.order.clone(),
            ..Plan::new(seed, asked.orders)
        };
        let outcome = run(&plan);
        orders += outcome.orders;
        if outcome.trouble.is_some() {
            return fail(&mut out, &plan, &outcome, asked.tries);
        }
        for line in &outcome.trace {
            writeln!(out, "{line}")?;
        }
        let Outcome { steps, facts, deaths, phases, .. } = &outcome;
        writeln!(out, "seed {seed}: {steps} steps, {facts} facts, {deaths} deaths; {phases:?}")?;
        if worked.since.elapsed() >= asked.time() {
            break;
        }
    }
    let milliseconds = worked.milliseconds();
    let (minutes, seconds) = (milliseconds / 60_000, milliseconds / 1000 % 60);
    let per_minute = orders as u128 * 60_000 / milliseconds;
    writeln!(
        out,
        "{orders} orders in {minutes} min {seconds} s of one core: {per_minute} orders a minute and core"
    )?;
    Ok(())
}

fn fail(out: &mut impl std::io::Write, plan: &Plan, outcome: &Outcome, tries: u32) -> Result<()> {
    if let Some(trouble) = &outcome.trouble {
        writeln!(out, "seed {} fails: {:?}: {}", plan.seed, trouble.order_id, trouble.what)?;
    }
    let (small, outcome) = shrink(plan, tries);
    for line in &outcome.trace {
        writeln!(out, "{line}")?;
    }
    let disturbances: Vec<String> = small.disturbances.iter().map(ToString::to_string).collect();
    writeln!(out, "orders: {:?}\ndisturbances: {}", small.orders, disturbances.join(", "))?;
    writeln!(out, "to see it again: make soak SEED={}", plan.seed)?;
    let trouble = outcome.trouble.context("the shrunk plan does not fail")?;
    bail!("seed {}, step {}: {:?}: {}", plan.seed, outcome.steps, trouble.order_id, trouble.what)
}
