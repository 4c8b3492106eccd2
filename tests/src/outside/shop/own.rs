//! A shop that speaks our own JSON: it takes parcels by `PUT`, signed as Standard Webhooks.

use connectors::signature;
use jiff::Timestamp;
use ports::{Request, Response};
use serde_json::{Value, json};

use super::{Parcel, Sale, Shop, json as respond};

pub(super) fn answer(shop: &mut Shop, request: &Request, path: &str) -> Response {
    let header = |name| request.header(name).unwrap_or_default();
    // How old it is does not matter here: this world has no clock.
    let sent_at = header("webhook-timestamp").parse().unwrap_or_default();
    let is_signed = signature::verify_standard(
        std::slice::from_ref(&shop.secret),
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
        &request.body,
        Timestamp::from_second(sent_at).unwrap_or_default(),
    );
    if !is_signed {
        return respond(401, &json!({ "error": "the signature is wrong" }));
    }
    let path: Vec<&str> = path.split('/').collect();
    let (["orders", order, "shipments", parcel], "PUT") = (path.as_slice(), request.method) else {
        return respond(404, &json!({ "error": "there is nothing here" }));
    };
    let Some(sale) = shop.sales.get_mut(*order) else {
        return respond(404, &json!({ "error": "there is no such order" }));
    };
    match serde_json::from_slice(&request.body) {
        Ok(body) => respond(put(sale, parcel, &body), &json!({})),
        Err(_) => respond(400, &json!({ "error": "that is no JSON" })),
    }
}

/// Puts a parcel, and tells whether that was new.
fn put(sale: &mut Sale, reference: &str, body: &Value) -> u16 {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let lines = body["lines"].as_array().into_iter().flatten().map(|line| {
        let quantity = line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok());
        (line["line_id"].as_str().unwrap_or_default().to_owned(), quantity.unwrap_or(0))
    });
    let parcel = Parcel {
        reference: reference.to_owned(),
        number: text("tracking_number"),
        carrier: text("carrier"),
        url: Some(text("tracking_url")),
        lines: lines.collect(),
        deliveries: u32::from(body["status"] == "delivered"),
    };
    match sale.parcels.iter_mut().find(|known| known.reference == reference) {
        Some(known) if *known == parcel => 200,
        Some(known) => {
            *known = parcel;
            201
        }
        None => {
            sale.parcels.push(parcel);
            201
        }
    }
}
