//! `Events` on DynamoDB: one item per append, written with "this version does not exist yet".
//!
//! | attribute | |
//! | --- | --- |
//! | `pk` | the order's id |
//! | `sk` | the version, counted from 1 |
//! | `at` | when; milliseconds since 1970 |
//! | `f` | the facts, a JSON array |
//! | `z` | in its place, where it would take more than one write unit: the same, deflated (RFC 1951) |

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use deflate::Effort;
use domain::catalog::{Movement, StockChange, StockKey};
use domain::id::OrderId;
use domain::order::Recorded;
use domain::order::fact::Fact;
use jiff::Timestamp;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use ports::{Appended, Events};

use crate::catalog::stock_pk;
use crate::items::{Item, every_item, item, json_of, number, number_of, parsed, text};
use crate::world::World;

/// "This version does not exist yet."
const IS_NEXT: &str = "attribute_not_exists(pk)";

/// Facts of more bytes are deflated. DynamoDB writes by the KB, and the other attributes of an append stay below 100 bytes.
const READABLE_BYTES_MAX: usize = 900;

/// What no facts ever inflate to: an item holds 400 KB, and JSON shrinks to a tenth at the best.
const INFLATED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How often a transaction is tried when another holds one of its items this very moment. A sought-after article has many
/// orders at one counter; each attempt of theirs takes some 10 ms.
const ATTEMPTS_MAX: u32 = 5;

/// The longest pause before the second attempt; twice as long before each further one.
const PAUSE_MAX: Duration = Duration::from_millis(40);

impl Events for World {
    async fn load(&self, order_id: &OrderId) -> Result<(Vec<Recorded>, u64)> {
        self.read_events(order_id, true).await
    }

    async fn glance(&self, order_id: &OrderId) -> Result<(Vec<Recorded>, u64)> {
        self.read_events(order_id, false).await
    }

    async fn append(
        &self,
        order_id: &OrderId,
        version: u64,
        at: Timestamp,
        facts: &[Fact],
        stock: &[StockChange],
    ) -> Result<Appended> {
        let append = item([
            ("pk", text(order_id)),
            ("sk", number(version + 1)),
            ("at", number(at.as_millisecond())),
            written(facts)?,
        ]);
        let appended = if stock.is_empty() {
            self.put_append(append).await
        } else {
            self.put_append_and_stock(append, stock).await
        };
        appended.with_context(|| format!("failed to append to order `{order_id}`"))
    }
}

/// The facts as an attribute.
fn written(facts: &[Fact]) -> Result<(&'static str, AttributeValue)> {
    let json = serde_json::to_string(facts)?;
    Ok(if json.len() <= READABLE_BYTES_MAX {
        ("f", text(json))
    } else {
        ("z", AttributeValue::B(Blob::new(deflate::raw(json.as_bytes(), Effort::USUAL))))
    })
}

fn facts_of(append: &Item) -> Result<Vec<Fact>> {
    let Some(AttributeValue::B(deflated)) = append.get("z") else { return json_of(append, "f") };
    let json = decompress_to_vec_with_limit(deflated.as_ref(), INFLATED_BYTES_MAX);
    let json = json.map_err(|error| anyhow!("failed to inflate `z`: {:?}", error.status))?;
    parsed(&json).context("failed to read `z`")
}

/// The facts of one append. A version that is missing, or stands twice, is an audit trail that someone has been at.
fn recorded(append: &Item, version: i64) -> Result<Vec<Recorded>> {
    let found = number_of(append, "sk")?;
    ensure!(found == version, "version {version} is missing, {found} stands in its place");
    let at = Timestamp::from_millisecond(number_of(append, "at")?)?;
    let facts = facts_of(append).with_context(|| format!("version {version}"))?;
    let version = version.unsigned_abs();
    Ok(facts.into_iter().map(|fact| Recorded { version, at, fact }).collect())
}

