//! Push-back: what the shop should show of our parcels.

use std::collections::BTreeMap;

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
}

/// Milestones of a parcel that the shop does not show yet, earliest first.
#[must_use]
pub fn owed(parcel: &Parcel) -> Option<Milestone> {
    if !parcel.pushed.contains_key(&Milestone::Shipped) {
        return Some(Milestone::Shipped);
    }
    let is_news = parcel.status() == ScanStatus::Delivered
        && !parcel.pushed.contains_key(&Milestone::Delivered);
    is_news.then_some(Milestone::Delivered)
}

/// What the shop is to be told of a parcel now.
#[must_use]
pub fn plan(order: &Order, parcel_id: ParcelId) -> Option<PushBack> {
    let milestone = owed(order.parcels.get(&parcel_id)?)?;
    let before = complete_lines(order, |known| known < parcel_id);
    let with = complete_lines(order, |known| known <= parcel_id);
    let added = with
        .iter()
        .map(|(line, units)| (line.clone(), units - before.get(line).copied().unwrap_or(0)));
    let lines = added.filter(|(_, units)| *units > 0).collect();
    let is_open =
        |item| order.unallocated(item) > 0 || order.allocated(&item.id) > order.shipped(&item.id);
    let is_last = order.items().all(|item| !is_open(item))
        && order.parcels.keys().all(|known| *known <= parcel_id);
    Some(PushBack { milestone, lines, is_last })
}

/// The shop shows it now.
#[must_use]
pub fn done(
    order: &Order,
    parcel_id: ParcelId,
    milestone: Milestone,
    shop_reference: &str,
    found: bool,
) -> Vec<Fact> {
    let is_open =
        order.parcels.get(&parcel_id).is_some_and(|parcel| !parcel.pushed.contains_key(&milestone));
    if !is_open {
        return Vec::new();
    }
    vec![Fact::ShopUpdated {
        parcel_id,
        milestone,
        shop_reference: shop_reference.to_owned(),
        found,
    }]
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
