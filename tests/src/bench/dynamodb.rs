//! DynamoDB as far as our adapters call it, in memory; it counts the units that each call would cost.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::archive::Archive;
use super::expression::{Item, Words};
use super::size;
use super::usage::{Measure, Usage};

/// The index of a table: its name, its key, and all attributes that it has.
const INDEXES: [(&str, &str, &str, &[&str]); 1] =
    [("Views", "due", "due", &["pk", "sk", "due", "at"])];

/// The table whose changes come out of a stream.
const STREAMED: &str = "Events";

/// All tables. A table is there when something is written to it.
#[derive(Default)]
pub struct Tables {
    /// What was used.
    pub usage: Usage,
    /// Every item by table and key, but for those in the archive.
    pub tables: BTreeMap<String, BTreeMap<Key, Item>>,
    /// What nobody has taken from the stream yet, by shard: when it was written, and the record as Lambda hands it over.
    pub stream: BTreeMap<u64, Vec<(Timestamp, Value)>>,
    /// What time it is.
    pub now: Timestamp,
    /// What calls for many leave undone: of this operation, the parts that hold this text.
    pub leaves: Option<(&'static str, String)>,
    /// An operation, of DynamoDB or SQS, that is refused as a whole.
    pub refuses: Option<&'static str>,
    sequence: u64,
    archive: Archive,
    /// What each index has, by its name: the value of its key, and the item's key.
    indexed: BTreeMap<&'static str, BTreeSet<(String, Key)>>,
}

/// Partition and sort key; numbers are padded, so that they sort as such.
pub type Key = (String, String);

/// A new table that is paid by request has four partitions, and its stream as many shards.
const SHARDS: u64 = 4;

fn shard(pk: &str) -> u64 {
    pk.bytes().fold(0_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into())) % SHARDS
}

/// What DynamoDB answers: the status, and the body.
pub type Answer = (u16, Value);

/// A write that is not done yet.
struct Write<'a> {
    table: &'a str,
    key: Key,
    after: Option<Item>,
}

impl Tables {
    /// Answers a call.
    ///
    /// # Errors
    /// When it is of a kind that none of our adapters used to make.
    pub fn answer(&mut self, operation: &str, request: &Value) -> Result<Answer> {
        match operation {
            "GetItem" => Ok((200, self.get_item(request))),
            "BatchGetItem" => Ok((200, self.batch_get_item(request))),
            "Query" => Ok((200, self.query(request)?)),
            "PutItem" | "UpdateItem" | "DeleteItem" => self.write_one(operation, request),
            "BatchWriteItem" => self.batch_write_item(request),
            "TransactWriteItems" => self.transact_write_items(request),
            _ => bail!("nobody answers `{operation}`"),
        }
    }

    /// Has all of an archive, at no price, and tells nobody.
    pub fn archive(&mut self, archive: Archive) {
        self.indexed.entry("due").or_default().extend(archive.own_rows());
        self.archive = archive;
    }

    /// Whether a part of a call for many is left undone.
    pub(super) fn is_left(&self, operation: &str, part: &Value) -> bool {
        let holds = |text: &str| part.to_string().contains(text);
        self.leaves.as_ref().is_some_and(|(of, text)| *of == operation && holds(text))
    }

    /// The keys of the items that an index has under one of its own.
    fn under(&self, index: &str, value: &str) -> impl Iterator<Item = &Key> {
        let entries = self.indexed.get(index).into_iter();
        let from = (value.to_owned(), Key::default());
        let near = entries.flat_map(move |entries| entries.range(from.clone()..));
        near.take_while(move |(found, _)| found == value).map(|(_, key)| key)
    }

    /// All that stands under a partition key, by sort key.
    fn partition(&self, table: &str, pk: &str) -> Vec<Item> {
        let items = self.tables.get(table).into_iter();
        let near = items.flat_map(|items| items.range((pk.to_owned(), String::new())..));
        let live = near.take_while(|(key, _)| key.0 == pk).map(|(_, item)| item.clone());
        let archived = self.archive.partition(table, pk).into_iter().map(|(_, item)| item);
        live.chain(archived).collect()
    }

    fn item(&self, table: &str, key: &Key) -> Item {
        let live = self.tables.get(table).and_then(|items| items.get(key)).cloned();
        let archived = || self.archive.partition(table, &key.0).into_iter();
        live.or_else(|| archived().find(|(found, _)| found == key).map(|(_, item)| item))
            .unwrap_or_default()
    }

