//! What can happen to a refund. **A storage format, for ever**, as all of [`crate::order::fact`]: only add, with a
//! default.

use serde::{Deserialize, Serialize};

use crate::id::{LineId, RefundId, ReturnId};
use crate::money::Money;

/// One thing that happened to a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum RefundFact {
    /// The customer is to get this back.
    RefundPlanned(Planned),
    /// The intent to pay it: from here on, nobody may believe that nothing was paid. Once more by whoever found that
    /// nothing was, and pays now.
    RefundSubmitted { refund_id: RefundId },
    /// The shop paid it.
    RefundSucceeded {
        refund_id: RefundId,
        reference: String,
        /// Whether it was there before: a delivery before this one paid it.
        found: bool,
    },
    /// The shop will not pay it.
    RefundFailed { refund_id: RefundId, why: String },
    /// Nobody can tell whether it was paid. A person decides.
    RefundInDoubt { refund_id: RefundId, detail: String },
    /// A person found out. What was not paid is paid now.
    RefundResolved { refund_id: RefundId, refunded: bool, by: String, why: String },
}

impl RefundFact {
    /// The fact's name, as it is stored.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::RefundPlanned(_) => "RefundPlanned",
            Self::RefundSubmitted { .. } => "RefundSubmitted",
            Self::RefundSucceeded { .. } => "RefundSucceeded",
            Self::RefundFailed { .. } => "RefundFailed",
            Self::RefundInDoubt { .. } => "RefundInDoubt",
            Self::RefundResolved { .. } => "RefundResolved",
        }
    }

    /// The refund it is about.
    #[must_use]
    pub fn refund_id(&self) -> RefundId {
        match self {
            Self::RefundPlanned(planned) => planned.refund_id,
            Self::RefundSubmitted { refund_id }
            | Self::RefundSucceeded { refund_id, .. }
            | Self::RefundFailed { refund_id, .. }
            | Self::RefundInDoubt { refund_id, .. }
            | Self::RefundResolved { refund_id, .. } => *refund_id,
        }
    }
}

/// What the customer is to get back. `amount` is what `lines` and shipping come to, or a sum of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Its id in the order.
    pub refund_id: RefundId,
    /// The return that it is for, if it is for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_id: Option<ReturnId>,
    /// Names the decision, so that one that is sent twice is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The units that it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<RefundLine>,
    /// What of it is for the shipping, minor units.
    #[serde(default)]
    pub shipping_minor: i64,
    /// All of it.
    pub amount: Money,
    /// Who decided.
    pub by: String,
    /// Why, for the shop's books.
    pub why: String,
}

/// What of a refund is for one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundLine {
    /// Which line.
    pub line_id: LineId,
    /// Units.
    pub quantity: u32,
    /// For all of them, minor units, tax included.
    pub amount_minor: i64,
}
