//! `ordered ≥ allocated ≥ forwarded ≥ accepted ≥ shipped ≥ delivered`, `cancelled + shipped ≤ ordered`, only forward.

use std::collections::BTreeMap;

use domain::id::ItemId;
use domain::order::fact::{Fact, Item, Scan, ScanStatus};
use domain::order::{Cancellation, FulfillmentOrder, Order, Parcel, Stage};

use super::Known;

/// How far the units of an item are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Level {
    allocated: u32,
    given_back: u32,
    accepted: u32,
    shipped: u32,
    delivered: u32,
    cancelled: u32,
}

/// What is wrong with an order after these facts.
pub(super) fn check(known: &mut Known, facts: &[Fact]) -> Vec<String> {
    let is_reinstated = facts.iter().any(|fact| matches!(fact, Fact::Reinstated { .. }));
    let mut wrong = Vec::new();
    let items: Vec<Item> = known.order.items().cloned().collect();
    for item in &items {
        let most = known.most.entry(item.id.clone()).or_default();
        *most = (*most).max(known.order.ordered(item));
        let most = *most;
        let level = level(&known.order, &item.id);
        let before = known.levels.insert(item.id.clone(), level).unwrap_or_default();
        let what = wrong_level(known, item, most, level);
        let what = what.or_else(|| went_back(before, level, is_reinstated));
        wrong.extend(what.map(|what| format!("{}: {what}: {level:?}, wanted {most}", item.id)));
    }
    wrong.extend(known.order.fulfillment_orders.values().filter_map(wrong_progress));
    wrong.extend(wrong_shipped(&known.order));
    wrong.extend(wrong_cancellation(&known.order));
    wrong.extend(known.order.parcels.values().filter_map(wrong_status));
    wrong
}

fn level(order: &Order, item: &ItemId) -> Level {
    let shares = order.fulfillment_orders.values().filter_map(|known| known.units.get(item));
    let mut level = Level {
        allocated: order.allocated(item),
        delivered: order.delivered(item),
        cancelled: order.cancelled.get(item).copied().unwrap_or(0),
        ..Level::default()
    };
    for progress in shares {
        level.given_back += progress.returned + progress.cancelled;
        level.accepted += progress.accepted;
        level.shipped += progress.shipped;
    }
    level
}

fn wrong_level(known: &Known, item: &Item, most: u32, level: Level) -> Option<&'static str> {
    if level.allocated > most || (!known.was_refused && level.allocated > known.order.ordered(item))
    {
        return Some("more is allocated than is ordered");
    }
    if level.shipped > level.allocated {
        return Some("more is shipped than is allocated");
    }
    if level.shipped > level.accepted {
        return Some("more is shipped than is accepted");
    }
    if level.delivered > level.shipped {
        return Some("more is delivered than is shipped");
    }
    (level.cancelled + level.shipped > most)
        .then_some("more is cancelled and shipped than was ordered")
}

fn went_back(before: Level, now: Level, is_reinstated: bool) -> Option<&'static str> {
    let is_forward = now.given_back >= before.given_back
        && now.accepted >= before.accepted
        && now.shipped >= before.shipped
        && now.delivered >= before.delivered
        && (now.cancelled >= before.cancelled || is_reinstated);
    (!is_forward).then_some("units went back")
}

fn wrong_progress(known: &FulfillmentOrder) -> Option<String> {
    let is_wrong = known.units.values().any(|progress| {
        progress.returned + progress.cancelled + progress.shipped > progress.quantity
            || progress.accepted > progress.quantity
    });
    is_wrong.then(|| format!("{:?} has more units than were planned", known.units))
}

/// Of an order that is to be cancelled, every supplier who has some of it is asked, or was.
fn wrong_cancellation(order: &Order) -> Option<String> {
    order.cancel_requested.as_ref()?;
    let is_live = |known: &&FulfillmentOrder| {
        matches!(known.stage, Stage::Submitting | Stage::Submitted | Stage::Accepted)
            && known.cancellation == Cancellation::None
            && !known.unshipped().is_empty()
    };
    let live = order.fulfillment_orders.values().find(is_live)?;
    Some(format!("the order is cancelled, and `{}` is not asked to", live.supplier()))
}

/// What is shipped is what is in parcels.
fn wrong_shipped(order: &Order) -> Option<String> {
    let mut in_parcels: BTreeMap<(_, &ItemId), u32> = BTreeMap::new();
    for parcel in order.parcels.values() {
        for units in &parcel.units {
            *in_parcels.entry((parcel.fulfillment_order_id, &units.item)).or_default() +=
                units.quantity;
        }
    }
    for (id, known) in &order.fulfillment_orders {
        for (item, progress) in &known.units {
            let units = in_parcels.get(&(*id, item)).copied().unwrap_or(0);
            if progress.shipped != units {
                return Some(format!(
                    "{} of {item} are shipped, and {units} are in parcels",
                    progress.shipped
                ));
            }
        }
    }
    None
}

/// Where a parcel stands, by the event that happened last, and of several at one moment by the one that says most.
fn wrong_status(parcel: &Parcel) -> Option<String> {
    let rank = |scan: &&Scan| (scan.at, scan.status);
    let last =
        parcel.scans.iter().max_by_key(rank).map_or(ScanStatus::LabelCreated, |scan| scan.status);
    let has_arrived = parcel.scans.iter().any(|scan| scan.status == ScanStatus::Delivered);
    let expected = if has_arrived { ScanStatus::Delivered } else { last };
    let status = parcel.status();
    (status != expected)
        .then(|| format!("parcel `{}` is {status:?} and should be {expected:?}", parcel.number))
}
