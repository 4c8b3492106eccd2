//! Returns and claims: what became of each, as its facts say. Custody of the goods and the money are two things: a
//! refund is a [`crate::order::refund::Refund`] of its own.

pub mod approve;
pub mod decide;
pub mod fact;
pub mod label;
pub mod receive;
pub mod request;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::catalog::{Movement, StockChange};
use crate::id::{LineId, OrderId, ReturnId};
use crate::message::Message;
use crate::order::fact::Fact;
use crate::order::intent::Intent;
use crate::order::next::Owed;
use crate::order::{Order, Parcel};

use fact::{
    Approved, Disposition, Kind, LabelBought, Photo, Requested, RequestedLine, Resolution,
    ReturnFact,
};

/// How many photos a line can have.
pub const PHOTOS_MAX: u32 = 5;

/// How long a customer who has shown all that was asked for may think of a further photo. Whoever says that these are all
/// does not wait.
const PHOTOS_SETTLE: SignedDuration = SignedDuration::from_mins(30);

/// A return, as its facts say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// What was asked for.
    pub requested: Requested,
    /// When.
    pub requested_at: Timestamp,
    /// How far it is.
    pub stage: Stage,
    /// Its terms, once it was approved.
    pub approved: Option<Approved>,
    /// Why it was declined, cancelled or put before a person.
    pub why: Option<String>,
    /// How far its label is.
    pub label: Label,
    /// Carrier and number of the parcel that comes back.
    pub sent: Option<(String, String)>,
    /// What came back, by line.
    pub custody: BTreeMap<LineId, Custody>,
    /// The photos that we keep, and of which line each is.
    pub photos: Vec<(LineId, Photo)>,
    /// When the last photo came.
    pub photos_at: Option<Timestamp>,
    /// The lines of which there have to be photos.
    pub photos_asked: Vec<LineId>,
}

/// How far a return is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nobody has decided.
    Requested,
    /// The customer has to show photos first.
    PhotosAsked,
    /// A person has to decide.
    InReview,
    /// It may come.
    Approved,
    /// There is a label for it.
    LabelSent,
    /// It is on its way back.
    InTransit,
    /// Some of it is here.
    Received,
    /// All that is here was looked at.
    Inspected,
    /// Nothing more will come of it.
    Closed,
    /// It may not come.
    Declined,
    /// Someone thought better of it.
    Cancelled,
}

impl Stage {
    /// Its name, as people see it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::PhotosAsked => "photos_asked",
            Self::InReview => "review",
            Self::Approved => "approved",
            Self::LabelSent => "label_sent",
            Self::InTransit => "in_transit",
            Self::Received => "received",
            Self::Inspected => "inspected",
            Self::Closed => "closed",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
        }
    }
}

/// How far a return's label is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Label {
    /// None is to be bought.
    #[default]
    None,
    /// One is to be bought.
    Wanted,
    /// The intent is on record, the outcome isn't.
    Started(Intent),
    /// It was bought.
    Bought(LabelBought),
    /// A person found out that it was bought.
    Known {
        /// The carrier.
        carrier: String,
        /// The tracking number.
        number: String,
    },
    /// None is sold.
    Failed {
        /// Why.
        why: String,
    },
    /// Nobody knows whether it was bought; a person decides.
    InDoubt {
        /// Why nobody knows.
        detail: String,
    },
}

/// What came back of one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Custody {
    /// Units that arrived.
    pub received: u32,
    /// Units that were looked at, by what becomes of them.
    pub dispositions: BTreeMap<Disposition, u32>,
}

impl Custody {
    /// Units that were looked at.
    #[must_use]
    pub fn inspected(&self) -> u32 {
        self.dispositions.values().sum()
    }
}

impl Label {
    /// Its name, as people see it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Wanted => "wanted",
            Self::Started { .. } => "started",
            Self::Bought(_) | Self::Known { .. } => "bought",
            Self::Failed { .. } => "failed",
            Self::InDoubt { .. } => "in_doubt",
        }
    }

    /// Carrier and tracking number, once they are known.
    #[must_use]
    pub fn number(&self) -> Option<(&str, &str)> {
        match self {
            Self::Bought(bought) => Some((&bought.carrier, &bought.number)),
            Self::Known { carrier, number } => Some((carrier, number)),
            _ => None,
        }
    }

    /// What went wrong, if something did.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Failed { why } => Some(why),
            Self::InDoubt { detail } => Some(detail),
            _ => None,
        }
    }
}

impl Return {
    fn begin(at: Timestamp, requested: &Requested) -> Self {
        Self {
            requested: requested.clone(),
            requested_at: at,
            stage: Stage::Requested,
            approved: None,
            why: None,
            label: Label::None,
            sent: None,
            custody: BTreeMap::new(),
            photos: Vec::new(),
            photos_at: None,
            photos_asked: Vec::new(),
        }
    }

