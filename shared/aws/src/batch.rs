//! The shell of a function behind a queue.
//!
//! The event: <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>; the answer, which names the messages that
//! are to come back: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::{Context, Error, Result, anyhow};
use domain::id::OrderId;
use domain::message::Message;
use ports::SideBySide as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::items::parsed;
use crate::lambda::answer_events;
use crate::metrics::{self, Metric};
use crate::telemetry;
use crate::world::World;

/// Runs a step on each message of each batch, for ever. A message whose step fails comes back alone. Messages of
/// different orders are taken side by side, since a step mostly waits; those of one order one after the other, since
/// they would only conflict.
///
/// # Errors
/// When the environment lacks a variable, or Lambda is gone.
pub fn run_batch(step: impl AsyncFn(&World, Message) -> Result<()>) -> Result<()> {
    answer_events(async |world, batch: Batch| {
        Ok(take(world, batch, async |message| step(world, message).await).await)
    })
}

/// Runs a step on all that the messages of a batch name, `parts`, at once: for a step whose calls take many of them, and
/// of which there may be only so many. The step gives back the parts that failed; a message that names one comes back.
///
/// # Errors
/// As [`run_batch`].
pub fn run_gathered<Part: Ord + Clone>(
    parts: impl Fn(Message) -> Result<Vec<Part>>,
    step: impl AsyncFn(&World, &BTreeSet<Part>) -> Result<BTreeMap<Part, Error>>,
) -> Result<()> {
    answer_events(async |world, batch: Batch| {
        Ok(take_gathered(batch, &parts, async |parts| step(world, parts).await).await)
    })
}

/// What [`run_batch`] answers one event with, and without Lambda around it.
///
/// # Errors
/// When it is no event of a queue.
pub async fn answer_batch(
    world: &World,
    event: Value,
    step: impl AsyncFn(&World, Message) -> Result<()>,
) -> Result<Value> {
    let step = async |message| step(world, message).await;
    Ok(serde_json::to_value(take(world, serde_json::from_value(event)?, step).await)?)
}

/// What [`run_gathered`] answers one event with, and without Lambda around it.
///
/// # Errors
/// When it is no event of a queue.
pub async fn answer_gathered<Part: Ord + Clone>(
    world: &World,
    event: Value,
    parts: impl Fn(Message) -> Result<Vec<Part>>,
    step: impl AsyncFn(&World, &BTreeSet<Part>) -> Result<BTreeMap<Part, Error>>,
) -> Result<Value> {
    let step = async |parts: &BTreeSet<Part>| step(world, parts).await;
    Ok(serde_json::to_value(take_gathered(serde_json::from_value(event)?, parts, step).await)?)
}

/// What a function says to a message that is not for it: it fails, and ends among the dead letters.
#[must_use]
pub fn misdirected(message: &Message) -> Error {
    anyhow!("this message is for `{}`", message.function().name())
}

/// How a line about a failure begins; why follows.
pub(crate) const FAILED: &str = "a message failed and comes back: ";

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    body: String,
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

/// Messages that must not be taken side by side.
type Lane = Vec<(String, Message)>;

fn read(body: &str) -> Result<Message> {
    parsed(body.as_bytes()).context("failed to read the message")
}

async fn take(world: &World, batch: Batch, step: impl AsyncFn(Message) -> Result<()>) -> Answer {
    let started = Instant::now();
    let messages = batch.records.len();
    let mut failures: Vec<Failure> = Vec::new();
    let mut lanes: BTreeMap<Option<OrderId>, Lane> = BTreeMap::new();
    for Record { message_id, body } in batch.records {
        match read(&body) {
            Ok(message) => {
                let lane = lanes.entry(message.order_id().cloned()).or_default();
                lane.push((message_id, message));
            }
            Err(error) => failures.push(failure(message_id, None, &error)),
        }
    }
    let order_ids: Vec<&OrderId> = lanes.keys().flatten().collect();
    let order_ids = json!(order_ids);
    let lanes = lanes.into_iter().map(|(order_id, lane)| take_lane(order_id, lane, &step));
    let taken = world.side_by_side(lanes.collect());
    failures.extend(taken.await.into_iter().flatten());
    metrics::count(Metric::Failed, failures.len() as u64);
    telemetry::info(
        "took a batch",
        json!({
            "messages": messages,
            "failed": failures.len(),
            "duration_ms": telemetry::milliseconds_since(started),
            "order.ids": order_ids,
        }),
    );
    Answer { batch_item_failures: failures }
}

