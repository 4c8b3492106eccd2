//! What comes back: `asked ≥ received ≥ inspected`, only forward; no cent more than was paid, and nothing paid that was not
//! decided before.

use std::collections::BTreeMap;

use domain::id::{LineId, OrderId, RefundId, ReturnId};
use domain::order::fact::Fact;
use domain::order::refund::fact::{Planned, RefundFact};
use domain::order::refund::{Refund, Stage};
use domain::order::returns::fact::{Finding, Resolution, ReturnFact};
use domain::order::returns::{Label, Return};
use domain::order::{Order, refund};
use jiff::{SignedDuration, Timestamp};
use ports::Request;

use super::Known;
use crate::simulation::returns::Back;

/// No function is at anything for longer, by whatever clock.
const UNDER_WAY_MAX: SignedDuration = SignedDuration::from_secs(35);

/// How far what comes back is.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// The most units of each line that were ever wanted.
    peaks: BTreeMap<LineId, u32>,
    /// Units that were received, and inspected.
    custody: BTreeMap<(ReturnId, LineId), (u32, u32)>,
}

/// Whose turn it is after a fact, if it is anybody's.
pub(super) fn turn(fact: &Fact) -> Option<Back> {
    match fact {
        Fact::Return(ReturnFact::ReturnPhotosAsked { return_id, .. }) => {
            Some(Back::Photos(*return_id))
        }
        Fact::Return(ReturnFact::ReturnPutToReview { return_id, .. }) => {
            Some(Back::Review(*return_id))
        }
        Fact::Return(ReturnFact::ReturnApproved(approved)) => {
            let has_goods = approved.resolution == Resolution::Refund;
            has_goods.then_some(Back::Send(approved.return_id))
        }
        Fact::Return(ReturnFact::ReturnReceived { return_id, .. }) => {
            Some(Back::Inspect(*return_id))
        }
        Fact::Return(ReturnFact::ReturnLabelInDoubt { return_id, .. }) => {
            Some(Back::Label(*return_id))
        }
        Fact::Refund(RefundFact::RefundInDoubt { refund_id, .. }) => Some(Back::Money(*refund_id)),
        _ => None,
    }
}

/// Whether a fact does not fit the return as it was.
pub(super) fn is_unfit(before: &Order, fact: &ReturnFact, at: Timestamp) -> bool {
    let known = before.returns.get(&fact.return_id());
    let is_open = |label: &Label| matches!(label, Label::Started { .. } | Label::InDoubt { .. });
    match fact {
        ReturnFact::ReturnRequested(_) => known.is_some(),
        ReturnFact::ReturnApproved(_) => known.is_none_or(|it| it.approved.is_some()),
        ReturnFact::ReturnLabelStarted { .. } => known.is_none_or(|it| !may_begin(&it.label, at)),
        ReturnFact::ReturnLabelBought(_) => known.is_none_or(|it| !is_open(&it.label)),
        ReturnFact::ReturnInspected { findings, restocked, .. } => {
            let restocked: u32 = restocked.iter().map(|it| it.quantity).sum();
            known.is_none() || restocked != parts(before, findings)
        }
        _ => known.is_none(),
    }
}

/// Whether an intent to buy a label may be put on record: there is none, or whoever is behind it is gone for sure.
fn may_begin(label: &Label, at: Timestamp) -> bool {
    match label {
        Label::Wanted => true,
        Label::Started(intent) => at >= intent.at + UNDER_WAY_MAX,
        _ => false,
    }
}

/// Articles in the units that can be sold again.
fn parts(order: &Order, findings: &[Finding]) -> u32 {
    use domain::order::returns::fact::Disposition::Restock;
    let findings = findings.iter().filter(|finding| finding.disposition == Restock);
    let parts = findings.flat_map(|finding| {
        let items = order.items().filter(|item| item.id.line == finding.line_id);
        items.map(|item| item.per_unit * finding.quantity)
    });
    parts.sum()
}

/// What is wrong with a fact of a refund.
pub(super) fn unfit_refund(before: &Order, fact: &RefundFact, at: Timestamp) -> Option<String> {
    let stage = before.refunds.get(&fact.refund_id()).map(|known| &known.stage);
    let is_fit = match fact {
        RefundFact::RefundPlanned(planned) => return wrong_price(before, planned),
        RefundFact::RefundSubmitted { .. } => match stage {
            Some(Stage::Planned) => true,
            Some(Stage::Submitted(intent)) => at >= intent.at + UNDER_WAY_MAX,
            _ => false,
        },
        RefundFact::RefundInDoubt { .. } => matches!(stage, Some(Stage::Submitted { .. })),
        RefundFact::RefundResolved { .. } => matches!(stage, Some(Stage::InDoubt { .. })),
        RefundFact::RefundSucceeded { .. } | RefundFact::RefundFailed { .. } => {
            matches!(stage, Some(Stage::Submitted { .. } | Stage::InDoubt { .. }))
        }
    };
    (!is_fit).then(|| format!("`{}` does not fit a refund that is {stage:?}", fact.name()))
}

