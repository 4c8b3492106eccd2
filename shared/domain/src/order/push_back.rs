//! Push-back: what the shop should show of our parcels.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::id::{LineId, ParcelId};
use crate::order::fact::{Fact, Milestone, ScanStatus};
use crate::order::{Order, Parcel};

/// What a shop is to be told of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushBack {
    /// Which milestone.
    pub milestone: Milestone,
    /// Units of the shop's lines that are complete with this parcel. A bundle counts when its last part has left.
    pub lines: BTreeMap<LineId, u32>,
    /// Whether everything that will be shipped has been.
    pub is_last: bool,
    /// Whether it takes all units of its lines that the shop does not show in a parcel yet: then nothing is left that a
    /// second telling could take.
    pub is_rest: bool,
    /// The number that the shop shows instead of the parcel's own.
    pub replaces: Option<String>,
}

/// How long one delivery has for showing something before another may look what became of it: twice the longest that a
/// function may take, and less than the queue waits.
const SHOWING_FOR: SignedDuration = SignedDuration::from_mins(1);

/// The milestone of a parcel that the shop does not show yet, the earliest first; none while it refuses that one.
#[must_use]
pub fn owed(parcel: &Parcel) -> Option<Milestone> {
    unshown(parcel).filter(|milestone| !parcel.refused.contains_key(milestone))
}

fn unshown(parcel: &Parcel) -> Option<Milestone> {
    if !parcel.pushed.contains_key(&Milestone::Shipped) {
        return Some(Milestone::Shipped);
    }
    if parcel.shown_number.as_ref() != Some(&parcel.number) {
        return Some(Milestone::Corrected);
    }
    let is_news = parcel.status() == ScanStatus::Delivered
        && !parcel.pushed.contains_key(&Milestone::Delivered);
    is_news.then_some(Milestone::Delivered)
}

/// What the shop is to be told of a parcel now.
#[must_use]
pub fn plan(order: &Order, parcel_id: ParcelId) -> Option<PushBack> {
    let parcel = order.parcels.get(&parcel_id)?;
    let milestone = owed(parcel)?;
    let before = complete_lines(order, |known| known < parcel_id);
    let with = complete_lines(order, |known| known <= parcel_id);
    // What is sent again is no line that the shop knows to be open.
    let is_replaced = |line: &LineId| order.replaced.keys().any(|item| item.line == *line);
    let open = |line: &LineId, units: u32| {
        if is_replaced(line) { units.min(order.bought(line)) } else { units }
    };
    let added = with.iter().map(|(line, units)| {
        let before = open(line, before.get(line).copied().unwrap_or(0));
        (line.clone(), open(line, *units) - before)
    });
    let lines: BTreeMap<LineId, u32> = added.filter(|(_, units)| *units > 0).collect();
    let is_open =
        |item| order.unallocated(item) > 0 || order.allocated(&item.id) > order.shipped(&item.id);
    let is_last = order.items().all(|item| !is_open(item))
        && order.parcels.keys().all(|known| *known <= parcel_id);
    let is_rest = lines.iter().all(|(line, units)| *units >= unshown_units(order, line));
    let replaces = parcel.shown_number.clone().filter(|shown| *shown != parcel.number);
    Some(PushBack { milestone, lines, is_last, is_rest, replaces })
}

/// Units of a line that the shop shows in no parcel of ours.
fn unshown_units(order: &Order, line: &LineId) -> u32 {
    let is_shown = |known: ParcelId| order.parcels[&known].pushed.contains_key(&Milestone::Shipped);
    let shown = complete_lines(order, is_shown).get(line).copied().unwrap_or(0);
    order.wanted.get(line).copied().unwrap_or(0).saturating_sub(shown)
}

/// What must be on record before a shop is told that could not tell a second time from more of it.
#[must_use]
pub fn begin(order: &Order, parcel_id: ParcelId, milestone: Milestone) -> Vec<Fact> {
    let Some(parcel) = order.parcels.get(&parcel_id) else { return Vec::new() };
    if parcel.showing_since.contains_key(&milestone) || owed(parcel) != Some(milestone) {
        return Vec::new();
    }
    vec![Fact::ShopUpdateStarted { parcel_id, milestone }]
}

/// Whether a delivery that found such an intent may look what became of it: whoever made it is gone by now.
#[must_use]
pub fn may_show(order: &Order, parcel_id: ParcelId, milestone: Milestone, now: Timestamp) -> bool {
    order.parcels.get(&parcel_id).is_some_and(|parcel| now >= due_at(parcel, milestone, now))
}

