//! What suppliers do of their own accord: answer, ship, find out that they have too little, rave.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Commission, Deed, Means, Standing, Suppliers};
use crate::simulation::Event;
use crate::simulation::company::OUTSIDE;
use crate::simulation::dice::Dice;
use crate::simulation::disturbance::Disturbance;

/// After so long a carrier uses a number again.
const REUSED_AFTER: SignedDuration = SignedDuration::from_hours(100);

const CARRIERS: [&str; 5] = ["DHL", "DPD", "YunExpress", "China Post", "UPS"];

/// What a carrier says of an ordinary parcel until somebody should open the door.
const JOURNEY: [&str; 4] =
    ["InfoReceived", "InTransit_PickedUp", "InTransit_Departure", "OutForDelivery_Other"];

impl Suppliers {
    /// Does it.
    pub(crate) fn act(&mut self, reference: &str, deed: Deed) {
        match deed {
            Deed::Answer => self.answers(reference),
            Deed::Ship => self.ships(reference),
            Deed::Discover => self.discovers(reference),
            Deed::AnswerCancellation => self.answers_cancellation(reference),
            Deed::AnswerAddress => self.answers_address(reference),
            Deed::Nonsense => self.raves(reference),
        }
    }

    /// Ships some time after it promised.
    pub(super) fn ships_later(&mut self, reference: &str) {
        let Some(commission) = self.books.get(reference) else { return };
        let mut dice = commission.dice.clone();
        self.ships_later_by(&mut dice, reference);
        if let Some(commission) = self.books.get_mut(reference) {
            commission.dice = dice;
        }
    }

    pub(super) fn ships_later_by(&mut self, dice: &mut Dice, reference: &str) {
        let mut seconds = dice.spread(36 * 3600);
        if self.errs(dice, Disturbance::Silence, 60) {
            seconds += dice.between(2, 5) * 24 * 3600;
        }
        let finds_none = self.errs(dice, Disturbance::Shortages, 50);
        self.later(reference, seconds, if finds_none { Deed::Discover } else { Deed::Ship });
    }

    fn answers(&mut self, reference: &str) {
        let Some(mut commission) = self.books.remove(reference) else { return };
        if commission.standing != Standing::Received {
            self.books.insert(reference.to_owned(), commission);
            return;
        }
        let willing = self.willing(&mut commission);
        let refused =
            commission.lots.iter().map(|(sku, lot)| (sku.clone(), lot.asked - willing[sku]));
        let refused = some(refused);
        let promised = some(willing.clone().into_iter());
        let mut dice = commission.dice.clone();
        let (is_none, is_by_mail) = (promised.is_empty(), commission.link.is_some());
        // Some leave the rest open, and never speak of it: it lapses.
        let leaves_open = self.errs(&mut dice, Disturbance::Silence, 400) && !is_by_mail;
        if is_none {
            commission.let_go();
        } else if !leaves_open {
            // Who says that it has no more does not insist on it, whether or not we have heard that yet.
            for (sku, units) in &refused {
                commission.lots.entry(sku.clone()).or_default().refused = *units;
            }
        }
        self.books.insert(reference.to_owned(), commission);
        let rejection =
            json!({"type": "rejected", "lines": lines(&refused), "reason": "out_of_stock"});
        if is_none {
            let form = "action=reject&reason=out_of_stock";
            return self.say(reference, Means::Word, &rejection, form);
        }
        let acceptance = json!({"type": "accepted", "lines": lines(&promised)});
        let form = format!("action=answer&reason=out_of_stock{}", quantities(&willing));
        self.say(reference, Means::Promise(promised), &acceptance, &form);
        if !refused.is_empty() && !is_by_mail && !leaves_open {
            self.say(reference, Means::Word, &rejection, "");
        }
    }

    /// Ships what it promised, as far as it is there. Some ship what they never said they accept.
    fn ships(&mut self, reference: &str) {
        let Some(mut commission) = self.books.remove(reference) else { return };
        let never_promised = commission.standing == Standing::Received && commission.link.is_none();
        if never_promised {
            commission.insist();
        }
        let mut dice = commission.dice.clone();
        // Who never said that it accepts ships at once, and refuses the rest: it would lapse.
        let in_parts = self.errs(&mut dice, Disturbance::PartialShipments, 150) && !never_promised;
        let ships_rest_in = dice.spread(30 * 3600);
        let mut shipped: BTreeMap<String, u32> = BTreeMap::new();
        let mut is_short = false;
        for (sku, lot) in &mut commission.lots {
            let shelf = self.shelves.entry(sku.clone()).or_default();
            let open = lot.promised - lot.shipped;
            let there = u32::try_from((*shelf).max(0)).unwrap_or(0);
            is_short |= there < open;
            let most = open.min(there);
            let units = if in_parts { dice.units(0, most) } else { most };
            if units > 0 {
                lot.shipped += units;
                *shelf -= i64::from(units);
                shipped.insert(sku.clone(), units);
            }
        }
        commission.dice = dice;
        let has_more = commission.open() > 0;
        self.books.insert(reference.to_owned(), commission);
        if !shipped.is_empty() {
            self.hands_over(reference, &shipped);
        }
        if has_more {
            let deed = if is_short { Deed::Discover } else { Deed::Ship };
            self.later(reference, if never_promised { 1 } else { ships_rest_in }, deed);
        }
    }

