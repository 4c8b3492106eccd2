//! `Views` on DynamoDB.
//!
//! | attribute | |
//! | --- | --- |
//! | `pk`, `sk` | as [`Row`] has them |
//! | `due`, `phase`, `at` | as [`Row`] has them; `due` is the key of the index `due`, which has `at` too |
//! | `version` | of an order's own row: the version of the order that its rows were last written for |
//! | `others` | of an order's own row: its other rows, a JSON array |
//!
//! # Why replacing is one transaction
//!
//! An order's rows lie in many partitions, and only its own row knows which. Written one after the other, there would be
//! a moment at which the own row names a row that isn't there, or doesn't name one that is; a crash in it, or a rebuild
//! beside the projection, would leave a row behind that nobody finds again. In a transaction the own row always names
//! exactly the others, and whoever loses a race has written nothing. It costs twice the write, and so the common cases
//! are plain writes: that only the own row has changed, and that other rows are new. Those are written before the own row
//! that names them: after a crash the stream delivers again, and the same rows are written again. Whoever loses a race,
//! which takes a rebuild beside the projection, may leave a row behind. That does no harm: it brings up an order for which
//! nothing is to be done, where a row too few would be a parcel that nobody asks for.

use anyhow::{Context, Result, anyhow};
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use domain::id::OrderId;
use domain::views::Row;
use futures_util::future::join_all;
use ports::Views;

use crate::batches::{ATTEMPTS_MAX, LEFT, Manner, Table, WRITE_MAX, key_of};
use crate::items::{
    Item, every_item, item, json_of, number, number_if_any, number_of, text, text_of,
};
use crate::together::{Part, Waiting};
use crate::world::World;

/// DynamoDB takes 100 items in a transaction; one of them is the own row.
const OTHERS_PER_TRANSACTION_MAX: usize = 99;

/// Nobody has written the own row since it was read: each write changes the version, or the names of the others.
const IS_AS_READ: &str = "version = :version AND #others = :others";

/// There was no own row when it was read, and there is none now.
const IS_STILL_ABSENT: &str = "attribute_not_exists(pk)";

impl Views for World {
    async fn replace(&self, rows: &[Row]) -> Result<()> {
        let (own, others) = rows.split_first().context("an order has at least its own row")?;
        let replaced = self.replace_rows(own, others).await;
        replaced.with_context(|| format!("failed to replace the rows of `{}`", own.pk))
    }

    async fn due(&self, bucket: &str) -> Result<Vec<Row>> {
        let query = self
            .dynamodb()
            .query()
            .table_name(&self.config.table_views)
            .index_name("due")
            .key_condition_expression("due = :due")
            .expression_attribute_values(":due", text(bucket));
        let found = every_item(query)
            .await
            .with_context(|| format!("failed to read what is due in `{bucket}`"))?;
        found.iter().map(indexed_row).collect()
    }

    async fn lookup(&self, pk: &str) -> Result<Vec<OrderId>> {
        let query = self
            .dynamodb()
            .query()
            .table_name(&self.config.table_views)
            .projection_expression("sk")
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(pk));
        let found = every_item(query).await.with_context(|| format!("failed to look up `{pk}`"))?;
        found.iter().map(|item| Ok(OrderId::parse(text_of(item, "sk")?)?)).collect()
    }
}

/// What the index has of a row: its keys and `at`.
fn indexed_row(item: &Item) -> Result<Row> {
    Ok(Row {
        pk: text_of(item, "pk")?.to_owned(),
        sk: text_of(item, "sk")?.to_owned(),
        due: Some(text_of(item, "due")?.to_owned()),
        phase: None,
        at: number_if_any(item, "at")?,
        version: 0,
    })
}

/// An order's own row as it is stored, and what it says of the others.
struct Stored {
    own: Row,
    others: Vec<Row>,
    /// `others` as it was written; the same rows can be written in several ways.
    others_json: String,
}

