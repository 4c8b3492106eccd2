//! DynamoDB's calls for many items. It may leave some undone, and says in its answer which: it is asked again for those.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Error, Result};
use aws_sdk_dynamodb::types::{KeysAndAttributes, PutRequest, WriteRequest};
use futures_util::future::join_all;

use crate::items::{Item, item, text, text_of};
use crate::together::{Part, Waiting};
use crate::world::World;

/// DynamoDB reads no more items in one call.
const READ_MAX: usize = 100;

/// DynamoDB writes no more items in one call.
pub(crate) const WRITE_MAX: usize = 25;

/// How often a step asks for what was left undone.
pub(crate) const ATTEMPTS_MAX: u32 = 4;

/// Before the second attempt; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(100);

/// What is said of an item that never was taken.
pub(crate) const LEFT: &str = "DynamoDB left it undone in every attempt";

/// A table that is read in batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Catalog,
    People,
    Views,
}

/// How an item is read. Those that are read alike are read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Manner {
    pub(crate) table: Table,
    pub(crate) is_consistent: bool,
    /// A projection expression that has the keys; all attributes if there is none.
    pub(crate) attributes: Option<&'static str>,
}

impl Manner {
    /// All of an item, as it was a moment ago, at half the price.
    pub(crate) fn glance(table: Table) -> Self {
        Self { table, is_consistent: false, attributes: None }
    }
}

/// Partition and sort key; the catalogue has no sort key.
pub(crate) type Key = (String, Option<String>);

/// An item that is read, together with others. One that several ask for is read once.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) manner: Manner,
    pub(crate) key: Key,
}

/// What became of each item. An error that they have in common is told of each.
type Answers = BTreeMap<Key, Result<Option<Item>, String>>;

impl Part for Read {
    type Answer = Result<Option<Item>>;

    fn waiting(world: &World) -> &Waiting<Self> {
        &world.reads
    }

    async fn call(world: &World, parts: Vec<Self>) -> Vec<Self::Answer> {
        let mut keys: BTreeMap<Manner, BTreeSet<Key>> = BTreeMap::new();
        for Self { manner, key } in &parts {
            keys.entry(*manner).or_default().insert(key.clone());
        }
        let reads = keys
            .into_iter()
            .map(async |(manner, keys)| (manner, world.answers(manner, keys).await));
        let answers: BTreeMap<Manner, Answers> = join_all(reads).await.into_iter().collect();
        let answer = |part: &Self| answers[&part.manner][&part.key].clone();
        parts.iter().map(|part| answer(part).map_err(Error::msg)).collect()
    }
}

impl World {
    /// One item, if it is there; read together with what others read.
    pub(crate) async fn read(
        &self,
        manner: Manner,
        pk: String,
        sk: String,
    ) -> Result<Option<Item>> {
        let parts = vec![Read { manner, key: (pk, Some(sk)) }];
        self.call_together(parts).await.pop().context("there is an answer to each part")?
    }

    async fn answers(&self, manner: Manner, keys: BTreeSet<Key>) -> Answers {
        let keys: Vec<Key> = keys.into_iter().collect();
        let reads = keys.chunks(READ_MAX).map(async |keys| {
            let read = self.read_batch(manner, keys).await;
            let answer = move |key: &Key| match &read {
                Ok((_, left)) if left.contains(key) => Err(LEFT.to_owned()),
                Ok((found, _)) => Ok(found.get(key).cloned()),
                Err(error) => Err(format!("{error:#}")),
            };
            keys.iter().map(|key| (key.clone(), answer(key))).collect::<Vec<_>>()
        });
        join_all(reads).await.into_iter().flatten().collect()
    }

    /// What there is of these items, by key; and the keys of those that nobody knows of.
    async fn read_batch(
        &self,
        manner: Manner,
        keys: &[Key],
    ) -> Result<(BTreeMap<Key, Item>, BTreeSet<Key>)> {
        let table = match manner.table {
            Table::Catalog => &self.config.table_catalog,
            Table::People => &self.config.table_people,
            Table::Views => &self.config.table_views,
        };
        let mut wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(key_item).collect()))
            .consistent_read(manner.is_consistent)
            .set_projection_expression(manner.attributes.map(str::to_owned))
            .build()?;
        let mut found = BTreeMap::new();
        for attempt in 1.. {
            let read = self.dynamodb().batch_get_item().request_items(table, wanted).send().await?;
            for item in read.responses.unwrap_or_default().remove(table).unwrap_or_default() {
                found.insert(key_of(&item)?, item);
            }
            let left = read.unprocessed_keys.and_then(|mut left| left.remove(table));
            let Some(left) = left else { return Ok((found, BTreeSet::new())) };
            if attempt == ATTEMPTS_MAX {
                let left = left.keys.iter().map(key_of).collect::<Result<_>>()?;
                return Ok((found, left));
            }
            self.pause_after(attempt).await;
            wanted = left;
        }
        unreachable!("the last attempt returns")
    }

    /// Puts items, at the most [`WRITE_MAX`] with no key twice. Gives back the keys of those that were never taken.
    pub(crate) async fn write_batch(
        &self,
        table: &str,
        items: Vec<Item>,
        attempts_max: u32,
    ) -> Result<BTreeSet<Key>> {
        let mut writes = Vec::new();
        for item in items {
            let put = PutRequest::builder().set_item(Some(item)).build()?;
            writes.push(WriteRequest::builder().put_request(put).build());
        }
        for attempt in 1.. {
            let write = self.dynamodb().batch_write_item().request_items(table, writes);
            let left = write.send().await?.unprocessed_items;
            writes = left.and_then(|mut left| left.remove(table)).unwrap_or_default();
            if writes.is_empty() {
                return Ok(BTreeSet::new());
            }
            if attempt == attempts_max {
                let puts = writes.iter().filter_map(|write| write.put_request.as_ref());
                return puts.map(|put| key_of(&put.item)).collect();
            }
            self.pause_after(attempt).await;
        }
        unreachable!("the last attempt returns")
    }

    async fn pause_after(&self, attempt: u32) {
        (self.pause)(PAUSE * 2_u32.pow(attempt - 1)).await;
    }
}

/// The key of an item, or of what is said of it.
pub(crate) fn key_of(item: &Item) -> Result<Key> {
    let sort = item.contains_key("sk").then(|| text_of(item, "sk").map(str::to_owned));
    Ok((text_of(item, "pk")?.to_owned(), sort.transpose()?))
}

fn key_item((pk, sk): &Key) -> Item {
    let mut key = item([("pk", text(pk))]);
    key.extend(sk.as_ref().map(|sk| ("sk".to_owned(), text(sk))));
    key
}