async fn take_gathered<Part: Ord + Clone>(
    batch: Batch,
    parts: impl Fn(Message) -> Result<Vec<Part>>,
    step: impl AsyncFn(&BTreeSet<Part>) -> Result<BTreeMap<Part, Error>>,
) -> Answer {
    let started = Instant::now();
    let messages = batch.records.len();
    let mut failures: Vec<Failure> = Vec::new();
    let mut named: Vec<(String, Option<OrderId>, Vec<Part>)> = Vec::new();
    for Record { message_id, body } in batch.records {
        let read = read(&body).and_then(|message| {
            let order_id = message.order_id().cloned();
            Ok((order_id, parts(message)?))
        });
        match read {
            Ok((order_id, parts)) => named.push((message_id, order_id, parts)),
            Err(error) => failures.push(failure(message_id, None, &error)),
        }
    }
    let gathered = named.iter().flat_map(|(_, _, parts)| parts).cloned().collect();
    let order_ids: BTreeSet<OrderId> =
        named.iter().filter_map(|(_, order_id, _)| order_id.clone()).collect();
    let failed = step(&gathered).await;
    for (message_id, order_id, parts) in named {
        let error = match &failed {
            Ok(failed) => parts.iter().find_map(|part| failed.get(part)),
            Err(error) => Some(error),
        };
        failures.extend(error.map(|error| failure(message_id, order_id.as_ref(), error)));
    }
    metrics::count(Metric::Failed, failures.len() as u64);
    let mut fields = json!({
        "messages": messages,
        "parts": gathered.len(),
        "failed": failures.len(),
        "duration_ms": telemetry::milliseconds_since(started),
    });
    if !order_ids.is_empty() {
        fields["order.ids"] = json!(order_ids);
    }
    telemetry::info("took a batch", fields);
    Answer { batch_item_failures: failures }
}

async fn take_lane(
    order_id: Option<OrderId>,
    lane: Lane,
    step: &impl AsyncFn(Message) -> Result<()>,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (message_id, message) in lane {
        if let Err(error) = step(message).await {
            failures.push(failure(message_id, order_id.as_ref(), &error));
        }
    }
    failures
}

