//! Refunds: what the customer gets back, exact to the minor unit, once, and never more than was paid.
//!
//! The intent to pay is on record before anything is paid, as it is with purchases.

pub mod fact;
pub mod ledger;

use jiff::Timestamp;

use crate::id::{LineId, OrderId, RefundId, ReturnId};
use crate::message::Message;
use crate::money::Money;
use crate::order::Order;
use crate::order::fact::{Fact, LineQuantity};
use crate::order::intent::Intent;
use crate::order::next::Owed;

use fact::{Planned, RefundFact, RefundLine};
use ledger::Ledger;

/// A refund, as its facts say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// What the customer is to get.
    pub planned: Planned,
    /// When that was decided.
    pub planned_at: Timestamp,
    /// How far it is.
    pub stage: Stage,
}

/// How far a refund is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It is to be paid.
    Planned,
    /// The intent is on record, the outcome isn't.
    Submitted(Intent),
    /// It was paid.
    Succeeded {
        /// When we learnt of it.
        at: Timestamp,
        /// The shop's name for it; none when a person found it.
        reference: Option<String>,
    },
    /// The shop will not pay it.
    Failed {
        /// Why.
        why: String,
    },
    /// Nobody knows whether it was paid; a person decides.
    InDoubt {
        /// Why nobody knows.
        detail: String,
    },
}

impl Stage {
    /// Its name, as people see it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Submitted { .. } => "submitted",
            Self::Succeeded { .. } => "succeeded",
            Self::Failed { .. } => "failed",
            Self::InDoubt { .. } => "in_doubt",
        }
    }

    /// What went wrong, if something did.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Failed { why } => Some(why),
            Self::InDoubt { detail } => Some(detail),
            _ => None,
        }
    }
}

impl Refund {
    /// Whether its money has gone, or may go.
    #[must_use]
    pub fn counts(&self) -> bool {
        !matches!(self.stage, Stage::Failed { .. })
    }

    fn intent(&self) -> Option<Intent> {
        match self.stage {
            Stage::Submitted(intent) => Some(intent),
            _ => None,
        }
    }

    fn evolve(&mut self, at: Timestamp, fact: &RefundFact) {
        self.stage = match fact {
            RefundFact::RefundPlanned(_) => return,
            RefundFact::RefundSubmitted { .. } => {
                Stage::Submitted(Intent::again(self.intent(), at))
            }
            RefundFact::RefundSucceeded { reference, .. } => {
                Stage::Succeeded { at, reference: Some(reference.clone()) }
            }
            RefundFact::RefundFailed { why, .. } => Stage::Failed { why: why.clone() },
            RefundFact::RefundInDoubt { detail, .. } => Stage::InDoubt { detail: detail.clone() },
            RefundFact::RefundResolved { refunded: true, .. } => {
                Stage::Succeeded { at, reference: None }
            }
            RefundFact::RefundResolved { refunded: false, .. } => Stage::Planned,
        };
    }
}

impl Order {
    pub(super) fn evolve_refund(&mut self, at: Timestamp, fact: &RefundFact) {
        if let RefundFact::RefundPlanned(planned) = fact {
            let refund = Refund { planned: planned.clone(), planned_at: at, stage: Stage::Planned };
            self.refunds.insert(planned.refund_id, refund);
        } else if let Some(known) = self.refunds.get_mut(&fact.refund_id()) {
            known.evolve(at, fact);
        }
    }

    /// The id of the next refund.
    #[must_use]
    pub fn next_refund_id(&self) -> RefundId {
        RefundId(self.refunds.keys().last().map_or(1, |last| last.0 + 1))
    }

    /// Units of a line that our refunds are for.
    pub(super) fn refunded_units(&self, line_id: &LineId) -> u32 {
        let counted = self.refunds.values().filter(|known| known.counts());
        let lines = counted.flat_map(|known| &known.planned.lines);
        lines.filter(|line| line.line_id == *line_id).map(|line| line.quantity).sum()
    }
}

/// Units by which a shop now states less of a line because we had it refund them. That is no wish to have fewer shipped.
#[must_use]
pub fn explained(order: &Order, line_id: &LineId, quantity: u32) -> u32 {
    let wanted = order.wanted.get(line_id).copied().unwrap_or(0);
    let known = order.given_back.get(line_id).copied().unwrap_or(0);
    let refunded = order.refunded_units(line_id).saturating_sub(known);
    wanted.saturating_sub(quantity).min(refunded)
}

