//! Orders as real shops and their makers' documents have them. They are not ours to publish: `ONWARD_FIXTURES` names the
//! folder that has them, in `shopify/` and `woocommerce/`.

use std::path::Path;

use domain::settings::ShopKind::{self, Shopify, Woocommerce};
use serde_json::value::RawValue;

use crate::read;

/// What becomes of each: id, payment, lines and their prices, destination, total; or why it is refused.
const EXPECTED: &str = "
shopify/go-shopify_draft_order.json: `id` is missing
shopify/go-shopify_fulfillment_order.json: `id` is missing
shopify/go-shopify_order_test_webhook_nulls.json: 123456 Voided test cancelled (customer), 1×0.00 + 1×0.00, to US, 9.50 USD
shopify/go-shopify_order_with_transaction.json: 123456 Voided test cancelled (customer), 1×0.00 + 1×0.00, to US, 9.50 USD
shopify/rest_2026-07_fulfillment_order.json: `id` is missing
shopify/rest_2026-07_fulfillment_order_moved.json: `id` is missing
shopify/rest_2026-07_fulfillment_order_on_hold.json: `id` is missing
shopify/rest_2026-07_order_cancelled_refunded.json: 450789469 Refunded cancelled (other), 0×195.66 + 0×195.67 + 0×195.67, to US, 598.94 USD
shopify/rest_2026-07_order_created_with_discount_or_customer.json: 1073459981 Paid, 1×181.09, to CA, 181.09 USD
shopify/rest_2026-07_order_customer_removed.json: 450789469 PartlyRefunded, 0×195.66 + 1×195.67 + 0×195.67, to US, 199.65 USD
shopify/rest_2026-07_order_eur_paid_with_tax.json: 1073459976 Paid, 3×74.99, to nowhere, 238.47 EUR
shopify/rest_2026-07_order_fields_subset.json: `currency` is missing
shopify/rest_2026-07_order_fulfilled.json: 1073459972 Paid, 1×199.00 stays, to nowhere, 199.00 USD
shopify/rest_2026-07_order_minimal_paid_no_customer.json: 1073459969 Paid, 1×199.00, to nowhere, 199.00 USD
shopify/rest_2026-07_order_partially_refunded_multiline.json: 450789469 PartlyRefunded, 0×195.66 + 1×195.67 + 0×195.67, to US, 199.65 USD
shopify/rest_2026-07_order_pending_payment.json: 1073459983 Pending, 1×199.00, to nowhere, 199.00 USD
shopify/rest_2026-07_orders_authorized.json: 450789469 Authorized, 0×195.66 + 1×195.67 + 0×195.67, to US, 199.65 USD
shopify/rest_2026-07_orders_fields_subset_minimal.json: `currency` is missing
shopify/rest_2026-07_orders_list.json: 450789469 PartlyRefunded, 0×195.66 + 1×195.67 + 0×195.67, to US, 199.65 USD
woocommerce/docs_order_0_processing.json: 727 Paid, 2×3.00 + 1×12.00, to US, 29.35 USD
woocommerce/docs_order_1_processing.json: 727 Paid, 2×3.00 + 1×12.00, to US, 29.35 USD
woocommerce/docs_order_3_completed.json: 727 Paid, 2×3.00 stays + 1×12.00 stays, to US, 29.35 USD
woocommerce/wcios_new-order-note.json: `status` is missing
woocommerce/wcios_order-alternative-types.json: `line_items[1].quantity` is not a whole number, 0 or more
woocommerce/wcios_order-auto-draft-status.json: `line_items[1].quantity` is not a whole number, 0 or more
woocommerce/wcios_order-notes.json: `body` is not an object
woocommerce/wcios_order-without-data.json: 963 Paid, 2×15.00, to US, 31.20 USD
woocommerce/wcios_order.json: `line_items[1].quantity` is not a whole number, 0 or more
";

/// The orders of a file as their text, out of whatever their API wrapped them in; none when it has something else.
fn orders(file: &str) -> Vec<Box<RawValue>> {
    let Ok(members) =
        serde_json::from_str::<std::collections::BTreeMap<String, Box<RawValue>>>(file)
    else {
        return Vec::new();
    };
    if let Some(orders) = members.get("orders") {
        return serde_json::from_str(orders.get()).unwrap();
    }
    let wrapped = members.get("order").or(members.get("data")).cloned();
    vec![wrapped.unwrap_or_else(|| serde_json::from_str(file).unwrap())]
}

/// One line per order: what was understood, or why it was refused.
fn outcome(kind: ShopKind, order: &str) -> String {
    let order = match read(kind, order.as_bytes()) {
        Ok(order) => order,
        Err(refusal) => return refusal,
    };
    let lines = order.lines.iter().map(|line| {
        let price = order.currency.format_minor(line.unit_price_minor);
        let ships = if line.ships && !order.is_sent { "" } else { " stays" };
        format!("{}×{price}{ships}", line.quantity)
    });
    let country = order.contact.country().map_or_else(|| "nowhere".to_owned(), |c| c.to_string());
    format!(
        "{} {:?}{}{}, {}, to {country}, {} {}",
        order.order,
        order.payment,
        if order.test { " test" } else { "" },
        order.cancelled.map(|why| format!(" cancelled ({why})")).unwrap_or_default(),
        lines.collect::<Vec<_>>().join(" + "),
        order.currency.format_minor(order.total_minor),
        order.currency,
    )
}

#[test]
fn every_order_is_understood_or_refused_by_name() {
    let Some(folder) = fixtures() else {
        eprintln!("ONWARD_FIXTURES is not set: no order of a real shop was read");
        return;
    };
    let mut table = String::new();
    for (shop, kind) in [("shopify", Shopify), ("woocommerce", Woocommerce)] {
        let mut files: Vec<_> = Path::new(&folder)
            .join(shop)
            .read_dir()
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if !name.contains("order") {
                continue;
            }
            for order in orders(&std::fs::read_to_string(&file).unwrap()) {
                table.push_str(&format!("{shop}/{name}: {}\n", outcome(kind, order.get())));
            }
        }
    }
    assert_eq!(table.trim(), EXPECTED.trim(), "\n{table}");
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration of its own")]
fn fixtures() -> Option<String> {
    std::env::var("ONWARD_FIXTURES").ok()
}
