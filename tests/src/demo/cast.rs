//! The orders of the demo.

use domain::order::fact::Hold;
use domain::order::phase::{Phase, phase};
use domain::order::{Order, Recorded, documents};
use domain::settings::ShopKind;
use jiff::{SignedDuration, Timestamp};

use crate::purchase::{Bought, LEIPZIG, LYON, Purchase};

/// One order and what happens around it.
pub(super) struct Part {
    pub(super) title: &'static str,
    pub(super) purchase: Purchase,
    pub(super) cue: Cue,
    pub(super) expected: Phase,
    /// Facts without which the part was not what its title says.
    pub(super) must_have: &'static [&'static str],
}

/// What someone does while the order is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    /// Nobody has to do anything.
    Nothing,
    /// The shop sends its webhook three times.
    Thrice,
    /// The shop's webhook gets lost, and reconciliation asks the shop.
    Lost,
    /// The customer pays after a while.
    PayLater,
    /// The customer cancels as soon as a supplier is chosen.
    Cancel,
    /// The merchant adds the missing SKU to the catalogue.
    AddSku,
    /// An operator lets this hold pass.
    Override(Hold),
    /// An operator corrects the address.
    CorrectAddress,
}

const MUG: Bought = Bought { sku: "ALP-MUG-RED", quantity: 1, unit_price_minor: 1490 };
const BACKPACK: Bought = Bought { sku: "ALP-BACKPACK", quantity: 1, unit_price_minor: 7900 };
const BLANKET: Bought = Bought { sku: "ALP-BLANKET", quantity: 1, unit_price_minor: 7900 };
const TEA: Bought = Bought { sku: "TEA-DARJEELING", quantity: 2, unit_price_minor: 990 };
const SENCHA: Bought = Bought { sku: "TEA-SENCHA", quantity: 1, unit_price_minor: 1190 };
const GIFT_SET: Bought = Bought { sku: "TEA-GIFT-SET", quantity: 1, unit_price_minor: 6900 };
const MATCHA: Bought = Bought { sku: "TEA-MATCHA", quantity: 1, unit_price_minor: 2400 };
const NOTEBOOK: Bought = Bought { sku: "ONW-NOTEBOOK", quantity: 2, unit_price_minor: 1290 };
const SCARF: Bought = Bought { sku: "ONW-SCARF", quantity: 1, unit_price_minor: 7900 };
const CHAIR: Bought = Bought { sku: "ONW-CHAIR", quantity: 1, unit_price_minor: 11900 };
const KNIFE: Bought = Bought { sku: "ALP-KNIFE", quantity: 1, unit_price_minor: 4900 };
const CASE: Bought = Bought { sku: "ALP-PHONE-CASE", quantity: 1, unit_price_minor: 1990 };
const TENT: Bought = Bought { sku: "ALP-TENT", quantity: 1, unit_price_minor: 12900 };