/// Why something can't be refunded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing to refund was named.
    #[error("nothing is to be refunded: name units or an amount above 0")]
    Nothing,
    /// A line that the order does not have.
    #[error("the order has no line `{0}`")]
    UnknownLine(LineId),
    /// More units than were paid for and not refunded yet.
    #[error("line `{line_id}` has {left} units that were not refunded yet")]
    TooMany {
        /// Which line.
        line_id: LineId,
        /// How many can be refunded.
        left: u32,
    },
    /// More money than is left.
    #[error("{left} is left of what was paid")]
    TooMuch {
        /// How much.
        left: Money,
    },
}

impl Refusal {
    /// The field of a request that it is about.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Nothing | Self::UnknownLine(_) | Self::TooMany { .. } => "lines",
            Self::TooMuch { .. } => "amount_minor",
        }
    }
}

/// What is to be refunded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The return that it is for, if any.
    pub return_id: Option<ReturnId>,
    /// Names the decision, so that one that is sent twice is one.
    pub key: Option<String>,
    /// These units, at what was paid for them.
    pub lines: Vec<LineQuantity>,
    /// Units among these for which their share of the shipping goes back with them: the fault was not the customer's.
    pub at_fault: Vec<LineQuantity>,
    /// Another sum than that, minor units.
    pub amount_minor: Option<i64>,
    /// Who decided.
    pub by: String,
    /// Why.
    pub why: String,
}

/// Plans a refund by hand. One with a key that is known is planned already.
///
/// # Errors
/// When the order has no such units or so much was not paid.
pub fn plan(order: &Order, wish: &Wish) -> Result<Vec<Fact>, Refusal> {
    if wish.key.is_some() && order.refunds.values().any(|known| known.planned.key == wish.key) {
        return Ok(Vec::new());
    }
    let Some(planned) = price(order, wish)? else { return Err(Refusal::Nothing) };
    let left = Ledger::of(order).left_minor(order);
    if planned.amount.minor > left {
        return Err(Refusal::TooMuch { left: Money { minor: left, ..planned.amount } });
    }
    Ok(vec![Fact::Refund(RefundFact::RefundPlanned(planned))])
}

/// Plans the refund that follows from a return: no more than is left of what was paid, and none when nothing is.
#[must_use]
pub fn follow(order: &Order, wish: &Wish) -> Vec<Fact> {
    let ledger = Ledger::of(order);
    let left = |line: &LineQuantity| LineQuantity {
        line_id: line.line_id.clone(),
        quantity: line.quantity.min(ledger.units_left(order, &line.line_id)),
    };
    let wish = Wish { lines: wish.lines.iter().map(left).collect(), ..wish.clone() };
    let Ok(Some(mut planned)) = price(order, &wish) else { return Vec::new() };
    planned.amount.minor = planned.amount.minor.min(ledger.left_minor(order));
    if planned.amount.minor <= 0 {
        return Vec::new();
    }
    vec![Fact::Refund(RefundFact::RefundPlanned(planned))]
}

fn price(order: &Order, wish: &Wish) -> Result<Option<Planned>, Refusal> {
    let Some(received) = &order.received else { return Ok(None) };
    let ledger = Ledger::of(order);
    let mut lines: Vec<RefundLine> = Vec::new();
    for line in wish.lines.iter().filter(|line| line.quantity > 0) {
        let (line_id, quantity) = (line.line_id.clone(), line.quantity);
        if !received.lines.iter().any(|known| known.line_id == line_id) {
            return Err(Refusal::UnknownLine(line_id));
        }
        let left = ledger.units_left(order, &line_id);
        if quantity > left || lines.iter().any(|known| known.line_id == line_id) {
            return Err(Refusal::TooMany { line_id, left });
        }
        let amount_minor = ledger.amount_minor(order, &line_id, quantity);
        lines.push(RefundLine { line_id, quantity, amount_minor });
    }
    let shipping_minor = ledger.shipping_back_minor(order, &lines, &wish.at_fault);
    let priced = lines.iter().map(|line| line.amount_minor).sum::<i64>() + shipping_minor;
    let minor = wish.amount_minor.unwrap_or(priced);
    if minor <= 0 {
        return Ok(None);
    }
    Ok(Some(Planned {
        refund_id: order.next_refund_id(),
        return_id: wish.return_id,
        key: wish.key.clone(),
        lines,
        shipping_minor: if wish.amount_minor.is_some() { 0 } else { shipping_minor },
        amount: Money { minor, currency: received.currency },
        by: wish.by.clone(),
        why: wish.why.clone(),
    }))
}

