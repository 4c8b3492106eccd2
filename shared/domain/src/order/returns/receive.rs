//! Custody: goods are sent, arrive and are looked at. Numbers are always how many in all, so one that is said twice,
//! or overtaken, does no harm.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::catalog::StockKey;
use crate::id::{ArticleId, LineId, ReturnId};
use crate::order::Order;
use crate::order::fact::{Fact, LineQuantity};

use super::approve::{ONWARD, Refusal, refund_of};
use super::fact::{Disposition, Finding, Restocked, ReturnFact};
use super::{Return, Stage, complete_units, wrap};

/// The goods are on their way back, under this number.
///
/// # Errors
/// When nothing is to come, or it is here already.
pub fn send(
    order: &Order,
    return_id: ReturnId,
    carrier: &str,
    number: &str,
    by: &str,
) -> Result<Vec<Fact>, Refusal> {
    let known = order.returns.get(&return_id).ok_or(Refusal::Unknown)?;
    let (carrier, number) = (carrier.to_owned(), number.to_owned());
    if known.sent.as_ref() == Some(&(carrier.clone(), number.clone())) {
        return Ok(Vec::new());
    }
    check_goods(known)?;
    if known.stage > Stage::InTransit {
        return Err(Refusal::Stage(known.stage));
    }
    let by = by.to_owned();
    Ok(vec![wrap(ReturnFact::ReturnSent { return_id, carrier, number, by })])
}

/// When a return that was approved and never sent comes to its end.
#[must_use]
pub(super) fn expires_at(known: &Return) -> Option<Timestamp> {
    let is_waiting = matches!(known.stage, Stage::Approved | Stage::LabelSent);
    known.approved.as_ref().filter(|_| is_waiting)?.send_by
}

/// Ends a return that was approved and never sent.
#[must_use]
pub fn expire(order: &Order, return_id: ReturnId, now: Timestamp) -> Vec<Fact> {
    let known = order.returns.get(&return_id);
    if known.and_then(expires_at).is_none_or(|send_by| now < send_by) {
        return Vec::new();
    }
    let (by, why) = (ONWARD.to_owned(), "it was not sent in time".to_owned());
    vec![wrap(ReturnFact::ReturnCancelled { return_id, by, why })]
}

/// Goods arrived: so many units in all. What comes unannounced, or after its time, counts all the same.
///
/// # Errors
/// When nothing is to come, or the numbers can't be.
pub fn receive(
    order: &Order,
    return_id: ReturnId,
    in_all: &[LineQuantity],
    by: &str,
) -> Result<Vec<Fact>, Refusal> {
    let known = order.returns.get(&return_id).ok_or(Refusal::Unknown)?;
    check_goods(known)?;
    let mut lines: Vec<LineQuantity> = Vec::new();
    for said in in_all {
        let line_id = said.line_id.clone();
        let asked = known.line(&line_id).ok_or_else(|| Refusal::UnknownLine(line_id.clone()))?;
        let had = known.received(&line_id);
        check_total(&line_id, said.quantity, had, asked.quantity)?;
        let is_twice = lines.iter().any(|line| line.line_id == line_id);
        if said.quantity > had && !is_twice {
            lines.push(LineQuantity { line_id, quantity: said.quantity - had });
        }
    }
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    // Of a return that was called off, what has been asked to be returned anew since belongs to that request.
    let is_elsewhere = |line: &LineQuantity| {
        let taken: u32 = order.returns.values().map(|other| other.takes(&line.line_id)).sum();
        let asked = known.line(&line.line_id).map_or(0, |line| line.quantity);
        taken + asked > complete_units(order, &line.line_id, |_| true)
    };
    let is_off = known.stage == Stage::Cancelled && lines.iter().any(is_elsewhere);
    if known.stage == Stage::Closed || is_off {
        return Err(Refusal::Stage(known.stage));
    }
    Ok(vec![wrap(ReturnFact::ReturnReceived { return_id, lines, by: by.to_owned() })])
}

fn check_goods(known: &Return) -> Result<(), Refusal> {
    match known.stage {
        Stage::Requested | Stage::PhotosAsked | Stage::InReview | Stage::Declined => {
            Err(Refusal::Stage(known.stage))
        }
        Stage::Cancelled if known.approved.is_none() => Err(Refusal::Stage(known.stage)),
        _ if !known.has_goods() => Err(Refusal::NoGoods),
        _ => Ok(()),
    }
}

fn check_total(line_id: &LineId, said: u32, known: u32, most: u32) -> Result<(), Refusal> {
    let line_id = line_id.clone();
    if said > most {
        return Err(Refusal::TooMany { line_id, said, most });
    }
    if said < known {
        return Err(Refusal::TooFew { line_id, known });
    }
    Ok(())
}

