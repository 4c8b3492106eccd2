//! Suppliers: what they were asked for, what they say, what they have, what they really ship.
//!
//! - [`Suppliers`]: their books, and the deeds that they do of their own accord;
//! - `api`: how they answer our calls; `mail`: how they read our mails.

mod api;
mod deeds;
mod mail;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::catalog::StockKey;
use domain::id::{OrderId, parse_reference};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::company::{self, BY_API, BY_MAIL};
use super::dice::Dice;
use super::disturbance::Disturbance;
use super::{Event, Plan, Speech};

/// From one form that a person sends to the next.
const BETWEEN_FORMS: SignedDuration = SignedDuration::from_mins(15);

/// What a supplier does of its own accord.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Says yes or no to what it only received.
    Answer,
    /// Ships what it promised, or a part of it.
    Ship,
    /// Finds out that it can't ship what it promised.
    Discover,
    /// Says whether it let go.
    AnswerCancellation,
    /// Says whether it ships to another address.
    AnswerAddress,
    /// Says what can't be.
    Nonsense,
}

/// What a supplier means by what it says to us: what follows for it once we took it, or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Means {
    /// It will ship so many of each.
    Promise(BTreeMap<String, u32>),
    /// It has shipped a parcel of this number.
    Shipped(String),
    /// What it shipped has another number.
    Corrected,
    /// Something that changes nothing for it.
    Word,
    /// What can't be.
    Nonsense,
}

/// How a commission stands, for its supplier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It came.
    #[default]
    Received,
    /// The supplier said what it ships.
    Promised,
    /// It is off, but for what has left.
    Off,
}

/// Units of one article in a commission.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Lot {
    /// Asked for.
    pub(crate) asked: u32,
    /// Promised, what has left included.
    pub(crate) promised: u32,
    /// Refused.
    pub(crate) refused: u32,
    /// Left.
    pub(crate) shipped: u32,
}

/// What a supplier was asked for, under one reference.
#[derive(Debug)]
pub(crate) struct Commission {
    /// Who was asked.
    pub(crate) supplier: &'static str,
    /// How it stands.
    pub(crate) standing: Standing,
    /// By the supplier's article number.
    pub(crate) lots: BTreeMap<String, Lot>,
    /// How often it was bought: 1, whatever happens.
    pub(crate) purchases: u32,
    /// Under which it can be answered, where it came by mail.
    link: Option<String>,
    is_asked_to_cancel: bool,
    /// It answered a cancellation, and will not do so again.
    has_said_whether: bool,
    /// It refused to let go, and says nothing else when it is asked once more.
    has_refused: bool,
    /// Parcels of which we have not taken word yet.
    untold: BTreeSet<String>,
    /// When it said something last, or will.
    says_at: Timestamp,
    /// Where it ships to: the street, and which of the order's addresses that is.
    pub(crate) address: (String, u64),
    /// Where it was asked to ship instead, and has not answered.
    other_address: Option<(String, u64)>,
    /// Called off, not refused.
    is_cancelled: bool,
    /// Read that it is off, for it had been silent.
    is_withdrawn: bool,
    dice: Dice,
}

/// Every supplier.
pub(crate) struct Suppliers {
    /// What each was asked for, by our reference.
    pub(crate) books: BTreeMap<String, Commission>,
    /// What is on the shelves.
    pub(crate) shelves: BTreeMap<String, i64>,
    /// What is to happen next, and when.
    pub(crate) todo: Vec<(SignedDuration, Event)>,
    /// A promise of ours that was broken towards a supplier.
    pub(crate) trouble: Option<(OrderId, String)>,
    /// Nothing goes wrong any more.
    pub(crate) is_calm: bool,
    plan: Plan,
    now: Rc<Cell<Timestamp>>,
    counters: BTreeMap<String, StockKey>,
    outages: BTreeMap<&'static str, (Timestamp, Timestamp)>,
    secrets: BTreeMap<String, String>,
    numbers: Vec<(String, Timestamp)>,
    says: u64,
}

