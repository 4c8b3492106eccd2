//! Whatever order the messages about one order come in, and however often, they end in the same state.
//!
//! Each test is a set of messages. They come in every order there is; in each order once, and then each twice in a row and
//! all of them once more from the last to the first. Time stands still meanwhile, or one cause would overtake another: what is
//! bought before an edit is heard of is too late to edit. What is refused must be refused clearly, and whoever is refused
//! says it again. [`same`] says which states are the same.

pub(crate) mod same;

use domain::message::{Message, ParcelRef};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::journey::{Journey, Moment};
use tests::outside::supplier::{Cancels, Says};
use tests::purchase::{Destination, LEIPZIG, LYON, Purchase};

use crate::disorder::permutations;
use crate::{BACKPACK, BLANKET, MUG, SCARF, TEA, alpenshop, direct, teahouse, units};
use same::Same;

/// A customer in the next street.
const NEXT_STREET: Destination = Destination { street: "Probeallee 3", ..LEIPZIG };

/// Something that is said of an order.
#[derive(Debug, Clone)]
enum Said {
    /// The shop states the order.
    Shop(Purchase),
    /// A supplier says something of its first fulfillment order.
    Supplier(&'static str, Value),
    /// The supplier that is reached by mail sends a form.
    Link(&'static str),
    /// The carrier answers with all that happened to a parcel so far.
    Carrier(&'static str, &'static [&'static str]),
}

/// Whose order it is, where all of it begins, and what is said.
struct Set {
    purchase: Purchase,
    begin: Moment,
    said: Vec<Said>,
    /// Minutes from one to the next.
    pause: i64,
}

impl Set {
    /// Says it in every order, and however often; what the first order came to.
    #[track_caller]
    fn ends_alike(&self, phase: &str) {
        self.ends_alike_where(|_| true, phase);
    }

    /// The same for those orders alone that can be.
    #[track_caller]
    fn ends_alike_where(&self, can_be: impl Fn(&[Said]) -> bool, phase: &str) {
        let mut journey = Journey::begin();
        let mut first: Option<(Same, Vec<Said>)> = None;
        for order in permutations(&self.said).into_iter().filter(|order| can_be(order)) {
            let twice = order.iter().flat_map(|said| [said, said]);
            let again = twice.chain(order.iter().rev()).cloned().collect();
            for said in [order, again] {
                let same = self.end(&mut journey, &said);
                let (expected, known) = first.get_or_insert_with(|| (same.clone(), said.clone()));
                assert_eq!(same, *expected, "\n{said:#?}\nends otherwise than\n{known:#?}");
            }
        }
        let (same, _) = first.expect("there is an order");
        assert_eq!(same.phase, phase);
    }

    /// What comes of all that is said, in this order.
    fn end(&self, journey: &mut Journey, said: &[Said]) -> Same {
        journey.goes_back_to(&self.begin);
        let mut unheard = self.say(journey, said.to_vec());
        // Whoever is refused says it again, as long as that helps.
        while let before @ 1.. = unheard.len() {
            unheard = self.say(journey, unheard);
            if unheard.len() == before {
                break;
            }
        }
        // At the same time, however long all that took.
        let begin = self.begin.world.now;
        let events = [Journey::suppliers_ship, Journey::carriers_deliver];
        for (event, hours) in events.iter().zip(1..) {
            let at = begin + SignedDuration::from_hours(hours);
            journey.passes(at.duration_since(journey.now()));
            journey.system.world.now.set(at);
            event(journey);
        }
        journey.hours(5);
        Same::of(journey, &self.purchase.order_id())
    }

    /// Says all of it, one after the other, and gives back what was refused.
    fn say(&self, journey: &mut Journey, said: Vec<Said>) -> Vec<Said> {
        let mut refused = Vec::new();
        for said in said {
            journey.refusals.clear();
            let is_heard = self.is_heard(journey, &said);
            journey.minutes(self.pause);
            if !is_heard {
                refused.push(said);
            }
        }
        refused
    }

    /// Says one thing, and tells whether it was taken. Every refusal is a clear one.
    fn is_heard(&self, journey: &mut Journey, said: &Said) -> bool {
        let order_id = self.purchase.order_id();
        match said {
            Said::Shop(purchase) => drop(journey.tells(&journey.webhook(purchase))),
            Said::Supplier(supplier, what) => journey.says(supplier, &order_id, 1, what),
            Said::Link(form) => journey.answers_mail(form),
            Said::Carrier(number, events) => {
                if !journey.numbers().iter().any(|known| known == number) {
                    return false;
                }
                let left_at = self.begin.world.now;
                for (event, hours) in events.iter().zip(1..) {
                    let at = left_at + SignedDuration::from_hours(hours);
                    journey.outside.borrow_mut().tracking.report(number, at, event);
                }
                let parcels = journey.order(&order_id).parcels.into_keys();
                let parcels =
                    parcels.map(|id| ParcelRef { order_id: order_id.clone(), parcel_id: Some(id) });
                let parcels = Message::TrackParcels { parcels: parcels.collect() };
                journey.delivers(&parcels).expect("17TRACK answers");
                journey.settles();
                journey.outside.borrow_mut().tracking.journeys.remove(*number);
            }
        }
        for refusal in &journey.refusals {
            let is_clear = [" 404:", " 409:"].iter().any(|status| refusal.contains(status));
            assert!(is_clear, "{refusal}");
        }
        journey.refusals.is_empty()
    }
}

/// A purchase as it was at first, and each of its later states, a minute apart.
fn states(first: &Purchase, changes: &[fn(&mut Purchase)]) -> Vec<Said> {
    let mut states = vec![first.clone()];
    for (change, minutes) in changes.iter().zip(1..) {
        let mut next = states.last().expect("there is a first").clone();
        change(&mut next);
        next.updated_at = first.placed_at + SignedDuration::from_mins(minutes);
        states.push(next);
    }
    states.into_iter().map(Said::Shop).collect()
}

/// Before we heard anything of it.
fn unheard(purchase: &Purchase, said: Vec<Said>) -> Set {
    let mut journey = Journey::begin();
    journey.manner("nordwaren", |manner| manner.cancels = Some(Cancels::Pending));
    // Nobody has bought it before the last of its states, or the first would be on its way.
    journey.clock_fails_for(10);
    journey.sells_silently(purchase);
    Set { purchase: purchase.clone(), begin: journey.moment(), said, pause: 0 }
}

/// When the supplier has it, and has not said yes or no.
fn asked(purchase: &Purchase, supplier: &str, said: Vec<Said>) -> Set {
    let mut journey = Journey::begin();
    if supplier != "atelier-lyon" {
        journey.manner(supplier, |manner| {
            (manner.says, manner.cancels) = (Says::Received, Some(Cancels::Pending));
        });
    }
    journey.sells(purchase);
    journey.minutes(10);
    Set { purchase: purchase.clone(), begin: journey.moment(), said, pause: 0 }
}

fn shipped(sku: &str, number: &str, quantity: u32) -> Value {
    json!({"type": "shipped", "carrier": "DHL", "number": number, "ship_date": "2026-11-23",
        "lines": [{"sku": sku, "quantity": quantity}]})
}

fn unpaid(lines: &[crate::Bought]) -> Purchase {
    Purchase { is_paid: false, ..alpenshop(lines) }
}

#[test]
fn an_order_is_paid_edited_and_sent_elsewhere() {
    let first = unpaid(&[MUG, units(2, BACKPACK)]);
    let said = states(
        &first,
        &[
            |purchase| purchase.is_paid = true,
            |purchase| purchase.lines[1].quantity = 1,
            |purchase| purchase.to = LYON,
        ],
    );
    unheard(&first, said).ends_alike("delivered");
}

#[test]
fn an_order_gets_a_further_line_and_loses_its_first() {
    let first = alpenshop(&[MUG]);
    let said = states(
        &first,
        &[
            |purchase| purchase.lines.push(BACKPACK),
            |purchase| purchase.to = NEXT_STREET,
            |purchase| purchase.lines[0].quantity = 0,
        ],
    );
    unheard(&first, said).ends_alike("delivered");
}

#[test]
fn an_order_is_paid_edited_sent_elsewhere_and_cancelled() {
    let first = unpaid(&[MUG, units(2, BACKPACK)]);
    let said = states(
        &first,
        &[
            |purchase| purchase.is_paid = true,
            |purchase| purchase.lines[1].quantity = 1,
            |purchase| purchase.to = LYON,
            |purchase| purchase.is_cancelled = true,
        ],
    );
    unheard(&first, said).ends_alike("cancelled");
}

#[test]
fn an_order_is_cancelled_and_paid_after_all() {
    let first = Purchase { is_paid: false, ..teahouse(&[TEA]) };
    let said = states(
        &first,
        &[
            |purchase| purchase.is_cancelled = true,
            |purchase| (purchase.is_cancelled, purchase.is_paid) = (false, true),
            |purchase| purchase.to = NEXT_STREET,
        ],
    );
    unheard(&first, said).ends_alike("delivered");
}

#[test]
fn a_supplier_accepts_some_rejects_some_and_ships_in_two_parcels() {
    let purchase = alpenshop(&[units(3, BLANKET)]);
    let lines = |quantity: u32| json!([{"sku": "OW-1100", "quantity": quantity}]);
    let says = |what| Said::Supplier("own-warehouse", what);
    let said = vec![
        says(json!({"type": "accepted", "lines": lines(2)})),
        says(json!({"type": "rejected", "lines": lines(1), "reason": "out_of_stock"})),
        says(shipped("OW-1100", "DH001DE", 1)),
        says(shipped("OW-1100", "DH002DE", 1)),
    ];
    asked(&purchase, "own-warehouse", said).ends_alike("delivered");
}

#[test]
fn a_supplier_accepts_all_that_is_open_and_rejects_some() {
    let purchase = alpenshop(&[units(3, BLANKET)]);
    let lines = |quantity: u32| json!([{"sku": "OW-1100", "quantity": quantity}]);
    let says = |what| Said::Supplier("own-warehouse", what);
    let said = vec![
        says(json!({"type": "accepted"})),
        says(json!({"type": "rejected", "lines": lines(1), "reason": "discontinued"})),
        says(shipped("OW-1100", "DH001DE", 2)),
    ];
    asked(&purchase, "own-warehouse", said).ends_alike("delivered");
}

/// What it rejects first is planned elsewhere at once, so that its backup ships in two parcels or in one. Until then it is
/// the same.
#[test]
fn a_supplier_rejects_all() {
    let purchase = alpenshop(&[units(2, BLANKET)]);
    let says = |what| Said::Supplier("own-warehouse", what);
    let lines = json!([{"sku": "OW-1100", "quantity": 1}]);
    let said = vec![
        says(json!({"type": "rejected", "lines": lines, "reason": "discontinued"})),
        says(json!({"type": "rejected", "reason": "discontinued"})),
    ];
    let mut set = asked(&purchase, "own-warehouse", said);
    set.begin.outside.suppliers.supplier("nordwaren").manner.says = Says::Received;
    set.ends_alike("awaiting_supplier");
}

#[test]
fn a_supplier_answers_before_it_was_asked() {
    let purchase = alpenshop(&[units(2, BACKPACK)]);
    let says = |what| Said::Supplier("nordwaren", what);
    let said = vec![
        Said::Shop(purchase.clone()),
        says(json!({"type": "accepted"})),
        says(shipped("NW-22022", "DH001DE", 1)),
        says(shipped("NW-22022", "DH002DE", 1)),
    ];
    let set = Set { pause: 1, ..unheard(&purchase, said) };
    set.ends_alike("delivered");
}

#[test]
fn a_supplier_grants_a_cancellation() {
    let purchase = alpenshop(&[units(2, BACKPACK)]);
    let cancelled = states(&purchase, &[|purchase| purchase.is_cancelled = true]).swap_remove(1);
    let says = |what| Said::Supplier("nordwaren", what);
    let said = vec![
        cancelled,
        says(json!({"type": "accepted"})),
        says(json!({"type": "cancel_accepted"})),
    ];
    asked(&purchase, "nordwaren", said).ends_alike("cancelled");
}

#[test]
fn a_supplier_ships_what_the_shop_cancelled() {
    let purchase = alpenshop(&[units(2, BACKPACK)]);
    let cancelled = states(&purchase, &[|purchase| purchase.is_cancelled = true]).swap_remove(1);
    let says = |what| Said::Supplier("nordwaren", what);
    let said = vec![
        cancelled,
        says(json!({"type": "cancel_rejected", "detail": "it is packed"})),
        says(shipped("NW-22022", "DH001DE", 1)),
        says(shipped("NW-22022", "DH002DE", 1)),
    ];
    asked(&purchase, "nordwaren", said).ends_alike("delivered");
}

/// Two backpacks; the shop cancels them, one has left, and the supplier lets go of the other.
fn one_left_and_one_did_not() -> Set {
    let purchase = alpenshop(&[units(2, BACKPACK)]);
    let cancelled = states(&purchase, &[|purchase| purchase.is_cancelled = true]).swap_remove(1);
    let says = |what| Said::Supplier("nordwaren", what);
    let said = vec![
        cancelled,
        says(shipped("NW-22022", "DH001DE", 1)),
        says(json!({"type": "cancel_accepted"})),
    ];
    asked(&purchase, "nordwaren", said)
}

fn is_of_type(said: &Said, kind: &str) -> bool {
    matches!(said, Said::Supplier(_, what) if what["type"] == kind)
}

#[test]
fn a_supplier_ships_one_and_cancels_the_other() {
    let at = |said: &[Said], kind: &str| said.iter().position(|it| is_of_type(it, kind));
    let can_be = |said: &[Said]| at(said, "shipped") < at(said, "cancel_accepted");
    one_left_and_one_did_not().ends_alike_where(can_be, "delivered");
}

/// Whoever lets go of all that it has not shipped can't have shipped it. It hears so whenever it says that it has, and
/// that is for people to sort out.
#[test]
fn a_supplier_that_let_go_cannot_ship_any_more() {
    let set = one_left_and_one_did_not();
    let mut journey = Journey::begin();
    journey.goes_back_to(&set.begin);
    let [cancelled, shipped, let_go] = [0, 1, 2].map(|index| set.said[index].clone());
    assert!(set.say(&mut journey, vec![cancelled, let_go]).is_empty());
    for _ in 0..2 {
        assert_eq!(set.say(&mut journey, vec![shipped.clone()]).len(), 1);
        let [refusal] = journey.refusals.as_slice() else { panic!("{:?}", journey.refusals) };
        assert!(refusal.contains("409") && refusal.contains("do not ship it"), "{refusal}");
    }
    assert_eq!(Same::of(&mut journey, &set.purchase.order_id()).phase, "cancelled");
}

#[test]
fn a_shop_changes_what_a_supplier_has() {
    let purchase = alpenshop(&[units(2, BACKPACK)]);
    let mut said = states(
        &purchase,
        &[|purchase| purchase.lines[0].quantity = 1, |purchase| purchase.to = NEXT_STREET],
    )
    .split_off(1);
    said.extend([
        Said::Supplier("nordwaren", json!({"type": "accepted"})),
        Said::Supplier("nordwaren", shipped("NW-22022", "DH001DE", 1)),
        Said::Supplier("nordwaren", shipped("NW-22022", "DH002DE", 1)),
    ]);
    asked(&purchase, "nordwaren", said).ends_alike("delivered");
}

#[test]
fn a_supplier_that_is_reached_by_mail_answers() {
    let purchase = Purchase { to: LYON, ..direct(&[units(2, SCARF)]) };
    let said = vec![
        Said::Link("action=answer&quantity:AL-SOIE-4=2"),
        Said::Link("action=ship&carrier=Colissimo&number=LX123456789FR&quantity:AL-SOIE-4=1"),
        Said::Link("action=ship&carrier=Colissimo&number=LX987654321FR&quantity:AL-SOIE-4=1"),
    ];
    asked(&purchase, "atelier-lyon", said).ends_alike("delivered");
}

#[test]
fn a_carrier_reports_a_parcel() {
    let purchase = alpenshop(&[BACKPACK]);
    let said = vec![
        Said::Supplier("nordwaren", shipped("NW-22022", "DH001DE", 1)),
        Said::Carrier("DH001DE", &["InTransit_PickedUp"]),
        Said::Carrier(
            "DH001DE",
            &["InTransit_PickedUp", "Exception_Other", "DeliveryFailure_NoBody"],
        ),
        Said::Carrier(
            "DH001DE",
            &["InTransit_PickedUp", "Exception_Other", "DeliveryFailure_NoBody", "Delivered_Other"],
        ),
    ];
    asked(&purchase, "nordwaren", said).ends_alike("delivered");
}
