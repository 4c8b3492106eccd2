//! Customers and their shops: what is bought, and everything that people change their mind about.

use std::collections::BTreeMap;

use domain::money::{Currency, Money};
use domain::settings::ShopKind;
use jiff::{SignedDuration, Timestamp};

use super::Plan;
use super::company::{NEW_SKU, SKUS};
use super::dice::Dice;
use super::disturbance::Disturbance;
use crate::outside;
use crate::outside::shop::books::{Books, Price};
use crate::outside::shop::{Remaining, Sold};
use crate::purchase::{Bought, Destination, LEIPZIG, LYON, PORTLAND, Purchase};

/// In this time everything is bought.
const OPEN_FOR: SignedDuration = SignedDuration::from_hours(60);
/// Until so long after it was bought, anything can happen to it.
const RESTLESS_SECONDS: i64 = 4 * 24 * 3600;

/// The shops of this world and what they speak.
pub(crate) const SHOPS: [(&str, ShopKind); 3] = [
    ("alpenshop", ShopKind::Shopify),
    ("teahouse", ShopKind::Woocommerce),
    ("onward-direct", ShopKind::Onward),
];

const DRESDEN: Destination =
    Destination { street: "Musterweg 3", postal_code: "01067", city: "Dresden", ..LEIPZIG };
const NOWHERE: Destination = Destination { postal_code: "", ..LEIPZIG };
const VIENNA: Destination = Destination {
    name: "Franz Muster",
    street: "Probegasse 7",
    postal_code: "1010",
    city: "Wien",
    country: "AT",
    billing_country: "AT",
};
const FLORENCE: Destination = Destination {
    name: "Ada Esempio",
    street: "Via Prova 5",
    postal_code: "50122",
    city: "Firenze",
    country: "IT",
    billing_country: "IT",
};

/// What a customer, or the shop, does with an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Buys.
    Buy,
    /// Pays.
    Pay,
    /// Wants so many units of a line.
    Want(usize, u32),
    /// Wants something else besides.
    Add(Bought),
    /// Does not want it any more.
    Cancel,
    /// Wants it after all.
    Reinstate,
    /// Moves.
    Move(Destination),
}

/// An order in its shop.
#[derive(Debug)]
pub(crate) struct Customer {
    /// How it is now.
    pub(crate) purchase: Purchase,
    /// What will be done with it, and when.
    pub(crate) acts: Vec<(Timestamp, Act)>,
    /// What decides how its webhooks travel.
    pub(crate) dice: Dice,
}

impl Customer {
    /// The customer with this number, from 1 on.
    pub(crate) fn new(plan: &Plan, number: u32, beginning: Timestamp) -> Self {
        let mut dice = Dice::new(plan.seed, "customer", &number.to_string());
        let (shop, kind) = *dice.pick(&SHOPS);
        let placed_at = beginning + SignedDuration::from_secs(dice.between(0, OPEN_FOR.as_secs()));
        let lines: Vec<Bought> = (0..dice.units(1, 3)).map(|_| bought(plan, &mut dice)).collect();
        let mut purchase =
            Purchase::new(shop, kind, 100_000 + u64::from(number), placed_at, &lines);
        purchase.to = *dice.pick(&[
            LEIPZIG, LEIPZIG, DRESDEN, DRESDEN, LYON, LYON, VIENNA, FLORENCE, PORTLAND, NOWHERE,
        ]);
        purchase.is_express = dice.happens(150);
        purchase.is_test = dice.happens(10);
        let mut customer = Self { purchase, acts: vec![(placed_at, Act::Buy)], dice };
        customer.plan(plan, placed_at);
        customer
    }

    /// Decides what will be done with the order.
    fn plan(&mut self, plan: &Plan, placed_at: Timestamp) {
        let mut dice = self.dice.clone();
        let mut act = |disturbance: Disturbance,
                       per_mille: u64,
                       act: &mut dyn FnMut(&mut Dice) -> Vec<Act>| {
            let at = placed_at + SignedDuration::from_secs(dice.spread(RESTLESS_SECONDS) + 2);
            let acts = act(&mut dice);
            let gap = SignedDuration::from_secs(dice.spread(RESTLESS_SECONDS / 2) + 2);
            if !dice.happens(per_mille) || !plan.has(disturbance) {
                return;
            }
            let times = (0..).map(|times| at + gap * times);
            self.acts.extend(times.zip(acts));
        };
        let is_late = &mut false;
        act(Disturbance::LatePayments, 150, &mut |_| {
            *is_late = true;
            vec![Act::Pay]
        });
        let lines = self.purchase.lines.len() as u64;
        for _ in 0..2 {
            act(Disturbance::Edits, 120, &mut |dice| {
                let line = usize::try_from(dice.below(lines)).unwrap_or_default();
                vec![Act::Want(line, dice.units(0, 4))]
            });
        }
        act(Disturbance::Edits, 60, &mut |dice| vec![Act::Add(bought(plan, dice))]);
        act(Disturbance::NewAddresses, 100, &mut |dice| {
            vec![Act::Move(*dice.pick(&[LEIPZIG, DRESDEN, LYON, VIENNA, FLORENCE, NOWHERE]))]
        });
        act(Disturbance::Cancellations, 130, &mut |_| vec![Act::Cancel]);
        act(Disturbance::Reinstatements, 40, &mut |_| vec![Act::Cancel, Act::Reinstate]);
        self.purchase.is_paid = !self.acts.iter().any(|(_, act)| *act == Act::Pay);
        self.acts.sort_by_key(|(at, _)| *at);
        self.dice = dice;
    }

