//! 17TRACK v2.4: watches parcels of almost every carrier.
//!
//! Wire format: <https://api.17track.net/en/doc?version=v2.4>. At most 40 numbers a call and three calls a
//! second; each call here waits for its turn. A number costs once, when it is registered. A call that fails as a whole says so in a body with HTTP 200;
//! one that succeeds takes or refuses each number by itself.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use domain::order::fact::{Scan, ScanStatus};
use jiff::{SignedDuration, Timestamp};
use ports::{Http, Inbound, Pace, Request};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::json::Unreadable;
use crate::rest;
use crate::shipment::plain;
use crate::signature;
use crate::tracking::{Access, Look, Number, Push, Registered, shown};

/// Where it is.
pub const URL: &str = "https://api.17track.net";

/// From one call of a process to its next. 17TRACK takes three calls a second for a key, and two processes call it
/// (`MaximumConcurrency` in `template.yaml`) that know nothing of each other: with a call a second each they make two in
/// any second, and the third is left for calls that were delayed on their way.
const BETWEEN_CALLS: SignedDuration = SignedDuration::from_secs(1);

/// Already registered: what we wanted.
const REGISTERED_BEFORE: i64 = -18_019_901;
/// Not registered; it may have been deleted by hand.
const NOT_REGISTERED: i64 = -18_019_902;
/// No carrier has said anything of it yet.
const NOTHING_YET: i64 = -18_019_909;
/// Refusals that stay: what is wrong with a number's format or fields, no carrier that it could be of, no such carrier.
/// All others may pass: the day's limit or the quota is used up, the service has trouble of its own.
fn is_final(code: i64) -> bool {
    matches!(code, -18_010_020..=-18_010_010 | -18_019_903 | -18_019_910)
}

/// A number, as 17TRACK takes it.
#[derive(Serialize)]
struct Item<'a> {
    number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<u32>,
}

impl<'a> Item<'a> {
    fn of(number: &'a Number) -> Self {
        Self { number: &number.number, carrier: carrier_code(&number.carrier) }
    }
}

/// 17TRACK's code of a carrier, where its name leaves no doubt: "DHL" alone is several.
fn carrier_code(carrier: &str) -> Option<u32> {
    let code = match plain(carrier).as_str() {
        "chinapost" => 3011,
        "australiapost" | "auspost" => 1151,
        "royalmail" => 11031,
        "usps" | "unitedstatespostalservice" => 21051,
        "dhlpaket" => 7041,
        "dhlexpress" => 100_001,
        "ups" | "unitedparcelservice" => 100_002,
        "fedex" | "federalexpress" => 100_003,
        _ => return None,
    };
    Some(code)
}

pub(crate) async fn register(
    world: &(impl Http + Pace),
    access: Access<'_>,
    numbers: &[Number],
) -> Result<BTreeMap<String, Registered>> {
    let reply: Reply<Accepted> = call(world, access, "register", numbers).await?;
    let accepted = reply.accepted.into_iter().map(|it| (it.number, Registered::Yes));
    let mut registered: BTreeMap<String, Registered> = accepted.collect();
    for Rejected { number, error } in reply.rejected {
        let outcome = match error.code {
            REGISTERED_BEFORE => Registered::Yes,
            code if is_final(code) => Registered::Never(code),
            code => Registered::NotNow(code),
        };
        registered.insert(number, outcome);
    }
    Ok(registered)
}

pub(crate) async fn look(
    world: &(impl Http + Pace),
    access: Access<'_>,
    numbers: &[Number],
) -> Result<BTreeMap<String, Look>> {
    let reply: Reply<Tracked> = call(world, access, "gettrackinfo", numbers).await?;
    let accepted = reply
        .accepted
        .into_iter()
        .map(|it| (it.number, Look::Scans(it.track_info.unwrap_or_default().scans())));
    let mut looks: BTreeMap<String, Look> = accepted.collect();
    for Rejected { number, error } in reply.rejected {
        let look = match error.code {
            NOTHING_YET => Look::Scans(Vec::new()),
            NOT_REGISTERED => Look::NotRegistered,
            code if is_final(code) => Look::Never(code),
            code => Look::NotNow(code),
        };
        looks.insert(number, look);
    }
    Ok(looks)
}

async fn call<T: DeserializeOwned>(
    world: &(impl Http + Pace),
    access: Access<'_>,
    action: &str,
    numbers: &[Number],
) -> Result<Reply<T>> {
    let items: Vec<Item<'_>> = numbers.iter().map(Item::of).collect();
    let request = Request {
        method: "POST",
        url: format!("{}/track/v2.4/{action}", access.url_or(URL)),
        headers: vec![
            ("17token".to_owned(), access.key.to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ],
        body: serde_json::to_vec(&items).context("failed to write numbers")?,
    };
    world.turn("17TRACK", BETWEEN_CALLS).await;
    let response =
        world.call(request).await.with_context(|| format!("no answer to `{action}` of 17TRACK"))?;
    let status = response.status;
    // The body says more than the status does, and says it of successes and of failures alike.
    let envelope: Envelope<'_> = rest::parsed(&response.body).with_context(|| {
        format!("17TRACK answered `{action}` with status {status} and no such JSON")
    })?;
    if envelope.code != 0 || status != 200 {
        bail!("17TRACK answered `{action}` with status {status} and code {}", envelope.code);
    }
    let data = envelope.data.map_or("null", RawValue::get);
    rest::parsed(data.as_bytes())
        .with_context(|| format!("17TRACK answered `{action}` in a form that we don't know"))
}

