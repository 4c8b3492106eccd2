//! Asking for a return: what can still be returned, and what can't and why.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::id::{LineId, ReasonId, ReturnId};
use crate::order::Order;
use crate::order::fact::Fact;
use crate::settings::Returns;
use crate::settings::returns::Reason;
use crate::shop_order::ShopLine;

use super::fact::{Kind, Liability, Photo, Requested, RequestedLine, ReturnFact};
use super::{PHOTOS_MAX, Stage, complete_units, wrap};

/// What someone asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Of what, each line once.
    pub lines: Vec<RequestedLine>,
    /// Names this request, so that one that is sent twice is one.
    pub key: Option<String>,
    /// Who asks: `customer`, or a person of the merchant's.
    pub by: String,
}

/// Why a return can't be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No unit was named.
    #[error("name at least one unit")]
    Nothing,
    /// A line was named twice.
    #[error("line `{0}` is there twice")]
    LineTwice(LineId),
    /// A line that the order does not have.
    #[error("the order has no line `{0}`")]
    UnknownLine(LineId),
    /// A reason that the settings don't have.
    #[error("`{0}` is none of the reasons")]
    UnknownReason(ReasonId),
    /// Some of it is to come back, and some is not.
    #[error(
        "a complaint about one thing and the return of another are two requests; please make them one by one"
    )]
    Mixed,
    /// The customer does not have it yet.
    #[error("line `{0}` has not been delivered yet")]
    NotDelivered(LineId),
    /// It is excluded from returns.
    #[error("line `{0}` can't be returned for this reason")]
    NotReturnable(LineId),
    /// It is too late.
    #[error("line `{line_id}` could be returned until {until}")]
    WindowOver {
        /// Which line.
        line_id: LineId,
        /// The last day.
        until: Date,
    },
    /// All of it is in other returns.
    #[error("all of line `{0}` is in a return already")]
    Taken(LineId),
    /// More units than can be returned.
    #[error("{asked} units of line `{line_id}` are more than the {left} that can be returned")]
    TooMany {
        /// Which line.
        line_id: LineId,
        /// How many were asked for.
        asked: u32,
        /// How many there are.
        left: u32,
    },
}

impl Refusal {
    /// The field of a line, or of the request, that it is about.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Nothing | Self::Mixed => "lines",
            Self::TooMany { .. } => "quantity",
            Self::UnknownReason(_) => "reason",
            _ => "line_id",
        }
    }

    /// The line that it is about.
    #[must_use]
    pub fn line_id(&self) -> Option<&LineId> {
        match self {
            Self::LineTwice(line_id)
            | Self::UnknownLine(line_id)
            | Self::NotDelivered(line_id)
            | Self::NotReturnable(line_id)
            | Self::Taken(line_id)
            | Self::WindowOver { line_id, .. }
            | Self::TooMany { line_id, .. } => Some(line_id),
            Self::Nothing | Self::Mixed | Self::UnknownReason(_) => None,
        }
    }
}

/// Units of a line that can be returned for a reason now; at least 1.
///
/// # Errors
/// When there is none, and why.
pub fn returnable(
    order: &Order,
    line: &ShopLine,
    reason: &Reason,
    rules: &Returns,
    now: Timestamp,
) -> Result<u32, Refusal> {
    let line_id = || line.line_id.clone();
    let is_own_choice = reason.kind == Kind::Return && reason.liability == Liability::Customer;
    if !line.ships || (is_own_choice && rules.not_returnable.contains(&line.sku)) {
        return Err(Refusal::NotReturnable(line_id()));
    }
    let delivered = complete_units(order, &line.line_id, |parcel| parcel.delivered_at().is_some());
    if delivered == 0 {
        return Err(Refusal::NotDelivered(line_id()));
    }
    let taken: u32 = order.returns.values().map(|known| known.takes(&line.line_id)).sum();
    let left = delivered.saturating_sub(taken);
    if left == 0 {
        return Err(Refusal::Taken(line_id()));
    }
    // Nobody can tell the units of a line from each other: what went back before was the oldest.
    let window = SignedDuration::from_hours(24 * i64::from(rules.window_days(reason)));
    let is_late = |at: Timestamp| at + window < now;
    let late =
        complete_units(order, &line.line_id, |parcel| parcel.delivered_at().is_some_and(is_late));
    let in_time = left.min(delivered - late);
    if in_time == 0 {
        let arrivals = order.parcels.values().filter_map(super::Parcel::delivered_at);
        let last = arrivals.max().unwrap_or(now);
        let until = (last + window).to_zoned(TimeZone::UTC).date();
        return Err(Refusal::WindowOver { line_id: line_id(), until });
    }
    Ok(in_time)
}

