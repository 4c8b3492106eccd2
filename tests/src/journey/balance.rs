//! What must be true of every journey, whatever happened: nothing is lost, and everything adds up.

use std::collections::BTreeMap;

use domain::catalog::{StockKey, StockLevel};
use domain::id::{FulfillmentOrderId, OrderId};
use domain::order::fact::{Fact, Item, RejectReason, Units};
use domain::order::returns::fact::{Restocked, ReturnFact};
use domain::order::{FulfillmentOrder, Order, Recorded};

use super::Journey;

impl Journey {
    /// Checks what must be true of every journey.
    ///
    /// # Panics
    /// When it is not.
    pub fn check(&mut self) {
        let dead_letters = &self.system.dead_letters;
        assert!(dead_letters.is_empty(), "ended in the dead letters: {dead_letters:?}");
        let queue = self.system.world.queue.borrow();
        assert!(queue.is_empty(), "not delivered: {queue:?}");
        drop(queue);
        for order_id in self.order_ids() {
            let (order, history) = self.system.order(&order_id);
            for item in order.items() {
                check_item(&order_id, &order, &history, item);
            }
        }
        self.check_stock();
        self.check_purchases();
        let world = &self.system.world;
        let rebuilt = self.runtime.block_on(cli::rebuild::rebuild(world, &mut std::io::sink()));
        let rebuilt = rebuilt.expect("the world in memory has no faults planned");
        assert_eq!(rebuilt.changed, 0, "rows are not what a rebuild makes of the facts");
    }

    /// What is reserved is what active fulfillment orders have not shipped; and since somebody counted, nothing came or
    /// went but what was shipped, or turned out not to be there.
    fn check_stock(&self) {
        let mut reserved: BTreeMap<StockKey, i64> = BTreeMap::new();
        let mut gone: BTreeMap<StockKey, i64> = BTreeMap::new();
        for order_id in self.order_ids() {
            let (order, history) = self.system.order(&order_id);
            for known in order.fulfillment_orders.values() {
                add(&mut reserved, known, &known.unshipped());
            }
            for Recorded { at, fact, .. } in &history {
                let Some((id, units)) = consumed(fact) else { continue };
                let known = &order.fulfillment_orders[&id];
                let mut of_fact = BTreeMap::new();
                add(&mut of_fact, known, units);
                of_fact
                    .retain(|key, _| self.counted.get(key).is_some_and(|(since, _)| since <= at));
                for (key, units) in of_fact {
                    *gone.entry(key).or_default() += units;
                }
            }
        }
        self.take_back(&mut gone);
        for (key, level) in self.system.world.stock.borrow().iter() {
            let of = |counts: &BTreeMap<StockKey, i64>| counts.get(key).copied().unwrap_or(0);
            let on_hand = self.counted.get(key).map_or(0, |(_, on_hand)| *on_hand) - of(&gone);
            let expected =
                StockLevel { available: on_hand - of(&reserved), reserved: of(&reserved) };
            assert_eq!(*level, expected, "stock of `{}` does not add up", key.supplier_sku);
        }
    }

    /// What came back and was restocked is no longer gone.
    fn take_back(&self, gone: &mut BTreeMap<StockKey, i64>) {
        for order_id in self.order_ids() {
            for Recorded { at, fact, .. } in self.system.order(&order_id).1 {
                let Fact::Return(ReturnFact::ReturnInspected { restocked, .. }) = fact else {
                    continue;
                };
                for Restocked { stock, quantity } in restocked {
                    if self.counted.get(&stock).is_some_and(|(since, _)| *since <= at) {
                        *gone.entry(stock).or_default() -= i64::from(quantity);
                    }
                }
            }
        }
    }

    /// Nothing is bought twice, and what a supplier believes to have is what an order says that it has.
    fn check_purchases(&self) {
        let outside = self.outside.borrow();
        for (supplier, known) in outside.suppliers.all() {
            for (reference, order) in &known.orders {
                assert!(order.purchases <= 1, "`{reference}` was bought twice from `{supplier}`");
            }
        }
        for order_id in self.order_ids() {
            let sale = outside
                .shops
                .known(order_id.shop().as_str())
                .and_then(|it| it.known(order_id.order()));
            let numbers = sale.map(crate::outside::shop::Sale::numbers).unwrap_or_default();
            for number in &numbers {
                let times = numbers.iter().filter(|other| *other == number).count();
                assert_eq!(times, 1, "the shop shows `{number}` {times} times");
            }
        }
    }
}

/// `ordered ≥ allocated ≥ forwarded ≥ accepted ≥ shipped ≥ delivered`, and `cancelled + shipped ≤ ordered`.
fn check_item(order_id: &OrderId, order: &Order, history: &[Recorded], item: &Item) {
    let units = order.fulfillment_orders.values().filter_map(|known| known.units.get(&item.id));
    let units: Vec<_> = units.copied().collect();
    let sum = |of: fn(&domain::order::Progress) -> u32| units.iter().map(of).sum::<u32>();
    let (shipped, delivered) = (order.shipped(&item.id), order.delivered(&item.id));
    // The shop may want less than it did, and be told that this is too late.
    let most = most_ordered(history, item);
    let counts = [most, order.allocated(&item.id), shipped, delivered];
    let is_falling = counts.is_sorted_by(|more, less| more >= less);
    assert!(is_falling, "{order_id}: {:?} {counts:?}", item.id);
    let refused = history.iter().any(|it| matches!(it.fact, Fact::EditRefused { .. }));
    assert!(
        refused || order.allocated(&item.id) <= order.ordered(item),
        "{order_id}: more of {:?} is allocated than is ordered",
        item.id
    );
    let cancelled = order.cancelled.get(&item.id).copied().unwrap_or(0);
    assert!(cancelled + shipped <= most, "{order_id}: {:?} cancelled and shipped", item.id);
    assert!(sum(|it| it.shipped) <= sum(|it| it.accepted), "{order_id}: {:?}", item.id);
    for progress in &units {
        let settled = progress.returned + progress.cancelled + progress.shipped;
        assert!(settled <= progress.quantity, "{order_id}: {:?} {progress:?}", item.id);
        assert!(progress.accepted <= progress.quantity, "{order_id}: {:?} {progress:?}", item.id);
    }
}

/// The most units of an item that the shop ever wanted.
fn most_ordered(history: &[Recorded], item: &Item) -> u32 {
    let mut most = 0;
    for end in 1..=history.len() {
        most = most.max(Order::fold(&history[..end]).ordered(item));
    }
    most
}

fn consumed(fact: &Fact) -> Option<(FulfillmentOrderId, &[Units])> {
    match fact {
        Fact::Shipped { fulfillment_order_id, units, .. }
        | Fact::Rejected {
            fulfillment_order_id,
            units,
            reason: RejectReason::OutOfStock | RejectReason::Discontinued,
            ..
        } => Some((*fulfillment_order_id, units)),
        _ => None,
    }
}

fn add(counts: &mut BTreeMap<StockKey, i64>, of: &FulfillmentOrder, units: &[Units]) {
    for share in &of.planned.shares {
        let key = StockKey {
            supplier: of.planned.supplier.clone(),
            location: of.planned.location.clone(),
            supplier_sku: share.supplier_sku.clone(),
        };
        let units = units.iter().filter(|units| units.item == share.item);
        let units: u32 = units.map(|units| units.quantity).sum();
        *counts.entry(key).or_default() += i64::from(units);
    }
}
