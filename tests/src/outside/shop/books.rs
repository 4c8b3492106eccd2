//! The money of a sale: what was paid, what went back, and how the payment gateway behaves meanwhile.

use std::collections::BTreeMap;

use domain::money::{Currency, Money};
use serde::{Deserialize, Serialize};

use crate::purchase::Purchase;

/// What a shop's payment gateway does with a refund.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gateway {
    /// It pays.
    #[default]
    Pays,
    /// It says no.
    Refuses,
    /// It does not say: the shop keeps a refund of which nobody knows whether it was paid.
    IsSilent,
}

/// What was paid for a sale, and what went back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Books {
    /// What the customer paid, in the shop's currency; none is nothing.
    pub paid: Option<Money>,
    /// Shopify: the same in the customer's own currency, where that is another.
    pub presented: Option<Money>,
    /// Shopify: the gateways that it came by, with the part of each in the customer's currency; none is one for all.
    pub payments: Vec<(String, i64)>,
    /// WooCommerce: what each line cost; one that is not here cost nothing.
    pub prices: BTreeMap<String, Price>,
    /// WooCommerce: what its one shipping line cost.
    pub freight: Option<Price>,
    /// What went back, in order.
    #[serde(skip_deserializing)]
    pub refunds: Vec<PaidBack>,
}

/// What something cost, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Without tax.
    pub net_minor: i64,
    /// The tax.
    pub tax_minor: i64,
}

/// Money that went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaidBack {
    /// The shop's name for it.
    pub reference: String,
    /// What the shop keeps with it: Shopify's note, WooCommerce's reason, our own key.
    pub note: String,
    /// How much, by gateway, minor units of what the customer paid with.
    pub minor_by_gateway: BTreeMap<String, i64>,
    /// Units that it was for, by line.
    pub lines: BTreeMap<String, u32>,
    /// Whether it is certain that it was paid.
    pub is_paid: bool,
    /// What it was asked for with; what is asked for twice is compared with it.
    #[serde(skip)]
    pub(super) asked: serde_json::Value,
}

impl PaidBack {
    /// How much in all.
    #[must_use]
    pub fn minor(&self) -> i64 {
        self.minor_by_gateway.values().sum()
    }
}

impl Books {
    /// The customer pays a purchase, without tax.
    pub fn pay(&mut self, purchase: &Purchase) {
        let price = |net_minor| Price { net_minor, tax_minor: 0 };
        let lines = purchase.lines.iter().enumerate();
        let prices = lines.map(|(index, line)| {
            (purchase.line_id(index), price(line.unit_price_minor * i64::from(line.quantity)))
        });
        self.prices = prices.collect();
        self.freight = Some(price(purchase.shipping_minor()));
        self.paid = Some(Money { minor: purchase.total_minor(), currency: euro() });
    }

    /// The shop's currency.
    pub(super) fn currency(&self) -> Currency {
        self.paid.map_or_else(euro, |paid| paid.currency)
    }

    /// What the customer paid with.
    pub(super) fn presented(&self) -> Money {
        let nothing = Money { minor: 0, currency: euro() };
        self.presented.or(self.paid).unwrap_or(nothing)
    }

    /// What went back, in the currency that the customer paid with.
    #[must_use]
    pub fn paid_back_minor(&self) -> i64 {
        self.refunds.iter().map(PaidBack::minor).sum()
    }

    /// What is left, in the customer's currency.
    pub(super) fn left_minor(&self) -> i64 {
        self.presented().minor - self.paid_back_minor()
    }

    /// The name of the next refund.
    pub(super) fn next_reference(&self) -> String {
        (5_001 + self.refunds.len()).to_string()
    }

    /// The gateways, with what is left of each part.
    pub(super) fn payments_left(&self) -> Vec<(String, i64)> {
        let one = vec![("shopify_payments".to_owned(), self.presented().minor)];
        let all = if self.payments.is_empty() { one } else { self.payments.clone() };
        let left = |(gateway, minor): (String, i64)| {
            let shares =
                self.refunds.iter().filter_map(|known| known.minor_by_gateway.get(&gateway));
            let gone: i64 = shares.sum();
            (gateway, minor - gone)
        };
        all.into_iter().map(left).collect()
    }
}

fn euro() -> Currency {
    Currency::parse("EUR").expect("there are euros")
}
