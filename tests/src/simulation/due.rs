//! What the clock would find, by bucket: so that minutes in which it would find nothing can be left out, and looking
//! does not go through all rows.

use std::collections::{BTreeMap, BTreeSet};

use domain::views::{POLL_SLOTS, Row};
use jiff::Timestamp;

/// Keys of a row.
type Key = (String, String);

/// The index `due` of `Views`, and when the clock has to look at it next.
#[derive(Debug, Default)]
pub(crate) struct Due {
    buckets: BTreeMap<String, BTreeSet<Key>>,
    of_order: BTreeMap<String, Vec<(String, Key)>>,
    looks: BTreeSet<(i64, String)>,
    /// The last minute in which the clock looked.
    ticked: i64,
}

impl Due {
    /// These are all the rows of an order now.
    pub(crate) fn replace<'a>(&mut self, order_pk: &str, rows: impl Iterator<Item = &'a Row>) {
        for (bucket, key) in self.of_order.remove(order_pk).unwrap_or_default() {
            let keys = self.buckets.entry(bucket.clone()).or_default();
            keys.remove(&key);
            if keys.is_empty() {
                self.buckets.remove(&bucket);
            }
        }
        let due: Vec<(String, Key)> = rows
            .filter_map(|row| Some((row.due.clone()?, (row.pk.clone(), row.sk.clone()))))
            .collect();
        for (bucket, key) in &due {
            let keys = self.buckets.entry(bucket.clone()).or_default();
            if keys.is_empty() {
                self.looks.insert((next_look(bucket, self.ticked), bucket.clone()));
            }
            keys.insert(key.clone());
        }
        if !due.is_empty() {
            self.of_order.insert(order_pk.to_owned(), due);
        }
    }

    /// The rows in a bucket.
    pub(crate) fn keys(&self, bucket: &str) -> Vec<Key> {
        self.buckets.get(bucket).into_iter().flatten().cloned().collect()
    }

    /// The next minute in which the clock would find something.
    pub(crate) fn next_minute(&mut self) -> Option<Timestamp> {
        loop {
            let (minute, bucket) = self.looks.first()?;
            if self.buckets.contains_key(bucket) {
                return Timestamp::from_second(minute * 60).ok();
            }
            self.looks.pop_first();
        }
    }

    /// Whether a parcel is on its way.
    pub(crate) fn is_polling(&self) -> bool {
        self.buckets.range("poll#".to_owned()..).next().is_some()
    }

    /// The clock looks in this minute, or would have if it had not been out.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        self.ticked = now.as_second().div_euclid(60);
        while let Some((minute, _)) = self.looks.first()
            && *minute <= self.ticked
        {
            let Some((_, bucket)) = self.looks.pop_first() else { return };
            if self.buckets.contains_key(&bucket) {
                self.looks.insert((next_look(&bucket, self.ticked), bucket));
            }
        }
    }
}

/// The next minute after `ticked` in which the clock looks into a bucket.
fn next_look(bucket: &str, ticked: i64) -> i64 {
    let number = |prefix: &str| bucket.strip_prefix(prefix)?.parse::<i64>().ok();
    if let Some(minute) = number("minute#") {
        let ages = std::iter::once(0).chain((0..=16).map(|power| 1_i64 << power));
        let looks = ages.map(|age| minute + age).filter(|look| *look > ticked);
        return looks.min().unwrap_or(i64::MAX / 60);
    }
    let slot = number("poll#").unwrap_or_default();
    let step = i64::from(super::company::POLL_MINUTES) / POLL_SLOTS;
    let round = step * POLL_SLOTS;
    let in_round = slot * step + step - 1;
    let start = (ticked + 1).div_euclid(round) * round + in_round;
    if start > ticked { start } else { start + round }
}