    /// The photos of a line that we keep.
    pub fn photos_of(&self, line_id: &LineId) -> impl Iterator<Item = &Photo> {
        self.photos.iter().filter(move |(known, _)| known == line_id).map(|(_, photo)| photo)
    }

    /// Whether there have to be photos of a line before anyone decides.
    #[must_use]
    pub fn needs_photos(&self, line_id: &LineId) -> bool {
        self.stage == Stage::PhotosAsked
            && (self.photos_asked.is_empty() || self.photos_asked.contains(line_id))
    }

    /// Whether photos were asked for, and each line that needs some has one.
    #[must_use]
    pub fn has_all_photos(&self) -> bool {
        let lacks = |line: &RequestedLine| line.photos == 0 && self.needs_photos(&line.line_id);
        self.stage == Stage::PhotosAsked && !self.requested.lines.iter().any(lacks)
    }

    /// What was asked of a line.
    #[must_use]
    pub fn line(&self, line_id: &LineId) -> Option<&RequestedLine> {
        self.requested.lines.iter().find(|line| line.line_id == *line_id)
    }

    /// Units of a line that arrived.
    #[must_use]
    pub fn received(&self, line_id: &LineId) -> u32 {
        self.custody.get(line_id).map_or(0, |custody| custody.received)
    }

    /// Units of a line that were looked at.
    #[must_use]
    pub fn inspected(&self, line_id: &LineId) -> u32 {
        self.custody.get(line_id).map_or(0, Custody::inspected)
    }

    /// Whether goods are to come back, or came.
    #[must_use]
    pub fn has_goods(&self) -> bool {
        self.approved.as_ref().is_some_and(|approved| approved.resolution == Resolution::Refund)
    }

    /// Units of a line that nobody can return a second time because of this return.
    fn takes(&self, line_id: &LineId) -> u32 {
        match self.stage {
            Stage::Declined | Stage::Cancelled => 0,
            Stage::Closed if self.has_goods() => self.received(line_id),
            _ => self.line(line_id).map_or(0, |line| line.quantity),
        }
    }

    fn evolve(&mut self, at: Timestamp, fact: &ReturnFact) {
        match fact {
            ReturnFact::ReturnPhotosAsked { lines, .. } => {
                self.stage = Stage::PhotosAsked;
                self.photos_asked.clone_from(lines);
            }
            ReturnFact::ReturnPhotosAdded { line_id, photos, kept, .. } => {
                let lines = &mut self.requested.lines;
                if let Some(line) = lines.iter_mut().find(|line| line.line_id == *line_id) {
                    line.photos = line.photos.saturating_add(*photos);
                }
                self.photos.extend(kept.iter().map(|photo| (line_id.clone(), photo.clone())));
                self.photos_at = Some(at);
            }
            ReturnFact::ReturnPutToReview { why, .. } => self.end(Stage::InReview, why),
            ReturnFact::ReturnApproved(approved) => {
                self.stage = Stage::Approved;
                self.label = if approved.label { Label::Wanted } else { Label::None };
                self.approved = Some(approved.clone());
                self.why = None;
            }
            ReturnFact::ReturnDeclined { why, .. } => self.end(Stage::Declined, why),
            ReturnFact::ReturnCancelled { why, .. } => self.end(Stage::Cancelled, why),
            ReturnFact::ReturnClosed { why, .. } => self.end(Stage::Closed, why),
            ReturnFact::ReturnSent { carrier, number, .. } => {
                self.sent = Some((carrier.clone(), number.clone()));
                self.reach(Stage::InTransit);
            }
            ReturnFact::ReturnReceived { lines, .. } => {
                for line in lines {
                    self.custody.entry(line.line_id.clone()).or_default().received += line.quantity;
                }
                self.stage = Stage::Received;
            }
            ReturnFact::ReturnInspected { findings, .. } => {
                for finding in findings {
                    let custody = self.custody.entry(finding.line_id.clone()).or_default();
                    *custody.dispositions.entry(finding.disposition).or_default() +=
                        finding.quantity;
                }
                if self.custody.values().all(|custody| custody.inspected() >= custody.received) {
                    self.stage = Stage::Inspected;
                }
            }
            _ => self.evolve_label(at, fact),
        }
    }

    fn evolve_label(&mut self, at: Timestamp, fact: &ReturnFact) {
        match fact {
            ReturnFact::ReturnLabelStarted { .. } => {
                let known = if let Label::Started(known) = self.label { Some(known) } else { None };
                self.label = Label::Started(Intent::again(known, at));
            }
            ReturnFact::ReturnLabelBought(bought) => {
                self.label = Label::Bought(bought.clone());
                self.reach(Stage::LabelSent);
            }
            ReturnFact::ReturnLabelFailed { why, .. } => {
                self.label = Label::Failed { why: why.clone() };
            }
            ReturnFact::ReturnLabelInDoubt { detail, .. } => {
                self.label = Label::InDoubt { detail: detail.clone() };
            }
            ReturnFact::ReturnLabelResolved { bought: false, .. } => self.label = Label::Wanted,
            ReturnFact::ReturnLabelResolved { carrier, number, .. } => {
                let (carrier, number) =
                    (carrier.clone().unwrap_or_default(), number.clone().unwrap_or_default());
                self.label = Label::Known { carrier, number };
                self.reach(Stage::LabelSent);
            }
            _ => {}
        }
    }

