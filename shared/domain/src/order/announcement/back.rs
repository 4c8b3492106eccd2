//! What is told of goods that come back, and of money that goes back.

use serde::Serialize;

use crate::id::{LineId, ReasonId};
use crate::money::Money;
use crate::order::Order;
use crate::order::fact::{Fact, LineQuantity};
use crate::order::refund::fact::RefundFact;
use crate::order::returns::fact::{
    Disposition, Finding, Kind, RequestedLine, Resolution, ReturnFact,
};

/// What is told of a return or a refund. The variants' names are the events' names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type")]
pub enum Back {
    /// Someone wants to give goods back, or complains of them.
    #[serde(rename = "return.requested")]
    Requested { r#return: String, kind: Kind, lines: Vec<Asked> },
    /// The customer has to show photos first.
    #[serde(rename = "return.photos_asked")]
    PhotosAsked { r#return: String },
    /// A person has to decide.
    #[serde(rename = "return.in_review")]
    InReview { r#return: String },
    /// It may come, or need not.
    #[serde(rename = "return.approved")]
    Approved { r#return: String, resolution: Resolution },
    /// It may not.
    #[serde(rename = "return.declined")]
    Declined { r#return: String },
    /// Someone thought better of it.
    #[serde(rename = "return.cancelled")]
    Cancelled { r#return: String },
    /// There is a label for it.
    #[serde(rename = "return.label_bought")]
    LabelBought { r#return: String, carrier: String, tracking_number: String },
    /// It is on its way back.
    #[serde(rename = "return.sent")]
    Sent { r#return: String, carrier: String, tracking_number: String },
    /// So many more units of it arrived.
    #[serde(rename = "return.received")]
    Received { r#return: String, lines: Vec<Quantity> },
    /// So many more units of it were looked at.
    #[serde(rename = "return.inspected")]
    Inspected { r#return: String, lines: Vec<Found> },
    /// Nothing more will come of it.
    #[serde(rename = "return.closed")]
    Closed { r#return: String },
    /// The customer is to get money back.
    #[serde(rename = "refund.planned")]
    RefundPlanned(MoneyBack),
    /// The shop paid it.
    #[serde(rename = "refund.succeeded")]
    RefundSucceeded(MoneyBack),
    /// The shop will not pay it.
    #[serde(rename = "refund.failed")]
    RefundFailed(MoneyBack),
    /// Nobody knows whether it was paid: a person is needed.
    #[serde(rename = "refund.in_doubt")]
    RefundInDoubt(MoneyBack),
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MoneyBack {
    refund: String,
    /// The return that it is for, if it is for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#return: Option<String>,
    amount: Money,
}

/// Units of a line that someone wants to give back, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    line_id: LineId,
    quantity: u32,
    reason: ReasonId,
}

/// Units of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quantity {
    line_id: LineId,
    quantity: u32,
}

/// Units of a line that were looked at, and what becomes of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    line_id: LineId,
    quantity: u32,
    disposition: Disposition,
}

impl Back {
    /// Its name, one of [`super::EVENTS`].
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "return.requested",
            Self::PhotosAsked { .. } => "return.photos_asked",
            Self::InReview { .. } => "return.in_review",
            Self::Approved { .. } => "return.approved",
            Self::Declined { .. } => "return.declined",
            Self::Cancelled { .. } => "return.cancelled",
            Self::LabelBought { .. } => "return.label_bought",
            Self::Sent { .. } => "return.sent",
            Self::Received { .. } => "return.received",
            Self::Inspected { .. } => "return.inspected",
            Self::Closed { .. } => "return.closed",
            Self::RefundPlanned(_) => "refund.planned",
            Self::RefundSucceeded(_) => "refund.succeeded",
            Self::RefundFailed(_) => "refund.failed",
            Self::RefundInDoubt(_) => "refund.in_doubt",
        }
    }
}

/// What a fact tells of a return or a refund.
pub(super) fn told(before: &Order, fact: &Fact) -> Option<Back> {
    match fact {
        Fact::Return(fact) => of_return(before, fact),
        Fact::Refund(fact) => of_refund(before, fact),
        _ => None,
    }
}

fn of_return(before: &Order, fact: &ReturnFact) -> Option<Back> {
    let r#return = fact.return_id().to_string();
    let back = match fact {
        ReturnFact::ReturnRequested(requested) => {
            let lines = requested.lines.iter().map(asked).collect();
            Back::Requested { r#return, kind: requested.kind, lines }
        }
        ReturnFact::ReturnPhotosAsked { .. } => Back::PhotosAsked { r#return },
        ReturnFact::ReturnPutToReview { .. } => Back::InReview { r#return },
        ReturnFact::ReturnApproved(approved) => {
            Back::Approved { r#return, resolution: approved.resolution }
        }
        ReturnFact::ReturnDeclined { .. } => Back::Declined { r#return },
        ReturnFact::ReturnCancelled { .. } => Back::Cancelled { r#return },
        ReturnFact::ReturnLabelBought(bought) => Back::LabelBought {
            r#return,
            carrier: bought.carrier.clone(),
            tracking_number: bought.number.clone(),
        },
        ReturnFact::ReturnLabelResolved { bought: true, carrier, number, .. } => {
            // One that had been found in the meantime was told of then.
            let is_known = before.returns.get(&fact.return_id())?.label.number().is_some();
            let (carrier, tracking_number) = (carrier.clone()?, number.clone()?);
            return (!is_known).then_some(Back::LabelBought { r#return, carrier, tracking_number });
        }
        ReturnFact::ReturnSent { carrier, number, .. } => {
            Back::Sent { r#return, carrier: carrier.clone(), tracking_number: number.clone() }
        }
        ReturnFact::ReturnReceived { lines, .. } => {
            Back::Received { r#return, lines: lines.iter().map(quantity).collect() }
        }
        ReturnFact::ReturnInspected { findings, .. } => {
            Back::Inspected { r#return, lines: findings.iter().map(found).collect() }
        }
        ReturnFact::ReturnClosed { .. } => Back::Closed { r#return },
        _ => return None,
    };
    Some(back)
}

fn of_refund(before: &Order, fact: &RefundFact) -> Option<Back> {
    let planned = match fact {
        RefundFact::RefundPlanned(planned) => planned,
        _ => &before.refunds.get(&fact.refund_id())?.planned,
    };
    let refund = MoneyBack {
        refund: planned.refund_id.to_string(),
        r#return: planned.return_id.map(|return_id| return_id.to_string()),
        amount: planned.amount,
    };
    match fact {
        RefundFact::RefundPlanned(_) => Some(Back::RefundPlanned(refund)),
        RefundFact::RefundSucceeded { .. } | RefundFact::RefundResolved { refunded: true, .. } => {
            Some(Back::RefundSucceeded(refund))
        }
        RefundFact::RefundFailed { .. } => Some(Back::RefundFailed(refund)),
        RefundFact::RefundInDoubt { .. } => Some(Back::RefundInDoubt(refund)),
        RefundFact::RefundSubmitted { .. } | RefundFact::RefundResolved { .. } => None,
    }
}

fn asked(line: &RequestedLine) -> Asked {
    let RequestedLine { line_id, quantity, reason, .. } = line;
    Asked { line_id: line_id.clone(), quantity: *quantity, reason: reason.clone() }
}

fn quantity(line: &LineQuantity) -> Quantity {
    Quantity { line_id: line.line_id.clone(), quantity: line.quantity }
}

fn found(finding: &Finding) -> Found {
    let Finding { line_id, quantity, disposition, .. } = finding;
    Found { line_id: line_id.clone(), quantity: *quantity, disposition: *disposition }
}
