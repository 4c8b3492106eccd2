//! What the merchant decides of returns: how long, for which reasons, by which rules, and where goods go.

use serde::{Deserialize, Serialize};

use super::Settings;
use super::check::{Findings, is_safe_url};
use crate::address::{self, Address, Country};
use crate::id::{DestinationId, LocationId, ReasonId, SupplierId};
use crate::money::Money;
use crate::order::returns::fact::{Kind, Liability};

/// What the merchant decides of returns. Every field has a default that works; without a destination, whatever is to
/// come back waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Returns {
    /// Days from delivery in which goods can be returned; a reason can have its own.
    pub window_days: u16,
    /// Days from approval in which goods must be on their way.
    pub send_within_days: u16,
    /// Whether a change of mind, too, travels back at our cost.
    pub free: bool,
    /// What comes of a claim that is approved.
    pub claims: Claims,
    /// SKUs that nobody can return for a reason that is the customer's own.
    pub not_returnable: Vec<String>,
    /// Why goods may come back.
    pub reasons: Vec<Reason>,
    /// What is decided without a person; the first that fits. What none fits waits for a person.
    pub rules: Vec<Rule>,
    /// Where goods may go.
    pub destinations: Vec<Destination>,
    /// Who sells labels; none for the customer's own postage.
    pub labels: Option<Labels>,
}

/// What comes of a claim that is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claims {
    /// The same again if somebody has it, else the money.
    ReplaceElseRefund,
    /// The money.
    Refund,
}

/// Why goods may come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Its name in facts.
    pub id: ReasonId,
    /// What the customer reads, where we have no translation of our own.
    #[serde(default)]
    pub title: String,
    /// Whether goods come back for it.
    pub kind: Kind,
    /// Whose fault it is.
    pub liability: Liability,
    /// Whether photos are needed.
    #[serde(default)]
    pub photos: bool,
    /// Days from delivery, where they differ.
    #[serde(default)]
    pub window_days: Option<u16>,
}

/// What is decided without a person. Whatever is left out fits anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name in facts.
    pub name: String,
    /// Fits returns, or claims.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// Fits if every line has one of these reasons; empty means any.
    #[serde(default)]
    pub reasons: Vec<ReasonId>,
    /// Fits if each line is the fault of one of these; empty means any.
    #[serde(default)]
    pub liabilities: Vec<Liability>,
    /// Fits if the goods went to one of these countries; empty means any.
    #[serde(default)]
    pub countries: Vec<Country>,
    /// Fits if the goods cost the customer so much or more.
    #[serde(default)]
    pub value_min: Option<Money>,
    /// Fits if the goods cost the customer so much or less.
    #[serde(default)]
    pub value_max: Option<Money>,
    /// Fits if photos are missing that a reason asks for (or, if false, if none is).
    #[serde(default)]
    pub photos_missing: Option<bool>,
    /// What is decided.
    pub then: Outcome,
    /// What the customer is told when it is declined.
    #[serde(default)]
    pub why: Option<String>,
}

/// What a rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Yes: goods come back and are refunded; of a claim see [`Claims`].
    Approve,
    /// A person looks at it.
    Review,
    /// No.
    Decline,
    /// The money at once, and the goods stay where they are.
    RefundWithoutReturn,
    /// Not before there are photos.
    AskPhotos,
}

/// A place that returned goods go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Its name in facts.
    pub id: DestinationId,
    /// Who gets what is its fault; none for a place of ours, which gets everything else.
    #[serde(default)]
    pub supplier: Option<SupplierId>,
    /// Whose counters grow when goods are restocked here.
    #[serde(default)]
    pub location: Option<LocationId>,
    /// Where it is.
    pub address: Address,
}

/// Who sells labels for the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// Who.
    pub by: LabelSeller,
    /// Base URL of its API.
    #[serde(default = "easypost")]
    pub api: String,
    /// Services that may carry it, the most welcome first, as the seller names them: `USPS/GroundAdvantage`; none for
    /// the cheapest of all.
    #[serde(default)]
    pub services: Vec<String>,
    /// Millimetres of the parcel that is assumed: length, width, height.
    #[serde(default = "shoe_box")]
    pub parcel_mm: (u32, u32, u32),
}

/// Who sells labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelSeller {
    /// EasyPost, with the secret `carriers/easypost`.
    Easypost,
}

fn easypost() -> String {
    "https://api.easypost.com".to_owned()
}

fn shoe_box() -> (u32, u32, u32) {
    (330, 220, 120)
}

impl Default for Returns {
    fn default() -> Self {
        Self {
            window_days: 30,
            send_within_days: 21,
            free: false,
            claims: Claims::ReplaceElseRefund,
            not_returnable: Vec::new(),
            reasons: reasons(),
            rules: rules(),
            destinations: Vec::new(),
            labels: None,
        }
    }
}

/// What every shop needs. Faults of quality can show after months.
fn reasons() -> Vec<Reason> {
    use Kind::{Claim, Return};
    use Liability::{Carrier, Customer, Seller, Supplier};
    let reason = |id, title: &str, kind, liability, photos, window_days| Reason {
        id: ReasonId::parse(id).expect("written here"),
        title: title.to_owned(),
        kind,
        liability,
        photos,
        window_days,
    };
    vec![
        reason("changed_mind", "I changed my mind", Return, Customer, false, None),
        reason("too_small", "It is too small", Return, Customer, false, None),
        reason("too_large", "It is too large", Return, Customer, false, None),
        reason("not_as_described", "It is not as described", Return, Seller, false, None),
        reason("defective", "It does not work", Return, Supplier, true, Some(730)),
        reason("damaged", "It arrived damaged", Claim, Carrier, true, None),
        reason("wrong_item", "It is something else", Claim, Supplier, true, None),
        reason("missing", "It was not in the parcel", Claim, Supplier, false, None),
    ]
}