    /// A parcel leaves, and the supplier says so.
    fn hands_over(&mut self, reference: &str, shipped: &BTreeMap<String, u32>) {
        let Some(commission) = self.books.get(reference) else { return };
        let (supplier, mut dice) = (commission.supplier, commission.dice.clone());
        let has_system = commission.link.is_none();
        let number = self.number(&mut dice);
        let carrier = *dice.pick(&CARRIERS);
        let has_label = dice.happens(600) && has_system;
        let ship_date = self.now.get().to_zoned(TimeZone::UTC).date();
        self.travels(&number, &mut dice);
        let dice_errs = self.errs(&mut dice, Disturbance::CorrectedNumbers, 70);
        if let Some(commission) = self.books.get_mut(reference) {
            commission.dice = dice;
        }
        let right = number;
        let errs = dice_errs;
        let number = if errs { format!("WRONG{}", &right[3..]) } else { right.clone() };
        let mut what = json!({"type": "shipped", "lines": lines(shipped), "carrier": carrier,
            "number": number, "ship_date": ship_date});
        if has_label {
            what["label_url"] =
                json!(format!("{OUTSIDE}/suppliers/{supplier}/labels/{number}.pdf"));
        }
        let form = format!(
            "action=ship&carrier={}&number={number}&ship_date={ship_date}{}",
            carrier.replace(' ', "+"),
            quantities(shipped),
        );
        self.say(reference, Means::Shipped(number.clone()), &what, &form);
        if let Some(commission) = self.books.get_mut(reference) {
            commission.untold.insert(number.clone());
        }
        if errs {
            what["replaces"] = json!(number);
            what["number"] = json!(right);
            if let Some(known) = what.as_object_mut() {
                known.remove("label_url");
            }
            let form = format!(
                "action=correct&carrier={}&replaces={number}&number={right}&ship_date={ship_date}",
                carrier.replace(' ', "+"),
            );
            self.say(reference, Means::Corrected, &what, &form);
        }
    }

    fn number(&mut self, dice: &mut Dice) -> String {
        let now = self.now.get();
        let is_reused = self.errs(dice, Disturbance::ReusedNumbers, 150);
        let old = self.numbers.iter().position(|(_, used_at)| *used_at + REUSED_AFTER < now);
        if let Some(old) = old.filter(|_| is_reused) {
            return self.numbers.remove(old).0;
        }
        format!("SIM{:012}", dice.below(1_000_000_000_000))
    }

    /// What the carrier will report of a parcel, and when.
    fn travels(&mut self, number: &str, dice: &mut Dice) {
        let fails = self.errs(dice, Disturbance::FailedParcels, 60);
        let is_lost = dice.happens(300);
        let mut journey = JOURNEY.to_vec();
        if self.errs(dice, Disturbance::CarrierDisorder, 150) {
            // Nobody was at home: back to the depot, and out again.
            journey.extend(["InTransit_Other", "OutForDelivery_Other"]);
        }
        match (fails, is_lost) {
            (false, _) => journey.push("Delivered_Other"),
            (true, true) => journey.truncate(3),
            (true, false) => {
                journey.extend([
                    "DeliveryFailure_NoBody",
                    "Exception_Returning",
                    "Exception_Returned",
                ]);
            }
        }
        let mut happens_in = SignedDuration::ZERO;
        for sub_status in journey {
            happens_in += SignedDuration::from_mins(dice.between(30, 9 * 60));
            let at = self.now.get() + happens_in;
            self.is_reported(number, sub_status, at, happens_in, dice);
        }
        if !fails {
            self.numbers.push((number.to_owned(), self.now.get() + happens_in));
        }
    }

    /// A carrier reports something, perhaps late, perhaps twice, perhaps together with something else.
    fn is_reported(
        &mut self,
        number: &str,
        sub_status: &str,
        at: Timestamp,
        happens_in: SignedDuration,
        dice: &mut Dice,
    ) {
        let event = |code: &str| Event::Carrier(number.to_owned(), at, code.to_owned());
        let mut reported_in = happens_in;
        if self.errs(dice, Disturbance::CarrierDisorder, 250) {
            reported_in += SignedDuration::from_mins(dice.spread(30 * 60));
        }
        self.todo.push((reported_in, event(sub_status)));
        if self.errs(dice, Disturbance::CarrierDisorder, 200) {
            // Several things at one moment: carriers that date to the hour.
            self.todo.push((reported_in, event("InTransit_Arrival")));
        }
        if self.errs(dice, Disturbance::CarrierRepeats, 150) {
            self.todo.push((reported_in * 2, event(sub_status)));
        }
    }

