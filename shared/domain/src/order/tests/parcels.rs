//! Tracking, and what the shop is told.

use super::*;
use crate::id::ParcelId;
use crate::order::fact::{Milestone, Scan, ScanStatus};
use crate::order::tracking::{Ask, ask, record, stop};
use crate::order::{Parcel, number, push_back};
use crate::settings::Tracking;

const P1: ParcelId = ParcelId(1);

/// Its number.
const NUMBER: &str = "N1";

pub(super) fn shipped(parcel: u16, number: &str, units: &[(&str, &str, u32)]) -> Fact {
    let units = units.iter().map(|(line, article, quantity)| Units {
        item: item_id(line, article),
        quantity: *quantity,
    });
    Fact::Shipped {
        parcel_id: ParcelId(parcel),
        fulfillment_order_id: f(1),
        carrier: "DHL".to_owned(),
        number: number.to_owned(),
        ship_date: "2026-11-20".parse().unwrap(),
        units: units.collect(),
        label: None,
    }
}

/// Two sets of a mug and two spoons, planned at one supplier.
fn two_sets() -> Vec<Fact> {
    let offers = [("nord", "hamburg", 500)];
    let articles = [article("mug", &offers), article("spoon", &offers)];
    let mut facts = screened(&shop_order(&[line("1", "SET", 2)]), &articles);
    facts.extend(routing::route_all(&facts, 10));
    facts.push(Fact::SubmissionStarted { fulfillment_order_id: f(1) });
    facts
}

fn on_its_way() -> Vec<Fact> {
    let mut facts = two_sets();
    facts.push(shipped(1, "N1", &[("1", "mug", 2), ("1", "spoon", 4)]));
    facts
}

fn scan(at: &str, status: ScanStatus) -> Scan {
    Scan { at: at.parse().unwrap(), status, code: format!("{status:?}") }
}

fn parcel(order: &Order) -> &Parcel {
    &order.parcels[&P1]
}

#[test]
fn however_much_is_told_of_a_parcel_at_once_only_the_newest_is_recorded() {
    let begin: jiff::Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    let minute = |minute: i64| Scan {
        at: begin + jiff::SignedDuration::from_mins(minute),
        status: ScanStatus::InTransit,
        code: "InTransit_Other".to_owned(),
    };
    let told: Vec<Scan> = (0..1_000).map(minute).collect();
    let order = check(&on_its_way(), |order| record(order, P1, NUMBER, &told), &["Tracked 300"]);
    assert_eq!(parcel(&order).scans.iter().min(), Some(&minute(700)));
    // What comes later is always heard.
    let facts = record(&order, P1, NUMBER, &[minute(1_000)]);
    assert!(matches!(&facts[..], [Fact::Tracked { scans, .. }] if scans.len() == 1), "{facts:?}");
}

#[test]
fn a_late_older_scan_never_lowers_the_state() {
    let delivered = scan("2026-11-23T10:00:00Z", ScanStatus::Delivered);
    let older = scan("2026-11-22T10:00:00Z", ScanStatus::InTransit);
    let order = check(
        &on_its_way(),
        |order| record(order, P1, NUMBER, std::slice::from_ref(&delivered)),
        &["Tracked 1"],
    );
    let order = check_order(
        &order,
        |order| record(order, P1, NUMBER, &[older.clone(), delivered.clone()]),
        &["Tracked 1"],
    );
    assert_eq!(parcel(&order).status(), ScanStatus::Delivered);
    assert_eq!(parcel(&order).delivered_at(), Some(delivered.at));
}

#[test]
fn of_two_scans_at_one_moment_the_one_of_higher_rank_counts() {
    let both = [
        scan("2026-11-22T10:00:00Z", ScanStatus::OutForDelivery),
        scan("2026-11-22T10:00:00Z", ScanStatus::InTransit),
    ];
    let order = check(&on_its_way(), |order| record(order, P1, NUMBER, &both), &["Tracked 2"]);
    assert_eq!(parcel(&order).status(), ScanStatus::OutForDelivery);
}

#[test]
fn scans_from_long_before_the_parcel_left_belong_to_another_with_its_number() {
    let before = scan("2026-11-17T23:59:59Z", ScanStatus::Delivered);
    check(&on_its_way(), |order| record(order, P1, NUMBER, std::slice::from_ref(&before)), &[]);
    let handed_over = scan("2026-11-18T00:00:00Z", ScanStatus::InTransit);
    check(
        &on_its_way(),
        |order| record(order, P1, NUMBER, std::slice::from_ref(&handed_over)),
        &["Tracked 1"],
    );
}

#[test]
fn a_parcel_is_registered_looked_at_and_given_up() {
    let rules = Tracking::default();
    let order = fold(&on_its_way());
    assert_eq!(ask(parcel(&order), true, &rules, now()), Ask::Register);
    assert_eq!(ask(parcel(&order), false, &rules, now()), Ask::Look);
    let later = now() + SignedDuration::from_hours(60 * 24);
    assert_eq!(ask(parcel(&order), false, &rules, later), Ask::Stop);
    let order =
        check_order(&order, |order| stop(order, P1, NUMBER, "60 days"), &["TrackingStopped"]);
    assert_eq!(ask(parcel(&order), false, &rules, later), Ask::Nothing);
}