    /// Puts an item where it is, or takes it away, and into the indexes and out of them. What stood in the archive beside it
    /// does not any more.
    fn place(&mut self, table: &str, key: Key, before: &Item, after: Option<Item>) {
        let items = self.tables.entry(table.to_owned()).or_default();
        items.extend(self.archive.take(table, &key.0));
        for (_, name, index_key, _) in INDEXES.iter().filter(|(of, ..)| *of == table) {
            let entry = |item: &Item| Some((text(&item.get(*index_key)?["S"]), key.clone()));
            let index = self.indexed.entry(name).or_default();
            if let Some(entry) = entry(before) {
                index.remove(&entry);
            }
            index.extend(after.as_ref().and_then(entry));
        }
        match after {
            Some(after) => drop(items.insert(key, after)),
            None => drop(items.remove(&key)),
        }
    }

    fn get_item(&mut self, request: &Value) -> Value {
        let table = text(&request["TableName"]);
        let found = self.item(&table, &key_of(&request["Key"]));
        let is_consistent = request["ConsistentRead"] == json!(true);
        let halves = size::read_halves(size::bytes(&found), is_consistent);
        self.usage.add(Measure::ReadHalves, &table, halves);
        if found.is_empty() { json!({}) } else { json!({ "Item": found }) }
    }

    fn batch_get_item(&mut self, request: &Value) -> Value {
        let (mut responses, mut left) = (Map::new(), Map::new());
        for (table, wanted) in request["RequestItems"].as_object().into_iter().flatten() {
            let is_consistent = wanted["ConsistentRead"] == json!(true);
            let (mut items, mut keys_left) = (Vec::new(), Vec::new());
            for key in wanted["Keys"].as_array().into_iter().flatten() {
                if self.is_left("BatchGetItem", key) {
                    keys_left.push(key.clone());
                    continue;
                }
                let found = self.item(table, &key_of(key));
                // Each item is rounded up by itself; one that is not there costs as a small one.
                let halves = size::read_halves(size::bytes(&found), is_consistent);
                self.usage.add(Measure::ReadHalves, table, halves);
                items.extend((!found.is_empty()).then_some(found));
            }
            responses.insert(table.clone(), json!(items));
            if !keys_left.is_empty() {
                left.insert(table.clone(), json!({ "Keys": keys_left }));
            }
        }
        json!({ "Responses": responses, "UnprocessedKeys": left })
    }