/// Takes a request. One with a key that is known is there already.
///
/// # Errors
/// When any unit of it can't be returned; nothing is taken then.
pub fn request(
    order: &Order,
    request: &Request,
    rules: &Returns,
    now: Timestamp,
) -> Result<Vec<Fact>, Refusal> {
    if find(order, request.key.as_deref()).is_some() {
        return Ok(Vec::new());
    }
    let mut kinds: Vec<Kind> = Vec::new();
    for (index, asked) in request.lines.iter().enumerate() {
        kinds.push(check(order, asked, rules, now)?);
        if request.lines[..index].iter().any(|known| known.line_id == asked.line_id) {
            return Err(Refusal::LineTwice(asked.line_id.clone()));
        }
    }
    kinds.dedup();
    let kind = match kinds[..] {
        [] => return Err(Refusal::Nothing),
        [kind] => kind,
        _ => return Err(Refusal::Mixed),
    };
    Ok(vec![wrap(ReturnFact::ReturnRequested(Requested {
        return_id: order.next_return_id(),
        kind,
        lines: request.lines.clone(),
        key: request.key.clone(),
        by: request.by.clone(),
    }))])
}

fn check(
    order: &Order,
    asked: &RequestedLine,
    rules: &Returns,
    now: Timestamp,
) -> Result<Kind, Refusal> {
    let line_id = asked.line_id.clone();
    let mut lines = order.received.iter().flat_map(|received| &received.lines);
    let line = lines.find(|line| line.line_id == line_id);
    let line = line.ok_or_else(|| Refusal::UnknownLine(line_id.clone()))?;
    let reason = rules.reason(&asked.reason);
    let reason = reason.ok_or_else(|| Refusal::UnknownReason(asked.reason.clone()))?;
    if asked.quantity == 0 {
        return Err(Refusal::Nothing);
    }
    let left = returnable(order, line, reason, rules, now)?;
    if asked.quantity > left {
        return Err(Refusal::TooMany { line_id, asked: asked.quantity, left });
    }
    Ok(reason.kind)
}

/// The return of a request with this key.
#[must_use]
pub fn find(order: &Order, key: Option<&str>) -> Option<ReturnId> {
    let key = key?;
    let is_it = |known: &&super::Return| known.requested.key.as_deref() == Some(key);
    order.returns.values().find(is_it).map(|known| known.requested.return_id)
}

/// Takes further photos of a line, as long as nobody has decided.
#[must_use]
pub fn add_photos(order: &Order, return_id: ReturnId, line_id: &LineId, photos: u32) -> Vec<Fact> {
    let known = order.returns.get(&return_id);
    let is_open = known.is_some_and(|known| {
        let is_undecided =
            matches!(known.stage, Stage::Requested | Stage::PhotosAsked | Stage::InReview);
        is_undecided && known.line(line_id).is_some()
    });
    if !is_open || photos == 0 {
        return Vec::new();
    }
    let (line_id, kept) = (line_id.clone(), Vec::new());
    vec![wrap(ReturnFact::ReturnPhotosAdded { return_id, line_id, photos, kept })]
}

/// Takes a photo that is kept, while photos are asked for: no more than [`PHOTOS_MAX`] of a line, and none twice.
#[must_use]
pub fn keep_photo(
    order: &Order,
    return_id: ReturnId,
    line_id: &LineId,
    photo: &Photo,
) -> Vec<Fact> {
    let Some(known) = order.returns.get(&return_id) else { return Vec::new() };
    let is_known = known.photos_of(line_id).any(|it| it.sha256 == photo.sha256);
    let is_full = known.line(line_id).is_none_or(|line| line.photos >= PHOTOS_MAX);
    if known.stage != Stage::PhotosAsked || is_known || is_full {
        return Vec::new();
    }
    vec![wrap(ReturnFact::ReturnPhotosAdded {
        return_id,
        line_id: line_id.clone(),
        photos: 1,
        kept: vec![photo.clone()],
    })]
}
