//! A shop that speaks our own JSON: it takes parcels and refunds by `PUT`, signed as Standard Webhooks.

use std::collections::BTreeMap;

use connectors::signature;
use jiff::Timestamp;
use ports::{Request, Response};
use serde_json::{Value, json};

use super::books::{Gateway, PaidBack};
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
    if let Some(query) = path.strip_prefix("orders?").filter(|_| request.method == "GET") {
        return super::listing::own(shop, query);
    }
    if request.method != "PUT" {
        return respond(404, &json!({ "error": "there is nothing here" }));
    }
    let path: Vec<&str> = path.split('/').collect();
    let ["orders", order, what @ ("shipments" | "refunds" | "answers"), name] = path.as_slice()
    else {
        return respond(404, &json!({ "error": "there is nothing here" }));
    };
    let gateway = shop.gateway;
    let Some(sale) = shop.sales.get_mut(*order) else {
        return respond(404, &json!({ "error": "there is no such order" }));
    };
    match (*what, serde_json::from_slice(&request.body)) {
        (_, Err(_)) => respond(400, &json!({ "error": "that is no JSON" })),
        ("refunds", Ok(body)) => {
            let response = pay_back(sale, name, gateway, &body);
            if response.status == 201 {
                shop.loses_answer();
            }
            response
        }
        ("answers", Ok(body)) => respond(take_answer(sale, name, &body), &json!({})),
        (_, Ok(body)) => respond(put(sale, name, &body), &json!({})),
    }
}

/// Takes an answer, and tells whether that was new.
fn take_answer(sale: &mut Sale, request: &str, body: &Value) -> u16 {
    let text = body["text"].as_str().unwrap_or_default().to_owned();
    let before = sale.answers.insert(request.to_owned(), text.clone());
    if before == Some(text) { 200 } else { 201 }
}

/// Pays back, once for each key.
fn pay_back(sale: &mut Sale, key: &str, gateway: Gateway, body: &Value) -> Response {
    let answer = |status: u16, known: &PaidBack| {
        let problem = "the bank did not answer";
        match known.is_paid {
            true => respond(status, &json!({ "reference": known.reference })),
            false => respond(202, &json!({ "problem": problem })),
        }
    };
    if let Some(known) = sale.books.refunds.iter().find(|known| known.note == key) {
        return answer(200, known);
    }
    let minor = body["amount_minor"].as_i64().unwrap_or(0);
    if body["currency"] != json!(sale.books.currency()) || minor > sale.books.left_minor() {
        return respond(422, &json!({ "problem": "so much was not paid" }));
    }
    if gateway == Gateway::Refuses {
        return respond(422, &json!({ "problem": "the bank refuses" }));
    }
    let refund = PaidBack {
        reference: sale.books.next_reference(),
        note: key.to_owned(),
        minor_by_gateway: [("bank".to_owned(), minor)].into(),
        lines: lines(body),
        is_paid: gateway == Gateway::Pays,
        asked: body.clone(),
    };
    let response = answer(201, &refund);
    sale.books.refunds.push(refund);
    response
}

/// Units by line.
fn lines(body: &Value) -> BTreeMap<String, u32> {
    let lines = body["lines"].as_array().into_iter().flatten().map(|line| {
        let quantity = line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok());
        (line["line_id"].as_str().unwrap_or_default().to_owned(), quantity.unwrap_or(0))
    });
    lines.collect()
}

/// Puts a parcel, and tells whether that was new.
fn put(sale: &mut Sale, reference: &str, body: &Value) -> u16 {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let parcel = Parcel {
        reference: reference.to_owned(),
        number: text("tracking_number"),
        carrier: text("carrier"),
        url: Some(text("tracking_url")),
        lines: lines(body),
        deliveries: u32::from(body["status"] == "delivered"),
        is_cancelled: false,
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