/// Prices of this world have no discounts and no taxes: a unit costs what it costs.
fn wrong_price(before: &Order, planned: &Planned) -> Option<String> {
    if before.refunds.contains_key(&planned.refund_id) {
        return Some(format!("{} is planned twice", planned.refund_id));
    }
    let received = before.received.as_ref()?;
    for line in &planned.lines {
        let known = received.lines.iter().find(|known| known.line_id == line.line_id)?;
        let price_minor = known.unit_price_minor * i64::from(line.quantity);
        if line.amount_minor != price_minor {
            return Some(format!("{} are given back for {price_minor}", line.amount_minor));
        }
    }
    let goods_minor: i64 = planned.lines.iter().map(|line| line.amount_minor).sum();
    let sum_minor = goods_minor + planned.shipping_minor;
    let is_sum = planned.lines.is_empty() || planned.amount.minor <= sum_minor;
    let is_wrong = !is_sum || planned.shipping_minor > received.shipping.price_minor;
    is_wrong.then(|| format!("{} are given back for {sum_minor}", planned.amount.minor))
}

/// What is wrong with what comes back.
pub(super) fn check(known: &mut Known) -> Option<String> {
    for (line_id, units) in &known.order.wanted {
        let peak = known.back.peaks.entry(line_id.clone()).or_default();
        *peak = (*peak).max(*units);
    }
    if known.order.returns.is_empty() && known.order.refunds.is_empty() {
        return None;
    }
    let (order, level) = (&known.order, &mut known.back);
    let received = order.received.as_ref()?;
    let price = |line: &domain::shop_order::ShopLine| {
        line.unit_price_minor * i64::from(level.peaks.get(&line.line_id).copied().unwrap_or(0))
    };
    let paid_minor = received.lines.iter().map(price).sum::<i64>() + received.shipping.price_minor;
    let refunds = order.refunds.values().filter(|it| !matches!(it.stage, Stage::Failed { .. }));
    let refunded_minor: i64 = refunds.map(|it| it.planned.amount.minor).sum();
    if refunded_minor > paid_minor {
        return Some(format!("{refunded_minor} are given back of {paid_minor}"));
    }
    order.returns.iter().find_map(|(id, known)| wrong_custody(level, *id, known))
}

fn wrong_custody(level: &mut Level, id: ReturnId, known: &Return) -> Option<String> {
    for line in &known.requested.lines {
        let (received, inspected) = (known.received(&line.line_id), known.inspected(&line.line_id));
        let now = (received, inspected);
        let before = level.custody.insert((id, line.line_id.clone()), now).unwrap_or_default();
        if line.quantity < received || received < inspected {
            return Some(format!(
                "{id}: {received} of {} came, {inspected} were seen",
                line.quantity
            ));
        }
        if received < before.0 || inspected < before.1 {
            return Some(format!("{id}: goods went back"));
        }
    }
    None
}

/// A shop is asked to pay what nobody decided, or of which the intent is not on record.
pub(super) fn pays_unasked(
    orders: &BTreeMap<OrderId, Box<Known>>,
    request: &Request,
) -> Option<(OrderId, String)> {
    if request.method == "GET" || request.url.contains("/suppliers/") {
        return None;
    }
    let body = || std::str::from_utf8(&request.body).unwrap_or_default();
    let is_refund = if request.url.ends_with("graphql.json") {
        body().contains("refundCreate(")
    } else {
        request.url.contains("/refunds")
    };
    if !is_refund {
        return None;
    }
    let url = percent_encoding::percent_decode_str(&request.url).decode_utf8_lossy();
    let words = body().split(['"', '[', ']']).chain(url.split("/refunds/"));
    let key = words.filter(|word| word.contains("/RF")).find_map(|word| {
        let (order_id, id) = word.rsplit_once('/')?;
        Some((OrderId::parse(order_id).ok()?, id.parse::<RefundId>().ok()?))
    });
    let Some((order_id, id)) = key else {
        let anyone = orders.keys().next()?.clone();
        return Some((anyone, "money is given back under no key of ours".to_owned()));
    };
    let refund = orders.get(&order_id).and_then(|known| known.order.refunds.get(&id));
    let is_begun = |it: &Refund| matches!(it.stage, refund::Stage::Submitted { .. });
    let is_unasked = refund.is_none_or(|refund| !is_begun(refund));
    is_unasked.then(|| (order_id, format!("{id} is paid with no intent on record")))
}
