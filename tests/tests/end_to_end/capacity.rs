//! The units that our AWS in memory counts, against those that the emulator says it consumed: the same calls go to both.
//!
//! Units of writes are compared exactly, tables and index each, and so is what the stream has of them. Not compared:
//!
//! - reads of more than 4 KB, for which the emulator says as much as for one byte. AWS rounds the size of all that a request
//!   reads up to 4 KB, of each item of a batch by itself, and takes half a unit for each of these, or a whole one for a
//!   consistent read: so do we, as `a_read_takes_units_by_its_size` holds with AWS's own examples;
//! - batches of reads, of which the emulator says nothing at all: `each_item_of_a_batch_is_rounded_up_by_itself`;
//! - conditions that fail: neither AWS nor the emulator says what they consumed. AWS: as a write of the item that stands there.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tests::bench::dynamodb::Tables;
use tests::bench::size::{read_halves, write_units};
use tests::bench::usage::Measure;
use tests::stack::{Stack, on_the_stack};

/// The tables that are written to: what they are called in memory and in the template, and what copies of them here.
const TABLES: [(&str, &str); 2] = [("Views", "CapacityOfViews"), ("Events", "CapacityOfEvents")];

/// Halves of units, by table or index: `Views.due`.
type Halves = BTreeMap<String, u64>;

/// What a call is about, its operation, and what it says.
type Call = (&'static str, &'static str, Value);

#[test]
fn our_aws_in_memory_counts_the_units_that_the_emulator_consumes() -> Result<()> {
    on_the_stack(async |stack| {
        for (table, copy) in TABLES {
            copy_table(stack, table, copy).await?;
        }
        let mut tables = Tables::default();
        for (about, operation, body) in calls() {
            let there = consumed(stack, operation, &body).await.context(about)?;
            let before = tables.usage.clone();
            let (status, answer) = tables.answer(operation, &body).context(about)?;
            ensure!(status == 200, "{about}: {answer}");
            let used = tables.usage.since(&before);
            let mut here = Halves::new();
            for (measure, halves) in [(Measure::WriteUnits, 2), (Measure::ReadHalves, 1)] {
                for (of, count) in used.0.get(&measure).into_iter().flatten() {
                    *here.entry(of.clone()).or_default() += count * halves;
                }
            }
            assert_eq!(here, there, "{about}");
        }
        let here = tables.stream.into_values().flatten().map(|(_, record)| record);
        assert_eq!(told(here), told(streamed(stack).await?.into_iter()));
        for (_, copy) in TABLES {
            ask(stack, "DeleteTable", &json!({ "TableName": copy })).await?;
        }
        Ok(())
    })
}

/// AWS's examples, on the page above.
#[test]
fn a_read_takes_units_by_its_size() {
    const KB: u64 = 1024;
    assert_eq!(read_halves(8 * KB, true), 2 * 2);
    assert_eq!(read_halves(8 * KB, false), 2);
    assert_eq!(read_halves(3 * KB, true), 2);
    assert_eq!(read_halves(4 * KB + 1, false), 2);
    // An item that is not there takes as much as the smallest.
    assert_eq!(read_halves(0, false), 1);
    assert_eq!(write_units(512), 1);
    assert_eq!(write_units(2 * KB), 2);
    assert_eq!(write_units(2 * KB + 1), 3);
}

/// AWS's example: of 1.5 KB and 6.5 KB a batch reads 4 KB and 8 KB. One that is not there takes as much as the smallest.
#[test]
fn each_item_of_a_batch_is_rounded_up_by_itself() -> Result<()> {
    let mut tables = Tables::default();
    for (pk, bytes) in [("one", 1_536), ("two", 6_656)] {
        tables.answer("PutItem", &put(row(pk, json!({ "v": text(bytes - 11) }))))?;
    }
    for (is_consistent, halves) in [(false, 1 + 2 + 1), (true, 2 + 4 + 2)] {
        let before = tables.usage.clone();
        let keys = ["one", "two", "nobody"].map(key);
        let wanted = json!({ "Views": { "Keys": keys, "ConsistentRead": is_consistent } });
        tables.answer("BatchGetItem", &json!({ "RequestItems": wanted }))?;
        assert_eq!(tables.usage.since(&before).all(Measure::ReadHalves), halves);
    }
    Ok(())
}

fn key(pk: &str) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": "-" } })
}

/// A row of `Views`: some of its attributes are in the index, and `phase` is not.
fn row(pk: &str, attributes: Value) -> Value {
    let mut row = json!({ "pk": { "S": pk }, "sk": { "S": "-" } });
    for (name, value) in attributes.as_object().into_iter().flatten() {
        row[name] = value.clone();
    }
    row
}