fn pushes(given: &[Fact], parcel: u16, units: u32, is_last: bool) {
    let plan = push_back::plan(&fold(given), ParcelId(parcel)).unwrap();
    assert_eq!(plan.lines.values().sum::<u32>(), units, "{plan:?}");
    assert_eq!((plan.milestone, plan.is_last), (Milestone::Shipped, is_last));
}

#[test]
fn a_bundle_counts_for_the_shop_when_its_last_part_has_left() {
    let mut given = two_sets();
    given.push(shipped(1, "N1", &[("1", "mug", 2), ("1", "spoon", 1)]));
    pushes(&given, 1, 0, false);
    given.push(shipped(2, "N2", &[("1", "spoon", 1)]));
    pushes(&given, 2, 1, false);
    given.push(shipped(3, "N3", &[("1", "spoon", 2)]));
    pushes(&given, 3, 1, true);
    pushes(&given, 1, 0, false);
}

fn told(milestone: Milestone) -> impl Fn(&Order) -> Vec<Fact> {
    told_number(milestone, NUMBER)
}

/// The shop was told that the parcel has a number.
fn told_number(milestone: Milestone, number: &'static str) -> impl Fn(&Order) -> Vec<Fact> {
    let shown = push_back::Shown { shop_reference: "gid://1", found: false, number };
    move |order: &Order| push_back::done(order, P1, milestone, shown)
}

#[test]
fn the_shop_is_told_of_each_milestone_once() {
    let order = check(&on_its_way(), told(Milestone::Shipped), &["ShopUpdated"]);
    assert_eq!(push_back::owed(parcel(&order)), None);
    let delivered = Fact::Tracked {
        parcel_id: P1,
        scans: vec![scan("2026-11-23T10:00:00Z", ScanStatus::Delivered)],
    };
    let order = order.after(now(), &[delivered]);
    assert_eq!(push_back::owed(parcel(&order)), Some(Milestone::Delivered));
    let order = check_order(&order, told(Milestone::Delivered), &["ShopUpdated"]);
    assert_eq!(push_back::owed(parcel(&order)), None);
}

#[test]
fn a_ship_date_at_the_end_of_time_does_no_harm() {
    for (date, is_heard) in [("-009999-01-03", true), ("9999-12-30", false)] {
        let mut facts = two_sets();
        let mut fact = shipped(1, "N1", &[("1", "mug", 2), ("1", "spoon", 4)]);
        if let Fact::Shipped { ship_date, .. } = &mut fact {
            *ship_date = date.parse().unwrap();
        }
        facts.push(fact);
        let scan = Scan { at: now(), status: ScanStatus::Delivered, code: "Delivered".to_owned() };
        assert_eq!(!record(&fold(&facts), P1, NUMBER, &[scan]).is_empty(), is_heard, "{date}");
    }
}

fn corrected(number: &'static str) -> impl Fn(&Order) -> Vec<Fact> {
    let ship_date = "2026-11-21".parse().unwrap();
    move |order: &Order| number::correct(P1, parcel(order), "UPS", number, ship_date)
}

#[test]
fn a_corrected_number_begins_a_new_journey_and_the_old_one_is_not_heard_any_more() {
    let delivered = scan("2026-11-23T10:00:00Z", ScanStatus::Delivered);
    let mut given = on_its_way();
    given.push(Fact::Tracked { parcel_id: P1, scans: vec![delivered.clone()] });
    let order = check(&given, corrected("N2"), &["NumberCorrected"]);
    assert_eq!((parcel(&order).number.as_str(), parcel(&order).registered), ("N2", false));
    assert_eq!(parcel(&order).status(), ScanStatus::LabelCreated);
    // What was under way about the wrong number says nothing of this one.
    let scans = std::slice::from_ref(&delivered);
    check_order(&order, |order| record(order, P1, NUMBER, scans), &[]);
    check_order(&order, |order| stop(order, P1, NUMBER, "unknown"), &[]);
    // A correction that comes late takes back nothing.
    let order = check_order(&order, corrected("N3"), &["NumberCorrected"]);
    check_order(&order, corrected("N2"), &[]);
}

