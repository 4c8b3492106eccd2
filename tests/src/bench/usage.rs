//! What was used of AWS: counts, by what AWS bills and by what used it.

use std::collections::BTreeMap;

use serde::Serialize;

/// Something that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Calls of our functions to AWS, by service and operation. Some are billed otherwise, below.
    Calls,
    /// DynamoDB write request units, by table or index.
    WriteUnits,
    /// Halves of DynamoDB read request units, by table or index: an eventually consistent read costs half a unit.
    ReadHalves,
    /// SQS requests by kind: ours, and those that Lambda makes to receive and delete.
    QueueRequests,
    /// S3 `PUT` requests, by bucket.
    Objects,
    /// Calls of our HTTP API, by function.
    ApiRequests,
    /// Lambda invocations, by function.
    Invocations,
    /// Milliseconds that functions are billed for, by function, as the model in `prices.toml` has them.
    BilledMs,
    /// Bytes that CloudWatch Logs takes in, by log group.
    LogBytes,
    /// Calls to shops, suppliers and the tracking service. AWS does not bill them, but a function waits for them.
    OutsideCalls,
}

/// Counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Usage(pub BTreeMap<Measure, BTreeMap<String, u64>>);

impl Usage {
    /// Counts so many more.
    pub fn add(&mut self, measure: Measure, of: &str, count: u64) {
        if count > 0 {
            *self.0.entry(measure).or_default().entry(of.to_owned()).or_default() += count;
        }
    }

    /// Counts all of another usage as well.
    pub fn join(&mut self, other: &Self) {
        for (measure, counts) in &other.0 {
            counts.iter().for_each(|(of, count)| self.add(*measure, of, *count));
        }
    }

    /// So many of one thing.
    #[must_use]
    pub fn of(&self, measure: Measure, of: &str) -> u64 {
        self.0.get(&measure).and_then(|counts| counts.get(of)).copied().unwrap_or_default()
    }

    /// So many of all things of one measure.
    #[must_use]
    pub fn all(&self, measure: Measure) -> u64 {
        self.0.get(&measure).into_iter().flat_map(BTreeMap::values).sum()
    }

    /// What was counted since `before`.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        self.less(before, 1)
    }

    /// What is left without `times` of another usage. Never less than none.
    #[must_use]
    pub fn less(&self, other: &Self, times: u64) -> Self {
        let mut left = Self::default();
        for (measure, counts) in &self.0 {
            for (of, count) in counts {
                left.add(*measure, of, count.saturating_sub(other.of(*measure, of) * times));
            }
        }
        left
    }
}
