//! WooCommerce: tracking numbers and deliveries, back into the shop.
//!
//! Numbers go into the extension "Shipment Tracking" where the shop has it, and into a note to the customer where not.
//! Neither knows idempotency keys, so we look first.

use anyhow::Result;
use domain::order::fact::Milestone;
use ports::Http;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{code, request};
use crate::rest;
use crate::shipment::{Access, Shipment, Shown, encode, plain};

/// Shows a parcel in the shop, unless it does already. The secret is `consumer key:consumer secret` of the REST API. The order is completed with its last parcel.
///
/// # Errors
/// When the shop can't be reached or refuses; the queue tries again.
pub async fn show(http: &impl Http, access: Access<'_>, shipment: &Shipment<'_>) -> Result<Shown> {
    if shipment.milestone == Milestone::Delivered {
        return note(http, access, shipment).await;
    }
    let shown = match track(http, access, shipment).await? {
        Some(shown) => shown,
        None => note(http, access, shipment).await?,
    };
    if shipment.is_last {
        complete(http, access, shipment).await?;
    }
    Ok(shown)
}

#[derive(Deserialize)]
struct Tracking {
    tracking_id: String,
    tracking_number: String,
}

/// Tells the extension; none where the shop does not have it.
async fn track(
    http: &impl Http,
    access: Access<'_>,
    shipment: &Shipment<'_>,
) -> Result<Option<Shown>> {
    let path =
        format!("wc-shipment-tracking/v3/orders/{}/shipment-trackings", encode(shipment.order));
    let look = request(access, "GET", &path, None::<&()>)?;
    let what = format!("GET {}", look.url);
    let response = http.call(look).await?;
    if response.status == 404 && code(&response.body).as_deref() == Some("rest_no_route") {
        return Ok(None);
    }
    let known: Vec<Tracking> = rest::read(&what, &response)?;
    let found = known.into_iter().find(|tracking| tracking.tracking_number == shipment.number);
    if let Some(tracking) = found {
        return Ok(Some(Shown { reference: tracking.tracking_id, found: true }));
    }

    let providers: Value =
        rest::call(http, request(access, "GET", &format!("{path}/providers"), None::<&()>)?)
            .await?;
    let mut body = json!({
        "tracking_number": shipment.number,
        "date_shipped": shipment.ship_date,
    });
    if let Some(provider) = provider(&providers, shipment.carrier) {
        body["tracking_provider"] = json!(provider);
    } else {
        body["custom_tracking_provider"] = json!(shipment.carrier);
        body["custom_tracking_link"] = json!(shipment.tracking_url());
    }
    let tracking: Tracking = rest::call(http, request(access, "POST", &path, Some(&body))?).await?;
    Ok(Some(Shown { reference: tracking.tracking_id, found: false }))
}

/// The extension's own name of a carrier. It lists them by country, and a shop that removed all has an empty list there.
fn provider<'a>(providers: &'a Value, carrier: &str) -> Option<&'a str> {
    let countries = providers.as_object().into_iter().flat_map(Map::values);
    let mut names = countries.filter_map(Value::as_object).flat_map(Map::keys);
    names.find(|name| plain(name) == plain(carrier)).map(String::as_str)
}

#[derive(Deserialize)]
struct Note {
    id: u64,
    note: String,
}

/// Begins the note that says that a parcel arrived.
const DELIVERED: &str = "Delivered: ";