/// Every part, in the order in which customers buy.
pub(super) fn parts(now: Timestamp) -> Vec<Part> {
    let mut cast = Cast { placed_at: now - SignedDuration::from_secs(5), parts: Vec::new() };
    cast.in_shopify(&[MUG], "one line");
    let part =
        cast.in_woocommerce(&[TEA, SENCHA], "several lines, and the shop's webhook gets lost");
    part.cue = Cue::Lost;
    cast.in_shopify(&[MUG, BACKPACK], "a split: two suppliers");
    cast.in_woocommerce(&[GIFT_SET], "a bundle, its parts from two suppliers");
    cast.in_own(&[NOTEBOOK], "express").purchase.is_express = true;
    cast.in_woocommerce(&[MATCHA], "a backorder").expected = Phase::Backordered;
    let part = cast.in_shopify(&[BLANKET], "the best supplier rejects, its backup ships");
    part.must_have = &["Rejected", "Shipped"];
    cast.in_shopify(&[Bought { quantity: 2, ..BACKPACK }], "the supplier's answer gets lost");
    let part = cast.in_shopify(&[TENT], "an unmapped SKU, then added");
    (part.cue, part.must_have) = (Cue::AddSku, &["Held", "Released", "Shipped"]);
    let no_postal_code = crate::purchase::Destination { postal_code: "", ..LEIPZIG };
    let part = cast.in_own(&[CHAIR], "a bad address");
    (part.purchase.to, part.expected) = (no_postal_code, Phase::Held);
    let part = cast.in_woocommerce(&[TEA], "a bad address, then corrected");
    (part.purchase.to, part.cue) = (no_postal_code, Cue::CorrectAddress);
    part.must_have = &["Held", "ContactChanged", "Shipped"];
    let part = cast.in_shopify(&[MUG], "unpaid, paid later");
    (part.purchase.is_paid, part.cue) = (false, Cue::PayLater);
    part.must_have = &["PaymentChanged", "Shipped"];
    let part = cast.in_shopify(&[BACKPACK], "cancelled inside the cooling-off");
    (part.cue, part.expected) = (Cue::Cancel, Phase::Cancelled);
    cast.in_woocommerce(&[TEA], "the same webhook three times").cue = Cue::Thrice;
    let part = cast.in_own(&[SCARF], "a supplier reached by mail");
    part.purchase.to = LYON;
    let part = cast.in_shopify(&[Bought { quantity: 7, ..BACKPACK }], "looks like fraud, let pass");
    part.purchase.is_express = true;
    part.purchase.to.billing_country = "FR";
    (part.cue, part.must_have) = (Cue::Override(Hold::Fraud), &["Held", "Overridden", "Shipped"]);
    cast.in_shopify(&[KNIFE], "proof of age is missing").expected = Phase::Held;
    let part = cast.in_own(&[Bought { unit_price_minor: 3000, ..CHAIR }], "would earn too little");
    part.expected = Phase::Held;
    cast.in_shopify(&[CASE], "light and cheap, from Shenzhen by small packet");
    let part = cast.in_shopify(&[MUG], "a test of the shop's owner");
    (part.purchase.is_test, part.expected) = (true, Phase::Received);
    cast.parts
}

/// What is not as it should be with an order that has come to its end.
pub(super) fn problems(part: &Part, order: &Order, history: &[Recorded]) -> Vec<String> {
    let mut problems = Vec::new();
    let reached = phase(order);
    if reached != part.expected {
        problems.push(format!("is `{}`, not `{}`", reached.name(), part.expected.name()));
    }
    let happened = |name: &str| history.iter().any(|recorded| recorded.fact.name() == name);
    let missing = part.must_have.iter().filter(|name| !happened(name));
    problems.extend(missing.map(|name| format!("`{name}` never happened")));
    for (parcel_id, parcel) in &order.parcels {
        if part.expected == Phase::Delivered && parcel.pushed.len() < 2 {
            problems.push(format!("{parcel_id} is not shown as delivered in the shop"));
        }
    }
    if !documents::owed(order).is_empty() {
        problems.push("a document is missing".to_owned());
    }
    problems
}

struct Cast {
    placed_at: Timestamp,
    parts: Vec<Part>,
}

impl Cast {
    fn in_shopify(&mut self, lines: &[Bought], title: &'static str) -> &mut Part {
        self.add("alpenshop", ShopKind::Shopify, lines, title)
    }

    fn in_woocommerce(&mut self, lines: &[Bought], title: &'static str) -> &mut Part {
        self.add("teahouse", ShopKind::Woocommerce, lines, title)
    }

    fn in_own(&mut self, lines: &[Bought], title: &'static str) -> &mut Part {
        self.add("onward-direct", ShopKind::Onward, lines, title)
    }

    /// A part that ends at the customer's door and needs nobody's help, unless said otherwise.
    fn add(
        &mut self,
        shop: &'static str,
        kind: ShopKind,
        lines: &[Bought],
        title: &'static str,
    ) -> &mut Part {
        let order = 1001 + self.parts.len() as u64;
        let purchase = Purchase::new(shop, kind, order, self.placed_at, lines);
        self.parts.push(Part {
            title,
            purchase,
            cue: Cue::Nothing,
            expected: Phase::Delivered,
            must_have: &["Received"],
        });
        self.parts.last_mut().expect("it was just added")
    }
}
