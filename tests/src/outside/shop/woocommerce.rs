//! WooCommerce's REST, as far as parcels and refunds need it, with the extension "Shipment Tracking" or without.

mod refunds;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ports::{Request, Response};
use serde_json::{Value, json};

use super::{Note, Parcel, Sale, Shop, json as respond};

pub(super) fn answer(shop: &mut Shop, request: &Request, path: &str) -> Response {
    let authorization = format!("Basic {}", STANDARD.encode(&shop.secret));
    if request.header("authorization") != Some(&authorization) {
        return error(401, "woocommerce_rest_cannot_view");
    }
    if let Some(query) = path.strip_prefix("wp-json/wc/v3/orders?") {
        return super::listing::woocommerce(shop, query);
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let path: Vec<&str> = path.split('/').collect();
    // Only what is made gets an id, so that asking leaves no trace.
    let id = if request.method == "POST" { shop.id() } else { 0 };
    let gateway = shop.gateway;
    match path.as_slice() {
        ["wp-json", "wc-shipment-tracking", ..] if shop.is_plugin_missing => no_route(),
        [
            "wp-json",
            "wc-shipment-tracking",
            "v3",
            "orders",
            order,
            "shipment-trackings",
            rest @ ..,
        ] => match (shop.sales.get_mut(*order), request.method, rest) {
            (Some(_), "GET", ["providers"]) => respond(200, &providers()),
            (Some(sale), "GET", []) => respond(200, &trackings(sale)),
            (Some(sale), "POST", []) => respond(201, &track(sale, id, &body)),
            (Some(sale), "DELETE", [tracking]) => untrack(sale, tracking),
            (None, ..) => error(404, "woocommerce_rest_shipment_tracking_invalid_order"),
            _ => no_route(),
        },
        ["wp-json", "wc", "v3", "orders", order, rest @ ..] => {
            match (shop.sales.get_mut(*order), request.method, rest) {
                (Some(sale), "GET", ["notes"]) => respond(200, &json!(sale.notes)),
                (Some(sale), "POST", ["notes"]) => respond(201, &note(sale, id, &body)),
                (Some(sale), "DELETE", ["notes", note]) => unnote(sale, note),
                (Some(sale), "GET", []) => respond(200, &refunds::order(sale)),
                (Some(sale), "GET", ["refunds", refund]) => refunds::refund(sale, refund),
                (Some(sale), "POST", ["refunds"]) => {
                    let response = refunds::create(sale, gateway, &body);
                    if response.status == 201 {
                        shop.loses_answer();
                    }
                    response
                }
                (Some(sale), "PUT", []) => respond(200, &change(sale, &body)),
                (None, ..) => error(404, "woocommerce_rest_shop_order_invalid_id"),
                _ => no_route(),
            }
        }
        _ => no_route(),
    }
}

fn no_route() -> Response {
    error(404, "rest_no_route")
}

fn error(status: u16, code: &str) -> Response {
    respond(status, &json!({ "code": code, "message": code, "data": { "status": status } }))
}

/// Some of those that the extension lists.
fn providers() -> Value {
    json!({
        "Germany": { "DHL": "https://dhl.example/?id=%1$s", "DPD.de": "https://dpd.example/%1$s" },
        "United States": { "USPS": "https://usps.example/%1$s" },
    })
}

fn trackings(sale: &Sale) -> Value {
    sale.parcels.iter().map(tracking).collect()
}

fn tracking(parcel: &Parcel) -> Value {
    json!({
        "tracking_id": parcel.reference,
        "tracking_provider": parcel.carrier,
        "tracking_link": parcel.url,
        "tracking_number": parcel.number,
    })
}

fn track(sale: &mut Sale, id: u64, body: &Value) -> Value {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let parcel = Parcel {
        reference: id.to_string(),
        number: text("tracking_number").unwrap_or_default(),
        carrier: text("tracking_provider")
            .or_else(|| text("custom_tracking_provider"))
            .unwrap_or_default(),
        url: text("custom_tracking_link"),
        ..Parcel::default()
    };
    let answer = tracking(&parcel);
    sale.parcels.push(parcel);
    answer
}

fn untrack(sale: &mut Sale, reference: &str) -> Response {
    let Some(at) = sale.parcels.iter().position(|parcel| parcel.reference == reference) else {
        return error(404, "woocommerce_rest_shipment_tracking_invalid_id");
    };
    respond(200, &tracking(&sale.parcels.remove(at)))
}

/// Without `force=true` it would be put into a bin that notes don't have.
fn unnote(sale: &mut Sale, name: &str) -> Response {
    let Some(id) = name.strip_suffix("?force=true") else {
        return error(501, "woocommerce_rest_trash_not_supported");
    };
    let Some(at) = sale.notes.iter().position(|note| note.id.to_string() == id) else {
        return error(404, "woocommerce_rest_invalid_id");
    };
    respond(200, &json!(sale.notes.remove(at)))
}

fn change(sale: &mut Sale, body: &Value) -> Value {
    if let Some(status) = body["status"].as_str() {
        status.clone_into(&mut sale.status);
    }
    json!({ "status": sale.status })
}

fn note(sale: &mut Sale, id: u64, body: &Value) -> Value {
    let note = body["note"].as_str().unwrap_or_default().to_owned();
    let customer_note = body["customer_note"] == true;
    let note = Note { id, note, customer_note };
    let answer = json!(note);
    sale.notes.push(note);
    answer
}
