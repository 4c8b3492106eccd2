//! Tracking services: the same of all of them. Each watches numbers that it was told of, can be asked for them, and calls
//! us when it hears something.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::order::fact::Scan;
use domain::settings::TrackingService;
use ports::{Http, Inbound, Pace};

use crate::webhook::{BODY_BYTES_MAX, Unwelcome};
use crate::{aftership, seventeen_track};

/// Numbers that are asked for together at the most: what one call to 17TRACK takes.
pub const NUMBERS_MAX: usize = 40;

/// Characters that are kept of a service's code; the longest that is documented has half of that.
const CODE_CHARS_MAX: usize = 64;

/// How a service is reached.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// Which one.
    pub service: TrackingService,
    /// Base URL of what stands in for it; empty for the service itself.
    pub url: &'a str,
    /// The key that proves that we may.
    pub key: &'a str,
}

impl Access<'_> {
    /// The base URL, without a slash at its end.
    pub(crate) fn url_or<'a>(&'a self, own: &'a str) -> &'a str {
        if self.url.is_empty() { own } else { self.url.trim_end_matches('/') }
    }
}

/// A number to watch or to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The tracking number.
    pub number: String,
    /// The carrier, as the supplier named it.
    pub carrier: String,
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

/// What a service tells us by itself. Only [`receive`] makes one, of a body that is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Push {
    /// The tracking number.
    pub number: String,
    /// What carriers said, in any order; may be empty.
    pub scans: Vec<Scan>,
}

/// A service's own code, as far as a fact takes it.
pub(crate) fn shown(code: &str) -> String {
    code.chars().take(CODE_CHARS_MAX).collect()
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
    assert!(numbers.len() <= NUMBERS_MAX, "the caller asks for at most {NUMBERS_MAX} numbers");
    match access.service {
        TrackingService::SeventeenTrack => seventeen_track::register(world, access, numbers).await,
        TrackingService::Aftership => aftership::register(world, access, numbers).await,
    }
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
    assert!(numbers.len() <= NUMBERS_MAX, "the caller asks for at most {NUMBERS_MAX} numbers");
    match access.service {
        TrackingService::SeventeenTrack => seventeen_track::look(world, access, numbers).await,
        TrackingService::Aftership => aftership::look(world, access, numbers).await,
    }
}

/// Verifies and reads what a service calls us with. `secrets` are those that are valid now, two while one replaces the
/// other.
///
/// # Errors
/// When it is not to be taken, see [`Unwelcome`]. Nothing of a body is looked at before its signature was verified.
pub fn receive(
    service: TrackingService,
    secrets: &[String],
    inbound: &Inbound,
) -> Result<Push, Unwelcome> {
    if inbound.body.len() > BODY_BYTES_MAX {
        return Err(Unwelcome::TooLarge);
    }
    let (is_signed, read): (bool, fn(&[u8]) -> Result<_, _>) = match service {
        TrackingService::SeventeenTrack => {
            (seventeen_track::is_signed(secrets, inbound), seventeen_track::read_push)
        }
        TrackingService::Aftership => {
            (aftership::is_signed(secrets, inbound), aftership::read_push)
        }
    };
    if !is_signed {
        return Err(Unwelcome::Unsigned);
    }
    Ok(read(&inbound.body)?)
}

#[cfg(test)]
mod tests;
