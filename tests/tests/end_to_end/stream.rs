//! The stream of facts, and what can't be read of it.

use anyhow::{Context as _, Result, ensure};
use domain::id::OrderId;
use domain::views::Row;
use ports::Events as _;
use serde_json::{Value, json};
use tests::purchase::{Destination, LEIPZIG};
use tests::stack::company::SHOPS;
use tests::stack::pump::{Pump, sequence_number};
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;

#[test]
fn a_fact_that_the_projection_cannot_read_lies_in_the_dead_letters_and_others_are_projected()
-> Result<()> {
    on_the_stack(async |stack| {
        let mut pump = Pump::from_now(stack).await?;
        let number = stack.now().as_nanosecond();
        // One that is of no order, and one whose order has lost its first facts.
        let poison = [format!("{number}"), format!("onward-direct/{number}")];
        for pk in &poison {
            append(stack, pk).await?;
        }
        // An order behind them, which soon waits for a person, and so has no more facts for now.
        let mut held = stack.purchase(SHOPS[2], &[PLENTY[2]]);
        held.to = Destination { postal_code: "", ..LEIPZIG };
        let order_id = stack.buy(&held).await?;
        let rows = stack
            .wait_for("the order waits for a person, and its views show it", async || {
                let (order, _) = stack.order(&order_id).await?;
                let rows = current_rows(stack, &order_id).await?;
                Ok(rows.filter(|_| !order.holds.is_empty()))
            })
            .await?;
        // Whatever else delivers that stream is past the order now, and will not bring this back.
        delete(stack, &rows[0]).await?;
        ensure!(stack.world.rows(&order_id).await?.is_empty());

        let mut records: Vec<Value> = Vec::new();
        stack
            .wait_for("the views show the order again", async || {
                records.extend(pump.deliver_batch().await?);
                current_rows(stack, &order_id).await
            })
            .await?;
        let lying = stack
            .wait_for("dead letters tell of both", async || {
                let lying = stack.look_into("ProjectionDeadLetters").await?;
                let told: Vec<Value> =
                    lying.iter().filter_map(|it| serde_json::from_str(&it.body).ok()).collect();
                let is_told =
                    |pk: &String| told.iter().any(|letter| tells_of(letter, &records, pk));
                Ok(poison.iter().all(is_told).then_some(told))
            })
            .await?;
        assert!(!lying.is_empty());
        Ok(())
    })
}

/// Whether a dead letter names the place of the record of that key.
fn tells_of(letter: &Value, records: &[Value], pk: &str) -> bool {
    let place = |name: &str| {
        let number = &letter["DDBStreamBatchInfo"][name];
        records.iter().position(|record| sequence_number(record) == number)
    };
    let of_key = |record: &Value| record["dynamodb"]["Keys"]["pk"]["S"] == pk;
    let Some(found) = records.iter().position(of_key) else { return false };
    let (first, last) = (place("startSequenceNumber"), place("endSequenceNumber"));
    first.zip(last).is_some_and(|(first, last)| (first..=last).contains(&found))
}

/// The order's rows, if they show its last fact.
async fn current_rows(stack: &Stack, order_id: &OrderId) -> Result<Option<Vec<Row>>> {
    let (_, version) = stack.world.load(order_id).await?;
    let rows = stack.world.rows(order_id).await?;
    Ok(rows.first().is_some_and(|own| own.version == version).then_some(rows))
}

/// Puts something beside all facts: a second append where there is no first.
async fn append(stack: &Stack, pk: &str) -> Result<()> {
    let item = json!({"pk": {"S": pk}, "sk": {"N": "2"}, "at": {"N": "0"}, "f": {"S": "[]"}});
    let put = json!({"TableName": stack.resource("Events")?, "Item": item});
    stack.ask("dynamodb", "DynamoDB_20120810.PutItem", "1.0", &put).await?;
    Ok(())
}

async fn delete(stack: &Stack, row: &Row) -> Result<()> {
    let key = json!({"pk": {"S": row.pk}, "sk": {"S": row.sk}});
    let delete = json!({"TableName": stack.resource("Views")?, "Key": key});
    let deleted = stack.ask("dynamodb", "DynamoDB_20120810.DeleteItem", "1.0", &delete).await;
    deleted.context("the row can't be deleted").map(drop)
}
