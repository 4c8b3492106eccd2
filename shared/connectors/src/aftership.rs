//! AfterShip Tracking: watches parcels of more than a thousand carriers.
//!
//! Wire format: <https://www.aftership.com/docs/tracking>, version [`VERSION`]. Ten calls a second; each call here waits
//! for its turn. Numbers are registered one by one and looked up together. Failures are told by `meta.code`, by number.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use domain::order::fact::{Scan, ScanStatus};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ports::{Http, Inbound, Pace, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::Unreadable;
use crate::shipment::{encode, plain};
use crate::tracking::{Access, Look, Number, Push, Registered, shown};
use crate::{rest, signature};

/// Where it is.
pub const URL: &str = "https://api.aftership.com";

/// The version of the API that we speak.
pub const VERSION: &str = "2026-07";

/// From one call of a process to its next: two processes call it, and half of its ten calls a second are left for whoever
/// else uses the account.
const BETWEEN_CALLS: SignedDuration = SignedDuration::from_millis(400);

/// Trackings on a page: a number can be known at several carriers.
const PAGE_SIZE: usize = 200;

/// Already registered: what we wanted.
const REGISTERED_BEFORE: i64 = 4003;

/// Refusals that stay: an invalid number or value, no such carrier, none that the number could be of, a detail of it that
/// we don't have. All others may pass.
fn is_final(code: i64) -> bool {
    matches!(code, 4005 | 4008 | 4010 | 4011 | 4012)
}

/// AfterShip's name of a carrier, where ours leaves no doubt; it guesses where there is none.
fn slug(carrier: &str) -> Option<&'static str> {
    let slug = match plain(carrier).as_str() {
        "chinapost" => "china-post",
        "australiapost" | "auspost" => "australia-post",
        "royalmail" => "royal-mail",
        "usps" | "unitedstatespostalservice" => "usps",
        "dhlpaket" => "dhl-germany",
        "dhlexpress" => "dhl",
        "ups" | "unitedparcelservice" => "ups",
        "fedex" | "federalexpress" => "fedex",
        _ => return None,
    };
    Some(slug)
}

#[derive(Serialize)]
struct NewTracking<'a> {
    tracking_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    slug: Option<&'a str>,
}

pub(crate) async fn register(
    world: &(impl Http + Pace),
    access: Access<'_>,
    numbers: &[Number],
) -> Result<BTreeMap<String, Registered>> {
    let mut registered = BTreeMap::new();
    for Number { number, carrier } in numbers {
        let body = NewTracking { tracking_number: number, slug: slug(carrier) };
        let response = call(world, access, "POST", "trackings", Some(&body)).await?;
        let outcome = match failure(&response)? {
            None | Some(REGISTERED_BEFORE) => Registered::Yes,
            Some(code) if is_final(code) => Registered::Never(code),
            Some(code) => Registered::NotNow(code),
        };
        registered.insert(number.clone(), outcome);
    }
    Ok(registered)
}

pub(crate) async fn look(
    world: &(impl Http + Pace),
    access: Access<'_>,
    numbers: &[Number],
) -> Result<BTreeMap<String, Look>> {
    let names: Vec<String> = numbers.iter().map(|number| encode(&number.number)).collect();
    let path = format!("trackings?limit={PAGE_SIZE}&tracking_numbers={}", names.join(","));
    let response = call(world, access, "GET", &path, None::<&()>).await?;
    if let Some(code) = failure(&response)? {
        bail!("AfterShip answered the look with code {code}");
    }
    let reply: Envelope<Trackings> = serde_json::from_slice(&response.body)
        .context("AfterShip answered the look in a form that we don't know")?;
    let mut looks: BTreeMap<String, Look> =
        numbers.iter().map(|number| (number.number.clone(), Look::NotRegistered)).collect();
    for tracking in reply.data.trackings {
        let (number, scans) = (tracking.tracking_number.clone(), tracking.scans());
        match looks.get_mut(&number) {
            Some(Look::Scans(known)) => known.extend(scans),
            Some(look) => *look = Look::Scans(scans),
            None => {}
        }
    }
    Ok(looks)
}

async fn call(
    world: &(impl Http + Pace),
    access: Access<'_>,
    method: &'static str,
    path: &str,
    body: Option<&impl Serialize>,
) -> Result<Response> {
    let url = format!("{}/tracking/{VERSION}/{path}", access.url_or(URL));
    let request = rest::request(method, url, ("as-api-key", access.key.to_owned()), body)?;
    world.turn("AfterShip", BETWEEN_CALLS).await;
    world.call(request).await.with_context(|| format!("no answer to `{method} trackings`"))
}