#[test]
fn a_shop_that_shows_a_wrong_number_is_told_the_right_one_and_the_delivery_anew() {
    let delivered = Fact::Tracked {
        parcel_id: P1,
        scans: vec![scan("2026-11-23T10:00:00Z", ScanStatus::Delivered)],
    };
    let order = check(&on_its_way(), told(Milestone::Shipped), &["ShopUpdated"]);
    let order = order.after(now(), std::slice::from_ref(&delivered));
    let order = check_order(&order, told(Milestone::Delivered), &["ShopUpdated"]);
    let order = check_order(&order, corrected("N2"), &["NumberCorrected"]);
    assert_eq!(push_back::owed(parcel(&order)), Some(Milestone::Corrected));
    assert_eq!(push_back::plan(&order, P1).unwrap().replaces.as_deref(), Some(NUMBER));
    // It was told of the second number when a third came.
    let order = check_order(&order, corrected("N3"), &["NumberCorrected"]);
    let order = check_order(&order, told_number(Milestone::Corrected, "N2"), &["ShopUpdated"]);
    assert_eq!(push_back::plan(&order, P1).unwrap().replaces.as_deref(), Some("N2"));
    let order = check_order(&order, told_number(Milestone::Corrected, "N3"), &["ShopUpdated"]);
    assert_eq!(push_back::owed(parcel(&order)), None);
    let order = order.after(now(), &[delivered]);
    assert_eq!(push_back::owed(parcel(&order)), Some(Milestone::Delivered));
}

#[test]
fn a_shop_that_was_never_told_the_wrong_number_is_told_the_right_one_alone() {
    let order = check(&on_its_way(), corrected("N2"), &["NumberCorrected"]);
    assert_eq!(push_back::owed(parcel(&order)), Some(Milestone::Shipped));
    let order = check_order(&order, told_number(Milestone::Shipped, "N2"), &["ShopUpdated"]);
    assert_eq!(push_back::owed(parcel(&order)), None);
}

#[test]
fn what_a_shop_refuses_waits_for_a_person_who_says_that_it_is_there_or_has_it_tried_again() {
    let refuse = |order: &Order| push_back::refused(order, P1, Milestone::Shipped, "no such order");
    let resolve = |shown| move |order: &Order| push_back::resolve(order, P1, shown, "eve", "seen");
    let order = check(&on_its_way(), refuse, &["ShopUpdateRefused"]);
    assert_eq!(push_back::owed(parcel(&order)), None);
    let shown = check_order(&order, resolve(true), &["ShopUpdateResolved"]);
    assert_eq!(push_back::owed(parcel(&shown)), None);
    check_order(&shown, told(Milestone::Shipped), &[]);
    let again = check_order(&order, resolve(false), &["ShopUpdateResolved"]);
    assert_eq!(push_back::owed(parcel(&again)), Some(Milestone::Shipped));
    check_order(&again, told(Milestone::Shipped), &["ShopUpdated"]);
}

#[test]
fn an_intent_to_show_something_is_left_alone_until_whoever_had_it_is_gone() {
    let begin = |order: &Order| push_back::begin(order, P1, Milestone::Shipped);
    let order = check(&on_its_way(), begin, &["ShopUpdateStarted"]);
    let may_show = |at| push_back::may_show(&order, P1, Milestone::Shipped, at);
    assert!(!may_show(now()) && !may_show(now() + minutes(1) - SignedDuration::from_secs(1)));
    assert!(may_show(now() + minutes(1)));
}

#[test]
fn a_parcel_is_the_rest_of_its_lines_when_the_shop_shows_all_others() {
    let mut given = two_sets();
    given.push(shipped(1, "N1", &[("1", "mug", 1), ("1", "spoon", 2)]));
    given.push(shipped(2, "N2", &[("1", "mug", 1), ("1", "spoon", 2)]));
    let is_rest = |order: &Order| push_back::plan(order, ParcelId(2)).unwrap().is_rest;
    assert!(!is_rest(&fold(&given)));
    let order = check(&given, told(Milestone::Shipped), &["ShopUpdated"]);
    assert!(is_rest(&order));
}

#[test]
fn what_the_shop_forgot_is_shown_again_once() {
    let shown = [on_its_way(), told_of(P1, "gid://1")].concat();
    let known = |numbers: &[&str]| numbers.iter().map(|it| (*it).to_owned()).collect();
    let later = now() + minutes(1);
    check(&shown, |order| push_back::lost(order, &known(&["N1", "X"]), later), &[]);
    let gone = |order: &Order| push_back::lost(order, &known(&["X"]), later);
    let order = check(&shown, gone, &["ShopLost"]);
    assert_eq!(push_back::owed(parcel(&order)), Some(Milestone::Shipped));

    // Gone again: a person took it away.
    let order = order.after(now(), &told_of(P1, "gid://2"));
    check_order(&order, gone, &[]);
    // What was told while we asked can't be missed, and what has no place in the shop neither.
    check(&shown, |order| push_back::lost(order, &known(&[]), now() - minutes(1)), &[]);
    check(&[on_its_way(), told_of(P1, push_back::NO_PLACE)].concat(), gone, &[]);
}

fn told_of(parcel_id: ParcelId, reference: &str) -> Vec<Fact> {
    let shop_reference = reference.to_owned();
    vec![Fact::ShopUpdated {
        parcel_id,
        milestone: Milestone::Shipped,
        shop_reference,
        found: false,
        number: None,
    }]
}