/// From when on the shop is to be told of a milestone that became due at `since`.
pub(super) fn due_at(parcel: &Parcel, milestone: Milestone, since: Timestamp) -> Timestamp {
    parcel.showing_since.get(&milestone).map_or(since, |begun| *begun + SHOWING_FOR)
}

/// The shop shows it now, under this number.
#[must_use]
pub fn done(
    order: &Order,
    parcel_id: ParcelId,
    milestone: Milestone,
    shown: Shown<'_>,
) -> Vec<Fact> {
    let Some(parcel) = order.parcels.get(&parcel_id) else { return Vec::new() };
    let is_open = match milestone {
        Milestone::Corrected => parcel.shown_number.as_deref() != Some(shown.number),
        _ => !parcel.pushed.contains_key(&milestone),
    };
    if !is_open {
        return Vec::new();
    }
    vec![Fact::ShopUpdated {
        parcel_id,
        milestone,
        shop_reference: shown.shop_reference.to_owned(),
        found: shown.found,
        number: (parcel.number != shown.number).then(|| shown.number.to_owned()),
    }]
}

/// What the shop shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The shop's name for it.
    pub shop_reference: &'a str,
    /// Whether it was there before.
    pub found: bool,
    /// The tracking number that was shown.
    pub number: &'a str,
}

/// The shop will not show it, however often it is asked.
#[must_use]
pub fn refused(order: &Order, parcel_id: ParcelId, milestone: Milestone, why: &str) -> Vec<Fact> {
    if order.parcels.get(&parcel_id).and_then(owed) != Some(milestone) {
        return Vec::new();
    }
    vec![Fact::ShopUpdateRefused { parcel_id, milestone, why: why.to_owned() }]
}

/// A person looked into the shop: it shows what it had refused, or it is to be tried again.
#[must_use]
pub fn resolve(order: &Order, parcel_id: ParcelId, shown: bool, by: &str, why: &str) -> Vec<Fact> {
    let refused = order.parcels.get(&parcel_id).map(|parcel| parcel.refused.keys());
    let resolved = |milestone: &Milestone| Fact::ShopUpdateResolved {
        parcel_id,
        milestone: *milestone,
        shown,
        by: by.to_owned(),
        why: why.to_owned(),
    };
    refused.into_iter().flatten().map(resolved).collect()
}

/// What a shop calls a parcel that it has no place for.
pub const NO_PLACE: &str = "-";

/// The tracking numbers that the shop should know, by our facts.
pub fn shown(order: &Order) -> impl Iterator<Item = &str> {
    order.parcels.values().filter_map(number_shown)
}

/// What the shop does not know any more of what it showed, when it was asked at `asked_at` and knew these numbers. Each
/// parcel is shown again once: whoever takes it away then means it. Of what was told it meanwhile nothing can be said.
#[must_use]
pub fn lost(order: &Order, known: &BTreeSet<String>, asked_at: Timestamp) -> Vec<Fact> {
    if order.changed_at.is_none_or(|changed_at| changed_at > asked_at) {
        return Vec::new();
    }
    let is_gone = |parcel: &Parcel| {
        !parcel.lost && number_shown(parcel).is_some_and(|number| !known.contains(number))
    };
    let gone = order.parcels.iter().filter(|(_, parcel)| is_gone(parcel));
    let lost = |(parcel_id, _): (&ParcelId, _)| Fact::ShopLost {
        parcel_id: *parcel_id,
        why: "the shop does not know its number any more".to_owned(),
    };
    gone.map(lost).collect()
}

/// The number that the shop shows of a parcel; none where it has no place for it, or was told of none yet.
fn number_shown(parcel: &Parcel) -> Option<&str> {
    let reference = parcel.pushed.get(&Milestone::Shipped)?;
    parcel.shown_number.as_deref().filter(|_| reference != NO_PLACE)
}

/// Units of each line of which every part is in one of these parcels.
fn complete_lines(order: &Order, is_in: impl Fn(ParcelId) -> bool) -> BTreeMap<LineId, u32> {
    let mut lines: BTreeMap<LineId, u32> = BTreeMap::new();
    for item in order.items() {
        let parcels = order.parcels.iter().filter(|(parcel_id, _)| is_in(**parcel_id));
        let units =
            parcels.flat_map(|(_, parcel)| &parcel.units).filter(|units| units.item == item.id);
        let complete = units.map(|units| units.quantity).sum::<u32>() / item.per_unit;
        lines
            .entry(item.id.line.clone())
            .and_modify(|least| *least = complete.min(*least))
            .or_insert(complete);
    }
    lines
}
