//! Everyone who answers our calls: shops, suppliers, 17TRACK.

use std::cell::Cell;
use std::rc::Rc;

use anyhow::{Context, Result};
use jiff::Timestamp;
use ports::{Request, Response};

use super::Plan;
use super::company::{self, OUTSIDE, PUBLIC_URL};
use super::shops::SHOPS;
use super::suppliers::Suppliers;
use crate::outside;

/// Everyone outside.
pub(crate) struct Outside {
    /// Shops and 17TRACK.
    pub(crate) world: outside::World,
    /// Suppliers.
    pub(crate) suppliers: Suppliers,
    now: Rc<Cell<Timestamp>>,
}

impl Outside {
    /// Shops that have sold nothing, and suppliers with full shelves.
    pub(crate) fn open(plan: &Plan, now: &Rc<Cell<Timestamp>>) -> Self {
        let secrets = company::secrets();
        let mut world = outside::World { base_url: OUTSIDE.to_owned(), ..Default::default() };
        world.suppliers.public_url = PUBLIC_URL.to_owned();
        world.tracking.key.clone_from(&secrets["tracking"]);
        for (shop, kind) in SHOPS {
            let api = format!("{OUTSIDE}/shops/{shop}");
            world.shops.open(shop, kind, &api, &secrets[&format!("shops/{shop}/api")]);
        }
        Self { world, suppliers: Suppliers::new(plan, now), now: Rc::clone(now) }
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, request: Request) -> Result<Response> {
        if let Some(answer) = self.suppliers.answer(&request) {
            return answer.context("nobody is there");
        }
        let answer = self.world.answer(request, self.now.get());
        self.world.log.clear();
        self.world.shops.requests.clear();
        answer
    }
}