fn put(row: Value) -> Value {
    json!({ "TableName": "Views", "Item": row })
}

/// Text of so many bytes.
fn text(bytes: usize) -> Value {
    json!({ "S": "x".repeat(bytes) })
}

fn calls() -> Vec<Call> {
    [puts(), sizes(), changes(), reads()].concat()
}

fn puts() -> Vec<Call> {
    let due = |minute: &str, at: &str| json!({ "due": { "S": minute }, "at": { "N": at } });
    let with_phase = |phase: usize| {
        let mut row = row("due", due("minute#2", "1"));
        row["phase"] = text(phase);
        put(row)
    };
    vec![
        ("a row that is not due", "PutItem", put(row("idle", json!({})))),
        ("a row that is due", "PutItem", put(row("due", due("minute#1", "1")))),
        ("the same once more", "PutItem", put(row("due", due("minute#1", "1")))),
        ("due at another time", "PutItem", put(row("due", due("minute#2", "1")))),
        ("what the index does not have", "PutItem", with_phase(10)),
        ("the same, large", "PutItem", with_phase(3_000)),
        ("small again", "PutItem", with_phase(1)),
        ("what the index has beside its key", "PutItem", put(row("due", due("minute#2", "2")))),
        ("large in the index", "PutItem", put(row("large", json!({ "due": text(1_500) })))),
        ("moved, large", "PutItem", put(row("large", json!({ "due": text(1_501) })))),
        ("due no more", "PutItem", put(row("due", json!({})))),
    ]
}

/// Around a KB, where each byte that is counted wrong shows. What is around the attribute takes 2 + 4 + 2 + 1 + 1 bytes.
fn sizes() -> Vec<Call> {
    let put = |value: Value| put(row("size", json!({ "v": value })));
    let around = 10;
    let mut calls: Vec<Call> = vec![
        ("a KB", "PutItem", put(text(1_024 - around))),
        ("a KB and a byte", "PutItem", put(text(1_025 - around))),
        ("letters of two bytes", "PutItem", put(json!({ "S": "ü".repeat(512) }))),
        ("bytes, as base64", "PutItem", put(json!({ "B": "AAAA".repeat(400) }))),
    ];
    for about in
        ["0", "7", "10", "12", "100", "120", "1200", "1795000000", "1795000001", "-5", "-120"]
    {
        // It takes as much as it leaves of a KB.
        for rest in 1..=8 {
            let mut item = row("size", json!({ "n": { "N": about } }));
            item["v"] = text(1_024 - around - 1 - rest);
            calls.push((about, "PutItem", self::put(item)));
        }
    }
    calls
}

fn changes() -> Vec<Call> {
    let add = |pk: &str| {
        json!({
            "TableName": "Views", "Key": key(pk), "UpdateExpression": "ADD available :by",
            "ExpressionAttributeValues": { ":by": { "N": "3" } }
        })
    };
    let append = |version: &str, bytes: usize| {
        let pk = json!({ "S": "alpenshop/1" });
        json!({ "TableName": "Events", "Item": { "pk": pk, "sk": { "N": version }, "f": text(bytes) } })
    };
    let due = |pk: &str| put(row(pk, json!({ "due": { "S": "minute#3" } })));
    let both = |bytes: usize, pk: &str| {
        let parts = [json!({ "Put": append("3", bytes) }), json!({ "Put": due(pk) })];
        json!({ "TransactItems": [parts[0], parts[1], { "Update": add("counted") }] })
    };
    let batch = ["one", "two"].map(|pk| json!({ "PutRequest": { "Item": due(pk)["Item"] } }));
    vec![
        ("a counter that is not there", "UpdateItem", add("counter")),
        ("a counter that is", "UpdateItem", add("counter")),
        ("an append", "PutItem", append("1", 100)),
        ("a large append", "PutItem", append("2", 2_500)),
        ("the same append", "PutItem", append("1", 100)),
        ("a transaction", "TransactWriteItems", both(1_500, "three")),
        ("a transaction in which one row stays", "TransactWriteItems", both(10, "three")),
        ("a batch of writes", "BatchWriteItem", json!({ "RequestItems": { "Views": batch } })),
        ("a row goes", "DeleteItem", json!({ "TableName": "Views", "Key": key("one") })),
    ]
}