impl Suppliers {
    /// Suppliers with full shelves.
    pub(crate) fn new(plan: &Plan, now: &Rc<Cell<Timestamp>>) -> Self {
        let counters = company::counters();
        let shelves =
            counters.iter().map(|(key, units)| (key.supplier_sku.clone(), *units)).collect();
        let mut dice = Dice::new(plan.seed, "outages", "");
        let mut outages = BTreeMap::new();
        for supplier in BY_API {
            let from = now.get() + SignedDuration::from_hours(dice.between(1, 80));
            let until = from + SignedDuration::from_mins(dice.spread(48 * 60));
            if dice.happens(600) && plan.has(Disturbance::SupplierOutages) {
                outages.insert(supplier, (from, until));
            }
        }
        Self {
            books: BTreeMap::new(),
            shelves,
            todo: Vec::new(),
            trouble: None,
            is_calm: false,
            plan: plan.clone(),
            now: Rc::clone(now),
            counters: counters
                .into_iter()
                .map(|(key, _)| (key.supplier_sku.clone(), key))
                .collect(),
            outages,
            secrets: company::secrets(),
            numbers: Vec::new(),
            says: 0,
        }
    }

    /// Whether something goes wrong now, in so many of a thousand cases.
    fn errs(&self, dice: &mut Dice, disturbance: Disturbance, per_mille: u64) -> bool {
        dice.happens(per_mille) && self.plan.has(disturbance) && !self.is_calm
    }

    /// The counter of an article number.
    pub(crate) fn counter(&self, sku: &str) -> Option<&StockKey> {
        self.counters.get(sku)
    }

    /// A new commission.
    fn commission(
        &self,
        supplier: &'static str,
        reference: &str,
        lots: BTreeMap<String, Lot>,
    ) -> Commission {
        Commission {
            supplier,
            standing: Standing::Received,
            lots,
            purchases: 0,
            link: None,
            is_asked_to_cancel: false,
            has_said_whether: false,
            has_refused: false,
            address: (String::new(), 0),
            other_address: None,
            untold: BTreeSet::new(),
            says_at: Timestamp::UNIX_EPOCH,
            is_cancelled: false,
            is_withdrawn: false,
            dice: Dice::new(self.plan.seed, "commission", reference),
        }
    }

    /// How many of each a supplier is willing to ship: what it has, or less.
    fn willing(&mut self, commission: &mut Commission) -> BTreeMap<String, u32> {
        let mut promised: BTreeMap<String, i64> = BTreeMap::new();
        for lots in self.books.values().map(|known| &known.lots) {
            for (sku, lot) in lots {
                *promised.entry(sku.clone()).or_default() += i64::from(lot.promised - lot.shipped);
            }
        }
        let mut dice = commission.dice.clone();
        let refuses = self.errs(&mut dice, Disturbance::Refusals, 80);
        let some_only = self.errs(&mut dice, Disturbance::PartialAcceptance, 120);
        let mut willing = BTreeMap::new();
        for (sku, lot) in &commission.lots {
            let free = self.shelves.get(sku).copied().unwrap_or(0)
                - promised.get(sku).copied().unwrap_or(0);
            let most = u32::try_from(free.max(0)).unwrap_or(0).min(lot.asked - lot.refused);
            let less = if some_only { dice.units(0, most) } else { most };
            willing.insert(sku.clone(), if refuses { 0 } else { less });
        }
        commission.dice = dice;
        willing
    }

