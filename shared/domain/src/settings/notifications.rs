//! What a shop's customers are told by us, and as whom. Off unless a shop turns it on: many shops mail themselves.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::Shop;
use super::check::{Findings, is_address};
use crate::order::notice::Topic;

/// What a shop's customers are told, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notifications {
    /// The sender's name: what customers call the shop.
    pub name: String,
    /// The sender's address; SES must know it, or its domain.
    pub from: String,
    /// Where answers go, if not to the sender.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// What customers are told by mail.
    #[serde(default = "all")]
    pub mails: Vec<Topic>,
    /// What customers are told by SMS as well, if they gave a number that can be called from anywhere.
    #[serde(default)]
    pub sms: Vec<Topic>,
    /// The language, as IETF has it (`de`, `fr-CH`), of customers whose shop does not say theirs.
    #[serde(default = "english")]
    pub language: String,
    /// What could not be told for so many hours is not told any more: it would only confuse.
    #[serde(default = "day")]
    pub stale_after_hours: u16,
}

fn all() -> Vec<Topic> {
    Topic::ALL.to_vec()
}

fn english() -> String {
    "en".to_owned()
}

fn day() -> u16 {
    24
}

impl Notifications {
    /// What customers are told, one way or the other.
    #[must_use]
    pub fn topics(&self) -> Vec<Topic> {
        Topic::ALL
            .into_iter()
            .filter(|it| self.mails.contains(it) || self.sms.contains(it))
            .collect()
    }
}

/// What is wrong with what a shop says of it.
pub(super) fn check(shop: &Shop, path: impl Display, findings: &mut Findings) {
    let Some(known) = &shop.notifications else { return };
    let field = |name: &str| format!("{path}.notifications.{name}");
    findings.add(known.name.trim().is_empty(), field("name"), "is empty");
    findings.add(!is_address(&known.from), field("from"), "is no e-mail address");
    let is_wrong = known.reply_to.as_ref().is_some_and(|address| !is_address(address));
    findings.add(is_wrong, field("reply_to"), "is no e-mail address");
    for (name, topics) in [("mails", &known.mails), ("sms", &known.sms)] {
        let is_twice = |at: usize| topics[..at].contains(&topics[at]);
        findings.add((0..topics.len()).any(is_twice), field(name), "names one topic twice");
    }
    findings.add(known.stale_after_hours == 0, field("stale_after_hours"), "is 0");
}
