//! A box on its way, as its facts say.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::id::FulfillmentOrderId;
use crate::order::fact::{Fact, Label, Milestone, Scan, ScanStatus, Units};
use crate::order::push_back;

/// A box on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The fulfillment order it belongs to.
    pub fulfillment_order_id: FulfillmentOrderId,
    /// The carrier, as the supplier named it.
    pub carrier: String,
    /// The tracking number.
    pub number: String,
    /// The day it left; numbers are used again after months.
    pub ship_date: Date,
    /// When we learnt of it.
    pub shipped_at: Timestamp,
    /// What is in it.
    pub units: Vec<Units>,
    /// The label, if the supplier gave one.
    pub label: Option<Label>,
    /// Whether the tracking service is known to know it: it has told of it.
    pub registered: bool,
    /// Why nobody asks for it any more, if so.
    pub stopped: Option<String>,
    /// Every scan, each once, in order of event time and rank.
    pub scans: BTreeSet<Scan>,
    /// When the customer said that it has arrived.
    pub confirmed_at: Option<Timestamp>,
    /// Numbers that the supplier named and took back.
    pub former_numbers: BTreeSet<String>,
    /// Which of the order's addresses it went to, counted from the first one, 0.
    pub destination: u32,
    /// The address that its supplier had been told when it left, and had not answered on.
    pub address_asked: Option<u32>,
    /// What the shop was told, and the shop's name for it.
    pub pushed: BTreeMap<Milestone, String>,
    /// The number that the shop shows.
    pub shown_number: Option<String>,
    /// What is about to be shown, since when: the intent is on record, the outcome isn't.
    pub showing_since: BTreeMap<Milestone, Timestamp>,
    /// What the shop will not show, and why; a person decides.
    pub refused: BTreeMap<Milestone, String>,
    /// Whether the shop once forgot what it was told. What is gone a second time was taken away by a person.
    pub lost: bool,
}

impl Parcel {
    /// Where it stands: by the last scan in order of event time and rank; delivered stays delivered.
    #[must_use]
    pub fn status(&self) -> ScanStatus {
        if self.delivered_at().is_some() {
            return ScanStatus::Delivered;
        }
        self.scans.last().map_or(ScanStatus::LabelCreated, |scan| scan.status)
    }

    /// When it reached the customer, by the carrier's word or else the customer's own.
    #[must_use]
    pub fn delivered_at(&self) -> Option<Timestamp> {
        let scan = self.scans.iter().find(|scan| scan.status == ScanStatus::Delivered);
        scan.map(|scan| scan.at).or(self.confirmed_at)
    }

    /// Whether there is more to learn of it, or to tell the shop.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.is_moving() || push_back::owed(self).is_some()
    }

    /// Whether there is more to learn of it.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.stopped.is_none()
            && !matches!(self.status(), ScanStatus::Delivered | ScanStatus::Returned)
    }
}

impl Parcel {
    pub(super) fn evolve(&mut self, at: Timestamp, fact: &Fact) {
        match fact {
            Fact::TrackingRegistered { .. } => self.registered = true,
            Fact::Tracked { scans, .. } => {
                self.registered = true;
                self.scans.extend(scans.iter().cloned());
            }
            Fact::ArrivalConfirmed { .. } => self.confirmed_at = Some(at),
            Fact::TrackingStopped { why, .. } => self.stopped = Some(why.clone()),
            Fact::NumberCorrected { carrier, number, ship_date, .. } => {
                self.renumber(at, carrier, number, *ship_date);
            }
            _ => self.evolve_shown(at, fact),
        }
    }

    /// What the shop shows of it.
    fn evolve_shown(&mut self, at: Timestamp, fact: &Fact) {
        match fact {
            Fact::ShopUpdateStarted { milestone, .. } => {
                self.showing_since.insert(*milestone, at);
            }
            Fact::ShopUpdated { milestone, shop_reference, number, .. } => {
                self.show(*milestone, shop_reference, number.as_ref());
            }
            Fact::ShopUpdateRefused { milestone, why, .. } => {
                self.refused.insert(*milestone, why.clone());
            }
            Fact::ShopUpdateResolved { milestone, shown, .. } => {
                self.refused.remove(milestone);
                self.showing_since.remove(milestone);
                if *shown {
                    self.show(*milestone, "-", None);
                }
            }
            Fact::ShopLost { .. } => {
                self.pushed.clear();
                self.showing_since.clear();
                self.shown_number = None;
                self.lost = true;
            }
            _ => {}
        }
    }

    fn show(&mut self, milestone: Milestone, shop_reference: &str, number: Option<&String>) {
        self.refused.remove(&milestone);
        self.pushed.insert(milestone, shop_reference.to_owned());
        if milestone != Milestone::Delivered {
            self.shown_number = Some(number.unwrap_or(&self.number).clone());
        }
    }
}
