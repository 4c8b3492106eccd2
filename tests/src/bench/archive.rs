//! Orders of long ago, a million of them where need be: copies of one that came to its end. Of a copy only the keys of its
//! partitions are kept; what stands there is made when somebody looks.

use std::collections::BTreeMap;

use serde_json::json;

use super::dynamodb::{Key, Tables, key_of};
use super::expression::Item;

/// What one order left behind in all tables.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    order_id: String,
    partitions: Vec<Partition>,
}

/// All of an order that stands under one partition key of a table.
#[derive(Debug, Clone)]
struct Partition {
    table: String,
    pk: String,
    items: Vec<Item>,
}

/// A partition of a copy.
#[derive(Debug, Clone, Copy)]
struct Place {
    copy: u32,
    partition: u8,
}

/// All copies, by table and partition key.
#[derive(Debug, Default)]
pub struct Archive {
    sample: Sample,
    places: BTreeMap<String, BTreeMap<Box<str>, Place>>,
}

/// The id of a copy: far below those that stories buy.
#[must_use]
pub fn copy_id(copy: u32) -> String {
    format!("alpenshop/{copy}")
}

/// When a copy is due: each in a minute of its own, some two hundred years from now, so that the index has them all and the
/// clock finds none.
#[must_use]
pub fn copy_due(copy: u32) -> String {
    format!("minute#9{copy:08}")
}

impl Sample {
    /// What an order left behind.
    #[must_use]
    pub fn of(tables: &Tables, order_id: &str) -> Self {
        let own = format!("order#{order_id}");
        let mut partitions: BTreeMap<(String, String), Vec<Item>> = BTreeMap::new();
        for (table, items) in &tables.tables {
            let is_its =
                |(pk, sk): &Key| [pk, sk].into_iter().any(|key| key == order_id) || *pk == own;
            for (key, item) in items.iter().filter(|(key, _)| is_its(key)) {
                let place = (table.clone(), key.0.clone());
                partitions.entry(place).or_default().push(item.clone());
            }
        }
        let partitions = partitions.into_iter();
        let partitions =
            partitions.map(|((table, pk), items)| Partition { table, pk, items }).collect();
        Self { order_id: order_id.to_owned(), partitions }
    }
}

impl Partition {
    /// Its key in a copy: with the copy's id in place of the order's, or its number behind whatever else the key names.
    fn copied_pk(&self, order_id: &str, copy: u32) -> String {
        if self.pk.contains(order_id) {
            self.pk.replace(order_id, &copy_id(copy))
        } else {
            format!("{}-{copy}", self.pk)
        }
    }

    fn copied(&self, order_id: &str, copy: u32) -> Vec<Item> {
        let as_copied = |item: &Item| {
            let mut item = item.clone();
            item.insert("pk".to_owned(), json!({ "S": self.copied_pk(order_id, copy) }));
            if item["sk"]["S"] == json!(order_id) {
                item.insert("sk".to_owned(), json!({ "S": copy_id(copy) }));
            }
            if self.is_own_row(order_id) {
                item.insert("due".to_owned(), json!({ "S": copy_due(copy) }));
            }
            item
        };
        self.items.iter().map(as_copied).collect()
    }

    fn is_own_row(&self, order_id: &str) -> bool {
        self.pk == format!("order#{order_id}")
    }
}

impl Archive {
    /// So many copies of an order.
    #[must_use]
    pub fn of(sample: Sample, copies: u32) -> Self {
        let mut places: BTreeMap<String, BTreeMap<Box<str>, Place>> = BTreeMap::new();
        for (number, partition) in (0..).zip(&sample.partitions) {
            let table = places.entry(partition.table.clone()).or_default();
            for copy in 1..=copies {
                let pk = partition.copied_pk(&sample.order_id, copy).into_boxed_str();
                table.insert(pk, Place { copy, partition: number });
            }
        }
        Self { sample, places }
    }

    /// What stands under a partition key of a table, by its sort key.
    #[must_use]
    pub fn partition(&self, table: &str, pk: &str) -> Vec<(Key, Item)> {
        let place = self.places.get(table).and_then(|places| places.get(pk));
        place.map(|place| self.made(*place)).unwrap_or_default()
    }

    /// The same, and it is none of the archive's any more.
    pub fn take(&mut self, table: &str, pk: &str) -> Vec<(Key, Item)> {
        let place = self.places.get_mut(table).and_then(|places| places.remove(pk));
        place.map(|place| self.made(place)).unwrap_or_default()
    }

    /// The own row of each copy, by when it is due.
    pub fn own_rows(&self) -> impl Iterator<Item = (String, Key)> {
        let is_own = |place: &Place| {
            self.sample.partitions[usize::from(place.partition)].is_own_row(&self.sample.order_id)
        };
        let places = self.places.values().flatten().filter(move |(_, place)| is_own(place));
        places.map(|(pk, place)| (copy_due(place.copy), (pk.to_string(), "-".to_owned())))
    }

    fn made(&self, Place { copy, partition }: Place) -> Vec<(Key, Item)> {
        let items =
            self.sample.partitions[usize::from(partition)].copied(&self.sample.order_id, copy);
        items.into_iter().map(|item| (key_of(&json!(item)), item)).collect()
    }
}
