//! Where the rows of an order lie, and those that are due: so that nothing goes through the rows of all orders.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use domain::views::{ORDER_PREFIX, Row};

/// The keys of a row.
pub(super) type Key = (String, String);

/// Rows by what else than their partition they are found by. What is named here may be gone, or another by now; nothing
/// that is there is missing.
#[derive(Debug, Default)]
pub(super) struct Found {
    by_sk: RefCell<BTreeMap<String, BTreeSet<String>>>,
    by_due: RefCell<BTreeMap<String, BTreeSet<Key>>>,
}

impl Found {
    /// These rows are there and no others; given back as they are.
    pub(super) fn only(&self, rows: BTreeMap<Key, Row>) -> BTreeMap<Key, Row> {
        self.by_sk.borrow_mut().clear();
        self.by_due.borrow_mut().clear();
        rows.values().for_each(|row| self.add(row));
        rows
    }

    /// A row is there.
    pub(super) fn add(&self, row: &Row) {
        if !row.pk.starts_with(ORDER_PREFIX) {
            self.by_sk.borrow_mut().entry(row.sk.clone()).or_default().insert(row.pk.clone());
        }
        if let Some(due) = &row.due {
            let key = (row.pk.clone(), row.sk.clone());
            self.by_due.borrow_mut().entry(due.clone()).or_default().insert(key);
        }
    }

    /// A row is gone.
    pub(super) fn remove(&self, row: &Row) {
        forget(&mut self.by_sk.borrow_mut(), &row.sk, &row.pk);
        if let Some(due) = &row.due {
            forget(&mut self.by_due.borrow_mut(), due, &(row.pk.clone(), row.sk.clone()));
        }
    }

    /// The partitions that have a row of this sort key, other than those of orders.
    pub(super) fn partitions(&self, sk: &str) -> Vec<String> {
        self.by_sk.borrow().get(sk).into_iter().flatten().cloned().collect()
    }

    /// The rows in a bucket.
    pub(super) fn due(&self, bucket: &str) -> Vec<Key> {
        self.by_due.borrow().get(bucket).into_iter().flatten().cloned().collect()
    }
}

fn forget<T: Ord>(named: &mut BTreeMap<String, BTreeSet<T>>, by: &str, what: &T) {
    if let Some(known) = named.get_mut(by) {
        known.remove(what);
        if known.is_empty() {
            named.remove(by);
        }
    }
}
