//! What can happen to a return. **A storage format, for ever**, as all of [`crate::order::fact`]: only add, with a
//! default. Nothing personal: what a customer wrote or photographed lies elsewhere, and facts refer to it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalog::StockKey;
use crate::id::{DestinationId, LineId, ReasonId, ReturnId};
use crate::money::Money;
use crate::order::fact::{LineQuantity, Units};

/// One thing that happened to a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum ReturnFact {
    /// Someone wants to give goods back, or complains of them.
    ReturnRequested(Requested),
    /// The customer has to show photos before anyone decides.
    ReturnPhotosAsked {
        return_id: ReturnId,
        rule: String,
        settings_version: u64,
        /// Of which lines; of all where none is named.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lines: Vec<LineId>,
    },
    /// The customer added photos of a line.
    ReturnPhotosAdded {
        return_id: ReturnId,
        line_id: LineId,
        photos: u32,
        /// Those that we keep; what came otherwise, such as by mail, is only counted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kept: Vec<Photo>,
    },
    /// No rule decides it, or one says so: a person has to.
    ReturnPutToReview { return_id: ReturnId, why: String, settings_version: u64 },
    /// It may come, or need not.
    ReturnApproved(Approved),
    /// It may not, and why.
    ReturnDeclined {
        return_id: ReturnId,
        by: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
        why: String,
        settings_version: u64,
    },
    /// Someone thought better of it.
    ReturnCancelled { return_id: ReturnId, by: String, why: String },
    /// The intent to buy a label: from here on, nobody may believe that none was bought. Once more by whoever found
    /// that none was, and buys now.
    ReturnLabelStarted { return_id: ReturnId },
    /// The label is there.
    ReturnLabelBought(LabelBought),
    /// No carrier sells one.
    ReturnLabelFailed { return_id: ReturnId, why: String },
    /// Nobody can tell whether a label was bought. A person decides.
    ReturnLabelInDoubt { return_id: ReturnId, detail: String },
    /// A person found out, or wants another try after none was sold.
    ReturnLabelResolved {
        return_id: ReturnId,
        bought: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        carrier: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
        by: String,
        why: String,
    },
    /// The goods are on their way back.
    ReturnSent { return_id: ReturnId, carrier: String, number: String, by: String },
    /// So many more units arrived.
    ReturnReceived { return_id: ReturnId, lines: Vec<LineQuantity>, by: String },
    /// So many more units were looked at, and what becomes of them.
    ReturnInspected {
        return_id: ReturnId,
        findings: Vec<Finding>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        restocked: Vec<Restocked>,
        by: String,
    },
    /// Nothing more will come of it.
    ReturnClosed { return_id: ReturnId, by: String, why: String },
    /// These units are sent again.
    ReplacementGranted { return_id: ReturnId, units: Vec<Units> },
}

impl ReturnFact {
    /// The fact's name, as it is stored.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ReturnRequested(_) => "ReturnRequested",
            Self::ReturnPhotosAsked { .. } => "ReturnPhotosAsked",
            Self::ReturnPhotosAdded { .. } => "ReturnPhotosAdded",
            Self::ReturnPutToReview { .. } => "ReturnPutToReview",
            Self::ReturnApproved(_) => "ReturnApproved",
            Self::ReturnDeclined { .. } => "ReturnDeclined",
            Self::ReturnCancelled { .. } => "ReturnCancelled",
            Self::ReturnLabelStarted { .. } => "ReturnLabelStarted",
            Self::ReturnLabelBought(_) => "ReturnLabelBought",
            Self::ReturnLabelFailed { .. } => "ReturnLabelFailed",
            Self::ReturnLabelInDoubt { .. } => "ReturnLabelInDoubt",
            Self::ReturnLabelResolved { .. } => "ReturnLabelResolved",
            Self::ReturnSent { .. } => "ReturnSent",
            Self::ReturnReceived { .. } => "ReturnReceived",
            Self::ReturnInspected { .. } => "ReturnInspected",
            Self::ReturnClosed { .. } => "ReturnClosed",
            Self::ReplacementGranted { .. } => "ReplacementGranted",
        }
    }

    /// The return it is about.
    #[must_use]
    pub fn return_id(&self) -> ReturnId {
        match self {
            Self::ReturnRequested(requested) => requested.return_id,
            Self::ReturnApproved(approved) => approved.return_id,
            Self::ReturnLabelBought(bought) => bought.return_id,
            Self::ReturnPhotosAsked { return_id, .. }
            | Self::ReturnPhotosAdded { return_id, .. }
            | Self::ReturnPutToReview { return_id, .. }
            | Self::ReturnDeclined { return_id, .. }
            | Self::ReturnCancelled { return_id, .. }
            | Self::ReturnLabelStarted { return_id }
            | Self::ReturnLabelFailed { return_id, .. }
            | Self::ReturnLabelInDoubt { return_id, .. }
            | Self::ReturnLabelResolved { return_id, .. }
            | Self::ReturnSent { return_id, .. }
            | Self::ReturnReceived { return_id, .. }
            | Self::ReturnInspected { return_id, .. }
            | Self::ReturnClosed { return_id, .. }
            | Self::ReplacementGranted { return_id, .. } => *return_id,
        }
    }
}

