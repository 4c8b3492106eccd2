//! Metrics: what CloudWatch can't know by itself, in the one log line that each batch has anyway, as CloudWatch's embedded
//! metric format has it. They stand under the stack's name.
//!
//! A line costs by the byte and a metric by the month, so there are few, and a line names only those that it has. What AWS
//! counts at no price is not told again: messages by queue, how long functions take, units of DynamoDB. No metric has a
//! dimension but, of failures, the function: an order's id in one would make a metric of every order.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use domain::order::phase::Phase;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Messages that failed and come back, by function.
    Failed,
    /// Requests that put an object into S3.
    Objects,
    /// Orders that came in.
    Orders,
    /// Orders that came to a phase.
    Phase(Phase),
    /// Requests that sent messages to SQS, each with one or several.
    QueueSends,
}

impl Metric {
    /// Its name in CloudWatch: `phase_delivered`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Failed => "failed".to_owned(),
            Self::Objects => "objects".to_owned(),
            Self::Orders => "orders".to_owned(),
            Self::Phase(phase) => format!("phase_{}", phase.name()),
            Self::QueueSends => "queue_sends".to_owned(),
        }
    }

    /// The fields of the line that tell several metrics of this name apart.
    #[must_use]
    pub fn dimensions(self) -> &'static [&'static str] {
        if self == Self::Failed { &["function"] } else { &[] }
    }
}

/// Counts of each metric.
pub type Counts = BTreeMap<Metric, u64>;

/// The stack's name; none while functions tell no metrics.
static NAMESPACE: OnceLock<Option<String>> = OnceLock::new();

thread_local! {
    /// What no line has told yet.
    static UNTOLD: RefCell<Counts> = const { RefCell::new(BTreeMap::new()) };
    static TOLD: RefCell<Counts> = const { RefCell::new(BTreeMap::new()) };
}

/// What this thread, which is all of a function, has told in its lines so far.
#[must_use]
pub fn told() -> Counts {
    TOLD.with_borrow(Clone::clone)
}

/// Says under which name metrics are to stand, if they are to be told; the first word counts.
pub(crate) fn stand_under(namespace: Option<&str>) {
    NAMESPACE.get_or_init(|| namespace.map(str::to_owned));
}

/// Counts for the next line.
pub(crate) fn count(metric: Metric, by: u64) {
    if by > 0 && NAMESPACE.get().is_some_and(Option::is_some) {
        UNTOLD.with_borrow_mut(|untold| *untold.entry(metric).or_default() += by);
    }
}

/// The fields that a line needs to tell all that was counted since the last one; none if nothing was.
pub(crate) fn fields(at: Timestamp) -> Map<String, Value> {
    let counts = UNTOLD.take();
    TOLD.with_borrow_mut(|told| {
        for (metric, count) in &counts {
            *told.entry(*metric).or_default() += count;
        }
    });
    let namespace = NAMESPACE.get().and_then(Option::as_deref).unwrap_or_default();
    written(namespace, at, &counts)
}

fn written(namespace: &str, at: Timestamp, counts: &Counts) -> Map<String, Value> {
    let mut fields = Map::new();
    if counts.is_empty() {
        return fields;
    }
    let mut names: BTreeMap<&[&str], Vec<Value>> = BTreeMap::new();
    for (metric, count) in counts {
        names.entry(metric.dimensions()).or_default().push(json!({ "Name": metric.name() }));
        fields.insert(metric.name(), json!(count));
    }
    let directive = |(dimensions, metrics)| json!({ "Namespace": namespace, "Dimensions": [dimensions], "Metrics": metrics });
    let directives: Vec<Value> = names.into_iter().map(directive).collect();
    let about = json!({ "Timestamp": at.as_millisecond(), "CloudWatchMetrics": directives });
    fields.insert("_aws".to_owned(), about);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_line_declares_each_metric_that_it_has_and_no_other() {
        let counts = Counts::from([
            (Metric::Failed, 1),
            (Metric::Orders, 2),
            (Metric::Phase(Phase::Delivered), 3),
        ]);
        let expected = json!({
            "failed": 1, "orders": 2, "phase_delivered": 3,
            "_aws": { "Timestamp": 1_795_338_000_000_i64, "CloudWatchMetrics": [
                { "Namespace": "onward", "Dimensions": [[]], "Metrics": [{ "Name": "orders" }, { "Name": "phase_delivered" }] },
                { "Namespace": "onward", "Dimensions": [["function"]], "Metrics": [{ "Name": "failed" }] },
            ] },
        });
        assert_eq!(Value::Object(written("onward", at(), &counts)), expected);
    }

    #[test]
    fn a_line_with_nothing_to_tell_costs_nothing_more() {
        assert!(written("onward", at(), &Counts::new()).is_empty());
    }
}
