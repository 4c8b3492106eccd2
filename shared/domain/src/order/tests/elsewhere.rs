//! What the shop shows as sent by others is not shipped by us as well.

use super::*;
use crate::order::fact::Hold;
use crate::order::hold::override_hold;
use crate::order::intake::receive;
use crate::shop_order::ShopParcel;

/// A parcel that the shop shows.
fn shows(numbers: &[&str], lines: &[(&str, u32)]) -> ShopParcel {
    let units = |(line, units): &(&str, u32)| (LineId::parse(line).unwrap(), *units);
    ShopParcel {
        numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
        lines: Some(lines.iter().map(units).collect()),
        stands: true,
    }
}

/// The shop states an order of two mugs and a spoon again, `minutes` later, with these parcels.
fn stated(minutes: i64, parcels: Option<Vec<ShopParcel>>) -> ShopOrder {
    let order = shop_order(&[line("1", "mug", 2), line("2", "spoon", 1)]);
    ShopOrder { updated_at: now() + super::minutes(minutes), parcels, ..order }
}

fn takes(given: &[Fact], stated: &ShopOrder, then: &[&str]) -> Order {
    check(given, |order| receive(order, stated, &contact_ref("home")), then)
}

fn planned() -> Vec<Fact> {
    let catalogue = ["mug", "spoon"].map(|name| article(name, &[("nord", "hamburg", 500)]));
    let mut given = screened(&stated(0, None), &catalogue);
    given.extend(routing::route_all(&given, 10));
    given
}

const HELD: &str = "Held sent_elsewhere: the shop shows as sent by others: 1 of line `1`";

#[test]
fn what_someone_sent_by_hand_holds_the_order_until_the_shop_takes_it_back() {
    let by_hand = || Some(vec![shows(&["H-1"], &[("1", 1)])]);
    let order = takes(&planned(), &stated(1, by_hand()), &[HELD, "Confirmed"]);
    assert!(!super::super::forwarding::may_submit(&order), "nothing goes to a supplier meanwhile");
    let again = stated(2, by_hand());
    let decide = |order: &Order| receive(order, &again, &contact_ref("home"));
    let order = check_order(&order, decide, &["Confirmed"]);
    // A webhook that leaves parcels out says nothing of them.
    let silent = stated(3, None);
    let decide = |order: &Order| receive(order, &silent, &contact_ref("home"));
    let order = check_order(&order, decide, &["Confirmed"]);
    let taken_back = ShopParcel { stands: false, ..shows(&["H-1"], &[("1", 1)]) };
    let free = stated(4, Some(vec![taken_back]));
    let decide = |order: &Order| receive(order, &free, &contact_ref("home"));
    check_order(&order, decide, &["Released sent_elsewhere", "Confirmed"]);
}

#[test]
fn an_order_that_comes_partly_sent_is_held_at_once() {
    let by_hand = stated(0, Some(vec![shows(&[], &[("1", 1)])]));
    takes(&[], &by_hand, &["Received Paid", HELD]);
}

#[test]
fn what_is_closed_as_sent_before_we_hear_of_it_stays_and_what_is_added_later_waits_for_a_person() {
    let all = shows(&[], &[("1", 2), ("2", 1)]);
    let closed = ShopOrder { is_sent: true, ..stated(0, Some(vec![all])) };
    let order = takes(&[], &closed, &["Received Paid"]);
    assert_eq!(order.unmapped_lines().count(), 0, "it was sent");

    // Our own push-back closes an order, too: what is added then is not on its way.
    let lines = [line("1", "mug", 2), line("2", "spoon", 1), line("3", "pot", 1)];
    let all = shows(&[], &[("1", 2), ("2", 1), ("3", 1)]);
    let added = ShopOrder {
        updated_at: now() + minutes(1),
        is_sent: true,
        parcels: Some(vec![all]),
        ..shop_order(&lines)
    };
    let given = receive(&Order::default(), &closed, &contact_ref("home"));
    let held = "Held sent_elsewhere: the shop shows as sent by others: 1 of line `3`";
    let order = takes(&given, &added, &["EditRequested +3=1", held]);
    let open: Vec<_> = order.unmapped_lines().map(|line| line.line_id.to_string()).collect();
    assert_eq!(open, ["3"]);
}

#[test]
fn a_shop_that_does_not_say_which_lines_were_sent_holds_all_that_is_open() {
    let some = ShopParcel { lines: None, ..shows(&["H-1"], &[]) };
    let held =
        "Held sent_elsewhere: the shop shows as sent by others: some of line `1`, some of line `2`";
    takes(&planned(), &stated(1, Some(vec![some])), &[held, "Confirmed"]);
}

#[test]
fn our_own_parcels_and_what_no_supplier_has_to_ship_any_more_hold_nothing() {
    let mut given = planned();
    given.push(Fact::SubmissionStarted { fulfillment_order_id: f(1) });
    let by_hand = stated(1, Some(vec![shows(&["H-1"], &[("1", 2)])]));
    // The supplier has it: too late to hold, and the shop is not shown the number of what it fulfilled itself.
    takes(&given, &by_hand, &["Confirmed"]);

    let mut given = planned();
    given.push(parcels::shipped(1, "H-1", &[("1", "mug", 1)]));
    takes(&given, &by_hand, &["Confirmed"]);

    let mut called_off = by_hand.clone();
    called_off.cancelled = Some("customer".to_owned());
    takes(
        &planned(),
        &called_off,
        &["CancelRequested", "Withdrawn F1 2×1/mug 1×2/spoon", "Cancelled 2×1/mug 1×2/spoon"],
    );

    let mut digital = stated(0, Some(vec![shows(&[], &[("1", 2)])]));
    digital.lines[0].ships = false;
    takes(&[], &digital, &["Received Paid"]);
}

#[test]
fn a_person_may_have_it_shipped_all_the_same() {
    let by_hand = stated(1, Some(vec![shows(&["H-1"], &[("1", 1)])]));
    let order = takes(&planned(), &by_hand, &[HELD, "Confirmed"]);
    let facts = override_hold(&order, Hold::SentElsewhere, "eve", "a gift").unwrap();
    let order = order.after(now(), &facts);
    let again = ShopOrder { updated_at: now() + minutes(2), ..by_hand };
    let decide = |order: &Order| receive(order, &again, &contact_ref("home"));
    check_order(&order, decide, &["Confirmed"]);
}
