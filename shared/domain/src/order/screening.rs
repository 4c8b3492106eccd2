//! Screening: may this order be shipped to this person?

use crate::address;
use crate::money::Money;
use crate::order::Order;
use crate::order::fact::{Check, ContactRef, Fact, Hold, Outcome, Received};
use crate::settings::Settings;
use crate::shop_order::Contact;

/// The contact for which the order has to be screened; none when there is nothing to screen now.
#[must_use]
pub fn contact_to_screen(order: &Order) -> Option<&ContactRef> {
    let (contact_ref, _) = order.contact.as_ref()?;
    let is_wanted = order.is_live() && order.is_mapped() && order.cancel_requested.is_none();
    (is_wanted && !order.is_screened()).then_some(contact_ref)
}

/// Makes every check of an order for its present contact, once. What fails is a hold; what stood and now passes is
/// released; what a person let pass stays so.
#[must_use]
pub fn screen(order: &Order, contact: &Contact, settings: &Settings) -> Vec<Fact> {
    let (Some(received), Some(contact_ref)) = (&order.received, contact_to_screen(order)) else {
        return Vec::new();
    };
    let findings = [
        (Hold::Address, address_notes(order, contact)),
        (Hold::Fraud, fraud_notes(received, contact, settings)),
        (Hold::Age, age_notes(order, received)),
        (Hold::Hazmat, hazmat_notes(order, contact, settings)),
    ];
    let mut facts = Vec::new();
    let mut checks =
        vec![Check { check: "payment".to_owned(), outcome: Outcome::Passed, notes: Vec::new() }];
    for (hold, finding) in findings {
        let outcome = match (&finding.stops, order.overridden.contains(&hold)) {
            (false, _) => Outcome::Passed,
            (true, true) => Outcome::Overridden,
            (true, false) => Outcome::Held,
        };
        let stands = order.holds.contains_key(&hold);
        if outcome == Outcome::Held {
            facts.push(Fact::Held { hold, detail: finding.notes.join("; ") });
        } else if stands {
            facts.push(Fact::Released { hold });
        }
        checks.push(Check { check: hold.name().to_owned(), outcome, notes: finding.notes });
    }
    facts.push(Fact::Screened {
        contact: contact_ref.clone(),
        checks,
        settings_version: settings.version,
    });
    facts
}

/// What a check saw, and whether that stops the order.
struct Finding {
    stops: bool,
    notes: Vec<String>,
}

impl Finding {
    fn of(notes: Vec<String>) -> Self {
        Self { stops: !notes.is_empty(), notes }
    }
}

/// An order with nothing to ship needs no address.
fn address_notes(order: &Order, contact: &Contact) -> Finding {
    if order.items().next().is_none() {
        return Finding::of(Vec::new());
    }
    let problems = match &contact.shipping {
        Some(address) => address::problems(address),
        None => return Finding::of(vec!["shipping address: missing".to_owned()]),
    };
    Finding::of(problems.iter().map(ToString::to_string).collect())
}

/// Indicators of fraud with their points. None proves anything; together they are a reason to look.
fn fraud_notes(received: &Received, contact: &Contact, settings: &Settings) -> Finding {
    let rules = &settings.screening;
    let countries =
        (contact.country(), contact.billing.as_ref().and_then(|billing| billing.country));
    let is_high =
        |limit: &Money| limit.currency == received.currency && received.total_minor >= limit.minor;
    let is_many = received.lines.iter().any(|line| line.quantity >= rules.high_quantity);
    let indicators = [
        (
            30,
            "billing_country_differs",
            matches!(countries, (Some(to), Some(billing)) if to != billing),
        ),
        (25, "high_value", rules.high_value.iter().any(is_high)),
        (20, "high_quantity", is_many),
        (15, "express", received.shipping.express),
        (15, "no_contact", contact.email.is_none() && contact.phone.is_none()),
        (60, "flagged_by_shop", !received.risk_hints.is_empty()),
    ];
    let seen: Vec<_> = indicators.into_iter().filter(|(_, _, is_seen)| *is_seen).collect();
    let points: u32 = seen.iter().map(|(points, _, _)| points).sum();
    let notes = seen.iter().map(|(points, code, _)| format!("{code} +{points}")).collect();
    Finding { stops: points >= rules.fraud_points_max, notes }
}

fn age_notes(order: &Order, received: &Received) -> Finding {
    if received.wishes.age_verified {
        return Finding::of(Vec::new());
    }
    let note = |age_min| format!("proof of age {age_min} is missing");
    Finding::of(order.items().filter_map(|item| item.age_min).max().map(note).into_iter().collect())
}

fn hazmat_notes(order: &Order, contact: &Contact, settings: &Settings) -> Finding {
    let is_closed =
        contact.country().is_some_and(|country| settings.screening.no_hazmat_to.contains(&country));
    let dangerous = order.items().filter(|item| item.hazmat && is_closed);
    Finding::of(
        dangerous
            .map(|item| format!("dangerous goods `{}` may not go there", item.id.article))
            .collect(),
    )
}