fn rules() -> Vec<Rule> {
    let rule = |name: &str, photos_missing, then| Rule {
        name: name.to_owned(),
        kind: None,
        reasons: Vec::new(),
        liabilities: Vec::new(),
        countries: Vec::new(),
        value_min: None,
        value_max: None,
        photos_missing,
        then,
        why: None,
    };
    vec![rule("photos", Some(true), Outcome::AskPhotos), rule("otherwise", None, Outcome::Approve)]
}

impl Returns {
    /// The reason of that name.
    #[must_use]
    pub fn reason(&self, reason: &ReasonId) -> Option<&Reason> {
        self.reasons.iter().find(|known| known.id == *reason)
    }

    /// The destination of that name.
    #[must_use]
    pub fn destination(&self, destination: &DestinationId) -> Option<&Destination> {
        self.destinations.iter().find(|known| known.id == *destination)
    }

    /// Days from delivery in which goods can be returned for a reason.
    #[must_use]
    pub fn window_days(&self, reason: &Reason) -> u16 {
        reason.window_days.unwrap_or(self.window_days)
    }
}

/// Everything that is wrong with it, under its path.
pub(super) fn check(settings: &Settings, findings: &mut Findings) {
    let returns = &settings.returns;
    findings.add(returns.window_days == 0, "returns.window_days", "is 0");
    findings.add(returns.send_within_days == 0, "returns.send_within_days", "is 0");
    findings.names("returns.reasons", returns.reasons.iter().map(|reason| reason.id.as_str()));
    for (index, reason) in returns.reasons.iter().enumerate() {
        let field = format!("returns.reasons[{index}].window_days");
        findings.add(reason.window_days == Some(0), field, "is 0");
    }
    for (index, rule) in returns.rules.iter().enumerate() {
        check_rule(returns, rule, &format!("returns.rules[{index}]"), findings);
        let is_twice = returns.rules[..index].iter().any(|known| known.name == rule.name);
        let name = &rule.name;
        let problem = format_args!("`{name}` is there twice");
        findings.add(is_twice, format_args!("returns.rules[{index}].name"), problem);
    }
    for (index, destination) in returns.destinations.iter().enumerate() {
        let path = format!("returns.destinations[{index}]");
        check_destination(settings, destination, &path, findings);
        let before = &returns.destinations[..index];
        let id = &destination.id;
        let is_twice = before.iter().any(|known| known.id == *id);
        findings.add(is_twice, format_args!("{path}.id"), format_args!("`{id}` is there twice"));
        let is_second = before.iter().any(|known| known.supplier == destination.supplier);
        let problem = "has a destination already; a second one would never be used";
        findings.add(is_second, format_args!("{path}.supplier"), problem);
    }
    if let Some(labels) = &returns.labels {
        let problem = "is no `https://` address";
        findings.add(!is_safe_url(&labels.api), "returns.labels.api", problem);
        let (length, width, height) = labels.parcel_mm;
        let is_flat = [length, width, height].contains(&0);
        findings.add(is_flat, "returns.labels.parcel_mm", "has a side of 0");
        let is_empty = labels.services.iter().any(|service| service.trim().is_empty());
        findings.add(is_empty, "returns.labels.services", "names a service that is empty");
    }
}

fn check_rule(returns: &Returns, rule: &Rule, path: &str, findings: &mut Findings) {
    findings.add(rule.name.trim().is_empty(), format_args!("{path}.name"), "is empty");
    if let Some(unknown) = rule.reasons.iter().find(|reason| returns.reason(reason).is_none()) {
        let problem = format_args!("`{unknown}` is none of `returns.reasons`");
        findings.add(true, format_args!("{path}.reasons"), problem);
    }
    if let (Some(min), Some(max)) = (rule.value_min, rule.value_max) {
        let is_mixed = min.currency != max.currency;
        let field = format_args!("{path}.value_max.currency");
        findings.add(is_mixed, field, "is another than in `value_min`");
        let is_empty = !is_mixed && min.minor > max.minor;
        findings.add(
            is_empty,
            format_args!("{path}.value_max.minor"),
            "is less than in `value_min`",
        );
    }
    let is_silent =
        rule.then == Outcome::Decline && rule.why.as_ref().is_none_or(|why| why.trim().is_empty());
    findings.add(is_silent, format_args!("{path}.why"), "is needed: the customer has to be told");
    let asks_for_ever = rule.then == Outcome::AskPhotos && rule.photos_missing != Some(true);
    let problem = "has to be `true`: else photos would be asked for again and again";
    findings.add(asks_for_ever, format_args!("{path}.photos_missing"), problem);
}

fn check_destination(
    settings: &Settings,
    destination: &Destination,
    path: &str,
    findings: &mut Findings,
) {
    if let Some(supplier) = &destination.supplier {
        let is_unknown = settings.supplier(supplier).is_none();
        let problem = format_args!("`{supplier}` is none of `suppliers`");
        findings.add(is_unknown, format_args!("{path}.supplier"), problem);
    }
    if let Some(location) = &destination.location {
        let is_unknown = settings.location(location).is_none();
        let problem = format_args!("`{location}` is none of `locations`");
        findings.add(is_unknown, format_args!("{path}.location"), problem);
    }
    for wrong in address::problems(&destination.address) {
        let field = format_args!("{path}.address.{}", wrong.field);
        findings.add(true, field, wrong.problem);
    }
}