    /// A stage that comes before the present one changes nothing: a label that is found late, say.
    fn reach(&mut self, stage: Stage) {
        if self.stage < stage {
            self.stage = stage;
        }
    }

    fn end(&mut self, stage: Stage, why: &str) {
        self.stage = stage;
        self.why = Some(why.to_owned());
    }
}

impl Order {
    pub(super) fn evolve_return(&mut self, at: Timestamp, fact: &ReturnFact) {
        match fact {
            ReturnFact::ReturnRequested(requested) => {
                self.returns.insert(requested.return_id, Return::begin(at, requested));
            }
            ReturnFact::ReplacementGranted { units, .. } => {
                for units in units {
                    *self.replaced.entry(units.item.clone()).or_default() += units.quantity;
                }
            }
            _ => {
                if let Some(known) = self.returns.get_mut(&fact.return_id()) {
                    known.evolve(at, fact);
                }
            }
        }
    }

    /// The id of the next return.
    #[must_use]
    pub fn next_return_id(&self) -> ReturnId {
        ReturnId(self.returns.keys().last().map_or(1, |last| last.0 + 1))
    }
}

/// Units of a line of which every part is in parcels of this kind. A bundle counts when all of it is there.
pub(super) fn complete_units(
    order: &Order,
    line_id: &LineId,
    is_counted: impl Fn(&Parcel) -> bool,
) -> u32 {
    let parcels: Vec<&Parcel> =
        order.parcels.values().filter(|parcel| is_counted(parcel)).collect();
    let items = order.items().filter(|item| item.id.line == *line_id);
    let units = items.map(|item| {
        let units = parcels.iter().flat_map(|parcel| &parcel.units);
        let own = units.filter(|units| units.item == item.id).map(|units| units.quantity);
        own.sum::<u32>() / item.per_unit
    });
    units.min().unwrap_or(0)
}

/// What returns call for: a decision where the photos are there, a label, and the end of those that never come.
pub(super) fn owed(order_id: &OrderId, order: &Order, changed_at: Timestamp) -> Vec<Owed> {
    let mut owed = Vec::new();
    for (return_id, known) in &order.returns {
        let (order_id, return_id) = (order_id.clone(), *return_id);
        if label::is_wanted(known) {
            let message = Message::BuyReturnLabel { order_id, return_id };
            owed.push(Owed { not_before: changed_at, end: "label", message });
        } else if let Some(photos_at) = known.photos_at.filter(|_| known.has_all_photos()) {
            let message = Message::DecideReturn { order_id, return_id };
            owed.push(Owed { not_before: photos_at + PHOTOS_SETTLE, end: "decide", message });
        } else if let Some(send_by) = receive::expires_at(known) {
            let message = Message::ExpireReturn { order_id, return_id };
            owed.push(Owed { not_before: send_by, end: "expire", message });
        }
    }
    owed
}

/// What a fact does to stock.
pub(super) fn stock_changes(fact: &ReturnFact) -> Vec<StockChange> {
    let ReturnFact::ReturnInspected { restocked, .. } = fact else { return Vec::new() };
    let change = |it: &fact::Restocked| StockChange {
        key: it.stock.clone(),
        movement: Movement::Restock,
        quantity: it.quantity,
    };
    restocked.iter().map(change).collect()
}

/// What of an order's returns can't be: `return_requested ≥ received ≥ restocked + scrapped + sent_to_supplier + …`, and
/// no unit in two returns.
pub(super) fn broken(order: &Order) -> Option<String> {
    for (return_id, known) in &order.returns {
        for (line_id, custody) in &known.custody {
            let asked = known.line(line_id).map_or(0, |line| line.quantity);
            let (received, inspected) = (custody.received, custody.inspected());
            if received > asked || inspected > received {
                return Some(format!(
                    "{return_id}, line `{line_id}`: {asked} asked for, {received} received, {inspected} inspected"
                ));
            }
        }
    }
    let lines = order.received.iter().flat_map(|received| &received.lines);
    lines.map(|line| &line.line_id).find_map(|line_id| {
        let shipped = complete_units(order, line_id, |_| true);
        let taken: u32 = order.returns.values().map(|known| known.takes(line_id)).sum();
        (taken > shipped)
            .then(|| format!("line `{line_id}`: {taken} units in returns, {shipped} shipped"))
    })
}

fn wrap(fact: ReturnFact) -> Fact {
    Fact::Return(fact)
}

/// Whether it is a claim: nothing comes back.
#[must_use]
pub fn is_claim(known: &Return) -> bool {
    known.requested.kind == Kind::Claim
}
