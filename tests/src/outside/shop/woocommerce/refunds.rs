//! WooCommerce's orders as far as money goes, and its refunds: `wc_create_refund`, with its way to fail.

use std::collections::BTreeMap;

use domain::money::Currency;
use ports::Response;
use serde_json::{Value, json};

use super::super::books::{Gateway, PaidBack, Price};
use super::super::{Sale, json as respond};
use super::error;

/// An order, of which only money and state are played.
pub(super) fn order(sale: &Sale) -> Value {
    let books = &sale.books;
    let currency = books.currency();
    let total = books.paid.map_or(0, |paid| paid.minor);
    let unpriced = sale.to_fulfill.iter().flat_map(|known| &known.lines).map(|line| &line.line_id);
    let mut prices: BTreeMap<&String, Price> =
        unpriced.map(|line_id| (line_id, Price::default())).collect();
    prices.extend(books.prices.iter().map(|(line_id, price)| (line_id, *price)));
    let lines: Vec<Value> = prices
        .into_iter()
        .filter_map(|(line_id, price)| Some(line(line_id.parse().ok()?, price, currency)))
        .collect();
    let freight: Vec<Value> =
        books.freight.into_iter().map(|price| line(9_001, price, currency)).collect();
    let refund = |known: &PaidBack| {
        json!({
            "id": number(known),
            "reason": known.note,
            "total": currency.format_minor(-known.minor()),
        })
    };
    json!({
        "status": sale.status,
        "currency": currency,
        "total": currency.format_minor(total),
        "line_items": lines,
        "shipping_lines": freight,
        "refunds": books.refunds.iter().map(refund).collect::<Vec<_>>(),
    })
}

fn line(id: u64, price: Price, currency: Currency) -> Value {
    let tax = currency.format_minor(price.tax_minor);
    json!({
        "id": id,
        "total": currency.format_minor(price.net_minor),
        "total_tax": tax,
        "taxes": [{ "id": 75, "total": tax, "subtotal": tax }],
    })
}

/// One refund.
pub(super) fn refund(sale: &Sale, reference: &str) -> Response {
    match sale.books.refunds.iter().find(|known| known.reference == reference) {
        Some(known) => respond(200, &shown(known, sale)),
        None => error(404, "woocommerce_rest_shop_order_refund_invalid_id"),
    }
}

fn shown(refund: &PaidBack, sale: &Sale) -> Value {
    json!({
        "id": number(refund),
        "amount": sale.books.currency().format_minor(refund.minor()),
        "reason": refund.note,
        "refunded_by": 1,
        "refunded_payment": refund.is_paid,
        "line_items": [],
    })
}

fn number(refund: &PaidBack) -> u64 {
    refund.reference.parse().unwrap_or(0)
}

/// Makes a refund. One that the gateway is silent about is kept, and the shop dies over it.
pub(super) fn create(sale: &mut Sale, gateway: Gateway, body: &Value) -> Response {
    let failed = |message: &str| {
        let code = "woocommerce_rest_cannot_create_order_refund";
        respond(500, &json!({ "code": code, "message": message, "data": { "status": 500 } }))
    };
    let amount = body["amount"].as_str().unwrap_or_default();
    let minor = sale.books.currency().parse_minor(amount).unwrap_or(0);
    if minor <= 0 || minor > sale.books.left_minor() {
        return failed("Invalid refund amount.");
    }
    if gateway == Gateway::Refuses {
        return failed("The payment gateway for this order does not support automatic refunds.");
    }
    let lines = body["line_items"].as_array().into_iter().flatten().map(|line| {
        let quantity = line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok());
        (line["id"].as_str().unwrap_or_default().to_owned(), quantity.unwrap_or(0))
    });
    let refund = PaidBack {
        reference: sale.books.next_reference(),
        note: body["reason"].as_str().unwrap_or_default().to_owned(),
        minor_by_gateway: [("stripe".to_owned(), minor)].into(),
        lines: lines.filter(|(_, quantity)| *quantity > 0).collect(),
        is_paid: gateway == Gateway::Pays && body["api_refund"] == true,
        asked: body.clone(),
    };
    let answer = respond(201, &shown(&refund, sale));
    sale.books.refunds.push(refund);
    if gateway == Gateway::IsSilent { error(504, "a proxy lost patience") } else { answer }
}
