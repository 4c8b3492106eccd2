//! Everyone who answers our calls: shops, suppliers, EasyPost, 17TRACK.

use std::cell::Cell;
use std::rc::Rc;

use anyhow::{Context, Result};
use jiff::Timestamp;
use ports::{Request, Response};

use super::Plan;
use super::company::{self, OUTSIDE, PUBLIC_URL};
use super::dice::Dice;
use super::disturbance::Disturbance;
use super::shops::SHOPS;
use super::suppliers::Suppliers;
use crate::outside;
use crate::outside::shop::books::Gateway;

/// Everyone outside.
pub(crate) struct Outside {
    /// Shops, EasyPost and 17TRACK.
    pub(crate) world: outside::World,
    /// Suppliers.
    pub(crate) suppliers: Suppliers,
    now: Rc<Cell<Timestamp>>,
    plan: Plan,
    /// What decides what banks do.
    dice: Dice,
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
        world.labels.key.clone_from(&secrets["carriers/easypost"]);
        Self {
            world,
            suppliers: Suppliers::new(plan, now),
            now: Rc::clone(now),
            plan: plan.clone(),
            dice: Dice::new(plan.seed, "banks", ""),
        }
    }

    /// What banks do with the next refund.
    fn choose_gateways(&mut self, request: &Request) {
        let is_shopify = request.url.ends_with("graphql.json");
        let says = |text: &str| request.body.windows(text.len()).any(|it| it == text.as_bytes());
        let is_refund =
            if is_shopify { says("refundCreate") } else { request.url.contains("/refunds") };
        if !is_refund || request.method == "GET" {
            return;
        }
        let is_calm = self.suppliers.is_calm || !self.plan.has(Disturbance::SilentBanks);
        let gateway = match self.dice.below(100) {
            _ if is_calm => Gateway::Pays,
            0..4 => Gateway::Refuses,
            4..12 => Gateway::IsSilent,
            _ => Gateway::Pays,
        };
        for (shop, _) in SHOPS {
            self.world.shops.shop(shop).gateway = gateway;
        }
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, request: Request) -> Result<Response> {
        if let Some(answer) = self.suppliers.answer(&request) {
            return answer.context("nobody is there");
        }
        self.choose_gateways(&request);
        let answer = self.world.answer(request, self.now.get());
        self.world.log.clear();
        self.world.shops.requests.clear();
        answer
    }
}