/// Writes the milestone into the order's notes, once.
async fn note(http: &impl Http, access: Access<'_>, shipment: &Shipment<'_>) -> Result<Shown> {
    let path = format!("wc/v3/orders/{}/notes", encode(shipment.order));
    let known: Vec<Note> = rest::call(http, request(access, "GET", &path, None::<&()>)?).await?;
    let is_delivery = shipment.milestone == Milestone::Delivered;
    let is_same = |note: &&Note| {
        names(&note.note, shipment.number) && note.note.starts_with(DELIVERED) == is_delivery
    };
    if let Some(note) = known.iter().find(is_same) {
        return Ok(Shown { reference: note.id.to_string(), found: true });
    }
    let Shipment { carrier, number, .. } = shipment;
    let text = if is_delivery {
        format!("{DELIVERED}{carrier} {number}")
    } else {
        format!("Shipped with {carrier}, tracking number {number}: {}", shipment.tracking_url())
    };
    // The customer hears of the number, and has the parcel when it is delivered.
    let body = json!({ "note": text, "customer_note": !is_delivery });
    let note: Note = rest::call(http, request(access, "POST", &path, Some(&body))?).await?;
    Ok(Shown { reference: note.id.to_string(), found: false })
}

/// Whether a text contains a number, and not only as a part of a longer one.
fn names(text: &str, number: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(number).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + number.len()..]);
        !is_part(before.chars().next_back()) && !is_part(after.chars().next())
    })
}

#[derive(Deserialize)]
struct OrderStatus {
    status: String,
}

/// Completes the order, unless it is over already: completed, or cancelled by the shop in between.
async fn complete(http: &impl Http, access: Access<'_>, shipment: &Shipment<'_>) -> Result<()> {
    let path = format!("wc/v3/orders/{}", encode(shipment.order));
    let order: OrderStatus = rest::call(http, request(access, "GET", &path, None::<&()>)?).await?;
    let is_over = ["completed", "cancelled", "refunded", "failed", "trash"];
    if is_over.contains(&order.status.as_str()) {
        return Ok(());
    }
    let body = json!({ "status": "completed" });
    let _: OrderStatus = rest::call(http, request(access, "PUT", &path, Some(&body))?).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_a_number_only_as_a_whole() {
        for (text, is_named) in [
            ("Shipped with GLS, tracking number AB12: https://t.example/#nums=AB12", true),
            ("AB12", true),
            ("see AB123", false),
            ("see XAB12, or 1AB12.", false),
            ("see XAB12, or AB12.", true),
            ("", false),
        ] {
            assert_eq!(names(text, "AB12"), is_named, "{text}");
        }
    }

    #[test]
    fn a_carrier_has_the_extensions_own_name_in_whatever_country() {
        let providers = json!({ "Germany": { "DPD.de": "" }, "United States": { "USPS": "" } });
        assert_eq!(provider(&providers, "usps"), Some("USPS"));
        assert_eq!(provider(&providers, "dpd-de"), Some("DPD.de"));
        assert_eq!(provider(&providers, "Yanwen"), None);
        // PHP's empty array.
        assert_eq!(provider(&json!([]), "usps"), None);
    }

    #[test]
    fn recorded_answers_are_understood() {
        let Some(fixtures) = std::env::var_os("ONWARD_FIXTURES") else {
            return eprintln!(
                "ONWARD_FIXTURES is not set: the recorded answers of WooCommerce were not read"
            );
        };
        // They were recorded behind a proxy, which puts each into `data`.
        let read = |name: &str| -> Value {
            let path = std::path::Path::new(&fixtures).join("woocommerce").join(name);
            let mut answer: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            answer["data"].take()
        };
        let trackings: Vec<Tracking> =
            serde_json::from_value(read("wcios_shipment_tracking_multiple.json")).unwrap();
        assert_eq!(trackings[0].tracking_number, "345645674567");
        for name in ["new", "new_custom_provider"] {
            let answer = read(&format!("wcios_shipment_tracking_{name}.json"));
            serde_json::from_value::<Tracking>(answer).unwrap();
        }
        let notes: Vec<Note> = serde_json::from_value(read("wcios_order-notes.json")).unwrap();
        assert!(names(&notes[0].note, "problem"));
        serde_json::from_value::<Note>(read("wcios_new-order-note.json")).unwrap();
        let order: OrderStatus = serde_json::from_value(read("wcios_order.json")).unwrap();
        assert_eq!(order.status, "processing");
        let providers = read("wcios_shipment_tracking_providers.json");
        assert_eq!(provider(&providers, "royal mail"), Some("Royal Mail"));
    }
}
