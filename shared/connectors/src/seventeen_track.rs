//! 17TRACK v2.4: watches parcels of almost every carrier.
//!
//! Wire format: <https://api.17track.net/en/doc?version=v2.4>. At most [`NUMBERS_MAX`] numbers a call and three calls a
//! second; each call here waits for its turn. A number costs once, when it is registered. A call that fails as a whole says so in a body with HTTP 200;
//! one that succeeds takes or refuses each number by itself.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use domain::order::fact::{Scan, ScanStatus};
use jiff::{SignedDuration, Timestamp};
use ports::{Http, Pace, Request};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::rest;
use crate::shipment::plain;

/// Where it is.
pub const URL: &str = "https://api.17track.net";

/// Numbers that one call takes at the most.
pub const NUMBERS_MAX: usize = 40;

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

/// How 17TRACK is reached.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// [`URL`], unless something else stands in for it.
    pub url: &'a str,
    /// The key, which it calls token.
    pub key: &'a str,
}

/// A number to ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Number {
    /// The tracking number.
    pub number: String,
    /// 17TRACK's code of the carrier; it guesses when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<u32>,
}

impl Number {
    /// A number of a carrier, by the name that the supplier gave it.
    #[must_use]
    pub fn new(number: &str, carrier: &str) -> Self {
        Self { number: number.to_owned(), carrier: carrier_code(carrier) }
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

/// What became of a number that was to be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// It is watched.
    Yes,
    /// It can't be, for this reason.
    Never(i64),
    /// It can't be now, for this reason.
    NotNow(i64),
}

/// What is known of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// What carriers said, in any order; may be empty.
    Scans(Vec<Scan>),
    /// It is not registered any more.
    NotRegistered,
    /// It can't be asked for, for this reason.
    Never(i64),
    /// It can't be asked for now, for this reason.
    NotNow(i64),
}

/// Has numbers watched.
///
/// # Errors
/// When the service can't be reached or wants fewer calls.
///
/// # Panics
/// If there are more than [`NUMBERS_MAX`] of them.
pub async fn register(
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

/// Asks where numbers are.
///
/// # Errors
/// When the service can't be reached or wants fewer calls.
///
/// # Panics
/// If there are more than [`NUMBERS_MAX`] of them.
pub async fn look(
    world: &(impl Http + Pace),
    access: Access<'_>,
    numbers: &[Number],
) -> Result<BTreeMap<String, Look>> {
    let reply: Reply<Tracked> = call(world, access, "gettrackinfo", numbers).await?;
    let accepted =
        reply.accepted.into_iter().map(|it| (it.number, Look::Scans(it.track_info.scans())));
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
    assert!(numbers.len() <= NUMBERS_MAX, "the caller asks for at most {NUMBERS_MAX} numbers");
    let request = Request {
        method: "POST",
        url: format!("{}/track/v2.4/{action}", access.url.trim_end_matches('/')),
        headers: vec![
            ("17token".to_owned(), access.key.to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ],
        body: serde_json::to_vec(numbers).context("failed to write numbers")?,
    };
    world.turn("17TRACK", BETWEEN_CALLS).await;
    let response =
        world.call(request).await.with_context(|| format!("no answer to `{action}` of 17TRACK"))?;
    let status = response.status;
    // The body says more than the status does, and says it of successes and of failures alike.
    let envelope: Envelope = rest::parsed(&response.body).with_context(|| {
        format!("17TRACK answered `{action}` with status {status} and no such JSON")
    })?;
    if envelope.code != 0 || status != 200 {
        bail!("17TRACK answered `{action}` with status {status} and code {}", envelope.code);
    }
    let data = envelope.data.as_deref().map_or("null", RawValue::get);
    rest::parsed(data.as_bytes())
        .with_context(|| format!("17TRACK answered `{action}` in a form that we don't know"))
}

#[derive(Deserialize)]
struct Envelope {
    code: i64,
    data: Option<Box<RawValue>>,
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
    track_info: TrackInfo,
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
        Some(Scan { at, status: scan_status(code)?, code: code.clone() })
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
