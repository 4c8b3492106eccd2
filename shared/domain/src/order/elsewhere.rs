//! Goods that the shop shows as sent, and not by us: someone fulfilled the order by hand. What we have not forwarded yet
//! must not be shipped a second time; a person decides.

use std::collections::BTreeMap;

use crate::id::LineId;
use crate::order::fact::{Fact, Hold};
use crate::order::{Order, Progress, Stage};
use crate::shop_order::ShopParcel;

/// Holds what is still to be shipped of lines that someone else has sent something of; lets it go again when the shop
/// takes that back. Nothing is known of a shop that does not say.
#[must_use]
pub fn notice(order: &Order, parcels: Option<&[ShopParcel]>) -> Vec<Fact> {
    let Some(parcels) = parcels else { return Vec::new() };
    let hold = Hold::SentElsewhere;
    let stands = order.holds.contains_key(&hold);
    let due = due(order, parcels);
    if due.is_empty() {
        return if stands { vec![Fact::Released { hold }] } else { Vec::new() };
    }
    if stands || order.overridden.contains(&hold) {
        return Vec::new();
    }
    let each = due.iter().map(|(line, units)| match units {
        Some(units) => format!("{units} of line `{line}`"),
        None => format!("some of line `{line}`"),
    });
    let each: Vec<String> = each.collect();
    vec![Fact::Held {
        hold,
        detail: format!("the shop shows as sent by others: {}", each.join(", ")),
    }]
}

/// Lines of which others have sent something and we are still to ship something, with the units that others sent where
/// the shop says.
fn due(order: &Order, parcels: &[ShopParcel]) -> BTreeMap<LineId, Option<u32>> {
    let is_ours = |number: &String| {
        let mut parcels = order.parcels.values();
        parcels.any(|it| it.number == *number || it.former_numbers.contains(number))
    };
    let others: Vec<&ShopParcel> =
        parcels.iter().filter(|shown| shown.stands && !shown.numbers.iter().any(is_ours)).collect();
    let sent = |line: &LineId| -> Option<Option<u32>> {
        if others.iter().any(|shown| shown.lines.is_none()) {
            return Some(None);
        }
        let units = others.iter().filter_map(|shown| shown.lines.as_ref()?.get(line));
        let units: u32 = units.sum();
        (units > 0).then_some(Some(units))
    };
    let lines = order.wanted.keys().filter(|line| open(order, line) > 0);
    lines.filter_map(|line| Some((line.clone(), sent(line)?))).collect()
}

/// Units of a line that no supplier was told to ship yet, and that will be.
fn open(order: &Order, line: &LineId) -> u32 {
    let wanted = order.wanted.get(line).copied().unwrap_or(0);
    let lines = order.received.iter().flat_map(|received| &received.lines);
    let travels = lines.filter(|known| known.line_id == *line).any(|known| known.ships);
    if !travels || order.cancel_requested.is_some() {
        return 0;
    }
    if !order.items().any(|item| item.id.line == *line) {
        return wanted;
    }
    let items = order.items().filter(|item| item.id.line == *line);
    let open = items.map(|item| {
        let forwarded = order.fulfillment_orders.values().filter(|it| it.stage != Stage::Planned);
        let forwarded = forwarded.filter_map(|known| known.units.get(&item.id)).copied();
        let settled = forwarded.map(Progress::active).sum::<u32>()
            + order.cancelled.get(&item.id).copied().unwrap_or(0);
        order.ordered(item).saturating_sub(settled).div_ceil(item.per_unit.max(1))
    });
    open.max().unwrap_or(0)
}