/// What someone wants to give back, or complains of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// Its id in the order.
    pub return_id: ReturnId,
    /// Whether goods are to come back.
    pub kind: Kind,
    /// Of what, each line once.
    pub lines: Vec<RequestedLine>,
    /// Names this request, so that one that is sent twice is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Who asked: `customer`, or a person of the merchant's.
    pub by: String,
}

/// Units of one line that someone wants to give back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedLine {
    /// Which line.
    pub line_id: LineId,
    /// How many units; at least 1.
    pub quantity: u32,
    /// Why.
    pub reason: ReasonId,
    /// How many photos there are of it.
    #[serde(default)]
    pub photos: u32,
}

/// A photo that we keep, with nothing in it but what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// Where it lies in the bucket of photos. It may be gone: photos expire, and who is erased has none.
    pub key: String,
    /// Hash of its bytes, as it is kept.
    pub sha256: String,
    /// How many there are.
    pub bytes: u64,
    /// What it is.
    pub media_type: String,
}

/// What a customer may want.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Goods come back.
    Return,
    /// A complaint with no goods coming back.
    Claim,
}

/// A return that was approved, and on what terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// Which return.
    pub return_id: ReturnId,
    /// Who approved it: a person, or `onward` by a rule.
    pub by: String,
    /// The rule that fired, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The settings that were in force.
    pub settings_version: u64,
    /// What the customer gets.
    pub resolution: Resolution,
    /// Whose fault each line is.
    pub lines: Vec<LineLiability>,
    /// Who bears the cost of the way back.
    pub freight: Liability,
    /// Whether we buy a label for it.
    #[serde(default)]
    pub label: bool,
    /// Where the goods go, if they come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<DestinationId>,
    /// Until when they have to be on their way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_by: Option<Timestamp>,
}

/// What the customer gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The money, once the goods are back and were looked at.
    Refund,
    /// The same again; what was sent first need not come back.
    Replace,
    /// The money, at once; the goods need not come back.
    RefundWithoutReturn,
}

/// Whose fault a line is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineLiability {
    /// Which line.
    pub line_id: LineId,
    /// Whose.
    pub liability: Liability,
}

/// Whose fault it is. It decides who pays the freight, and where the goods go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Liability {
    /// A change of mind.
    Customer,
    /// A fault of quality, or of packing.
    Supplier,
    /// Damaged on its way.
    Carrier,
    /// Ours: the description was wrong, say.
    Seller,
}

/// A label that was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelBought {
    /// For which return.
    pub return_id: ReturnId,
    /// Its name where it was bought.
    pub shipment: String,
    /// The carrier.
    pub carrier: String,
    /// The tracking number.
    pub number: String,
    /// Where it can be fetched.
    pub label_url: String,
    /// What it cost.
    pub cost: Money,
    /// Whether it was there before: a delivery before this one bought it.
    pub found: bool,
}

/// Units of one line that were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which line.
    pub line_id: LineId,
    /// What becomes of them.
    pub disposition: Disposition,
    /// How many more units.
    pub quantity: u32,
    /// Whether the customer gets the money for them.
    pub refund: bool,
}

/// What becomes of a unit that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// It is sold again.
    Restock,
    /// It is made good first.
    Refurbish,
    /// It is thrown away.
    Scrap,
    /// It goes back to who sold it to us.
    ToSupplier,
    /// It stays where it is: as evidence, say.
    Keep,
}

/// Units of an article that went back into a counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restocked {
    /// Which counter.
    pub stock: StockKey,
    /// How many units of the article.
    pub quantity: u32,
}