fn reads() -> Vec<Call> {
    let get = |pk: &str, is_consistent: bool| json!({ "TableName": "Views", "Key": key(pk), "ConsistentRead": is_consistent });
    let query = |is_consistent: bool| {
        json!({
            "TableName": "Events", "KeyConditionExpression": "pk = :pk", "ConsistentRead": is_consistent,
            "ExpressionAttributeValues": { ":pk": { "S": "alpenshop/1" } }
        })
    };
    let indexed = json!({
        "TableName": "Views", "IndexName": "due", "KeyConditionExpression": "due = :due",
        "ExpressionAttributeValues": { ":due": { "S": "minute#3" } }
    });
    vec![
        ("one item", "GetItem", get("two", false)),
        ("one item for certain", "GetItem", get("two", true)),
        ("none", "GetItem", get("nobody", false)),
        ("a partition", "Query", query(false)),
        ("a partition for certain", "Query", query(true)),
        ("an index", "Query", indexed),
    ]
}

/// A table of its own, so that nobody sends, projects or polls what is written: with the keys, index and stream of the
/// template's.
async fn copy_table(stack: &Stack, table: &str, copy: &str) -> Result<()> {
    let named = json!({ "TableName": stack.resource(table)? });
    let described = ask(stack, "DescribeTable", &named).await?;
    let described = &described["Table"];
    let mut wanted = json!({ "TableName": copy, "BillingMode": "PAY_PER_REQUEST" });
    for name in ["AttributeDefinitions", "KeySchema", "StreamSpecification"] {
        if !described[name].is_null() {
            wanted[name] = described[name].clone();
        }
    }
    let indexes = described["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
    let index = |index: &Value| {
        let parts = ["IndexName", "KeySchema", "Projection"];
        parts.into_iter().map(|name| (name.to_owned(), index[name].clone())).collect()
    };
    let indexes: Vec<Value> = indexes.map(index).collect();
    if !indexes.is_empty() {
        wanted["GlobalSecondaryIndexes"] = json!(indexes);
    }
    ask(stack, "CreateTable", &wanted).await?;
    Ok(())
}

async fn ask(stack: &Stack, operation: &str, body: &Value) -> Result<Value> {
    stack.ask("dynamodb", &format!("DynamoDB_20120810.{operation}"), "1.0", body).await
}

/// What the emulator says that a call to the copies consumed.
async fn consumed(stack: &Stack, operation: &str, body: &Value) -> Result<Halves> {
    let mut body = body.clone();
    body["ReturnConsumedCapacity"] = json!("INDEXES");
    let mut text = body.to_string();
    for (table, copy) in TABLES {
        text = text.replace(&format!("\"{table}\""), &format!("\"{copy}\""));
    }
    let answer = ask(stack, operation, &serde_json::from_str(&text)?).await?;
    let entries = match &answer["ConsumedCapacity"] {
        Value::Array(entries) => entries.clone(),
        Value::Null => anyhow::bail!("the emulator does not say what it consumed: {answer}"),
        entry => vec![entry.clone()],
    };
    let mut consumed = Halves::new();
    for entry in entries {
        let copied = TABLES.iter().find(|(_, copy)| entry["TableName"] == json!(copy));
        let (table, _) = copied.with_context(|| format!("of which table is {entry}?"))?;
        let mut of_table = halves(&entry["CapacityUnits"])?;
        for (index, units) in entry["GlobalSecondaryIndexes"].as_object().into_iter().flatten() {
            let of_index = halves(&units["CapacityUnits"])?;
            of_table -= of_index;
            consumed.insert(format!("{table}.{index}"), of_index);
        }
        if of_table > 0 {
            consumed.insert((*table).to_owned(), of_table);
        }
    }
    Ok(consumed)
}

/// `1.5` units are 3 halves.
fn halves(units: &Value) -> Result<u64> {
    let units = units.to_string();
    let (whole, fraction) = units.split_once('.').unwrap_or((&units, "0"));
    ensure!(["0", "5"].contains(&fraction), "`{units}` are no halves");
    Ok(whole.parse::<u64>()? * 2 + u64::from(fraction == "5"))
}

/// All that came out of the copied stream.
async fn streamed(stack: &Stack) -> Result<Vec<Value>> {
    let (_, copy) = TABLES[1];
    let described = ask(stack, "DescribeTable", &json!({ "TableName": copy })).await?;
    let arn = &described["Table"]["LatestStreamArn"];
    let described = stack.ask_stream("DescribeStream", &json!({ "StreamArn": arn })).await?;
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    let oldest = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let found = stack.ask_stream("GetShardIterator", &oldest).await?;
    let question = json!({ "ShardIterator": found["ShardIterator"], "Limit": 1_000 });
    let read = stack.ask_stream("GetRecords", &question).await?;
    Ok(read["Records"].as_array().cloned().unwrap_or_default())
}

/// What records say: what happened, to which item, and what is there now.
fn told(records: impl Iterator<Item = Value>) -> Vec<(Value, Value, Value)> {
    let told = |record: Value| {
        let change = &record["dynamodb"];
        (record["eventName"].clone(), change["Keys"].clone(), change["NewImage"].clone())
    };
    records.map(told).collect()
}
