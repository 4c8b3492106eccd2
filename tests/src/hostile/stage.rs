//! Where bytes are thrown: a journey at an interesting moment, set back to that moment before each throw.

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::id::OrderId;
use domain::message::Message;
use domain::order::next::next;
use domain::order::phase::phase;
use domain::views;
use jiff::SignedDuration;
use ports::memory::Snapshot;
use ports::{Inbound, Reply, Response};
use serde_json::Value;

use super::PERSONAL;
use crate::journey::Journey;
use crate::purchase::{Bought, Purchase};
use crate::stack::company::SHOPS;

/// A journey, and the moment it is set back to.
pub(super) struct Stage {
    pub(super) journey: Journey,
    moment: Snapshot,
}

thread_local! {
    /// Whoever throws thousands of times sets a stage up once.
    static STAGES: RefCell<BTreeMap<&'static str, Stage>> = const { RefCell::new(BTreeMap::new()) };
}

/// What a step may say when it fails, and what of it is logged.
type Failure = String;

impl Stage {
    /// Sets the stage of that name back, or up if this is its first throw.
    pub(super) fn with(name: &'static str, set_up: fn() -> Journey, throw: impl FnOnce(&mut Self)) {
        STAGES.with_borrow_mut(|stages| {
            // Taken out, so that a throw that panics leaves no half-changed stage behind.
            let mut stage = stages.remove(name).unwrap_or_else(|| {
                let journey = set_up();
                Self { moment: journey.system.world.snapshot(), journey }
            });
            stage.journey.system.world.restore(stage.moment.clone());
            stage.journey.system.dead_letters.clear();
            stage.journey.refusals.clear();
            throw(&mut stage);
            stages.insert(name, stage);
        });
    }

    /// Calls one of our HTTP functions. What it keeps, sends and appends is there afterwards; an error of ours is none.
    pub(super) fn call(&mut self, inbound: &Inbound) -> Reply {
        let reply = self.journey.tells(inbound);
        assert!(reply.status < 500, "{reply:?}");
        let media_type = reply.headers.iter().find(|(name, _)| name == "content-type");
        if media_type.is_some_and(|(_, value)| value == "application/json") {
            serde_json::from_str::<Value>(&reply.body).expect("it says that it is JSON");
        }
        reply
    }

    /// From now on every call of ours is answered so.
    pub(super) fn everyone_answers(&self, reply: Response) {
        *self.journey.system.world.outside.borrow_mut() = Box::new(move |_| Ok(reply.clone()));
    }

    /// Delivers what the order calls for at this moment, and gives the reasons of what failed.
    pub(super) fn deliver_what_is_due(&mut self, order_id: &OrderId) -> Vec<Failure> {
        let now = self.journey.now();
        let owed = next(order_id, &self.journey.order(order_id));
        let due: Vec<Message> = owed
            .into_iter()
            .filter(|owed| owed.not_before <= now)
            .map(|owed| owed.message)
            .collect();
        assert!(!due.is_empty(), "nothing is due: the stage is set up wrong");
        let delivered = due.iter().filter_map(|message| self.journey.delivers(message).err());
        delivered.map(|error| format!("{error:#}")).collect()
    }

    /// What must be true of every order after every throw.
    pub(super) fn check(&mut self) {
        let dead_letters = &self.journey.system.dead_letters;
        assert!(dead_letters.is_empty(), "{dead_letters:?}");
        for order_id in self.journey.order_ids() {
            let (order, history) = self.journey.system.order(&order_id);
            let written =
                serde_json::to_string(&history.iter().map(|it| &it.fact).collect::<Vec<_>>());
            let written = written.expect("facts can be written");
            let read: Vec<domain::order::fact::Fact> =
                serde_json::from_str(&written).expect("facts can be read");
            assert!(read.iter().eq(history.iter().map(|it| &it.fact)), "{written}");
            let _ = (phase(&order), next(&order_id, &order));
            let rows = views::rows(&order_id, &order, history.len() as u64);
            assert!(!rows.is_empty(), "`{order_id}` is in no view");
        }
    }
}

/// Asserts that a refusal, or a reason that is logged, repeats nothing of the person.
#[track_caller]
pub(super) fn check_discreet(said: &str) {
    let named = PERSONAL.iter().find(|word| said.contains(**word));
    assert!(named.is_none(), "it repeats {named:?}: {said}");
}

/// A journey in which nobody has bought anything.
pub(super) fn nobody_bought() -> Journey {
    Journey::begin()
}

/// An order that rests before it is bought from its supplier, which has an API.
pub(super) fn resting() -> Journey {
    let mut journey = Journey::begin();
    journey.sells(&lamp(&journey));
    journey
}

/// An order that its supplier, which has an API, has and has not answered.
pub(super) fn submitted() -> Journey {
    let mut journey = Journey::begin();
    journey.manner("nordwaren", |manner| manner.says = crate::outside::supplier::Says::Received);
    journey.sells(&lamp(&journey));
    journey.seconds(60);
    journey
}

/// An order that its supplier has by mail.
pub(super) fn mailed() -> Journey {
    let mut journey = Journey::begin();
    let scarf = Bought { sku: "ONW-SCARF", quantity: 3, unit_price_minor: 7900 };
    journey.sells(&Purchase::new(SHOPS[2].0, SHOPS[2].1, 1001, journey.now(), &[scarf]));
    journey.seconds(60);
    journey
}

/// An order of a Shopify shop whose parcel is about to be shown there, and followed.
pub(super) fn shipped_for_shopify() -> Journey {
    shipped(&lamp)
}

/// The same of a WooCommerce shop.
pub(super) fn shipped_for_woocommerce() -> Journey {
    shipped(&|journey| {
        let tea = Bought { sku: "TEA-DARJEELING", quantity: 2, unit_price_minor: 1990 };
        Purchase::new(SHOPS[1].0, SHOPS[1].1, 1001, journey.now(), &[tea])
    })
}

fn shipped(purchase: &dyn Fn(&Journey) -> Purchase) -> Journey {
    let mut journey = Journey::begin();
    let purchase = purchase(&journey);
    journey.sells(&purchase);
    journey.seconds(60);
    // Whoever hears of the parcel is to hear it on the stage.
    let outside = Box::new(|_| anyhow::bail!("not yet"));
    let answering = journey.system.world.outside.replace(outside);
    journey.suppliers_ship();
    *journey.system.world.outside.borrow_mut() = answering;
    journey.system.dead_letters.clear();
    journey.passes(SignedDuration::ZERO);
    journey
}

/// Two lamps, of a shop of kind Shopify.
pub(super) fn lamp(journey: &Journey) -> Purchase {
    let lamp = Bought { sku: "ALP-LAMP", quantity: 2, unit_price_minor: 3990 };
    Purchase::new(SHOPS[0].0, SHOPS[0].1, 1001, journey.now(), &[lamp])
}

/// The only order on a stage.
pub(super) fn only_order(journey: &Journey) -> OrderId {
    journey.order_ids().first().expect("somebody bought").clone()
}
