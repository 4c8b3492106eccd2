//! Approving, declining, cancelling and closing: by a rule or by a person.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::id::{ReturnId, SupplierId};
use crate::order::fact::{Fact, LineQuantity, Units};
use crate::order::{Order, refund};
use crate::settings::Settings;
use crate::settings::returns::Destination;

use super::decide::Context;
use super::fact::{Approved, Liability, LineLiability, Resolution, ReturnFact};
use super::{Label, Return, Stage, decide, wrap};

/// Who decides when no person does.
pub const ONWARD: &str = "onward";

/// Why something can't be done with a return.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The order has no such return.
    #[error("the order has no such return")]
    Unknown,
    /// It has gone too far for that, or not far enough.
    #[error("the return is {}", .0.name())]
    Stage(Stage),
    /// The settings name no place for goods that come back.
    #[error("`returns.destinations` in the settings has no place for these goods")]
    NoDestination,
    /// Its label may be being bought this very moment.
    #[error(
        "its label is being bought, or nobody knows whether it was; try again when that is known"
    )]
    LabelUnderWay,
    /// Money was given back for it, or something was sent again.
    #[error("the customer has been given something for it")]
    Settled,
    /// Units are here that nobody looked at.
    #[error("units of it are here that were not inspected")]
    NotInspected,
    /// A complaint has no goods.
    #[error("nothing is to come back for it")]
    NoGoods,
    /// The line is not in the return.
    #[error("line `{0}` is not in the return")]
    UnknownLine(crate::id::LineId),
    /// More units than there are.
    #[error("{said} units of line `{line_id}` are more than {most}")]
    TooMany {
        /// Which line.
        line_id: crate::id::LineId,
        /// How many were named.
        said: u32,
        /// How many there are.
        most: u32,
    },
    /// Fewer units than were recorded before.
    #[error("{known} units of line `{line_id}` are on record already; say how many in all")]
    TooFew {
        /// Which line.
        line_id: crate::id::LineId,
        /// How many are on record.
        known: u32,
    },
    /// It can't be sold again from there.
    #[error("nobody sells `{0}` from where the goods went, so it can't be restocked there")]
    NoCounter(crate::id::ArticleId),
}

impl Refusal {
    /// The field of a request that it is about.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::UnknownLine(_) | Self::TooMany { .. } | Self::TooFew { .. } => "lines",
            Self::NoCounter(_) => "disposition",
            Self::NoDestination => "resolution",
            _ => "return",
        }
    }
}

/// What is approved, by whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) resolution: Resolution,
    pub(super) by: &'a str,
    pub(super) rule: Option<&'a str>,
}

/// A person approves what waits for a decision; without a resolution, it is what a rule would have given.
///
/// # Errors
/// When it does not wait for one, or goods would come back and there is no place for them.
pub fn approve(
    order: &Order,
    return_id: ReturnId,
    resolution: Option<Resolution>,
    by: &str,
    context: Context<'_>,
) -> Result<Vec<Fact>, Refusal> {
    let known = order.returns.get(&return_id).ok_or(Refusal::Unknown)?;
    let is_same = resolution.is_none_or(|resolution| {
        known.approved.as_ref().is_some_and(|approved| approved.resolution == resolution)
    });
    if known.approved.is_some() && is_same && known.stage != Stage::Cancelled {
        return Ok(Vec::new());
    }
    if !is_undecided(known) {
        return Err(Refusal::Stage(known.stage));
    }
    let resolution = resolution.unwrap_or_else(|| decide::resolution(order, known, context));
    facts(order, return_id, Terms { resolution, by, rule: None }, context)
}

fn is_undecided(known: &Return) -> bool {
    matches!(known.stage, Stage::Requested | Stage::PhotosAsked | Stage::InReview)
}

