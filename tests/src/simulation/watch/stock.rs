//! Stock by a ledger of our own: what was counted, less what left or was not there; and what is promised.

use std::collections::BTreeMap;

use domain::catalog::{StockKey, StockLevel};
use domain::id::FulfillmentOrderId;
use domain::order::Order;
use domain::order::fact::{Fact, RejectReason, Units};
use domain::order::returns::fact::{Restocked, ReturnFact};
use ports::memory::World;

use super::Watch;

/// A counter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shelf {
    on_hand: i64,
    promised: i64,
}

impl Watch {
    /// Someone counted.
    pub(crate) fn counted(&mut self, world: &World, key: &StockKey, on_hand: i64) {
        self.shelves.entry(key.clone()).or_default().on_hand = on_hand;
        if let Some(what) = self.wrong_level(world, key) {
            self.report(None, what);
        }
    }

    /// What is wrong with the counters that a fact moves.
    pub(super) fn moves(&mut self, order: &Order, fact: &Fact) -> Option<String> {
        for (key, promised, on_hand) in movements(order, fact) {
            let shelf = self.shelves.entry(key.clone()).or_default();
            shelf.promised += promised;
            shelf.on_hand += on_hand;
            if promised > 0 && shelf.promised > shelf.on_hand {
                return Some(format!("more of `{}` is promised than is there", key.supplier_sku));
            }
            // Several facts of one append move one counter together: it is looked at after the last of them.
            self.moved.push(key);
        }
        None
    }

    /// What is wrong with the counters that were moved.
    pub(super) fn wrong_levels(&mut self, world: &World) -> Option<String> {
        let moved = std::mem::take(&mut self.moved);
        moved.iter().find_map(|key| self.wrong_level(world, key))
    }

    fn wrong_level(&self, world: &World, key: &StockKey) -> Option<String> {
        let shelf = self.shelves.get(key).copied().unwrap_or_default();
        let expected =
            StockLevel { available: shelf.on_hand - shelf.promised, reserved: shelf.promised };
        let level = world.stock.borrow().get(key).copied().unwrap_or_default();
        (level != expected).then(|| {
            format!("stock of `{}` is {level:?} and should be {expected:?}", key.supplier_sku)
        })
    }
}

/// Counters, and by how much what is promised and what is there change.
fn movements(order: &Order, fact: &Fact) -> Vec<(StockKey, i64, i64)> {
    match fact {
        Fact::Routed(routed) => {
            let ids = routed.fulfillment_orders.iter().map(|planned| planned.fulfillment_order_id);
            ids.flat_map(|id| of_units(order, id, None))
                .map(|(key, units)| (key, units, 0))
                .collect()
        }
        Fact::Shipped { fulfillment_order_id: id, units, .. }
        | Fact::Rejected {
            fulfillment_order_id: id,
            units,
            reason: RejectReason::OutOfStock | RejectReason::Discontinued,
            ..
        } => of_units(order, *id, Some(units)).map(|(key, units)| (key, -units, -units)).collect(),
        Fact::Rejected { fulfillment_order_id: id, units, .. }
        | Fact::TimedOut { fulfillment_order_id: id, units }
        | Fact::Withdrawn { fulfillment_order_id: id, units } => {
            of_units(order, *id, Some(units)).map(|(key, units)| (key, -units, 0)).collect()
        }
        Fact::Return(ReturnFact::ReturnInspected { restocked, .. }) => {
            let back = |it: &Restocked| (it.stock.clone(), 0, i64::from(it.quantity));
            restocked.iter().map(back).collect()
        }
        _ => Vec::new(),
    }
}

/// Units of a fulfillment order by counter; all that was planned if none are given.
fn of_units(
    order: &Order,
    id: FulfillmentOrderId,
    units: Option<&[Units]>,
) -> impl Iterator<Item = (StockKey, i64)> {
    let mut of: BTreeMap<StockKey, i64> = BTreeMap::new();
    let planned = order.fulfillment_orders.get(&id).map(|known| &known.planned);
    for (planned, share) in
        planned.iter().flat_map(|it| it.shares.iter().map(move |share| (it, share)))
    {
        let given = units.map(|units| {
            let same = units.iter().filter(|units| units.item == share.item);
            same.map(|units| i64::from(units.quantity)).sum()
        });
        let key = StockKey {
            supplier: planned.supplier.clone(),
            location: planned.location.clone(),
            supplier_sku: share.supplier_sku.clone(),
        };
        *of.entry(key).or_default() += given.unwrap_or_else(|| i64::from(share.quantity));
    }
    of.into_iter().filter(|(_, units)| *units != 0)
}