/// Whether the header `sign` is `SHA-256(body + "/" + key)`, in hexadecimal digits: no HMAC, and signed with the key of the
/// API itself.
pub(crate) fn is_signed(keys: &[String], inbound: &Inbound) -> bool {
    let signature = inbound.header("sign");
    signature.is_some_and(|it| signature::verify_suffix_hex(keys, &inbound.body, b"/", it))
}

/// Reads `TRACKING_UPDATED`. `TRACKING_STOPPED` has a number and nothing to tell of it.
pub(crate) fn read_push(body: &[u8]) -> Result<Push, Unreadable> {
    let event: PushedEvent = serde_json::from_slice(body).map_err(|error| Unreadable {
        field: "body".to_owned(),
        problem: format!("is no event of 17TRACK, at line {}", error.line()),
    })?;
    let Tracked { number, track_info } = event.data;
    Ok(Push { number, scans: track_info.unwrap_or_default().scans() })
}

#[derive(Deserialize)]
struct PushedEvent {
    data: Tracked,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    code: i64,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Reply<T> {
    #[serde(default = "Vec::new")]
    accepted: Vec<T>,
    #[serde(default)]
    rejected: Vec<Rejected>,
}

#[derive(Deserialize)]
struct Accepted {
    number: String,
}

#[derive(Deserialize)]
struct Rejected {
    number: String,
    error: Error,
}

#[derive(Deserialize)]
struct Error {
    code: i64,
}

#[derive(Deserialize)]
struct Tracked {
    number: String,
    #[serde(default)]
    track_info: Option<TrackInfo>,
}

/// Only what we use: coordinates, for one, are text, numbers or nothing, as it pleases.
#[derive(Default, Deserialize)]
struct TrackInfo {
    #[serde(default)]
    latest_event: Option<Event>,
    #[serde(default)]
    tracking: Option<Tracking>,
}

#[derive(Deserialize)]
struct Tracking {
    #[serde(default)]
    providers: Option<Vec<Provider>>,
}

#[derive(Deserialize)]
struct Provider {
    #[serde(default)]
    events: Option<Vec<Event>>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    time_utc: Option<String>,
    #[serde(default)]
    time_iso: Option<String>,
    #[serde(default)]
    stage: Option<String>,
    #[serde(default)]
    sub_status: Option<String>,
}

impl TrackInfo {
    /// What every carrier on the way said, newest first as they come; the latest one alone where that is all there is.
    fn scans(self) -> Vec<Scan> {
        let providers = self.tracking.and_then(|tracking| tracking.providers).unwrap_or_default();
        let events = providers.into_iter().flat_map(|provider| provider.events.unwrap_or_default());
        let scans: Vec<Scan> = events.filter_map(|event| event.scan()).collect();
        if scans.is_empty() {
            return self.latest_event.and_then(|event| event.scan()).into_iter().collect();
        }
        scans
    }
}

impl Event {
    /// None for an event without a time or without a meaning.
    fn scan(&self) -> Option<Scan> {
        let instant = |time: &Option<String>| time.as_deref()?.parse::<Timestamp>().ok();
        let at = instant(&self.time_utc).or_else(|| instant(&self.time_iso))?;
        let code =
            [&self.sub_status, &self.stage].into_iter().flatten().find(|code| !code.is_empty())?;
        Some(Scan { at, status: scan_status(code)?, code: shown(code) })
    }
}

/// What a sub-status, or a milestone, means.
fn scan_status(code: &str) -> Option<ScanStatus> {
    let status = match code.split('_').collect::<Vec<_>>().as_slice() {
        ["Exception", "Returning"] | ["Returning"] => ScanStatus::Returning,
        ["Exception", "Returned"] | ["Returned"] => ScanStatus::Returned,
        ["Exception", ..] => ScanStatus::Exception,
        ["InfoReceived", ..] => ScanStatus::LabelCreated,
        ["InTransit", ..] | ["PickedUp" | "Departure" | "Arrival"] => ScanStatus::InTransit,
        ["AvailableForPickup", ..] => ScanStatus::ReadyForPickup,
        ["OutForDelivery", ..] => ScanStatus::OutForDelivery,
        ["DeliveryFailure", ..] => ScanStatus::AttemptFailed,
        ["Delivered", ..] => ScanStatus::Delivered,
        // `NotFound`, `Expired`: nothing happened to the parcel.
        _ => return None,
    };
    Some(status)
}

#[cfg(test)]
mod tests;