/// What someone found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Units in all, by line and what becomes of them; those that are left out stay as they are. `refund` is of the
    /// units that are new.
    pub findings: Vec<Finding>,
    /// The counter at the return's destination for each article that can be sold from there.
    pub counters: BTreeMap<ArticleId, StockKey>,
    /// Who looked.
    pub by: String,
}

/// Goods were looked at: what can be sold again goes back into stock, and the customer gets the money. With the last
/// unit the return is closed.
///
/// # Errors
/// When the numbers can't be, or something can't be restocked where it is.
pub fn inspect(
    order: &Order,
    return_id: ReturnId,
    inspection: &Inspection,
) -> Result<Vec<Fact>, Refusal> {
    let known = order.returns.get(&return_id).ok_or(Refusal::Unknown)?;
    check_goods(known)?;
    let findings = news(known, &inspection.findings)?;
    if findings.is_empty() {
        return Ok(Vec::new());
    }
    let restocked = restock(order, &findings, &inspection.counters)?;
    let by = inspection.by.clone();
    let inspected = wrap(ReturnFact::ReturnInspected {
        return_id,
        findings: findings.clone(),
        restocked,
        by: by.clone(),
    });
    let mut facts = vec![inspected];
    let refunded = by_line(findings.iter().filter(|finding| finding.refund));
    if let (Some(approved), false) = (&known.approved, refunded.is_empty()) {
        facts.extend(refund_of(order, approved, refunded, &by));
    }
    if is_complete(known, &findings) {
        let (by, why) = (ONWARD.to_owned(), "all of it was inspected".to_owned());
        facts.push(wrap(ReturnFact::ReturnClosed { return_id, by, why }));
    }
    Ok(facts)
}

/// What of the findings was not on record.
fn news(known: &Return, in_all: &[Finding]) -> Result<Vec<Finding>, Refusal> {
    let mut totals: BTreeMap<LineId, BTreeMap<Disposition, u32>> = BTreeMap::new();
    let mut findings: Vec<Finding> = Vec::new();
    for said in in_all {
        let line_id = said.line_id.clone();
        if known.line(&line_id).is_none() {
            return Err(Refusal::UnknownLine(line_id));
        }
        let custody = known.custody.get(&line_id);
        let recorded = custody.map(|custody| custody.dispositions.clone()).unwrap_or_default();
        let had = recorded.get(&said.disposition).copied().unwrap_or(0);
        let totals = totals.entry(line_id.clone()).or_insert(recorded);
        totals.insert(said.disposition, said.quantity);
        check_total(&line_id, said.quantity, had, u32::MAX)?;
        let is_new =
            !findings.iter().any(|it| it.line_id == line_id && it.disposition == said.disposition);
        if said.quantity > had && is_new {
            findings.push(Finding { quantity: said.quantity - had, ..said.clone() });
        }
    }
    for (line_id, totals) in totals {
        let said = totals.values().copied().fold(0, u32::saturating_add);
        let most = known.received(&line_id);
        check_total(&line_id, said, 0, most)?;
    }
    Ok(findings)
}

/// Every part of every unit that can be sold again goes into the counter of its article.
fn restock(
    order: &Order,
    findings: &[Finding],
    counters: &BTreeMap<ArticleId, StockKey>,
) -> Result<Vec<Restocked>, Refusal> {
    let mut restocked: Vec<Restocked> = Vec::new();
    for finding in findings.iter().filter(|it| it.disposition == Disposition::Restock) {
        for item in order.items().filter(|item| item.id.line == finding.line_id) {
            let article = &item.id.article;
            let counter = counters.get(article);
            let stock = counter.ok_or_else(|| Refusal::NoCounter(article.clone()))?.clone();
            let quantity = finding.quantity.saturating_mul(item.per_unit);
            restocked.push(Restocked { stock, quantity });
        }
    }
    Ok(restocked)
}

fn by_line<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<LineQuantity> {
    let mut lines: BTreeMap<LineId, u32> = BTreeMap::new();
    for finding in findings {
        *lines.entry(finding.line_id.clone()).or_default() += finding.quantity;
    }
    lines.into_iter().map(|(line_id, quantity)| LineQuantity { line_id, quantity }).collect()
}

fn is_complete(known: &Return, findings: &[Finding]) -> bool {
    let new = |line_id: &LineId| {
        let own = findings.iter().filter(|finding| finding.line_id == *line_id);
        own.map(|finding| finding.quantity).sum::<u32>()
    };
    let lines = &known.requested.lines;
    lines.iter().all(|line| known.inspected(&line.line_id) + new(&line.line_id) >= line.quantity)
}