    fn query(&mut self, request: &Value) -> Result<Value> {
        let table = text(&request["TableName"]);
        let index = INDEXES.iter().find(|(_, name, ..)| request["IndexName"] == json!(name));
        let condition = text(&request["KeyConditionExpression"]);
        let words = Words(request);
        let value = |name: &str| text(&request["ExpressionAttributeValues"][name]["S"]);
        // Without an index, what is asked for stands together.
        let near: Vec<Item> = match index {
            Some((_, name, _, has)) => {
                let due = value(":due");
                self.under(name, &due).map(|key| projected(&self.item(&table, key), has)).collect()
            }
            None => self.partition(&table, &value(":pk")),
        };
        let mut found = Vec::new();
        for item in near {
            if words.holds(&condition, &item)? {
                found.push(item);
            }
        }
        if request["ScanIndexForward"] == json!(false) {
            found.reverse();
        }
        let limit = request["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok());
        found.truncate(limit.unwrap_or(usize::MAX));
        let bytes = found.iter().map(size::bytes).sum();
        let halves = size::read_halves(bytes, request["ConsistentRead"] == json!(true));
        let read = index.map_or(table.clone(), |(_, name, ..)| format!("{table}.{name}"));
        self.usage.add(Measure::ReadHalves, &read, halves);
        Ok(json!({ "Items": found, "Count": found.len(), "ScannedCount": found.len() }))
    }

    fn write_one(&mut self, operation: &str, request: &Value) -> Result<Answer> {
        let verb = operation.strip_suffix("Item").unwrap_or(operation);
        match self.prepare(verb, request)? {
            Some(write) => {
                self.write(write, 1);
                Ok((200, json!({})))
            }
            None => {
                // It costs as much as to write the item that stands there.
                let table = text(&request["TableName"]);
                let key = key_of(request.get("Item").unwrap_or(&request["Key"]));
                let units = size::write_units(size::bytes(&self.item(&table, &key)));
                self.usage.add(Measure::WriteUnits, &table, units);
                Ok((400, failure("ConditionalCheckFailedException", &[])))
            }
        }
    }

    fn batch_write_item(&mut self, request: &Value) -> Result<Answer> {
        let mut left = Map::new();
        for (table, writes) in request["RequestItems"].as_object().into_iter().flatten() {
            let writes = writes.as_array().into_iter().flatten();
            let (undone, writes): (Vec<&Value>, Vec<&Value>) =
                writes.partition(|write| self.is_left("BatchWriteItem", write));
            if !undone.is_empty() {
                left.insert(table.clone(), json!(undone));
            }
            for write in writes {
                let put = json!({ "TableName": table, "Item": write["PutRequest"]["Item"] });
                let write = self.prepare("Put", &put)?.context("it has no condition")?;
                self.write(write, 1);
            }
        }
        Ok((200, json!({ "UnprocessedItems": left })))
    }

    fn transact_write_items(&mut self, request: &Value) -> Result<Answer> {
        let (mut writes, mut reasons, mut may) = (Vec::new(), Vec::new(), true);
        for part in request["TransactItems"].as_array().into_iter().flatten() {
            let (verb, request) =
                part.as_object().and_then(|part| part.iter().next()).context("it is empty")?;
            let write = self.prepare(verb, request)?;
            may = may && write.is_some();
            reasons.push(if write.is_some() { "None" } else { "ConditionalCheckFailed" });
            writes.extend(write);
        }
        if !may {
            for write in writes {
                self.usage.add(Measure::WriteUnits, write.table, 2);
            }
            return Ok((400, failure("TransactionCanceledException", &reasons)));
        }
        for write in writes {
            self.write(write, 2);
        }
        Ok((200, json!({})))
    }

    /// A write whose condition holds; none if it does not.
    fn prepare<'a>(&self, verb: &str, request: &'a Value) -> Result<Option<Write<'a>>> {
        let table = request["TableName"].as_str().context("there is no table")?;
        let key = key_of(if verb == "Put" { &request["Item"] } else { &request["Key"] });
        let before = self.item(table, &key);
        let words = Words(request);
        let condition = request["ConditionExpression"].as_str();
        if !condition.map_or(Ok(true), |condition| words.holds(condition, &before))? {
            return Ok(None);
        }
        let after = match verb {
            "Put" => request["Item"].as_object().cloned(),
            "Delete" => None,
            "Update" => {
                let mut after = before;
                let key = request["Key"].as_object().context("there is no key")?;
                after.extend(key.clone());
                words.update(&text(&request["UpdateExpression"]), &mut after)?;
                Some(after)
            }
            _ => bail!("nobody knows `{verb}`"),
        };
        Ok(Some(Write { table, key, after }))
    }

    /// Writes, at so many times the price.
    fn write(&mut self, Write { table, key, after }: Write<'_>, times: u64) {
        let before = self.item(table, &key);
        let new = after.clone().unwrap_or_default();
        let bytes = size::bytes(&before).max(size::bytes(&new));
        self.usage.add(Measure::WriteUnits, table, size::write_units(bytes) * times);
        for (_, name, index_key, has) in INDEXES.iter().filter(|(of, ..)| *of == table) {
            let units = index_units(&before, &new, index_key, has);
            self.usage.add(Measure::WriteUnits, &format!("{table}.{name}"), units);
        }
        // Who writes what stands there already tells nobody.
        if table == STREAMED && before != new {
            self.sequence += 1;
            let name = if before.is_empty() { "INSERT" } else { "MODIFY" };
            let record = (self.now, record(self.sequence, name, &new));
            self.stream.entry(shard(&key.0)).or_default().push(record);
        }
        self.place(table, key, &before, after);
    }
}

/// An index has an entry for each item with its key: one write to put, change or delete it, two to move it.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes>
fn index_units(before: &Item, after: &Item, key: &str, has: &[&str]) -> u64 {
    let entry = |item: &Item| item.get(key).map(|_| projected(item, has));
    let units = |entry: &Item| size::write_units(size::bytes(entry));
    match (entry(before), entry(after)) {
        (None, None) => 0,
        (Some(one), None) | (None, Some(one)) => units(&one),
        (Some(before), Some(after)) if before == after => 0,
        (Some(before), Some(after)) if before[key] == after[key] => {
            units(&before).max(units(&after))
        }
        (Some(before), Some(after)) => units(&before) + units(&after),
    }
}

fn projected(item: &Item, has: &[&str]) -> Item {
    item.iter()
        .filter(|(name, _)| has.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn record(sequence: u64, name: &str, item: &Item) -> Value {
    let keys: Item = projected(item, &["pk", "sk"]);
    json!({
        "eventID": sequence.to_string(), "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_000_000, "Keys": keys, "NewImage": item,
            "SequenceNumber": format!("{sequence:021}"), "SizeBytes": size::bytes(item), "StreamViewType": "NEW_IMAGE",
        },
    })
}

fn failure(name: &str, reasons: &[&str]) -> Value {
    let reasons: Vec<Value> = reasons.iter().map(|code| json!({ "Code": code })).collect();
    json!({
        "__type": format!("com.amazonaws.dynamodb.v20120810#{name}"), "message": name, "CancellationReasons": reasons,
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The key of an item, or of what a request says of it.
#[must_use]
pub fn key_of(item: &Value) -> Key {
    let sort = &item["sk"];
    let number = sort["N"].as_str().map(|digits| format!("{digits:0>20}"));
    (text(&item["pk"]["S"]), number.unwrap_or_else(|| text(&sort["S"])))
}
