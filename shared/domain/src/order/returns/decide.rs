//! Deciding a return by the merchant's rules, where no person has to.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::id::{ArticleId, LineId, ReturnId};
use crate::money::Money;
use crate::order::Order;
use crate::order::fact::Fact;
use crate::order::refund::ledger::Ledger;
use crate::settings::Settings;
use crate::settings::returns::{Claims, Outcome, Rule};

use super::approve::{self, ONWARD, Terms};
use super::fact::{RequestedLine, Resolution, ReturnFact};
use super::{Return, Stage, is_claim, wrap};

/// What a decision looks at besides the order.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The rules.
    pub settings: &'a Settings,
    /// Units of each article that anyone could ship now.
    pub available: &'a BTreeMap<ArticleId, i64>,
    /// What time it is.
    pub now: Timestamp,
}

/// Articles of which a decision wants to know whether anyone has them: those of claims that nobody decided.
#[must_use]
pub fn articles(order: &Order, return_id: ReturnId) -> Vec<ArticleId> {
    let Some(known) = order.returns.get(&return_id) else { return Vec::new() };
    let items = order.items().filter(|item| known.line(&item.id.line).is_some());
    items.map(|item| item.id.article.clone()).collect()
}

/// Decides by the first rule that fits; what none fits waits for a person. Nothing while the customer is asked for
/// photos, and nothing once someone has decided.
#[must_use]
pub fn decide(order: &Order, return_id: ReturnId, context: Context<'_>) -> Vec<Fact> {
    let Some(known) = order.returns.get(&return_id) else { return Vec::new() };
    if !matches!(known.stage, Stage::Requested | Stage::PhotosAsked) {
        return Vec::new();
    }
    let settings = context.settings;
    let mut rules = settings.returns.rules.iter();
    let Some(rule) = rules.find(|rule| fits(order, known, rule, settings)) else {
        return vec![review(return_id, "no rule decides it", settings)];
    };
    let settings_version = settings.version;
    let resolution = match rule.then {
        Outcome::AskPhotos if known.stage == Stage::PhotosAsked => return Vec::new(),
        Outcome::AskPhotos => {
            return vec![wrap(ReturnFact::ReturnPhotosAsked {
                return_id,
                rule: rule.name.clone(),
                settings_version,
                lines: lacking_photos(known, settings).cloned().collect(),
            })];
        }
        Outcome::Review => {
            return vec![review(return_id, &format!("rule `{}`", rule.name), settings)];
        }
        Outcome::Decline => {
            return vec![wrap(ReturnFact::ReturnDeclined {
                return_id,
                by: ONWARD.to_owned(),
                rule: Some(rule.name.clone()),
                why: rule.why.clone().unwrap_or_default(),
                settings_version,
            })];
        }
        Outcome::RefundWithoutReturn => Resolution::RefundWithoutReturn,
        Outcome::Approve => resolution(order, known, context),
    };
    let terms = Terms { resolution, by: ONWARD, rule: Some(&rule.name) };
    match approve::facts(order, return_id, terms, context) {
        Ok(facts) => facts,
        Err(refusal) => vec![review(return_id, &refusal.to_string(), settings)],
    }
}

/// Decides what waited for photos, once they are there. A person does where the rules ask for ever more of them.
#[must_use]
pub fn decide_with_photos(order: &Order, return_id: ReturnId, context: Context<'_>) -> Vec<Fact> {
    if !order.returns.get(&return_id).is_some_and(Return::has_all_photos) {
        return Vec::new();
    }
    let decided = decide(order, return_id, context);
    if decided.is_empty() {
        return vec![review(
            return_id,
            "the photos that were asked for are there",
            context.settings,
        )];
    }
    decided
}

/// The lines whose reasons ask for photos, and that have none.
fn lacking_photos<'r>(
    known: &'r Return,
    settings: &'r Settings,
) -> impl Iterator<Item = &'r LineId> {
    let is_asked = |line: &&RequestedLine| {
        let reason = settings.returns.reason(&line.reason);
        line.photos == 0 && reason.is_some_and(|reason| reason.photos)
    };
    known.requested.lines.iter().filter(is_asked).map(|line| &line.line_id)
}

/// What the customer gets if nobody says otherwise: of a claim the same again first, else the money.
#[must_use]
pub fn resolution(order: &Order, known: &Return, context: Context<'_>) -> Resolution {
    if !is_claim(known) {
        return Resolution::Refund;
    }
    let is_wanted = context.settings.returns.claims == Claims::ReplaceElseRefund;
    let can_go = order.is_live() && order.cancel_requested.is_none() && order.holds.is_empty();
    let is_there = || {
        let mut needs: BTreeMap<&ArticleId, i64> = BTreeMap::new();
        for units in approve::replacement(order, known) {
            let item = order.items().find(|item| item.id == units.item);
            if let Some(item) = item {
                *needs.entry(&item.id.article).or_default() += i64::from(units.quantity);
            }
        }
        needs
            .iter()
            .all(|(article, units)| context.available.get(*article).copied().unwrap_or(0) >= *units)
    };
    if is_wanted && can_go && is_there() {
        Resolution::Replace
    } else {
        Resolution::RefundWithoutReturn
    }
}

fn review(return_id: ReturnId, why: &str, settings: &Settings) -> Fact {
    let why = why.to_owned();
    wrap(ReturnFact::ReturnPutToReview { return_id, why, settings_version: settings.version })
}

fn fits(order: &Order, known: &Return, rule: &Rule, settings: &Settings) -> bool {
    let requested = &known.requested;
    let reasons =
        || requested.lines.iter().filter_map(|line| settings.returns.reason(&line.reason));
    let country = order.contact.as_ref().and_then(|(_, country)| *country);
    let lacks_photos = lacking_photos(known, settings).next().is_some();
    rule.kind.is_none_or(|kind| kind == requested.kind)
        && (rule.reasons.is_empty() || reasons().all(|it| rule.reasons.contains(&it.id)))
        && (rule.liabilities.is_empty()
            || reasons().all(|it| rule.liabilities.contains(&it.liability)))
        && (rule.countries.is_empty()
            || country.is_some_and(|country| rule.countries.contains(&country)))
        && rule.photos_missing.is_none_or(|missing| missing == lacks_photos)
        && rule.value_min.is_none_or(|min| value(order, known, min, settings) >= Some(min.minor))
        && rule.value_max.is_none_or(|max| {
            value(order, known, max, settings).is_some_and(|value| value <= max.minor)
        })
}

/// What the customer paid for the goods, in the currency of a limit; none where no rate is known.
fn value(order: &Order, known: &Return, limit: Money, settings: &Settings) -> Option<i64> {
    let currency = order.received.as_ref()?.currency;
    let ledger = Ledger::of(order);
    let lines = known.requested.lines.iter();
    let minor = lines.map(|line| ledger.value_minor(&line.line_id, line.quantity)).sum();
    settings.convert(Money { minor, currency }, limit.currency)
}
