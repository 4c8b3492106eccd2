//! The shell of the projection, behind the stream of `Events`.
//!
//! The event and the answer: <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::{Context, Error, Result};
use domain::id::OrderId;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::lambda::answer_events;
use crate::telemetry::{self, EVENTS_TAMPERED};
use crate::world::World;

/// How many orders are brought up to date side by side.
const ORDERS_MAX: usize = 10;

/// Runs the step once for each order that a batch of new facts is about, for ever.
///
/// A record that is no insert means that someone changed or deleted a fact: it raises the alarm. The stream goes on from
/// the earliest record that failed, so those behind it are seen again.
///
/// # Errors
/// When the environment lacks a variable, or Lambda is gone.
pub fn run_stream(step: impl AsyncFn(&World, OrderId) -> Result<()>) -> Result<()> {
    answer_events(async |world, batch: Batch| {
        Ok(take(batch, async |order_id| step(world, order_id).await).await)
    })
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

async fn take(batch: Batch, step: impl AsyncFn(OrderId) -> Result<()>) -> Answer {
    let started = Instant::now();
    // By the place of their first record in the batch.
    let mut orders: BTreeMap<OrderId, usize> = BTreeMap::new();
    let mut failed: BTreeSet<usize> = BTreeSet::new();
    for (place, record) in batch.records.iter().enumerate() {
        let order_id = order_of(record);
        if record.event_name != "INSERT" {
            raise_alarm(record, order_id.as_ref().ok());
        }
        match order_id {
            Ok(order_id) => drop(orders.entry(order_id).or_insert(place)),
            Err(error) => {
                report(None, &error);
                failed.insert(place);
            }
        }
    }
    let count = orders.len();
    let orders: Vec<(OrderId, usize)> = orders.into_iter().collect();
    for orders in orders.chunks(ORDERS_MAX) {
        let taken = join_all(orders.iter().map(async |(order_id, place)| {
            let error = step(order_id.clone()).await.err()?;
            report(Some(order_id), &error);
            Some(*place)
        }));
        failed.extend(taken.await.into_iter().flatten());
    }
    telemetry::info(
        "took a batch of facts",
        json!({
            "records": batch.records.len(),
            "orders": count,
            "failed": failed.len(),
            "duration_ms": telemetry::milliseconds_since(started),
        }),
    );
    let earliest =
        failed.first().map(|place| batch.records[*place].dynamodb.sequence_number.clone());
    let failures = earliest.into_iter().map(|item_identifier| Failure { item_identifier });
    Answer { batch_item_failures: failures.collect() }
}

fn order_of(record: &Record) -> Result<OrderId> {
    let pk = record.dynamodb.keys["pk"]["S"].as_str();
    let pk =
        pk.with_context(|| format!("record {} has no `pk`", record.dynamodb.sequence_number))?;
    Ok(OrderId::parse(pk)?)
}

fn raise_alarm(record: &Record, order_id: Option<&OrderId>) {
    telemetry::error(
        "a fact was changed or deleted, which nobody may do",
        json!({ "alarm": EVENTS_TAMPERED, "change": record.event_name, "order.id": order_id }),
    );
}

fn report(order_id: Option<&OrderId>, error: &Error) {
    let message = format!("a view was not brought up to date and will be tried again: {error:#}");
    telemetry::error(&message, json!({ "order.id": order_id }));
}

#[cfg(test)]
mod tests {
    use super::*;
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
        record(number, "INSERT", json!({ "pk": { "S": order_id }, "sk": { "N": "1" } }))
    }

    /// The orders that the step was run for, and the sequence number that is answered.
    fn check(records: &[Value], fails: &[&str], orders: &[&str], answer: Option<u32>) {
        let batch = serde_json::from_value(json!({ "Records": records })).unwrap();
        let taken = RefCell::new(Vec::new());
        let step = async |order_id: OrderId| {
            taken.borrow_mut().push(order_id.as_str().to_owned());
            if fails.contains(&order_id.as_str()) {
                bail!("not now")
            }
            Ok(())
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answered = serde_json::to_value(runtime.block_on(take(batch, step))).unwrap();
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
        check(&records, &[], &["shop/1", "shop/2"], None);
    }

    #[test]
    fn the_stream_goes_on_from_the_first_record_of_the_order_that_failed() {
        let records =
            [insert(1, "shop/3"), insert(2, "shop/2"), insert(3, "shop/1"), insert(4, "shop/2")];
        check(&records, &["shop/1", "shop/2"], &["shop/1", "shop/2", "shop/3"], Some(2));
    }

    #[test]
    fn a_record_that_nobody_can_read_does_not_stop_the_others() {
        let records = [insert(1, "shop/1"), record(2, "INSERT", json!({})), insert(3, "shop/3")];
        check(&records, &[], &["shop/1", "shop/3"], Some(2));
    }

    #[test]
    fn a_fact_that_was_changed_still_shows_in_the_views() {
        check(&[record(1, "MODIFY", json!({ "pk": { "S": "shop/1" } }))], &[], &["shop/1"], None);
    }
}
