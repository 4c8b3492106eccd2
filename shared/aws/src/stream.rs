//! The shell of the projection, behind the stream of `Events`.
//!
//! The event and the answer: <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::{Context, Error, Result};
use domain::id::OrderId;
use domain::order::phase::Phase;
use ports::SideBySide as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::lambda::answer_events;
use crate::metrics::{self, Metric};
use crate::telemetry::{self, EVENTS_TAMPERED};
use crate::world::World;

/// Runs the step once for each order that a batch of new facts is about, with the appends that are new, for ever.
///
/// The step gives back the phase that the order came to by them, if it is another.
///
/// A record that is no insert means that someone changed or deleted a fact: it raises the alarm. The stream goes on from
/// the earliest record that failed, so those behind it are seen again.
///
/// # Errors
/// When the environment lacks a variable, or Lambda is gone.
pub fn run_stream(
    step: impl AsyncFn(&World, OrderId, BTreeSet<u64>) -> Result<Option<Phase>>,
) -> Result<()> {
    answer_events(async |world, batch: Batch| {
        let step = async |order_id, versions| step(world, order_id, versions).await;
        Ok(take(world, batch, step).await)
    })
}

/// What [`run_stream`] answers one event with, and without Lambda around it.
///
/// # Errors
/// When it is no event of the stream.
pub async fn answer_stream(
    world: &World,
    event: Value,
    step: impl AsyncFn(&World, OrderId, BTreeSet<u64>) -> Result<Option<Phase>>,
) -> Result<Value> {
    let step = async |order_id, versions| step(world, order_id, versions).await;
    Ok(serde_json::to_value(take(world, serde_json::from_value(event)?, step).await)?)
}

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default)]
    event_name: String,
    dynamodb: Change,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    /// Attributes in DynamoDB's own JSON: `{"pk": {"S": "alpenshop/1001"}}`.
    #[serde(default)]
    keys: Value,
    sequence_number: String,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Answer {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

async fn take(
    world: &World,
    batch: Batch,
    step: impl AsyncFn(OrderId, BTreeSet<u64>) -> Result<Option<Phase>>,
) -> Answer {
    let started = Instant::now();
    // The place of the first record of each in the batch, and its appends.
    let mut orders: BTreeMap<OrderId, (usize, BTreeSet<u64>)> = BTreeMap::new();
    let mut failed: BTreeSet<usize> = BTreeSet::new();
    for (place, record) in batch.records.iter().enumerate() {
        let append = append_of(record);
        let is_new = record.event_name == "INSERT";
        if !is_new {
            raise_alarm(record, append.as_ref().ok().map(|(order_id, _)| order_id));
        }
        match append {
            Ok((order_id, version)) => {
                let (_, versions) = orders.entry(order_id).or_insert((place, BTreeSet::new()));
                versions.extend(is_new.then_some(version));
            }
            Err(error) => {
                failed.extend(report(None, &error, place));
            }
        }
    }
    let taken = orders.iter().map(async |(order_id, (place, versions))| {
        match step(order_id.clone(), versions.clone()).await {
            Ok(phase) => count_order(versions, phase),
            Err(error) => return report(Some(order_id), &error, *place),
        }
        None
    });
    failed.extend(world.side_by_side(taken.collect()).await.into_iter().flatten());
    metrics::count(Metric::Failed, failed.len() as u64);
    telemetry::info(
        "took a batch of facts",
        json!({
            "records": batch.records.len(),
            "orders": orders.len(),
            "failed": failed.len(),
            "duration_ms": telemetry::milliseconds_since(started),
        }),
    );
    let earliest =
        failed.first().map(|place| batch.records[*place].dynamodb.sequence_number.clone());
    let failures = earliest.into_iter().map(|item_identifier| Failure { item_identifier });
    Answer { batch_item_failures: failures.collect() }
}

/// A first append is an order that came in.
fn count_order(versions: &BTreeSet<u64>, phase: Option<Phase>) {
    metrics::count(Metric::Orders, versions.contains(&1).into());
    if let Some(phase) = phase {
        metrics::count(Metric::Phase(phase), 1);
    }
}

/// The order, and the version that the record is.
fn append_of(record: &Record) -> Result<(OrderId, u64)> {
    let Change { keys, sequence_number } = &record.dynamodb;
    let lacks = |name: &str| format!("record {sequence_number} has no `{name}`");
    let pk = keys["pk"]["S"].as_str().with_context(|| lacks("pk"))?;
    let version = keys["sk"]["N"].as_str().and_then(|digits| digits.parse().ok());
    Ok((OrderId::parse(pk)?, version.with_context(|| lacks("sk"))?))
}

fn raise_alarm(record: &Record, order_id: Option<&OrderId>) {
    telemetry::error(
        "a fact was changed or deleted, which nobody may do",
        json!({ "alarm": EVENTS_TAMPERED, "change": record.event_name, "order.id": order_id }),
    );
}

/// Gives back the place of what failed.
fn report(order_id: Option<&OrderId>, error: &Error, place: usize) -> Option<usize> {
    let message = format!("a view was not brought up to date and will be tried again: {error:#}");
    telemetry::error(&message, json!({ "order.id": order_id }));
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use anyhow::bail;
    use std::cell::RefCell;

    fn record(number: u32, event_name: &str, keys: Value) -> Value {
        json!({
            "eventID": "c4ca4238", "eventName": event_name, "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": "eu-central-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_479_499_740, "Keys": keys, "NewImage": {},
                "SequenceNumber": format!("{number:021}"), "SizeBytes": 112, "StreamViewType": "NEW_IMAGE",
            },
        })
    }

    fn insert(number: u32, order_id: &str) -> Value {
        record(
            number,
            "INSERT",
            json!({ "pk": { "S": order_id }, "sk": { "N": number.to_string() } }),
        )
    }

    /// The orders that the step was run for, with their new appends, and the sequence number that is answered.
    fn check(records: &[Value], fails: &[&str], orders: &[&str], answer: Option<u32>) {
        let batch = serde_json::from_value(json!({ "Records": records })).unwrap();
        let taken = RefCell::new(Vec::new());
        let step = async |order_id: OrderId, versions: BTreeSet<u64>| {
            let versions: Vec<String> = versions.iter().map(u64::to_string).collect();
            taken.borrow_mut().push(format!("{order_id} {}", versions.join(",")));
            if fails.contains(&order_id.as_str()) {
                bail!("not now")
            }
            Ok(None)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answered = serde_json::to_value(runtime.block_on(take(
            &World::new(Config::sample()),
            batch,
            step,
        )))
        .unwrap();
        let failures: Vec<Value> = answer
            .iter()
            .map(|number| json!({ "itemIdentifier": format!("{number:021}") }))
            .collect();
        assert_eq!(answered, json!({ "batchItemFailures": failures }));
        assert_eq!(taken.into_inner(), orders);
    }

    #[test]
    fn an_order_is_projected_once_however_many_facts_came() {
        let records = [insert(1, "shop/1"), insert(2, "shop/2"), insert(3, "shop/1")];
        check(&records, &[], &["shop/1 1,3", "shop/2 2"], None);
    }

    #[test]
    fn the_stream_goes_on_from_the_first_record_of_the_order_that_failed() {
        let records =
            [insert(1, "shop/3"), insert(2, "shop/2"), insert(3, "shop/1"), insert(4, "shop/2")];
        check(&records, &["shop/1", "shop/2"], &["shop/1 3", "shop/2 2,4", "shop/3 1"], Some(2));
    }

    #[test]
    fn a_record_that_nobody_can_read_does_not_stop_the_others() {
        let records = [insert(1, "shop/1"), record(2, "INSERT", json!({})), insert(3, "shop/3")];
        check(&records, &[], &["shop/1 1", "shop/3 3"], Some(2));
    }

    #[test]
    fn a_fact_that_was_changed_still_shows_in_the_views() {
        let keys = json!({ "pk": { "S": "shop/1" }, "sk": { "N": "1" } });
        check(&[record(1, "MODIFY", keys)], &[], &["shop/1 "], None);
    }
}
