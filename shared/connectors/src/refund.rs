//! What a shop is asked to pay back, and what comes of it: the same for every kind of shop.
//!
//! Every refund has a key of ours that the shop keeps with it, so that one whose answer got lost is found by its key
//! before anything is paid again.

use domain::id::LineId;
use domain::money::Money;

/// Characters that are kept of what a shop says.
const WHY_CHARS_MAX: usize = 300;

/// Money that goes back to a customer, once.
#[derive(Debug, Clone, Copy)]
pub struct Refund<'a> {
    /// The shop's own id of the order.
    pub order: &'a str,
    /// What makes this refund this one, whoever asks how often: `alpenshop/1001/R1`. Without brackets or line breaks.
    pub key: &'a str,
    /// Units that it is for; none when it is for goodwill or freight alone.
    pub lines: &'a [RefundLine],
    /// Freight that goes back, minor units, with its tax.
    pub shipping_minor: i64,
    /// What moves in all, in the order's currency: what lines and freight say, less what is kept back.
    pub amount: Money,
    /// Why, for the shop's owner. Not personal.
    pub why: &'a str,
}

/// Units of one of the shop's lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundLine {
    /// The shop's id of the line.
    pub line_id: LineId,
    /// How many units.
    pub quantity: u32,
    /// What is paid back for all of them, minor units, with their tax.
    pub amount_minor: i64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The shop paid it back, or is about to.
    Refunded {
        /// The shop's name for the refund.
        reference: String,
        /// Whether it was there before: a delivery of ours before this one asked for it.
        found: bool,
    },
    /// The shop did not, and will not.
    Refused {
        /// Why.
        why: String,
    },
    /// The money may have moved, and the shop can't say. A person has to look.
    Doubted {
        /// What is known.
        why: String,
    },
}

impl RefundOutcome {
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused { why: said(why) }
    }

    pub(crate) fn doubted(why: impl Into<String>) -> Self {
        Self::Doubted { why: said(why) }
    }
}

/// As much of what somebody said as a fact takes.
fn said(why: impl Into<String>) -> String {
    why.into().chars().filter(|c| !c.is_control()).take(WHY_CHARS_MAX).collect()
}

impl Refund<'_> {
    /// What the shop keeps with the refund: the reason, and at its end our key.
    pub(crate) fn note(&self) -> String {
        format!("{} [{}]", self.why, self.key)
    }

    /// Whether a note that the shop has kept is this refund's.
    pub(crate) fn is_noted(&self, note: &str) -> bool {
        note.trim_end().ends_with(&format!("[{}]", self.key))
    }

    /// Why no shop is to be asked for this: it would be no refund.
    pub(crate) fn problem(&self) -> Option<RefundOutcome> {
        let is_negative =
            self.shipping_minor < 0 || self.lines.iter().any(|it| it.amount_minor < 0);
        match self.amount.minor {
            ..=0 => Some(RefundOutcome::refused("`amount` is not more than nothing")),
            _ if is_negative => Some(RefundOutcome::refused("`lines` or `shipping` are negative")),
            _ => None,
        }
    }

    /// What a shop is told that has less left of what was paid.
    pub(crate) fn too_much(&self, left_minor: i64) -> RefundOutcome {
        let left = Money { minor: left_minor, currency: self.amount.currency };
        RefundOutcome::refused(format!(
            "`amount` is {}; the shop has {left} left of the order",
            self.amount
        ))
    }
}
