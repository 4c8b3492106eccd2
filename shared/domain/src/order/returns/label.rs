//! A label for the way back: bought once. The intent is on record before anything is bought; sellers of labels drop no
//! repeats, so a delivery that finds an intent without an outcome looks our RMA number up before it buys.

use jiff::{SignedDuration, Timestamp};

use crate::id::ReturnId;
use crate::order::Order;
use crate::order::fact::Fact;

use super::fact::{LabelBought, ReturnFact};
use super::{Label, Return, Stage, wrap};

/// An intent that has had no outcome for so long, however often it was tried, is put before a person.
const DOUBT_AFTER: SignedDuration = SignedDuration::from_hours(24);

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
        Label::Started { at } if now >= at + DOUBT_AFTER => {
            let detail = "it has not been known for a day whether a label was bought".to_owned();
            vec![wrap(ReturnFact::ReturnLabelInDoubt { return_id, detail })]
        }
        _ => Vec::new(),
    }
}

/// Whether a label is to be bought now.
#[must_use]
pub fn is_started(order: &Order, return_id: ReturnId) -> bool {
    let label = order.returns.get(&return_id).map(|known| &known.label);
    matches!(label, Some(Label::Started { .. }))
}

/// It was bought.
#[must_use]
pub fn bought(order: &Order, bought: LabelBought) -> Vec<Fact> {
    if !is_open(order, bought.return_id) {
        return Vec::new();
    }
    vec![wrap(ReturnFact::ReturnLabelBought(bought))]
}

/// None is sold. The customer needs to be told how to send it all the same; a person sees to that.
#[must_use]
pub fn failed(order: &Order, return_id: ReturnId, why: &str) -> Vec<Fact> {
    if !is_open(order, return_id) {
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