    /// A supplier says something to us, perhaps late, perhaps twice.
    pub(crate) fn say(&mut self, reference: &str, means: Means, what: &Value, form: &str) {
        let Some(commission) = self.books.get(reference) else { return };
        let mut dice = commission.dice.clone();
        let mut delay = SignedDuration::from_secs(dice.between(0, 40));
        let is_late = self.errs(&mut dice, Disturbance::LateAnswers, 120);
        let late = SignedDuration::from_secs(dice.spread(8 * 3600));
        if commission.link.is_some() {
            // A person sends one form after the other, and looks whether it was taken.
            delay = delay.max((commission.says_at + BETWEEN_FORMS).duration_since(self.now.get()));
        } else if is_late {
            delay += late;
        }
        let times = if self.errs(&mut dice, Disturbance::RepeatedAnswers, 100) { 2 } else { 1 };
        self.says += 1;
        let speech = match &commission.link {
            None => {
                let mut body = what.clone();
                body["reference"] = json!(reference);
                Speech::Answer {
                    supplier: commission.supplier,
                    reference: reference.to_owned(),
                    id: format!("msg_{}", self.says),
                    body,
                    means,
                }
            }
            Some(link) => Speech::Form {
                reference: reference.to_owned(),
                token: link.clone(),
                form: form.to_owned(),
                means,
            },
        };
        for time in 0..times {
            let later = if commission.link.is_some() { 60 } else { dice.spread(3600) };
            let later = SignedDuration::from_secs(time * later);
            self.todo.push((delay + later, Event::Speak(Box::new(speech.clone()), 0)));
        }
        let commission = self.books.get_mut(reference).expect("it was there");
        commission.dice = dice;
        commission.says_at = self.now.get() + delay;
    }

    /// We took what a supplier said, or refused it.
    pub(crate) fn heard(&mut self, reference: &str, means: &Means, is_taken: bool) {
        let Some(commission) = self.books.get_mut(reference) else { return };
        let wrong = match (means, is_taken) {
            // A withdrawal that crossed the promise, which we took all the same, does not count.
            (Means::Promise(promised), true)
                if commission.standing != Standing::Off || commission.is_withdrawn =>
            {
                let is_first = commission.standing != Standing::Promised;
                commission.is_withdrawn = false;
                commission.standing = Standing::Promised;
                for (sku, lot) in &mut commission.lots {
                    let promised = promised.get(sku).copied().unwrap_or(0);
                    lot.promised = lot.promised.max(promised);
                    lot.refused = lot.refused.max(lot.asked - lot.promised);
                }
                if is_first {
                    self.ships_later(reference);
                }
                None
            }
            // Who is told that it is off drops it, unless this is an old word of his.
            (Means::Promise(_), false) if commission.standing == Standing::Received => {
                commission.let_go();
                None
            }
            (Means::Shipped(number), true) => {
                commission.untold.remove(number);
                None
            }
            (Means::Shipped(_) | Means::Corrected, false) => {
                Some("what was shipped as agreed was refused")
            }
            (Means::Nonsense, true) => Some("what can't be was taken"),
            _ => None,
        };
        if let Some(what) = wrong
            && let Ok((order_id, id)) = parse_reference(reference)
        {
            self.trouble.get_or_insert((order_id, format!("{id}: {what}")));
        }
    }

    /// All suppliers that are reached by mail, by address.
    pub(crate) fn by_address(address: &str) -> Option<&'static str> {
        BY_MAIL.into_iter().find(|supplier| address.starts_with(supplier))
    }

    /// What is to be done with a commission, so much later.
    fn later(&mut self, reference: &str, seconds: i64, deed: Deed) {
        let event = Event::Supplier(reference.to_owned(), deed);
        self.todo.push((SignedDuration::from_secs(seconds), event));
    }
}

impl Commission {
    /// Nothing more of it will be shipped.
    fn let_go(&mut self) {
        for lot in self.lots.values_mut() {
            lot.promised = lot.shipped;
            lot.refused = lot.asked - lot.shipped;
        }
        self.standing = Standing::Off;
    }

    /// It will ship all that it has not refused.
    fn insist(&mut self) {
        for lot in self.lots.values_mut() {
            lot.promised = lot.asked - lot.refused;
        }
        self.standing = Standing::Promised;
    }

    /// Whether it may let go of what has not left. Of a parcel that left and that we have not heard of it could not: we
    /// would take its units for cancelled, and refuse to hear of it. `SUPPLIERS.md` leaves that open.
    fn may_let_go(&self) -> bool {
        self.untold.is_empty()
    }

    /// Units that it promised and that have not left.
    pub(crate) fn open(&self) -> u32 {
        self.lots.values().map(|lot| lot.promised - lot.shipped).sum()
    }

    /// Units that have left.
    pub(crate) fn shipped(&self) -> u32 {
        self.lots.values().map(|lot| lot.shipped).sum()
    }
}
