//! Tracking: what a carrier says of a parcel, in whatever order and however often it says it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::id::ParcelId;
use crate::order::fact::{Fact, Scan, ScanStatus};
use crate::order::{Order, Parcel};
use crate::settings::Tracking;

/// Numbers are used again after months: a scan from so long before the parcel left belongs to another one.
const GRACE: SignedDuration = SignedDuration::from_hours(48);

/// Scans of a parcel that are recorded; one that has more is no parcel. A fact of that many is far below the 400 KB of an
/// item of DynamoDB.
const SCANS_MAX: usize = 300;

/// What is to be asked of the tracking service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Nothing: it arrived, or nobody asks any more.
    Nothing,
    /// To watch it.
    Register,
    /// Where it is.
    Look,
    /// Nothing any more, and that is to be recorded.
    Stop,
}

/// What is to be asked for a parcel now. `is_first` of one that just left, or has another number, and of which nobody asked
/// yet. That the service watches it is no fact, which would cost every order an append: whoever looks for a number that
/// nobody watches is told so, and registers it then.
#[must_use]
pub fn ask(parcel: &Parcel, is_first: bool, rules: &Tracking, now: Timestamp) -> Ask {
    if !parcel.is_moving() {
        return Ask::Nothing;
    }
    if now >= gives_up_at(parcel, rules) {
        return Ask::Stop;
    }
    if is_first && !parcel.registered { Ask::Register } else { Ask::Look }
}

/// When nobody asks for it any more.
#[must_use]
pub fn gives_up_at(parcel: &Parcel, rules: &Tracking) -> Timestamp {
    parcel.shipped_at + SignedDuration::from_hours(24 * i64::from(rules.stop_after_days))
}

/// How many rounds of polling pass from one look at a parcel to the next: fresh parcels are looked at in each round.
#[must_use]
pub fn rounds_between_looks(shipped_at: Timestamp, now: Timestamp) -> i64 {
    match now.duration_since(shipped_at).as_hours() / 24 {
        ..3 => 1,
        3..10 => 2,
        10..30 => 4,
        _ => 6,
    }
}

/// Takes the scans of a number that we had not heard of and that can be this parcel's.
#[must_use]
pub fn record(order: &Order, parcel_id: ParcelId, number: &str, scans: &[Scan]) -> Vec<Fact> {
    // The number may have been corrected while the carrier was asked for the wrong one.
    let known = order.parcels.get(&parcel_id).filter(|parcel| parcel.number == number);
    let Some(parcel) = known else { return Vec::new() };
    let left_at = parcel
        .ship_date
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(parcel.shipped_at, |zoned| zoned.timestamp());
    // A difference, since the date is a supplier's and `left_at` less anything may be before all time.
    let is_own = |scan: &Scan| left_at.duration_since(scan.at) <= GRACE;
    // Of what is known and what is told the newest: so much told at once, or again, ends in the same.
    let own = scans.iter().filter(|scan| is_own(scan));
    let told: BTreeSet<&Scan> = own.chain(&parcel.scans).collect();
    let newest = told.into_iter().rev().take(SCANS_MAX);
    let mut news: Vec<Scan> = newest.filter(|scan| !parcel.scans.contains(scan)).cloned().collect();
    news.sort();
    if news.is_empty() {
        return Vec::new();
    }
    vec![Fact::Tracked { parcel_id, scans: news }]
}

/// The customer has the parcel and says so, before its carrier does or where none ever will.
#[must_use]
pub fn confirm_arrival(order: &Order, parcel_id: ParcelId) -> Vec<Fact> {
    let known = order.parcels.get(&parcel_id);
    let is_on_its_way = known.is_some_and(|parcel| {
        parcel.delivered_at().is_none() && parcel.status() != ScanStatus::Returned
    });
    if is_on_its_way { vec![Fact::ArrivalConfirmed { parcel_id }] } else { Vec::new() }
}

/// Nobody asks for the parcel under this number any more.
#[must_use]
pub fn stop(order: &Order, parcel_id: ParcelId, number: &str, why: &str) -> Vec<Fact> {
    let is_moving = order
        .parcels
        .get(&parcel_id)
        .is_some_and(|parcel| parcel.is_moving() && parcel.number == number);
    if is_moving {
        vec![Fact::TrackingStopped { parcel_id, why: why.to_owned() }]
    } else {
        Vec::new()
    }
}