/// What must be on record before the shop is told anything: the intent; or, when it has had no outcome for a day, that
/// nobody knows.
#[must_use]
pub fn begin(order: &Order, refund_id: RefundId, now: Timestamp) -> Vec<Fact> {
    let fact = match order.refunds.get(&refund_id).map(|known| &known.stage) {
        Some(Stage::Planned) => RefundFact::RefundSubmitted { refund_id },
        Some(Stage::Submitted(intent)) if intent.is_for_a_person(now) => {
            let detail = "the shop has not said for a day whether it was paid".to_owned();
            RefundFact::RefundInDoubt { refund_id, detail }
        }
        _ => return Vec::new(),
    };
    vec![Fact::Refund(fact)]
}

/// The intent to pay that has no outcome; none if it is not being paid.
#[must_use]
pub fn intent(order: &Order, refund_id: RefundId) -> Option<Intent> {
    order.refunds.get(&refund_id)?.intent()
}

/// Nothing was paid under this intent: another delivery pays, unless one has taken that up already.
#[must_use]
pub fn renewed(order: &Order, refund_id: RefundId, seen: Intent) -> Vec<Fact> {
    if intent(order, refund_id) != Some(seen) {
        return Vec::new();
    }
    vec![Fact::Refund(RefundFact::RefundSubmitted { refund_id })]
}

/// The shop paid.
#[must_use]
pub fn succeeded(order: &Order, refund_id: RefundId, reference: &str, found: bool) -> Vec<Fact> {
    if !is_open(order, refund_id) {
        return Vec::new();
    }
    let reference = reference.to_owned();
    vec![Fact::Refund(RefundFact::RefundSucceeded { refund_id, reference, found })]
}

/// The shop will not pay.
#[must_use]
pub fn failed(order: &Order, refund_id: RefundId, why: &str) -> Vec<Fact> {
    if !is_open(order, refund_id) {
        return Vec::new();
    }
    vec![Fact::Refund(RefundFact::RefundFailed { refund_id, why: why.to_owned() })]
}

/// Nobody can tell whether the shop paid.
#[must_use]
pub fn doubted(order: &Order, refund_id: RefundId, detail: &str) -> Vec<Fact> {
    if intent(order, refund_id).is_none() {
        return Vec::new();
    }
    let detail = detail.to_owned();
    vec![Fact::Refund(RefundFact::RefundInDoubt { refund_id, detail })]
}

fn is_open(order: &Order, refund_id: RefundId) -> bool {
    let stage = order.refunds.get(&refund_id).map(|known| &known.stage);
    matches!(stage, Some(Stage::Submitted { .. } | Stage::InDoubt { .. }))
}

/// A person found out whether it was paid. What was not is paid now, under the same key.
#[must_use]
pub fn resolve(
    order: &Order,
    refund_id: RefundId,
    refunded: bool,
    by: &str,
    why: &str,
) -> Vec<Fact> {
    let stage = order.refunds.get(&refund_id).map(|known| &known.stage);
    if !matches!(stage, Some(Stage::InDoubt { .. })) {
        return Vec::new();
    }
    let (by, why) = (by.to_owned(), why.to_owned());
    vec![Fact::Refund(RefundFact::RefundResolved { refund_id, refunded, by, why })]
}

/// Refunds that are to be paid, or of which the outcome is missing.
pub(super) fn owed(order_id: &OrderId, order: &Order, changed_at: Timestamp) -> Vec<Owed> {
    let open = order
        .refunds
        .iter()
        .filter(|(_, known)| matches!(known.stage, Stage::Planned | Stage::Submitted { .. }));
    open.map(|(refund_id, _)| {
        let (order_id, refund_id) = (order_id.clone(), *refund_id);
        let message = Message::RefundOrder { order_id, refund_id };
        Owed { not_before: changed_at, end: "refund", message }
    })
    .collect()
}

/// What of an order's refunds can't be: more money than was paid, or more units than were bought.
pub(super) fn broken(order: &Order) -> Option<String> {
    if order.refunds.is_empty() {
        return None;
    }
    let ledger = Ledger::of(order);
    let (refunded, paid) = (ledger::refunded_minor(order), ledger.billed_minor());
    if refunded > paid {
        return Some(format!("{refunded} refunded of {paid} that were paid"));
    }
    let lines =
        order.refunds.values().filter(|known| known.counts()).flat_map(|it| &it.planned.lines);
    lines.map(|line| &line.line_id).find_map(|line_id| {
        let (refunded, bought) = (order.refunded_units(line_id), ledger.units(line_id));
        (refunded > bought)
            .then(|| format!("line `{line_id}`: {refunded} units refunded of {bought}"))
    })
}
