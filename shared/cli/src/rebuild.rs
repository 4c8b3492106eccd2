//! `Views` from `Events`.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;

use anyhow::Result;
use domain::id::OrderId;
use domain::order::Order;
use domain::views::{self, Row};
use ports::{Events, Views};

use crate::operator::Operator;

/// How often an order's rows are made: when the projection writes the same rows at the same moment, one of both fails.
const ATTEMPTS_MAX: u32 = 3;

/// How a rebuild went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rebuilt {
    /// Orders that have facts.
    pub orders: usize,
    /// Rows that they have.
    pub rows: usize,
    /// Rows that appeared, went or became others.
    pub changed: usize,
}

impl fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { orders, rows, changed } = self;
        write!(f, "{orders} orders have {rows} rows; {changed} rows changed")
    }
}

/// Makes the rows of every order anew. Running functions may go on: no row is replaced by one of an older version.
///
/// # Errors
/// When the world says not now; start again.
pub async fn rebuild(
    world: &(impl Events + Operator + Views),
    progress: &mut impl Write,
) -> Result<Rebuilt> {
    let order_ids = world.order_ids().await?;
    let mut rebuilt = Rebuilt { orders: order_ids.len(), ..Rebuilt::default() };
    for (done, order_id) in order_ids.iter().enumerate() {
        if done % 1000 == 0 {
            writeln!(progress, "{done} of {} orders", order_ids.len())?;
        }
        let mut attempt = 1;
        let (rows, changed) = loop {
            match rebuild_order(world, order_id).await {
                Err(_) if attempt < ATTEMPTS_MAX => attempt += 1,
                done => break done?,
            }
        };
        rebuilt.rows += rows;
        rebuilt.changed += changed;
    }
    Ok(rebuilt)
}

/// How many rows the order has, and how many of them were not as they should be.
async fn rebuild_order(
    world: &(impl Events + Operator + Views),
    order_id: &OrderId,
) -> Result<(usize, usize)> {
    let (mut history, mut version) = world.load(order_id).await?;
    loop {
        let wanted = views::rows(order_id, &Order::fold(&history), version);
        let (stored, right) = (shown(&world.rows(order_id).await?), shown(&wanted));
        let changed: BTreeSet<_> = stored.symmetric_difference(&right).map(key).collect();
        let changed = changed.len();
        if changed > 0 {
            world.replace(&wanted).await?;
            let written = version;
            (history, version) = world.load(order_id).await?;
            // The projection may have found the newer rows in place, just before we wrote older ones.
            if version > written {
                continue;
            }
        }
        return Ok((wanted.len(), changed));
    }
}

/// What a row shows: all but the version, which only the order's own row must have.
type Shown = (String, String, Option<String>, Option<String>, Option<i64>);

fn shown(rows: &[Row]) -> BTreeSet<Shown> {
    let shown =
        |row: &Row| (row.pk.clone(), row.sk.clone(), row.due.clone(), row.phase.clone(), row.at);
    rows.iter().map(shown).collect()
}

fn key(shown: &Shown) -> (String, String) {
    (shown.0.clone(), shown.1.clone())
}