/// Why it failed, by `meta.code`; none when it did not.
///
/// # Errors
/// When it is nothing about a number: we may not, there were too many calls, or the service has trouble of its own.
fn failure(response: &Response) -> Result<Option<i64>> {
    let status = response.status;
    let envelope: Envelope<Value> = serde_json::from_slice(&response.body)
        .with_context(|| format!("AfterShip answered with status {status} and no such JSON"))?;
    let code = envelope.meta.code;
    match status {
        200..300 => Ok(None),
        400 | 404 | 409 | 422 => Ok(Some(code)),
        _ => bail!("AfterShip answered with status {status} and code {code}"),
    }
}

/// Whether the header is `base64(HMAC-SHA256(webhook secret, body))`.
pub(crate) fn is_signed(secrets: &[String], inbound: &Inbound) -> bool {
    let signature = inbound.header("aftership-hmac-sha256");
    signature.is_some_and(|it| signature::verify_base64(secrets, &[&inbound.body], it))
}

/// Reads `tracking_update`, and every other event that shows a tracking.
pub(crate) fn read_push(body: &[u8]) -> Result<Push, Unreadable> {
    let event: Event = serde_json::from_slice(body).map_err(|error| Unreadable {
        field: "body".to_owned(),
        problem: format!("is no event of AfterShip, at line {}", error.line()),
    })?;
    Ok(Push { number: event.msg.tracking_number.clone(), scans: event.msg.scans() })
}

#[derive(Deserialize)]
struct Event {
    msg: Tracking,
}

#[derive(Deserialize)]
struct Envelope<T> {
    meta: Meta,
    data: T,
}

#[derive(Deserialize)]
struct Meta {
    code: i64,
}

#[derive(Deserialize)]
struct Trackings {
    #[serde(default)]
    trackings: Vec<Tracking>,
}

#[derive(Deserialize)]
struct Tracking {
    tracking_number: String,
    #[serde(default)]
    checkpoints: Option<Vec<Checkpoint>>,
}

impl Tracking {
    fn scans(self) -> Vec<Scan> {
        let checkpoints = self.checkpoints.unwrap_or_default();
        checkpoints.iter().filter_map(Checkpoint::scan).collect()
    }
}

#[derive(Deserialize)]
struct Checkpoint {
    #[serde(default)]
    checkpoint_time: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    tag: Option<String>,
    #[serde(default)]
    subtag: Option<String>,
}

impl Checkpoint {
    /// None for a checkpoint without a time or without a meaning.
    fn scan(&self) -> Option<Scan> {
        let tag = self.tag.as_deref().filter(|tag| !tag.is_empty());
        let code = self.subtag.as_deref().filter(|subtag| !subtag.is_empty()).or(tag)?;
        Some(Scan { at: self.at()?, status: scan_status(code)?, code: shown(code) })
    }

    /// Some carriers give the time of the place without saying which: read as UTC it is off by some hours, and in order
    /// with the others of that carrier. It never was after AfterShip heard of it.
    fn at(&self) -> Option<Timestamp> {
        let time = self.checkpoint_time.as_deref()?;
        if let Ok(at) = time.parse::<Timestamp>() {
            return Some(at);
        }
        let at = time.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let heard_at = self.created_at.as_deref().and_then(|at| at.parse().ok());
        Some(heard_at.map_or(at, |heard_at| at.min(heard_at)))
    }
}

/// What a subtag, or a tag, means.
fn scan_status(code: &str) -> Option<ScanStatus> {
    let tag = code.split('_').next().unwrap_or_default();
    let status = match (tag, code) {
        (_, "Exception_010") => ScanStatus::Returning,
        (_, "Exception_011") => ScanStatus::Returned,
        ("Exception", _) => ScanStatus::Exception,
        ("InfoReceived", _) => ScanStatus::LabelCreated,
        ("InTransit", _) => ScanStatus::InTransit,
        ("AvailableForPickup", _) => ScanStatus::ReadyForPickup,
        ("OutForDelivery", _) => ScanStatus::OutForDelivery,
        ("AttemptFail", _) => ScanStatus::AttemptFailed,
        ("Delivered", _) => ScanStatus::Delivered,
        // `Pending`, `Expired`: nothing happened to the parcel.
        _ => return None,
    };
    Some(status)
}

#[cfg(test)]
mod tests;
