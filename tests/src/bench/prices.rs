//! What AWS asks, from `tests/bench/prices.toml`. Money is a whole number of millionths of a millionth of a dollar, so that a
//! price for a million is a price for one in millionths.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::onward::Times;
use super::usage::{Measure, Usage};

const PRICES: &str = include_str!("../../bench/prices.toml");

/// CloudWatch Logs counts so many bytes more for each line.
pub const LOG_OVERHEAD_BYTES: u64 = 26;

/// A line names its function, and the bench's functions have no names: `onward-OrderIntakeFunction-1A2B3C4D5E6F`, less `null`.
pub const FUNCTION_NAME_BYTES: u64 = 38;

/// A line of the API's access log, as long as the template's format makes it.
pub const ACCESS_LOG_LINE: &str = r#"{"at":"22/Nov/2026:05:26:08 +0000","request":"abcdEfGhIJKLMNo=","route":"POST /webhooks/{kind}/{shop}", "status":"200","duration_ms":"25","error":"-"}"#;

/// A price in millionths of a millionth of a dollar.
pub type Price = u64;

/// The price table, and the model of the time that functions are billed for.
#[derive(Debug, Deserialize)]
pub struct Prices {
    /// When the prices were looked up.
    pub date: String,
    /// Where they are from, and for which region.
    pub source: String,
    /// Dollars for a million of each, as text; a GB-second and a GB of logs are one.
    dollars: BTreeMap<String, String>,
    model: Model,
}

/// How long functions take: what is not counted but assumed.
#[derive(Debug, Deserialize)]
struct Model {
    /// Milliseconds that an answer takes, by service.
    wait_ms: BTreeMap<String, u64>,
    /// Microseconds of CPU for each call, on a whole vCPU.
    cpu_per_call_us: u64,
    /// Microseconds of CPU for each invocation beside its calls, on a whole vCPU.
    cpu_per_invocation_us: u64,
    /// Megabytes of memory with which a function is given a whole vCPU.
    mb_per_vcpu: u64,
}

impl Prices {
    /// Reads the table.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read() -> Result<Self> {
        toml::from_str(PRICES).context("failed to read the price table")
    }

    /// How long an answer takes, by service and operation, as in `dynamodb.Query`.
    #[must_use]
    pub fn wait(&self, call: &str) -> Duration {
        let wait_ms = &self.model.wait_ms;
        let service = call.split('.').next().unwrap_or(call);
        let wait_ms = wait_ms.get(call).or_else(|| wait_ms.get(service));
        Duration::from_millis(wait_ms.copied().unwrap_or_default())
    }

    /// What one invocation computes, on a whole vCPU.
    #[must_use]
    pub fn cpu(&self, used: &Usage) -> Duration {
        let Model { cpu_per_call_us, cpu_per_invocation_us, .. } = &self.model;
        let calls = used.all(Measure::Calls) + used.all(Measure::OutsideCalls);
        Duration::from_micros(cpu_per_invocation_us + cpu_per_call_us * calls)
    }

    /// What one invocation is billed for, in whole milliseconds: that it waited, and that it computed with the share of a
    /// vCPU that its memory gives it. Some of that it does while it waits; this counts it all.
    #[must_use]
    pub fn billed(&self, times: Times, memory_mb: u64) -> Duration {
        let Times { waited, cpu } = times;
        let share = u128::from(self.model.mb_per_vcpu) * cpu.as_micros() / u128::from(memory_mb);
        let milliseconds = (waited.as_micros() + share).div_ceil(1_000);
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
    }

    /// What usage costs, by service.
    ///
    /// # Errors
    /// When the table lacks a price.
    pub fn bill(&self, used: &Usage, memory_mb: impl Fn(&str) -> Result<u64>) -> Result<Bill> {
        let mut mb_ms = 0;
        for (function, milliseconds) in used.0.get(&Measure::BilledMs).into_iter().flatten() {
            mb_ms += milliseconds * memory_mb(function)?;
        }
        let log_bytes = used.all(Measure::LogBytes);
        let lines = [
            ("DynamoDB writes", used.all(Measure::WriteUnits) * self.price("write_unit")?),
            ("DynamoDB reads", used.all(Measure::ReadHalves) * self.price("read_unit")? / 2),
            ("SQS", used.all(Measure::QueueRequests) * self.price("queue_request")?),
            ("Lambda requests", used.all(Measure::Invocations) * self.price("invocation")?),
            ("Lambda GB-seconds", self.of_memory(mb_ms)?),
            ("HTTP API", used.all(Measure::ApiRequests) * self.price("api_request")?),
            ("S3 requests", used.all(Measure::Objects) * self.price("object")?),
            ("Logs", log_bytes * self.price("log_gb")? / (1 << 30)),
        ];
        Ok(Bill(lines.to_vec()))
    }

    /// What megabytes of memory cost for so many milliseconds, multiplied.
    ///
    /// # Errors
    /// When the table lacks the price.
    pub fn of_memory(&self, mb_ms: u64) -> Result<Price> {
        Ok(mb_ms * self.price("gb_second")? / 1024 / 1_000)
    }

    /// A price as it is written: dollars for a million.
    ///
    /// # Errors
    /// When the table lacks it.
    pub fn dollars(&self, of: &str) -> Result<&str> {
        let dollars = self.dollars.get(of).with_context(|| format!("there is no price `{of}`"))?;
        Ok(dollars)
    }

    fn price(&self, of: &str) -> Result<Price> {
        let dollars = self.dollars(of)?;
        let (whole, fraction) = dollars.split_once('.').unwrap_or((dollars, ""));
        let millionths = format!("{whole}{fraction:0<6}");
        Ok(millionths.parse()?)
    }
}

/// What something costs, by service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill(pub Vec<(&'static str, Price)>);

impl Bill {
    /// All together.
    #[must_use]
    pub fn sum(&self) -> Price {
        self.0.iter().map(|(_, price)| price).sum()
    }
}

/// What one of `orders` costs, in cents for a million of them.
#[must_use]
pub fn cents_per_million(price: Price, orders: u64) -> u64 {
    price / orders / 10_000
}
