//! Clock: every minute, whatever has come due goes back into its queue.
//!
//! It is the one mechanism for everything that waits: cooling-off periods, suppliers' deadlines, the polling of
//! carriers, second looks at the catalogue, and the watchdog for messages that were lost.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use domain::id::OrderId;
use domain::message::{Function, Message, PARCELS_PER_MESSAGE_MAX, ParcelRef};
use domain::order::next::{Owed, next};
use domain::order::tracking::rounds_between_looks;
use domain::views::{self, Row};
use futures_util::future::{try_join, try_join_all};
use jiff::Timestamp;
use ports::{Catalog, Clock, Events, Queues, Views};

/// How many orders are looked at side by side. What they call for is sent before any further are looked at: however many
/// are due, a clock that is cut off half-way has moved some of them on, and the next one moves on others.
const ORDERS_AT_ONCE: usize = 25;

/// Sends what has come due. A minute that was missed, or that failed half-way, is made good by a later one.
///
/// # Errors
/// When the world says not now.
pub async fn tick(world: &(impl Clock + Events + Catalog + Queues + Views)) -> Result<()> {
    let now = world.now();
    let (mut parcels, order_ids) =
        try_join(polled_parcels(world, now), due_orders(world, now)).await?;
    let order_ids: Vec<OrderId> = order_ids.into_iter().collect();
    for order_ids in order_ids.chunks(ORDERS_AT_ONCE) {
        let owed = try_join_all(order_ids.iter().map(|order_id| owed_now(world, order_id, now)));
        let mut messages = Vec::new();
        for message in owed.await?.into_iter().flatten() {
            match message {
                Message::TrackParcels { parcels: due } => parcels.extend(due),
                message => messages.push(message),
            }
        }
        send(world, &messages).await?;
    }
    let parcels: Vec<ParcelRef> = parcels.into_iter().collect();
    let messages: Vec<Message> = parcels
        .chunks(PARCELS_PER_MESSAGE_MAX)
        .map(|parcels| Message::TrackParcels { parcels: parcels.to_vec() })
        .collect();
    send(world, &messages).await
}

/// What an order calls for by now. What it has on its way is asked for as well: it stands in no slot meanwhile.
async fn owed_now(world: &impl Events, order_id: &OrderId, now: Timestamp) -> Result<Vec<Message>> {
    // What was done this very moment may be sent once more; what came due this very moment, in a minute.
    let order = world.glance_at_order(order_id).await?.order;
    let is_due =
        |owed: &Owed| owed.not_before <= now && owed.message.function() != Function::TrackingPoll;
    let owed = next(order_id, &order).into_iter().filter(is_due);
    let watched = order.watched_parcels().next().map(|_| Message::TrackParcels {
        parcels: vec![ParcelRef { order_id: order_id.clone(), parcel_id: None }],
    });
    Ok(owed.map(|owed| owed.message).chain(watched).collect())
}

async fn send(world: &impl Queues, messages: &[Message]) -> Result<()> {
    if messages.is_empty() { Ok(()) } else { world.send(messages).await }
}

async fn due_orders(world: &impl Views, now: Timestamp) -> Result<BTreeSet<OrderId>> {
    let buckets = views::minute_buckets(now);
    let due = try_join_all(buckets.iter().map(|bucket| world.due(bucket))).await?;
    due.iter().flatten().map(order_of).collect()
}

/// The orders whose parcels' turn it is: those in the slots of this minute, older ones only in some rounds.
async fn polled_parcels(
    world: &(impl Catalog + Views),
    now: Timestamp,
) -> Result<BTreeSet<ParcelRef>> {
    let round_minutes = world.settings().await?.tracking.poll_minutes;
    let round = views::poll_round(now, round_minutes);
    let mut parcels = BTreeSet::new();
    let buckets: Vec<String> =
        views::poll_slots(now, round_minutes).map(views::poll_bucket).collect();
    let due = try_join_all(buckets.iter().map(|bucket| world.due(bucket))).await?;
    for row in due.iter().flatten() {
        let shipped_at = Timestamp::from_second(row.at.unwrap_or_default())?;
        if round % rounds_between_looks(shipped_at, now) == 0 {
            parcels.insert(ParcelRef { order_id: order_of(row)?, parcel_id: None });
        }
    }
    Ok(parcels)
}

fn order_of(row: &Row) -> Result<OrderId> {
    let order_id = row
        .pk
        .strip_prefix(views::ORDER_PREFIX)
        .with_context(|| format!("row `{}` is no order's", row.pk))?;
    Ok(OrderId::parse(order_id)?)
}
