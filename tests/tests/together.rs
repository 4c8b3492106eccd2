//! What orders of a batch have AWS read, write and send together: it may leave a part of that undone, and then only the order
//! whose part it is comes again. Projection and adapters are the real ones, on an AWS in memory.

use anyhow::{Context as _, Result};
use domain::id::OrderId;
use domain::settings::{Endpoint, ShopKind};
use ports::Views as _;
use serde_json::{Value, json};
use tests::bench::onward::{Answers, Onward};
use tests::bench::usage::Measure;
use tests::journey::BEGINNING;
use tests::purchase::{Bought, Purchase};

/// Nobody knows it: each order waits for it, by a row beside its own.
const SKU: &str = "NOBODY-KNOWS";

/// Onward with an endpoint that hears everything, and three orders; and the facts that nobody has read from the stream yet.
fn bought() -> Result<(Onward, [OrderId; 3], Vec<Value>)> {
    let mut onward = Onward::begin(Answers::AtOnce)?;
    let settings = onward.journey.system.world.settings.borrow().clone();
    let mut settings = (*settings.context("a journey has settings")?).clone();
    let endpoint = json!({ "id": "erp", "url": "https://erp.example/onward" });
    settings.endpoints = vec![serde_json::from_value::<Endpoint>(endpoint)?];
    onward.look(async |world| world.put_settings(&settings).await)?;

    let line = Bought { sku: SKU, quantity: 1, unit_price_minor: 1490 };
    let placed_at = BEGINNING.parse()?;
    let buy = |order| Purchase::new("alpenshop", ShopKind::Shopify, order, placed_at, &[line]);
    let order_ids = [5_001_001, 5_001_002, 5_001_003].map(|order| {
        let purchase = buy(order);
        onward.journey.sells_silently(&purchase);
        onward.call(&onward.journey.webhook(&purchase))?;
        onward.look(async |world| sku_mapping::map_order(world, &purchase.order_id()).await)?;
        anyhow::Ok(purchase.order_id())
    });
    let [one, two, three] = order_ids;
    let shards = std::mem::take(&mut onward.aws().tables.stream);
    let records = shards.into_values().flatten().map(|(_, record)| record).collect();
    Ok((onward, [one?, two?, three?], records))
}

/// Has the projection take all facts; gives back the place of the first that comes again.
fn project(onward: &Onward, records: &[Value]) -> Result<Option<usize>> {
    let event = json!({ "Records": records });
    let answer = onward.look(async |world| {
        aws::answer_stream(world, event, async |world, order_id, versions| {
            projection::project(world, &order_id, &versions).await
        })
        .await
    })?;
    let failed = &answer["batchItemFailures"][0]["itemIdentifier"];
    Ok(records.iter().position(|record| record["dynamodb"]["SequenceNumber"] == *failed))
}

/// Whether an order's own row stands, the one by which its SKU finds it, and whether the endpoint is told of it.
fn shown(onward: &Onward, order_id: &OrderId) -> Result<[bool; 3]> {
    let [own, waiting] = onward.look(async |world| {
        let waiting = world.lookup(&format!("waits-sku#{SKU}")).await?;
        Ok([!world.rows(order_id).await?.is_empty(), waiting.contains(order_id)])
    })?;
    let aws = onward.aws();
    let mut letters = aws.queues.get("status-webhooks").into_iter().flatten();
    Ok([own, waiting, letters.any(|(_, body)| body.contains(order_id.as_str()))])
}

#[test]
fn an_order_whose_part_of_a_call_is_left_undone_comes_again_alone() -> Result<()> {
    for (operation, left) in [
        ("BatchGetItem", [false, false, false]),
        ("BatchWriteItem", [false, false, false]),
        // Rows first, then messages.
        ("SendMessageBatch", [true, true, false]),
    ] {
        let (onward, [one, two, three], records) = bought()?;
        onward.aws().tables.leaves = Some((operation, two.to_string()));
        let is_of_two = |record: &Value| record["dynamodb"]["Keys"]["pk"]["S"] == two.as_str();
        let first = records.iter().position(is_of_two);
        assert_eq!(project(&onward, &records)?, first, "{operation}");
        assert_eq!(shown(&onward, &one)?, [true; 3], "{operation}");
        assert_eq!(shown(&onward, &two)?, left, "{operation}");
        assert_eq!(shown(&onward, &three)?, [true; 3], "{operation}");

        onward.aws().tables.leaves = None;
        assert_eq!(project(&onward, &records)?, None, "{operation}");
        assert_eq!(shown(&onward, &two)?, [true; 3], "{operation}");
    }
    Ok(())
}

#[test]
fn orders_whose_call_is_refused_as_a_whole_come_again_and_nothing_is_lost() -> Result<()> {
    for operation in ["BatchGetItem", "BatchWriteItem", "SendMessageBatch"] {
        let (onward, orders, records) = bought()?;
        onward.aws().tables.refuses = Some(operation);
        assert_eq!(project(&onward, &records)?, Some(0), "{operation}");
        let has_rows = operation == "SendMessageBatch";
        for order in &orders {
            assert_eq!(shown(&onward, order)?, [has_rows, has_rows, false], "{operation}");
        }
        onward.aws().tables.refuses = None;
        assert_eq!(project(&onward, &records)?, None, "{operation}");
        for order in &orders {
            assert_eq!(shown(&onward, order)?, [true; 3], "{operation}");
        }
    }
    Ok(())
}

#[test]
fn of_several_orders_each_kind_of_call_is_made_once() -> Result<()> {
    let (onward, _, records) = bought()?;
    let (before, _) = onward.used();
    assert_eq!(project(&onward, &records)?, None);
    let used = onward.used().0.since(&before);
    let calls = |call: &str| used.of(Measure::Calls, call);
    for call in ["dynamodb.BatchGetItem", "dynamodb.BatchWriteItem", "sqs.SendMessageBatch"] {
        assert_eq!(calls(call), 1, "{call}");
    }
    // On a condition, which no call for many knows.
    assert_eq!(calls("dynamodb.PutItem"), 3);
    Ok(())
}
