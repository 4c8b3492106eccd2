//! WooCommerce: tracking numbers and deliveries, back into the shop.
//!
//! Numbers go into the extension "Shipment Tracking" where the shop has it, and into a note to the customer where not.
//! Neither knows idempotency keys, so we look first; and since two deliveries of one message at the same time both find
//! nothing, we look again after writing, and of two that say the same, both deliveries leave the same one.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use domain::order::fact::Milestone;
use ports::Http;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{code, request};
use crate::rest;
use crate::shipment::{Access, Shipment, Shown, encode, plain};
use crate::shop_answer::ShopAnswer;

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
    if shipment.is_last && shipment.milestone == Milestone::Shipped {
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
    let Some(known) = trackings(http, access, &path).await? else { return Ok(None) };
    let found = known.iter().find(|tracking| tracking.tracking_number == shipment.number);
    if let Some(tracking) = found {
        retract(http, access, &path, &known, shipment.replaces).await?;
        return Ok(Some(Shown { reference: tracking.tracking_id.clone(), found: true }));
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
    let _: Tracking = rest::call(http, request(access, "POST", &path, Some(&body))?).await?;
    retract(http, access, &path, &known, shipment.replaces).await?;
    let reference = settle(http, access, &path, shipment.number).await?;
    Ok(Some(Shown { reference, found: false }))
}

/// Takes back a number that was wrong, once the right one is there.
async fn retract(
    http: &impl Http,
    access: Access<'_>,
    path: &str,
    known: &[Tracking],
    replaces: Option<&str>,
) -> Result<()> {
    let is_wrong = |known: &&Tracking| Some(known.tracking_number.as_str()) == replaces;
    for wrong in known.iter().filter(is_wrong) {
        remove(http, access, &format!("{path}/{}", wrong.tracking_id)).await?;
    }
    Ok(())
}

/// Leaves one tracking of a number, whoever else has just written it: everyone leaves the same one. Gives its id.
async fn settle(http: &impl Http, access: Access<'_>, path: &str, number: &str) -> Result<String> {
    let known: Vec<Tracking> = rest::call(http, request(access, "GET", path, None::<&()>)?).await?;
    let same = known.into_iter().filter(|known| known.tracking_number == number);
    let mut ids: Vec<String> = same.map(|known| known.tracking_id).collect();
    ids.sort();
    for other in ids.iter().skip(1) {
        remove(http, access, &format!("{path}/{other}")).await?;
    }
    ids.into_iter().next().context("the shop does not show what it was just told")
}

/// Removes something; what is gone already is removed.
async fn remove(http: &impl Http, access: Access<'_>, path: &str) -> Result<()> {
    let delete = request(access, "DELETE", path, None::<&()>)?;
    let what = format!("DELETE {}", delete.url);
    let response = http.call(delete).await.with_context(|| format!("no answer to `{what}`"))?;
    if response.status == 404 {
        return Ok(());
    }
    rest::read::<Value>(&what, &response).map(drop)
}

/// Which of these numbers the order shows, in the extension or in a note.
pub(crate) async fn known_numbers(
    http: &impl Http,
    access: Access<'_>,
    order: &str,
    numbers: &BTreeSet<&str>,
) -> Result<BTreeSet<String>> {
    let order = encode(order);
    let path = format!("wc-shipment-tracking/v3/orders/{order}/shipment-trackings");
    let trackings = trackings(http, access, &path).await?.unwrap_or_default();
    let path = format!("wc/v3/orders/{order}/notes");
    let notes: Vec<Note> = rest::call(http, request(access, "GET", &path, None::<&()>)?).await?;
    let is_known = |number: &&&str| {
        trackings.iter().any(|tracking| tracking.tracking_number == **number)
            || notes.iter().any(|note| names(&note.note, number))
    };
    Ok(numbers.iter().filter(is_known).map(|number| (*number).to_owned()).collect())
}

/// What the extension has of an order; none where the shop does not have the extension.
async fn trackings(
    http: &impl Http,
    access: Access<'_>,
    path: &str,
) -> Result<Option<Vec<Tracking>>> {
    let look = request(access, "GET", path, None::<&()>)?;
    let what = format!("GET {}", look.url);
    let response = http.call(look).await?;
    if response.status == 404 && code(&response.body).as_deref() == Some("rest_no_route") {
        return Ok(None);
    }
    rest::read(&what, &response).map(Some)
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

/// Begins the note that says that a number was wrong.
const CORRECTED: &str = "Corrected: ";

/// Writes the milestone into the order's notes, once.
async fn note(http: &impl Http, access: Access<'_>, shipment: &Shipment<'_>) -> Result<Shown> {
    let Shipment { carrier, number, milestone, .. } = shipment;
    let url = shipment.tracking_url();
    let (opening, text) = match milestone {
        Milestone::Shipped => {
            ("", format!("Shipped with {carrier}, tracking number {number}: {url}"))
        }
        Milestone::Corrected => {
            (CORRECTED, format!("{CORRECTED}{carrier}, tracking number {number}: {url}"))
        }
        Milestone::Delivered => (DELIVERED, format!("{DELIVERED}{carrier} {number}")),
    };
    let is_same = |note: &str| {
        let is_other = [DELIVERED, CORRECTED]
            .iter()
            .any(|other| note.starts_with(other) != (*other == opening));
        names(note, number) && !is_other
    };
    // The customer hears of the number, and has the parcel when it is delivered.
    let is_for_customer = *milestone != Milestone::Delivered && shipment.is_news;
    write_note(http, access, shipment.order, &text, is_for_customer, is_same).await
}

/// Tells the shop, and its customer, what came of a request to change an order: a note in the order. The secret is
/// `consumer key:consumer secret` of the REST API.
///
/// # Errors
/// When the shop can't be reached or refuses.
pub async fn tell(http: &impl Http, access: Access<'_>, answer: &ShopAnswer<'_>) -> Result<Shown> {
    let opening = answer.opening();
    let is_same = |note: &str| note.starts_with(&opening);
    write_note(http, access, answer.order, &answer.sentence(), true, is_same).await
}

/// Writes a note, unless the order has one that says the same.
async fn write_note(
    http: &impl Http,
    access: Access<'_>,
    order: &str,
    text: &str,
    is_for_customer: bool,
    is_same: impl Fn(&str) -> bool,
) -> Result<Shown> {
    let path = format!("wc/v3/orders/{}/notes", encode(order));
    let look = || request(access, "GET", &path, None::<&()>);
    let known: Vec<Note> = rest::call(http, look()?).await?;
    if let Some(note) = known.iter().find(|note| is_same(&note.note)) {
        return Ok(Shown { reference: note.id.to_string(), found: true });
    }
    let body = json!({ "note": text, "customer_note": is_for_customer });
    let _: Note = rest::call(http, request(access, "POST", &path, Some(&body))?).await?;
    // As with trackings. A mail that went out twice can't be taken back; the note can.
    let known: Vec<Note> = rest::call(http, look()?).await?;
    let same = known.into_iter().filter(|note| is_same(&note.note));
    let mut ids: Vec<u64> = same.map(|note| note.id).collect();
    ids.sort_unstable();
    for other in ids.iter().skip(1) {
        remove(http, access, &format!("{path}/{other}?force=true")).await?;
    }
    let id = ids.first().context("the shop does not show what it was just told")?;
    Ok(Shown { reference: id.to_string(), found: false })
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