/// The approval, and what follows from it at once.
pub(super) fn facts(
    order: &Order,
    return_id: ReturnId,
    terms: Terms<'_>,
    context: Context<'_>,
) -> Result<Vec<Fact>, Refusal> {
    let known = order.returns.get(&return_id).ok_or(Refusal::Unknown)?;
    let (settings, resolution) = (context.settings, terms.resolution);
    let lines = liabilities(known, settings);
    let has_goods = resolution == Resolution::Refund;
    let destination = if has_goods {
        Some(destination(order, &lines, settings).ok_or(Refusal::NoDestination)?)
    } else {
        None
    };
    let freight = freight(&lines, settings);
    let days = i64::from(settings.returns.send_within_days);
    let approved = Approved {
        return_id,
        by: terms.by.to_owned(),
        rule: terms.rule.map(str::to_owned),
        settings_version: settings.version,
        resolution,
        lines,
        freight,
        label: has_goods && freight != Liability::Customer && settings.returns.labels.is_some(),
        destination: destination.map(|destination| destination.id.clone()),
        send_by: has_goods.then(|| context.now + SignedDuration::from_hours(24 * days)),
    };
    let mut facts = vec![wrap(ReturnFact::ReturnApproved(approved.clone()))];
    let closed = |why: &str| {
        let (by, why) = (ONWARD.to_owned(), why.to_owned());
        wrap(ReturnFact::ReturnClosed { return_id, by, why })
    };
    match resolution {
        Resolution::Refund => {}
        Resolution::Replace => {
            let units = replacement(order, known);
            facts.push(wrap(ReturnFact::ReplacementGranted { return_id, units }));
            facts.push(closed("it is sent again"));
        }
        Resolution::RefundWithoutReturn => {
            let asked = known.requested.lines.iter();
            let asked = asked.map(|line| LineQuantity {
                line_id: line.line_id.clone(),
                quantity: line.quantity,
            });
            facts.extend(refund_of(order, &approved, asked.collect(), terms.by));
            facts.push(closed("it is refunded and need not come back"));
        }
    }
    Ok(facts)
}

/// The refund of units of a return, with their share of the shipping if the customer is not to blame.
pub(super) fn refund_of(
    order: &Order,
    approved: &Approved,
    lines: Vec<LineQuantity>,
    by: &str,
) -> Vec<Fact> {
    let is_customers = |line: &LineQuantity| {
        let liability = approved.lines.iter().find(|known| known.line_id == line.line_id);
        liability.is_none_or(|known| known.liability == Liability::Customer)
    };
    let at_fault = lines.iter().filter(|line| !is_customers(line)).cloned().collect();
    let wish = refund::Wish {
        return_id: Some(approved.return_id),
        key: None,
        lines,
        at_fault,
        amount_minor: None,
        by: by.to_owned(),
        why: format!("return {}", approved.return_id),
    };
    refund::follow(order, &wish)
}

/// What is sent again: every part of every unit.
pub(super) fn replacement(order: &Order, known: &Return) -> Vec<Units> {
    let units = order.items().filter_map(|item| {
        let line = known.line(&item.id.line)?;
        let quantity = line.quantity.saturating_mul(item.per_unit);
        Some(Units { item: item.id.clone(), quantity })
    });
    units.collect()
}

/// Whose fault each line is, by its reason. A reason that the settings no longer have is nobody's fault but ours.
fn liabilities(known: &Return, settings: &Settings) -> Vec<LineLiability> {
    let liable = |line: &super::RequestedLine| LineLiability {
        line_id: line.line_id.clone(),
        liability: settings
            .returns
            .reason(&line.reason)
            .map_or(Liability::Seller, |reason| reason.liability),
    };
    known.requested.lines.iter().map(liable).collect()
}

/// Who pays the way back: whoever is to blame; the customer only if nobody else is, and returns are not free.
fn freight(lines: &[LineLiability], settings: &Settings) -> Liability {
    let mut others = lines.iter().map(|line| line.liability);
    let other = others.find(|liability| *liability != Liability::Customer);
    let own = if settings.returns.free { Liability::Seller } else { Liability::Customer };
    other.unwrap_or(own)
}