impl World {
    async fn read_events(
        &self,
        order_id: &OrderId,
        is_consistent: bool,
    ) -> Result<(Vec<Recorded>, u64)> {
        let query = self
            .dynamodb()
            .query()
            .table_name(&self.config.table_events)
            .consistent_read(is_consistent)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(order_id));
        let failed = || format!("failed to load order `{order_id}`");
        let appends = every_item(query).await.with_context(failed)?;
        let mut history = Vec::new();
        for (append, version) in appends.iter().zip(1..) {
            history.extend(recorded(append, version).with_context(failed)?);
        }
        Ok((history, appends.len() as u64))
    }

    async fn put_append(&self, append: Item) -> Result<Appended> {
        let put = self
            .dynamodb()
            .put_item()
            .table_name(&self.config.table_events)
            .set_item(Some(append))
            .condition_expression(IS_NEXT);
        match put.send().await {
            Ok(_) => Ok(Appended::Done),
            // Also when our own first attempt took effect and its answer was lost: whoever loads again sees it.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(Appended::Conflict)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn put_append_and_stock(&self, append: Item, stock: &[StockChange]) -> Result<Appended> {
        let put = Put::builder()
            .table_name(&self.config.table_events)
            .set_item(Some(append))
            .condition_expression(IS_NEXT)
            .build()?;
        let mut writes = vec![TransactWriteItem::builder().put(put).build()];
        for (key, change) in changes_by_counter(stock) {
            let update = self.stock_update(key, change)?;
            writes.push(TransactWriteItem::builder().update(update).build());
        }
        let transaction = self.dynamodb().transact_write_items().set_transact_items(Some(writes));
        for attempt in 1.. {
            let Err(error) = transaction.clone().send().await else { return Ok(Appended::Done) };
            match error.as_service_error().map(why_cancelled) {
                Some(Cancelled::ByCondition) => return Ok(Appended::Conflict),
                Some(Cancelled::ByNeighbour) if attempt < ATTEMPTS_MAX => pause(attempt).await,
                _ => return Err(error.into()),
            }
        }
        unreachable!("the last attempt returns")
    }

    fn stock_update(&self, key: &StockKey, change: Change) -> Result<Update> {
        let mut update = Update::builder()
            .table_name(&self.config.table_catalog)
            .key("pk", text(stock_pk(key)))
            .update_expression("ADD available :available, reserved :reserved")
            .expression_attribute_values(":available", number(change.available))
            .expression_attribute_values(":reserved", number(change.reserved));
        if change.needed > 0 {
            update = update
                .condition_expression("available >= :needed")
                .expression_attribute_values(":needed", number(change.needed));
        }
        Ok(update.build()?)
    }
}

/// Waits for a part of the longest pause, so that those who collided don't meet again. The clock's last digits are chance
/// enough.
async fn pause(attempt: u32) {
    let longest = PAUSE_MAX * 2_u32.pow(attempt - 1);
    #[expect(clippy::disallowed_methods, reason = "for chance, not for time")]
    let chance = Timestamp::now().subsec_nanosecond().unsigned_abs() / 1_000 % 1_000;
    tokio::time::sleep(longest * chance / 1_000).await;
}

/// What all changes of one counter come to: a transaction may touch an item once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Change {
    /// Units that must be available before.
    needed: i64,
    available: i64,
    reserved: i64,
}

fn changes_by_counter(stock: &[StockChange]) -> BTreeMap<&StockKey, Change> {
    let mut changes: BTreeMap<&StockKey, Change> = BTreeMap::new();
    for StockChange { key, movement, quantity } in stock {
        let change = changes.entry(key).or_default();
        let quantity = i64::from(*quantity);
        match movement {
            Movement::Reserve => {
                change.needed += quantity;
                change.available -= quantity;
                change.reserved += quantity;
            }
            Movement::Release => {
                change.available += quantity;
                change.reserved -= quantity;
            }
            Movement::Consume => change.reserved -= quantity,
            Movement::Restock => change.available += quantity,
        }
    }
    changes
}

/// Why DynamoDB did none of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cancelled {
    /// Someone appended first, or took the stock.
    ByCondition,
    /// Another transaction held one of the items; nothing is known of the conditions.
    ByNeighbour,
    /// Something else.
    Otherwise,
}

fn why_cancelled(error: &TransactWriteItemsError) -> Cancelled {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        return Cancelled::Otherwise;
    };
    let is_among = |code: &str| {
        cancelled.cancellation_reasons().iter().any(|reason| reason.code() == Some(code))
    };
    if is_among("ConditionalCheckFailed") {
        Cancelled::ByCondition
    } else if is_among("TransactionConflict") {
        Cancelled::ByNeighbour
    } else {
        Cancelled::Otherwise
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{FulfillmentOrderId, LocationId, SupplierId};

    #[test]
    fn facts_that_take_more_than_a_write_unit_are_deflated_and_read_as_they_were() {
        let started = Fact::SubmissionStarted { fulfillment_order_id: FulfillmentOrderId(1) };
        for (facts, name) in [(vec![started.clone()], "f"), (vec![started; 40], "z")] {
            let (written_as, attribute) = written(&facts).unwrap();
            assert_eq!(written_as, name);
            let append = item([("sk", number(1)), ("at", number(0)), (written_as, attribute)]);
            let read: Vec<Fact> =
                recorded(&append, 1).unwrap().into_iter().map(|recorded| recorded.fact).collect();
            assert_eq!(read, facts);
        }
    }

    #[test]
    fn all_changes_of_one_counter_become_one() {
        let key = StockKey {
            supplier: SupplierId::parse("acme").unwrap(),
            location: LocationId::parse("graz").unwrap(),
            supplier_sku: "A-1".to_owned(),
        };
        let change = |movement, quantity| StockChange { key: key.clone(), movement, quantity };
        let stock = [
            change(Movement::Reserve, 5),
            change(Movement::Release, 3),
            change(Movement::Consume, 1),
            change(Movement::Restock, 7),
        ];
        let expected = Change { needed: 5, available: 5, reserved: 1 };
        assert_eq!(changes_by_counter(&stock), BTreeMap::from([(&key, expected)]));
    }
}
