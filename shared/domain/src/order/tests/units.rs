//! Units only move forward, and stock is neither made nor lost: whatever happens, in whatever order.

use proptest::prelude::*;

use super::*;
use crate::catalog::{Movement, StockKey, StockLevel};
use crate::order::answer::{Answer, AnswerLine};
use crate::order::fact::RejectReason;
use crate::order::next::stock_changes;
use crate::order::routing::{Supply, route, stock_keys};
use crate::order::screening::screen;
use crate::order::{Stage, answer, cancel, forwarding};

/// An order and the stock it draws on, as the transaction that appends keeps them.
struct Simulated {
    order: Order,
    articles: Vec<Article>,
    stock: BTreeMap<StockKey, StockLevel>,
    consumed: i64,
    minute: i64,
    shop_order: ShopOrder,
}

const UNITS: i64 = 6;

impl Simulated {
    fn new() -> Self {
        let offers = [("nord", "hamburg", 500), ("sued", "passau", 600)];
        let articles = vec![article("mug", &offers), article("spoon", &offers)];
        let shop_order = shop_order(&[line("1", "SET", 2), line("2", "mug", 2)]);
        let keys = stock_keys(&super::articles(&articles));
        let level = StockLevel { available: UNITS, reserved: 0 };
        Self {
            order: fold(&screened(&shop_order, &articles)),
            stock: keys.into_iter().map(|key| (key, level)).collect(),
            consumed: 0,
            minute: 0,
            articles,
            shop_order,
        }
    }

    fn now(&self) -> Timestamp {
        now() + minutes(self.minute)
    }

    fn route(&self) -> Vec<Fact> {
        let (articles, settings) = (super::articles(&self.articles), settings());
        let supply = Supply { articles: &articles, stock: &self.stock, settings: &settings };
        route(&self.order, supply, self.now())
    }

    /// One thing that can happen, chosen by numbers.
    fn decide(&mut self, what: u8, which: u16, units: u32) -> Vec<Fact> {
        let (id, at) = (f(which), self.now());
        let owner = self.order.fulfillment_orders.get(&id).map(|known| known.supplier().clone());
        let owner = supplier(owner.as_ref().map_or("nord", |owner| owner.as_str()));
        let sku = if units.is_multiple_of(2) { "mug" } else { "spoon" };
        let lines =
            vec![AnswerLine { supplier_sku: format!("{}-{sku}", owner.id), quantity: units }];
        let said = |answer: Answer| {
            answer::record(&self.order, id, &owner, &answer, at).unwrap_or_default()
        };
        let reason = if units > 1 { RejectReason::OutOfStock } else { RejectReason::Other };
        match what {
            0 => self.route(),
            1 => forwarding::begin(&self.order, id, &owner, at),
            2 => forwarding::submitted(&self.order, id, &owner, None, at),
            3 => said(Answer::Accepted { lines }),
            4 => said(Answer::Rejected { lines, reason, detail: String::new() }),
            5 => said(Answer::Shipped {
                lines,
                carrier: "DHL".to_owned(),
                number: format!("N{}", self.minute),
                ship_date: "2026-11-20".parse().unwrap(),
                label: None,
            }),
            6 => forwarding::withdrawn(&self.order, id, &owner),
            7 => forwarding::doubted(&self.order, id, "lost"),
            8 => forwarding::resolve(&self.order, id, units > 1, "eve", "asked"),
            9 => said(Answer::CancelAccepted),
            10 => said(Answer::CancelRejected { why: "packed".to_owned() }),
            11 if units == 0 => cancel::request(&self.order, "eve", "why", None),
            12 => {
                let to = Some(country(if units > 1 { "AT" } else { "DE" }));
                receiving::change_contact(&self.order, &contact_ref("home"), to, "eve", None)
            }
            _ => {
                self.shop_order.updated_at = at;
                self.shop_order.lines[usize::from(which % 2)].quantity = units;
                receiving::receive(&self.order, &self.shop_order, &contact_ref("home"))
            }
        }
    }

    fn append(&mut self, facts: &[Fact]) {
        for change in stock_changes(&self.order, facts) {
            let level = self.stock.get_mut(&change.key).unwrap();
            let quantity = i64::from(change.quantity);
            match change.movement {
                Movement::Reserve => {
                    level.available -= quantity;
                    level.reserved += quantity;
                }
                Movement::Release => {
                    level.available += quantity;
                    level.reserved -= quantity;
                }
                Movement::Consume => {
                    level.reserved -= quantity;
                    self.consumed += quantity;
                }
                Movement::Restock => level.available += quantity,
            }
            assert!(level.available >= 0 && level.reserved >= 0, "{:?} {level:?}", change.key);
        }
        self.order = std::mem::take(&mut self.order).after(self.now(), facts);
    }

    fn is_sound(&self) {
        let held: i64 = self.stock.values().map(|level| level.available + level.reserved).sum();
        let begun = UNITS * i64::try_from(self.stock.len()).unwrap();
        assert_eq!(held + self.consumed, begun, "stock was made or lost");
        let open = self.order.fulfillment_orders.values().flat_map(|known| known.unshipped());
        let open: i64 = open.map(|units| i64::from(units.quantity)).sum();
        let reserved: i64 = self.stock.values().map(|level| level.reserved).sum();
        assert_eq!(reserved, open, "what is reserved is what is to be shipped");
        for known in self.order.fulfillment_orders.values() {
            for (item, progress) in &known.units {
                let gone = progress.returned + progress.cancelled;
                assert!(gone + progress.shipped <= progress.quantity, "{item}: {progress:?}");
                assert!(progress.shipped <= progress.accepted.max(progress.shipped), "{item}");
            }
            assert_eq!(known.stage == Stage::Closed, known.active().is_empty(), "{known:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stock_is_neither_made_nor_lost_and_deciding_again_yields_nothing(
        events in prop::collection::vec((0..14_u8, 1..4_u16, 0..4_u32), 1..60),
    ) {
        let mut simulated = Simulated::new();
        for (what, which, units) in events {
            let facts = simulated.decide(what, which, units);
            simulated.append(&facts);
            simulated.is_sound();
            // Each shipment counts for itself by its number, so the same one again is none.
            let again = simulated.decide(what, which, units);
            let is_other_step = matches!(what, 1 | 12);
            prop_assert!(is_other_step || again.is_empty(), "{:?}", again.iter().map(told).collect::<Vec<_>>());
            simulated.minute += 7;
            // Someone else keeps mapping and screening.
            let catalogue = known(&simulated.articles);
            let mapped = mapping::map(&simulated.order, &catalogue);
            simulated.append(&mapped);
            let screened = screen(&simulated.order, &contact_in("DE"), &settings());
            simulated.append(&screened);
        }
    }
}