/// Where goods go: to the supplier if all of it is the fault of one that has a place for it, else to us.
fn destination<'s>(
    order: &Order,
    lines: &[LineLiability],
    settings: &'s Settings,
) -> Option<&'s Destination> {
    let is_suppliers = lines.iter().all(|line| line.liability == Liability::Supplier);
    let of_line = |line: &LineLiability| {
        let items = order.items().filter(move |item| item.id.line == line.line_id);
        items.flat_map(|item| shippers(order, &item.id)).collect::<Vec<_>>()
    };
    let suppliers: BTreeSet<SupplierId> = lines.iter().flat_map(of_line).collect();
    let mut destinations = settings.returns.destinations.iter();
    let of_one = match suppliers.first() {
        Some(only) if is_suppliers && suppliers.len() == 1 => {
            destinations.clone().find(|known| known.supplier.as_ref() == Some(only))
        }
        _ => None,
    };
    of_one.or_else(|| destinations.find(|known| known.supplier.is_none()))
}

/// Who shipped units of an item.
fn shippers<'o>(
    order: &'o Order,
    item: &'o crate::id::ItemId,
) -> impl Iterator<Item = SupplierId> + 'o {
    let shipped = order
        .fulfillment_orders
        .values()
        .filter(move |known| known.units.get(item).is_some_and(|progress| progress.shipped > 0));
    shipped.map(|known| known.supplier().clone())
}

/// A person declines what waits for a decision.
///
/// # Errors
/// When it does not wait for one.
pub fn decline(
    order: &Order,
    return_id: ReturnId,
    by: &str,
    why: &str,
    settings_version: u64,
) -> Result<Vec<Fact>, Refusal> {
    let known = order.returns.get(&return_id).ok_or(Refusal::Unknown)?;
    if known.stage == Stage::Declined {
        return Ok(Vec::new());
    }
    if !is_undecided(known) {
        return Err(Refusal::Stage(known.stage));
    }
    let (by, why) = (by.to_owned(), why.to_owned());
    let declined = ReturnFact::ReturnDeclined { return_id, by, rule: None, why, settings_version };
    Ok(vec![wrap(declined)])
}

/// Who cancels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The customer, as long as the goods are not on their way.
    Customer,
    /// The merchant, as long as they are not here.
    Merchant,
}

/// Calls a return off.
///
/// # Errors
/// When it is too late for that.
pub fn cancel(
    order: &Order,
    return_id: ReturnId,
    side: Side,
    by: &str,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    let known = order.returns.get(&return_id).ok_or(Refusal::Unknown)?;
    let last = match side {
        Side::Customer => Stage::LabelSent,
        Side::Merchant => Stage::InTransit,
    };
    match known.stage {
        Stage::Cancelled => return Ok(Vec::new()),
        stage if stage > last => return Err(Refusal::Stage(stage)),
        _ => {}
    }
    if matches!(known.label, Label::Started { .. } | Label::InDoubt { .. }) {
        return Err(Refusal::LabelUnderWay);
    }
    if is_settled(order, return_id) {
        return Err(Refusal::Settled);
    }
    let (by, why) = (by.to_owned(), why.to_owned());
    Ok(vec![wrap(ReturnFact::ReturnCancelled { return_id, by, why })])
}

fn is_settled(order: &Order, return_id: ReturnId) -> bool {
    let mut refunds = order.refunds.values();
    refunds.any(|refund| refund.planned.return_id == Some(return_id) && refund.counts())
}

/// Ends a return of which not everything came: what did not can be returned anew.
///
/// # Errors
/// When nothing came, or something that nobody looked at.
pub fn close(
    order: &Order,
    return_id: ReturnId,
    by: &str,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    let known = order.returns.get(&return_id).ok_or(Refusal::Unknown)?;
    match known.stage {
        Stage::Closed => Ok(Vec::new()),
        Stage::Received => Err(Refusal::NotInspected),
        Stage::Inspected => {
            let (by, why) = (by.to_owned(), why.to_owned());
            Ok(vec![wrap(ReturnFact::ReturnClosed { return_id, by, why })])
        }
        stage => Err(Refusal::Stage(stage)),
    }
}