    /// Finds out that it has less than it promised: rejects all that has not left.
    fn discovers(&mut self, reference: &str) {
        let Some(commission) = self.books.get_mut(reference) else { return };
        if commission.open() == 0 {
            return;
        }
        for lot in commission.lots.values_mut() {
            lot.refused += lot.promised - lot.shipped;
            lot.promised = lot.shipped;
        }
        if commission.shipped() == 0 {
            commission.standing = Standing::Off;
        }
        let refused = some(commission.lots.iter().map(|(sku, lot)| (sku.clone(), lot.refused)));
        let rejection = json!({"type": "rejected", "lines": lines(&refused), "reason": "out_of_stock",
            "detail": "broken"});
        let form = "action=reject&reason=out_of_stock&detail=broken";
        self.say(reference, Means::Word, &rejection, form);
    }

    fn answers_cancellation(&mut self, reference: &str) {
        let Some(commission) = self.books.get_mut(reference) else { return };
        commission.is_asked_to_cancel = false;
        commission.has_said_whether = true;
        let is_willing = commission.dice.happens(600) && commission.open() > 0;
        if (is_willing && commission.may_let_go()) || commission.standing != Standing::Promised {
            commission.let_go();
            let what = json!({"type": "cancel_accepted"});
            return self.say(reference, Means::Word, &what, "action=cancel_accept");
        }
        commission.insist();
        commission.has_refused = true;
        let has_system = commission.link.is_none();
        let what = json!({"type": "cancel_rejected", "detail": "it is packed"});
        self.say(reference, Means::Word, &what, "action=cancel_reject&detail=it+is+packed");
        // Who refuses promises all that was left open, and says what of it can't be shipped.
        if has_system {
            self.says_what_it_refuses(reference);
        }
    }

    fn answers_address(&mut self, reference: &str) {
        let Some(commission) = self.books.get_mut(reference) else { return };
        let Some((street, change)) = commission.other_address.take() else { return };
        if commission.standing == Standing::Off {
            return;
        }
        let goes_there = commission.dice.happens(600) && commission.open() > 0;
        if goes_there && change > commission.address.1 {
            commission.address = (street, change);
        }
        let (kind, action) = if goes_there {
            ("address_changed", "address_change")
        } else {
            ("address_refused", "address_refuse")
        };
        let what = json!({"type": kind, "change": change, "detail": "so be it"});
        // A person answers what the page asks.
        let form = format!("action={action}&detail=so+be+it&change={{change}}");
        self.say(reference, Means::Word, &what, &form);
    }

    /// Says what can't be: far too many, in a parcel that does not exist.
    fn raves(&mut self, reference: &str) {
        let Some(commission) = self.books.get_mut(reference) else { return };
        let accepts = commission.dice.happens(500);
        let Some(sku) = commission.lots.keys().next().cloned() else { return };
        let many = BTreeMap::from([(sku, 1_000)]);
        let ship_date = self.now.get().to_zoned(TimeZone::UTC).date();
        let what = if accepts {
            json!({"type": "accepted", "lines": lines(&many)})
        } else {
            json!({"type": "shipped", "lines": lines(&many), "carrier": "DHL", "number": "NOSUCHPARCEL",
                "ship_date": ship_date})
        };
        let form = format!("action=ship&carrier=DHL&number=NOSUCHPARCEL{}", quantities(&many));
        self.say(reference, Means::Nonsense, &what, &form);
    }

    /// Everyone answers at last whatever is still open: after this nobody owes a word.
    pub(crate) fn comes_to_an_end(&mut self) {
        self.is_calm = true;
        let references = |is_so: &dyn Fn(&Commission) -> bool| -> Vec<String> {
            let books = self.books.iter().filter(|(_, known)| is_so(known));
            books.map(|(reference, _)| reference.clone()).collect()
        };
        let open = references(&|it| it.standing == Standing::Promised && it.open() > 0);
        let asked = references(&|it| it.is_asked_to_cancel);
        for reference in open {
            self.later(&reference, 3600, Deed::Ship);
        }
        for reference in asked {
            self.later(&reference, 7200, Deed::AnswerCancellation);
        }
    }
}

/// Those that are more than none.
fn some(units: impl Iterator<Item = (String, u32)>) -> BTreeMap<String, u32> {
    units.filter(|(_, units)| *units > 0).collect()
}

fn lines(units: &BTreeMap<String, u32>) -> Value {
    units.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect()
}

/// The fields of the form behind a link.
fn quantities(units: &BTreeMap<String, u32>) -> String {
    units.iter().map(|(sku, quantity)| format!("&quantity:{sku}={quantity}")).collect()
}
