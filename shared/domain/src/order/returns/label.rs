//! A label for the way back: bought once. The intent is on record before anything is bought; sellers of labels drop no
//! repeats, so a delivery that finds an intent without an outcome looks our RMA number up before it buys, see [`Intent`].

use jiff::Timestamp;

use crate::id::ReturnId;
use crate::order::Order;
use crate::order::fact::{Fact, Item};
use crate::order::intent::Intent;
use crate::order::refund::ledger::{Ledger, split};

use super::fact::{LabelBought, RequestedLine, ReturnFact};
use super::{Label, Return, Stage, wrap};

/// Whether a label is to be bought, or the outcome of that is missing.
pub(super) fn is_wanted(known: &Return) -> bool {
    match known.label {
        Label::Wanted => known.stage == Stage::Approved,
        Label::Started { .. } => true,
        _ => false,
    }
}

/// What must be on record before anything is bought: the intent; or, when it has had no outcome for a day, that nobody
/// knows.
#[must_use]
pub fn begin(order: &Order, return_id: ReturnId, now: Timestamp) -> Vec<Fact> {
    let Some(known) = order.returns.get(&return_id).filter(|known| is_wanted(known)) else {
        return Vec::new();
    };
    match known.label {
        Label::Wanted => vec![wrap(ReturnFact::ReturnLabelStarted { return_id })],
        Label::Started(intent) if intent.is_for_a_person(now) => {
            let detail = "it has not been known for a day whether a label was bought".to_owned();
            vec![wrap(ReturnFact::ReturnLabelInDoubt { return_id, detail })]
        }
        _ => Vec::new(),
    }
}

/// The intent to buy a label that has no outcome; none if none is being bought.
#[must_use]
pub fn intent(order: &Order, return_id: ReturnId) -> Option<Intent> {
    match order.returns.get(&return_id)?.label {
        Label::Started(intent) => Some(intent),
        _ => None,
    }
}

/// None was bought under this intent: another delivery buys, unless one has taken that up already.
#[must_use]
pub fn renewed(order: &Order, return_id: ReturnId, seen: Intent) -> Vec<Fact> {
    if intent(order, return_id) != Some(seen) {
        return Vec::new();
    }
    vec![wrap(ReturnFact::ReturnLabelStarted { return_id })]
}

/// Units of one article in the box, with what customs ask of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content<'a> {
    /// The article.
    pub item: &'a Item,
    /// How many.
    pub quantity: u32,
    /// What the customer paid for all of them, minor units of the order's currency. A bundle's price is shared by weight.
    pub value_minor: i64,
}

/// What is in the box that comes back.
#[must_use]
pub fn contents(order: &Order, return_id: ReturnId) -> Vec<Content<'_>> {
    let Some(known) = order.returns.get(&return_id) else { return Vec::new() };
    let ledger = Ledger::of(order);
    let of_line = |line: &RequestedLine| {
        let items: Vec<&Item> = order.items().filter(|item| item.id.line == line.line_id).collect();
        let weights: Vec<i64> =
            items.iter().map(|item| i64::from(item.weight_g) * i64::from(item.per_unit)).collect();
        let paid = ledger.value_minor(&line.line_id, line.quantity);
        let content = |(item, value_minor)| {
            let item: &Item = item;
            Content { item, quantity: line.quantity.saturating_mul(item.per_unit), value_minor }
        };
        items.into_iter().zip(split(paid, &weights)).map(content).collect::<Vec<_>>()
    };
    known.requested.lines.iter().flat_map(of_line).collect()
}

/// It was bought.
#[must_use]
pub fn bought(order: &Order, bought: LabelBought) -> Vec<Fact> {
    if !is_open(order, bought.return_id) {
        return Vec::new();
    }
    vec![wrap(ReturnFact::ReturnLabelBought(bought))]
}

/// Nobody can tell whether it was bought.
#[must_use]
pub fn doubted(order: &Order, return_id: ReturnId, detail: &str) -> Vec<Fact> {
    if intent(order, return_id).is_none() {
        return Vec::new();
    }
    let detail = detail.to_owned();
    vec![wrap(ReturnFact::ReturnLabelInDoubt { return_id, detail })]
}

/// None is sold, or none can be asked for. The customer needs to be told how to send it all the same; a person sees to
/// that.
#[must_use]
pub fn failed(order: &Order, return_id: ReturnId, why: &str) -> Vec<Fact> {
    let label = order.returns.get(&return_id).map(|known| &known.label);
    if label != Some(&Label::Wanted) && !is_open(order, return_id) {
        return Vec::new();
    }
    vec![wrap(ReturnFact::ReturnLabelFailed { return_id, why: why.to_owned() })]
}

fn is_open(order: &Order, return_id: ReturnId) -> bool {
    let label = order.returns.get(&return_id).map(|known| &known.label);
    matches!(label, Some(Label::Started { .. } | Label::InDoubt { .. }))
}

/// A person found out whether it was bought, and under which number; or wants another try, when none was sold before.
/// What was not bought is bought now.
#[must_use]
pub fn resolve(
    order: &Order,
    return_id: ReturnId,
    found: Option<(String, String)>,
    by: &str,
    why: &str,
) -> Vec<Fact> {
    let label = order.returns.get(&return_id).map(|known| &known.label);
    if !matches!(label, Some(Label::InDoubt { .. } | Label::Failed { .. })) {
        return Vec::new();
    }
    let bought = found.is_some();
    let (carrier, number) = found.unzip();
    let (by, why) = (by.to_owned(), why.to_owned());
    let resolved = ReturnFact::ReturnLabelResolved { return_id, bought, carrier, number, by, why };
    vec![wrap(resolved)]
}