    /// Does something, by the shop's clock; false if that changes nothing.
    pub(crate) fn act(&mut self, act: &Act, at: Timestamp) -> bool {
        let before = self.purchase.clone();
        let purchase = &mut self.purchase;
        match act {
            Act::Buy => return true,
            Act::Pay => purchase.is_paid = true,
            Act::Want(line, quantity) => purchase.lines[*line].quantity = *quantity,
            Act::Add(bought) => purchase.lines.push(*bought),
            Act::Cancel => purchase.is_cancelled = true,
            Act::Reinstate => purchase.is_cancelled = false,
            Act::Move(to) => purchase.to = *to,
        }
        // WooCommerce dates its orders to the second.
        let second = Timestamp::from_second(at.as_second()).unwrap_or(at);
        purchase.updated_at = second.max(before.updated_at + SignedDuration::from_secs(2));
        let is_changed = purchase
            .lines
            .iter()
            .map(|line| line.quantity)
            .ne(before.lines.iter().map(|line| line.quantity))
            || (purchase.is_paid, purchase.is_cancelled) != (before.is_paid, before.is_cancelled)
            || (purchase.to.street, purchase.to.postal_code)
                != (before.to.street, before.to.postal_code);
        if !is_changed {
            self.purchase = before;
        }
        is_changed
    }

    /// What the shop's webhook is called.
    pub(crate) fn topic(&self) -> &'static str {
        let purchase = &self.purchase;
        let is_new = purchase.updated_at == purchase.placed_at;
        match (purchase.kind, purchase.is_cancelled, is_new) {
            (ShopKind::Shopify, true, _) => "orders/cancelled",
            (ShopKind::Shopify, _, true) => "orders/create",
            (ShopKind::Shopify, _, false) => "orders/updated",
            (_, _, true) => "order.created",
            (_, _, false) => "order.updated",
        }
    }

    /// The shop's own books follow.
    pub(crate) fn book(&self, outside: &mut outside::World, act: &Act) {
        let purchase = &self.purchase;
        let shop = outside.shops.shop(purchase.shop);
        let order = purchase.order.to_string();
        if *act == Act::Buy {
            let ids: Vec<String> =
                (0..purchase.lines.len()).map(|line| purchase.line_id(line)).collect();
            let sold: Vec<Sold<'_>> = ids
                .iter()
                .zip(&purchase.lines)
                .map(|(line_id, line)| Sold { line_id, quantity: line.quantity, location: 1 })
                .collect();
            shop.sell(&order, &sold);
        }
        shop.state(&order, &purchase.body());
        let sale = shop.sale(&order);
        self.count(&mut sale.books);
        match act {
            Act::Cancel => "cancelled".clone_into(&mut sale.status),
            Act::Reinstate => "processing".clone_into(&mut sale.status),
            _ => {}
        }
        if *act == Act::Buy {
            return;
        }
        let mut shown: BTreeMap<&str, u32> = BTreeMap::new();
        for (line_id, quantity) in sale.parcels.iter().flat_map(|parcel| &parcel.lines) {
            *shown.entry(line_id).or_default() += quantity;
        }
        let mut lines = Vec::new();
        for (line, bought) in purchase.lines.iter().enumerate() {
            let line_id = purchase.line_id(line);
            let shown = shown.get(line_id.as_str()).copied().unwrap_or(0);
            let id = purchase.order * 100 + line as u64;
            lines.push(Remaining { id, line_id, quantity: bought.quantity.saturating_sub(shown) });
        }
        if let Some(to_fulfill) = sale.to_fulfill.first_mut() {
            to_fulfill.lines = lines;
        }
    }
}

impl Customer {
    /// What was paid; what a shop gave back by itself when less was wanted is not counted.
    fn count(&self, books: &mut Books) {
        let purchase = &self.purchase;
        let mut goods_minor = 0;
        for (index, line) in purchase.lines.iter().enumerate() {
            let price = books.prices.entry(purchase.line_id(index)).or_default();
            price.net_minor = price.net_minor.max(line.unit_price_minor * i64::from(line.quantity));
            goods_minor += price.net_minor;
        }
        let freight_minor = purchase.shipping_minor();
        books.freight = Some(Price { net_minor: freight_minor, tax_minor: 0 });
        let currency = Currency::parse("EUR").expect("there are euros");
        books.paid = Some(Money { minor: goods_minor + freight_minor, currency });
    }
}

fn bought(plan: &Plan, dice: &mut Dice) -> Bought {
    let is_new = dice.happens(15) && plan.has(Disturbance::UnknownSkus);
    let (sku, unit_price_minor, _) = if is_new { NEW_SKU } else { *dice.pick(&SKUS) };
    Bought { sku, quantity: dice.units(1, 4), unit_price_minor }
}
