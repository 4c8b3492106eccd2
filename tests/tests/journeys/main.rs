//! Journeys of whole orders, in the world in memory: from the shop's webhook to the customer's door. Each reads as a
//! story, and says at its end everything that was stored and sent. `UPDATE_EXPECT=1` writes what was said anew.

mod amendments;
mod any_order;
mod cancellations;
mod demo;
mod disorder;
mod documents;
mod faults;
mod lost;
mod parcels;
mod portal;
mod pushes;
mod reconciling;
mod requests;
mod returns;
mod supply;

use domain::settings::ShopKind;
use expect_test::Expect;
use tests::journey::{BEGINNING, Journey};
use tests::purchase::{Bought, Purchase};

const MUG: Bought = Bought { sku: "ALP-MUG-RED", quantity: 1, unit_price_minor: 1490 };
const BACKPACK: Bought = Bought { sku: "ALP-BACKPACK", quantity: 1, unit_price_minor: 7900 };
const BLANKET: Bought = Bought { sku: "ALP-BLANKET", quantity: 1, unit_price_minor: 7900 };
const KNIFE: Bought = Bought { sku: "ALP-KNIFE", quantity: 1, unit_price_minor: 4900 };
const TENT: Bought = Bought { sku: "ALP-TENT", quantity: 1, unit_price_minor: 12900 };
const TEA: Bought = Bought { sku: "TEA-DARJEELING", quantity: 2, unit_price_minor: 990 };
const SENCHA: Bought = Bought { sku: "TEA-SENCHA", quantity: 1, unit_price_minor: 1190 };
const GIFT_SET: Bought = Bought { sku: "TEA-GIFT-SET", quantity: 1, unit_price_minor: 6900 };
const MATCHA: Bought = Bought { sku: "TEA-MATCHA", quantity: 1, unit_price_minor: 2400 };
const NOTEBOOK: Bought = Bought { sku: "ONW-NOTEBOOK", quantity: 2, unit_price_minor: 1290 };
const SCARF: Bought = Bought { sku: "ONW-SCARF", quantity: 1, unit_price_minor: 7900 };
const CHAIR: Bought = Bought { sku: "ONW-CHAIR", quantity: 1, unit_price_minor: 11900 };

/// A line with so many units.
fn units(quantity: u32, line: Bought) -> Bought {
    Bought { quantity, ..line }
}

/// Bought in the shop on Shopify.
fn alpenshop(lines: &[Bought]) -> Purchase {
    bought("alpenshop", ShopKind::Shopify, lines)
}

/// Bought in the shop on WooCommerce.
fn teahouse(lines: &[Bought]) -> Purchase {
    bought("teahouse", ShopKind::Woocommerce, lines)
}

/// Bought in the shop that speaks our own JSON.
fn direct(lines: &[Bought]) -> Purchase {
    bought("onward-direct", ShopKind::Onward, lines)
}

fn bought(shop: &'static str, kind: ShopKind, lines: &[Bought]) -> Purchase {
    let placed_at = BEGINNING.parse().expect("it is a time");
    Purchase::new(shop, kind, 1001, placed_at, lines)
}

/// From the end of the cooling-off to the customer's door, with nothing in the way.
fn arrives(journey: &mut Journey) {
    journey.minutes(1);
    journey.suppliers_ship();
    journey.hours(5);
    journey.carriers_deliver();
    journey.hours(5);
}

/// Compares all that a journey came to with what it should have come to.
#[track_caller]
fn ends(mut journey: Journey, expected: &Expect) {
    expected.assert_eq(&journey.told());
}