fn failure(message_id: String, order_id: Option<&OrderId>, error: &Error) -> Failure {
    telemetry::error(
        &format!("{FAILED}{error:#}"),
        json!({ "order.id": order_id, "message.id": message_id }),
    );
    Failure { item_identifier: message_id }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use anyhow::bail;
    use std::cell::RefCell;

    fn batch(bodies: &[Value]) -> Batch {
        let record = |(number, body): (usize, &Value)| {
            let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
            json!({
                "messageId": format!("m{number}"), "receiptHandle": "h", "body": body, "attributes": {},
                "messageAttributes": {}, "md5OfBody": "0", "eventSource": "aws:sqs", "awsRegion": "eu-central-1",
            })
        };
        let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
        serde_json::from_value(json!({ "Records": records })).unwrap()
    }

    fn route(order_id: &str) -> Value {
        json!({ "type": "RouteOrder", "order_id": order_id })
    }

    fn answered(batch: Batch, step: impl AsyncFn(Message) -> Result<()>) -> Value {
        wait(take(&World::new(Config::sample()), batch, step))
    }

    fn wait(answer: impl Future<Output = Answer>) -> Value {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        serde_json::to_value(runtime.block_on(answer)).unwrap()
    }

    fn track(parcels: &[&str]) -> Value {
        let parcels = parcels.iter().map(|id| json!({ "order_id": id, "parcel_id": 1 }));
        json!({ "type": "TrackParcels", "parcels": parcels.collect::<Vec<_>>() })
    }

    fn order_ids(message: Message) -> Result<Vec<OrderId>> {
        match message {
            Message::TrackParcels { parcels } => {
                Ok(parcels.into_iter().map(|parcel| parcel.order_id).collect())
            }
            other => Err(misdirected(&other)),
        }
    }

    #[test]
    fn a_message_that_fails_comes_back_alone() {
        let batch = batch(&[route("shop/1"), route("shop/2"), route("shop/3")]);
        let answer =
            answered(batch, async |message| match message.order_id().map(OrderId::as_str) {
                Some("shop/2") => bail!("not now"),
                _ => Ok(()),
            });
        assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "m1" }] }));
    }

    #[test]
    fn a_message_that_nobody_can_read_does_not_stop_the_others() {
        let taken = RefCell::new(Vec::new());
        let batch = batch(&[json!("{broken"), json!({ "type": "FlyOrder" }), route("shop/3")]);
        let answer = answered(batch, async |message| {
            taken.borrow_mut().push(message);
            Ok(())
        });
        let failed = json!([{ "itemIdentifier": "m0" }, { "itemIdentifier": "m1" }]);
        assert_eq!(answer["batchItemFailures"], failed);
        assert_eq!(taken.borrow().len(), 1);
    }

    #[test]
    fn messages_of_one_order_are_taken_one_after_the_other() {
        let under_way: RefCell<BTreeMap<OrderId, u32>> = RefCell::default();
        let (most_of_one, most_of_all) = (RefCell::new(0), RefCell::new(0));
        let batch = batch(&[route("shop/1"), route("shop/1"), route("shop/2")]);
        answered(batch, async |message| {
            let order_id = message.order_id().unwrap();
            *under_way.borrow_mut().entry(order_id.clone()).or_default() += 1;
            let now = |of: &dyn Fn(&BTreeMap<OrderId, u32>) -> u32| of(&under_way.borrow());
            most_of_one.replace_with(|most| (*most).max(now(&|all| all[order_id])));
            most_of_all.replace_with(|most| (*most).max(now(&|all| all.values().sum())));
            tokio::task::yield_now().await;
            *under_way.borrow_mut().get_mut(order_id).unwrap() -= 1;
            Ok(())
        });
        assert_eq!((most_of_one.into_inner(), most_of_all.into_inner()), (1, 2));
    }

    #[test]
    fn an_empty_list_says_that_all_went_well() {
        let answer = answered(batch(&[route("shop/1")]), async |_| Ok(()));
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }

    #[test]
    fn what_all_messages_name_is_taken_at_once_and_each_once() {
        let taken = RefCell::new(Vec::new());
        let batch = batch(&[track(&["shop/1", "shop/2"]), track(&["shop/2"]), track(&["shop/3"])]);
        let answer = wait(take_gathered(batch, order_ids, async |order_ids| {
            taken.borrow_mut().push(order_ids.iter().map(OrderId::to_string).collect::<Vec<_>>());
            Ok(BTreeMap::new())
        }));
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
        assert_eq!(taken.into_inner(), [["shop/1", "shop/2", "shop/3"]]);
    }

    #[test]
    fn only_messages_that_name_what_failed_come_back() {
        let batch = batch(&[
            track(&["shop/1", "shop/2"]),
            track(&["shop/2"]),
            track(&["shop/3"]),
            route("shop/4"),
        ]);
        let answer = wait(take_gathered(batch, order_ids, async |order_ids| {
            let failed = order_ids.iter().filter(|order_id| order_id.as_str() == "shop/2");
            Ok(failed.map(|order_id| (order_id.clone(), anyhow!("not now"))).collect())
        }));
        let failed = ["m3", "m0", "m1"].map(|id| json!({ "itemIdentifier": id }));
        assert_eq!(answer, json!({ "batchItemFailures": failed }));
    }

    #[test]
    fn a_step_that_fails_as_a_whole_brings_all_messages_back() {
        let batch = batch(&[track(&["shop/1"]), track(&["shop/2"])]);
        let answer = wait(take_gathered(batch, order_ids, async |_| bail!("no settings for now")));
        let failed = ["m0", "m1"].map(|id| json!({ "itemIdentifier": id }));
        assert_eq!(answer, json!({ "batchItemFailures": failed }));
    }
}