/// A row that has to appear or to go.
enum Change<'a> {
    Put(&'a Row),
    Delete(&'a Row),
}

/// A row that an order did not have before. It is written together with those of other orders, and may fail alone.
#[derive(Debug)]
pub(crate) struct NewRow(Item);

impl Part for NewRow {
    type Answer = Result<()>;

    fn waiting(world: &World) -> &Waiting<Self> {
        &world.new_rows
    }

    async fn call(world: &World, parts: Vec<Self>) -> Vec<Self::Answer> {
        let batches = parts.chunks(WRITE_MAX).map(async |rows| {
            let items = rows.iter().map(|row| row.0.clone()).collect();
            let left = world.write_batch(&world.config.table_views, items, ATTEMPTS_MAX).await;
            let answer = |row: &Self| match &left {
                Ok(left) if left.contains(&key_of(&row.0)?) => Err(anyhow!(LEFT)),
                Ok(_) => Ok(()),
                Err(error) => Err(anyhow!("{error:#}")),
            };
            rows.iter().map(answer).collect::<Vec<_>>()
        });
        join_all(batches).await.into_iter().flatten().collect()
    }
}

/// What is different from what is stored. A row that stands already is not written again.
fn changes<'a>(stored: &'a [Row], wanted: &'a [Row]) -> Vec<Change<'a>> {
    let gone = stored.iter().filter(|row| !wanted.iter().any(|other| has_same_key(row, other)));
    let new = wanted.iter().filter(|row| !stored.contains(row));
    gone.map(Change::Delete).chain(new.map(Change::Put)).collect()
}

fn has_same_key(one: &Row, other: &Row) -> bool {
    one.pk == other.pk && one.sk == other.sk
}

/// The rows that there are after changes.
fn after(stored: &[Row], changes: &[Change<'_>]) -> Vec<Row> {
    let is_touched = |row: &&Row| {
        changes
            .iter()
            .any(|(Change::Put(changed) | Change::Delete(changed))| has_same_key(row, changed))
    };
    let put = changes.iter().filter_map(|change| match change {
        Change::Put(row) => Some((*row).clone()),
        Change::Delete(_) => None,
    });
    stored.iter().filter(|row| !is_touched(row)).cloned().chain(put).collect()
}

impl World {
    async fn replace_rows(&self, own: &Row, others: &[Row]) -> Result<()> {
        // Their version is that of the own row, which alone is compared.
        let wanted: Vec<Row> = others.iter().map(|row| Row { version: 0, ..row.clone() }).collect();
        let stored = self.stored(own).await?;
        let before = stored.as_ref().map(|stored| stored.others.clone()).unwrap_or_default();
        let changes = changes(&before, &wanted);
        let is_newer = |stored: &Stored| stored.own.version > own.version;
        // What shows the same need not say that it still does.
        let as_new = |stored: &Stored| Row { version: own.version, ..stored.own.clone() };
        let is_same = |stored: &Stored| as_new(stored) == *own && changes.is_empty();
        if stored.as_ref().is_some_and(|stored| is_newer(stored) || is_same(stored)) {
            return Ok(());
        }
        if changes.is_empty() {
            let others_json = serde_json::to_string(&before)?;
            return self.put_own_row(self.own_row(own, stored.as_ref(), &others_json)?).await;
        }
        let is_new = |change: &Change<'_>| matches!(change, Change::Put(row) if !before.iter().any(|known| has_same_key(known, row)));
        if changes.iter().all(is_new) {
            return self.write_new(own, stored.as_ref(), &before, &changes).await;
        }
        self.write_changes(own, stored, &changes).await
    }

    async fn write_new(
        &self,
        own: &Row,
        stored: Option<&Stored>,
        before: &[Row],
        changes: &[Change<'_>],
    ) -> Result<()> {
        let new = changes.iter().filter_map(|change| match change {
            Change::Put(row) => Some(NewRow(row_item(row))),
            Change::Delete(_) => None,
        });
        self.call_together(new.collect()).await.into_iter().collect::<Result<()>>()?;
        let others_json = serde_json::to_string(&after(before, changes))?;
        self.put_own_row(self.own_row(own, stored, &others_json)?).await
    }

    /// As it was a moment ago, at half the price: whoever writes on the condition that it is still so finds out.
    async fn stored(&self, own: &Row) -> Result<Option<Stored>> {
        let read = self.read(Manner::glance(Table::Views), own.pk.clone(), own.sk.clone());
        let Some(found) = read.await? else { return Ok(None) };
        let text_if_any =
            |name: &str| found.contains_key(name).then(|| text_of(&found, name)).transpose();
        let own = Row {
            due: text_if_any("due")?.map(str::to_owned),
            phase: text_if_any("phase")?.map(str::to_owned),
            at: number_if_any(&found, "at")?,
            version: number_of(&found, "version")?.unsigned_abs(),
            ..own.clone()
        };
        let others_json = text_of(&found, "others")?.to_owned();
        Ok(Some(Stored { own, others: json_of(&found, "others")?, others_json }))
    }

    /// As many transactions as it takes, nearly always one; after each, the own row names exactly the others.
    async fn write_changes(
        &self,
        own: &Row,
        mut stored: Option<Stored>,
        changes: &[Change<'_>],
    ) -> Result<()> {
        for changes in changes.chunks(OTHERS_PER_TRANSACTION_MAX) {
            let others = after(stored.as_ref().map_or(&[], |stored| &stored.others), changes);
            let others_json = serde_json::to_string(&others)?;
            let put = self.own_row(own, stored.as_ref(), &others_json)?;
            let mut writes = vec![TransactWriteItem::builder().put(put).build()];
            for change in changes {
                writes.push(self.write_of(change)?);
            }
            self.dynamodb().transact_write_items().set_transact_items(Some(writes)).send().await?;
            stored = Some(Stored { own: own.clone(), others, others_json });
        }
        Ok(())
    }

    /// The own row, on the condition that it is as it was read.
    fn own_row(&self, own: &Row, stored: Option<&Stored>, others_json: &str) -> Result<Put> {
        let mut written = row_item(own);
        written.insert("version".to_owned(), number(own.version));
        written.insert("others".to_owned(), text(others_json));
        let put = Put::builder().table_name(&self.config.table_views).set_item(Some(written));
        let put = match stored {
            None => put.condition_expression(IS_STILL_ABSENT),
            Some(stored) => put
                .condition_expression(IS_AS_READ)
                .expression_attribute_names("#others", "others")
                .expression_attribute_values(":version", number(stored.own.version))
                .expression_attribute_values(":others", text(&stored.others_json)),
        };
        Ok(put.build()?)
    }

    async fn put_own_row(&self, put: Put) -> Result<()> {
        let alone = self
            .dynamodb()
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values);
        alone.send().await?;
        Ok(())
    }

    fn write_of(&self, change: &Change<'_>) -> Result<TransactWriteItem> {
        let table = &self.config.table_views;
        let write = TransactWriteItem::builder();
        Ok(match change {
            Change::Put(row) => {
                write.put(Put::builder().table_name(table).set_item(Some(row_item(row))).build()?)
            }
            Change::Delete(Row { pk, sk, .. }) => {
                let delete =
                    Delete::builder().table_name(table).key("pk", text(pk)).key("sk", text(sk));
                write.delete(delete.build()?)
            }
        }
        .build())
    }
}

fn row_item(row: &Row) -> Item {
    let mut written = item([("pk", text(&row.pk)), ("sk", text(&row.sk))]);
    let attributes = [
        ("due", row.due.as_ref().map(text)),
        ("phase", row.phase.as_ref().map(text)),
        ("at", row.at.map(number)),
    ];
    let present =
        attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    written.extend(present);
    written
}
