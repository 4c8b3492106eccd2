//! Returns and claims: who may ask, what is decided, what comes back, what goes back into stock.

mod custody;
mod label;
mod money;

use super::*;
use crate::catalog::StockKey;
use crate::id::{OrderId, ParcelId, ReasonId, ReturnId};
use crate::order::fact::{LineQuantity, Scan, ScanStatus};
use crate::order::invariant;
use crate::order::returns::approve::{self, Side, approve, cancel, close, decline};
use crate::order::returns::decide::{Context, decide, decide_with_photos};
use crate::order::returns::fact::{
    Disposition, Finding, Photo, RequestedLine, Resolution, ReturnFact,
};
use crate::order::returns::receive::{Inspection, inspect, receive, send};
use crate::order::returns::request::{self, Refusal, Request};
use crate::order::returns::{Return, Stage, label as labels};
use crate::settings::returns::Outcome;

const R1: ReturnId = ReturnId(1);

fn line_id(id: &str) -> LineId {
    LineId::parse(id).unwrap()
}

fn shipped(parcel: u16, units: &[(&str, &str, u32)]) -> Fact {
    let units = units.iter().map(|(line, article, quantity)| Units {
        item: item_id(line, article),
        quantity: *quantity,
    });
    Fact::Shipped {
        parcel_id: ParcelId(parcel),
        fulfillment_order_id: f(1),
        carrier: "DHL".to_owned(),
        number: format!("N{parcel}"),
        ship_date: "2026-11-20".parse().unwrap(),
        units: units.collect(),
        label: None,
    }
}

/// Delivered so many days before now.
fn arrived(parcel: u16, days_ago: i64) -> Fact {
    let at = now() - SignedDuration::from_hours(24 * days_ago);
    let scan = Scan { at, status: ScanStatus::Delivered, code: String::new() };
    Fact::Tracked { parcel_id: ParcelId(parcel), scans: vec![scan] }
}

/// Three mugs (20.00 each) and a spoon (20.00), shipping 4.90, all from nord in Hamburg, in one parcel that arrived.
fn delivered() -> Vec<Fact> {
    let mut facts = on_its_way();
    facts.push(arrived(1, 1));
    facts
}

fn on_its_way() -> Vec<Fact> {
    let offers = [("nord", "hamburg", 500)];
    let articles = [article("mug", &offers), article("spoon", &offers)];
    let mut bought = shop_order(&[line("1", "mug", 3), line("2", "spoon", 1)]);
    bought.total_minor = 8490;
    let mut facts = screened(&bought, &articles);
    facts.extend(routing::route_all(&facts, 10));
    facts.push(Fact::SubmissionStarted { fulfillment_order_id: f(1) });
    facts.push(shipped(1, &[("1", "mug", 3), ("2", "spoon", 1)]));
    facts
}

/// The settings with a place of ours and one of nord's.
fn with_places() -> Settings {
    let mut settings = settings();
    settings.returns = serde_json::from_value(json!({
        "not_returnable": ["spoon"],
        "destinations": [
            { "id": "warehouse", "location": "passau", "address": place("Passau") },
            { "id": "nord-returns", "supplier": "nord", "address": place("Hamburg") },
        ],
        "labels": { "by": "easypost" },
    }))
    .unwrap();
    settings
}

fn place(city: &str) -> serde_json::Value {
    json!({ "name": "Returns", "lines": ["Hafen 1"], "city": city, "postal_code": "94032", "country": "DE" })
}

fn asked(lines: &[(&str, u32, &str)]) -> Request {
    with_photos(lines, 0)
}

fn with_photos(lines: &[(&str, u32, &str)], photos: u32) -> Request {
    let asked = |(line, quantity, reason): &(&str, u32, &str)| RequestedLine {
        line_id: line_id(line),
        quantity: *quantity,
        reason: ReasonId::parse(reason).unwrap(),
        photos,
    };
    let key = Some(format!("{lines:?}"));
    Request { lines: lines.iter().map(asked).collect(), key, by: "customer".to_owned() }
}

/// Adds what a decision makes of the facts so far.
fn then(mut facts: Vec<Fact>, decide: impl Fn(&Order) -> Vec<Fact>) -> Vec<Fact> {
    facts.extend(decide(&fold(&facts)));
    facts
}

fn requested(given: &[Fact], request: &Request) -> Vec<Fact> {
    let settings = with_places();
    then(given.to_vec(), |order| {
        request::request(order, request, &settings.returns, now()).unwrap()
    })
}

/// What the rules decide of a first return, `available` of everything being in stock.
fn decided(given: &[Fact], request: &Request, settings: &Settings, available: i64) -> Vec<Fact> {
    let available = in_stock(available);
    let context = Context { settings, available: &available, now: now() };
    then(requested(given, request), |order| decide(order, R1, context))
}

fn in_stock(available: i64) -> BTreeMap<ArticleId, i64> {
    ["mug", "spoon"].map(|name| (ArticleId::parse(name).unwrap(), available)).into()
}

fn names(facts: &[Fact]) -> Vec<&'static str> {
    facts.iter().map(Fact::name).collect()
}

/// The names of the facts from the request on.
fn since_request(facts: &[Fact]) -> Vec<&'static str> {
    names(facts).into_iter().skip_while(|name| *name != "ReturnRequested").collect()
}

fn known(facts: &[Fact]) -> Return {
    let order = fold(facts);
    assert_eq!(invariant::broken(&order), None);
    order.returns[&R1].clone()
}

fn refused(given: &[Fact], request: &Request) -> Refusal {
    let settings = with_places();
    request::request(&fold(given), request, &settings.returns, now()).unwrap_err()
}

#[test]
fn what_was_delivered_can_be_returned_once() {
    let given = delivered();
    let order = check(
        &given,
        |order| {
            let request = asked(&[("1", 2, "changed_mind")]);
            request::request(order, &request, &with_places().returns, now()).unwrap()
        },
        &["ReturnRequested"],
    );
    assert_eq!(order.returns[&R1].stage, Stage::Requested);

    let facts = requested(&given, &asked(&[("1", 2, "changed_mind")]));
    let left = refused(&facts, &asked(&[("1", 2, "too_small")]));
    assert_eq!(left, Refusal::TooMany { line_id: line_id("1"), asked: 2, left: 1 });
    let facts = requested(&facts, &asked(&[("1", 1, "too_small")]));
    assert_eq!(refused(&facts, &asked(&[("1", 1, "defective")])), Refusal::Taken(line_id("1")));
}

#[test]
fn what_can_not_be_returned_is_refused_with_its_reason() {
    let given = delivered();
    let check = |given: &[Fact], lines: &[(&str, u32, &str)], field: &str, expected: &str| {
        let refusal = refused(given, &asked(lines));
        assert_eq!((refusal.field(), refusal.to_string().as_str()), (field, expected));
    };
    check(&given, &[], "lines", "name at least one unit");
    check(&given, &[("1", 0, "defective")], "lines", "name at least one unit");
    check(&given, &[("9", 1, "defective")], "line_id", "the order has no line `9`");
    check(&given, &[("1", 1, "boredom")], "reason", "`boredom` is none of the reasons");
    let twice = [("1", 1, "defective"), ("1", 1, "too_small")];
    check(&given, &twice, "line_id", "line `1` is there twice");
    let too_many = "4 units of line `1` are more than the 3 that can be returned";
    check(&given, &[("1", 4, "too_small")], "quantity", too_many);
    let unwanted = "line `2` can't be returned for this reason";
    check(&given, &[("2", 1, "changed_mind")], "line_id", unwanted);
    let early = "line `1` has not been delivered yet";
    check(&on_its_way(), &[("1", 1, "missing")], "line_id", early);
    let mixed = asked(&[("1", 1, "too_small"), ("2", 1, "missing")]);
    assert_eq!(refused(&given, &mixed), Refusal::Mixed);
}

#[test]
fn the_window_counts_from_delivery_and_a_fault_has_longer() {
    let late = |days| {
        let mut facts = on_its_way();
        facts.push(arrived(1, days));
        facts
    };
    requested(&late(30), &asked(&[("1", 1, "changed_mind")]));
    let until = "2026-11-19".parse().unwrap();
    let over = Refusal::WindowOver { line_id: line_id("1"), until };
    assert_eq!(refused(&late(31), &asked(&[("1", 1, "changed_mind")])), over);
    requested(&late(31), &asked(&[("1", 1, "defective")]));
}

#[test]
fn of_a_line_in_two_parcels_only_what_came_in_time_can_be_returned() {
    let mut facts = on_its_way();
    facts.pop();
    facts.extend([shipped(1, &[("1", "mug", 2)]), shipped(2, &[("1", "mug", 1)])]);
    facts.extend([arrived(1, 31), arrived(2, 3)]);
    let left = refused(&facts, &asked(&[("1", 2, "changed_mind")]));
    assert_eq!(left, Refusal::TooMany { line_id: line_id("1"), asked: 2, left: 1 });
}

#[test]
fn a_request_that_is_sent_twice_is_one() {
    let request = asked(&[("1", 1, "changed_mind")]);
    let facts = requested(&requested(&delivered(), &request), &request);
    assert_eq!(since_request(&facts), ["ReturnRequested"]);
}

#[test]
fn a_change_of_mind_comes_to_us_at_the_customers_cost() {
    let settings = with_places();
    let facts = decided(&delivered(), &asked(&[("1", 1, "changed_mind")]), &settings, 0);
    let Some(Fact::Return(ReturnFact::ReturnApproved(approved))) = facts.last() else {
        panic!("{facts:?}")
    };
    assert_eq!(
        serde_json::to_value(approved).unwrap(),
        json!({ "return_id": 1, "by": "onward", "rule": "otherwise", "settings_version": 7, "resolution": "refund",
                "lines": [{ "line_id": "1", "liability": "customer" }], "freight": "customer", "label": false,
                "destination": "warehouse", "send_by": "2026-12-11T09:00:00Z" })
    );
    let order_id = OrderId::parse("shop/1").unwrap();
    let owed = crate::order::next::next(&order_id, &fold(&facts));
    let ends: Vec<_> = owed.iter().map(|owed| (owed.end, owed.not_before)).collect();
    assert!(ends.contains(&("expire", approved.send_by.unwrap())), "{ends:?}");
}

#[test]
fn a_fault_of_quality_goes_to_the_supplier_at_its_cost() {
    let settings = with_places();
    let request = with_photos(&[("1", 1, "defective")], 1);
    let approved = known(&decided(&delivered(), &request, &settings, 0)).approved.unwrap();
    assert_eq!(serde_json::to_value(approved.freight).unwrap(), "supplier");
    assert_eq!(approved.destination.unwrap().as_str(), "nord-returns");
    assert!(approved.label);
}

#[test]
fn a_return_with_no_place_to_go_to_waits_for_a_person() {
    let facts = decided(&delivered(), &asked(&[("1", 1, "changed_mind")]), &settings(), 0);
    assert_eq!(since_request(&facts), ["ReturnRequested", "ReturnPutToReview"]);
    let available = in_stock(0);
    let context = Context { settings: &settings(), available: &available, now: now() };
    let refusal = approve(&fold(&facts), R1, None, "eve", context).unwrap_err();
    assert_eq!(refusal, approve::Refusal::NoDestination);
    let facts = then(facts, |order| {
        approve(order, R1, Some(Resolution::RefundWithoutReturn), "eve", context).unwrap()
    });
    assert_eq!(since_request(&facts)[2..], ["ReturnApproved", "RefundPlanned", "ReturnClosed"]);
}

#[test]
fn photos_are_asked_for_once_and_then_it_is_decided() {
    let settings = with_places();
    let facts = decided(&delivered(), &asked(&[("1", 1, "damaged")]), &settings, 5);
    assert_eq!(since_request(&facts), ["ReturnRequested", "ReturnPhotosAsked"]);
    let available = in_stock(5);
    let context = Context { settings: &settings, available: &available, now: now() };
    assert!(decide(&fold(&facts), R1, context).is_empty());
    let facts = then(facts, |order| request::add_photos(order, R1, &line_id("1"), 2));
    let facts = then(facts, |order| decide(order, R1, context));
    let expected = ["ReturnPhotosAdded", "ReturnApproved", "ReplacementGranted", "ReturnClosed"];
    assert_eq!(since_request(&facts)[2..], expected);
}

fn photo(sha256: &str) -> Photo {
    let (key, media_type) = (format!("photos/{sha256}.jpg"), "image/jpeg".to_owned());
    Photo { key, sha256: sha256.to_owned(), bytes: 1, media_type }
}

#[test]
fn photos_that_are_kept_are_decided_on_when_no_more_come() {
    let settings = with_places();
    let facts = decided(&delivered(), &asked(&[("1", 1, "damaged")]), &settings, 5);
    let available = in_stock(5);
    let context = Context { settings: &settings, available: &available, now: now() };
    let decide = |order: &Order| decide_with_photos(order, R1, context);
    let order_id = OrderId::parse("shop/1").unwrap();
    let due = |facts: &[Fact]| {
        let owed = crate::order::next::next(&order_id, &fold(facts));
        owed.iter().find(|owed| owed.end == "decide").map(|owed| owed.not_before)
    };
    assert!(decide(&fold(&facts)).is_empty() && due(&facts).is_none(), "there is none yet");
    let keep =
        |order: &Order, name: &str| request::keep_photo(order, R1, &line_id("1"), &photo(name));
    let facts = then(facts, |order| keep(order, "a"));
    assert!(keep(&fold(&facts), "a").is_empty(), "it is known");
    assert!(request::keep_photo(&fold(&facts), R1, &line_id("9"), &photo("b")).is_empty());
    assert_eq!(due(&facts), known(&facts).photos_at.map(|at| at + SignedDuration::from_mins(30)));
    let mut full = facts.clone();
    for name in ["b", "c", "d", "e", "f"] {
        let more = keep(&fold(&full), name);
        assert_eq!(more.is_empty(), name == "f", "{name}");
        full.extend(more);
    }
    let facts = then(facts, decide);
    assert_eq!(
        since_request(&facts)[3..],
        ["ReturnApproved", "ReplacementGranted", "ReturnClosed"]
    );
    assert!(keep(&fold(&facts), "b").is_empty() && due(&facts).is_none(), "it is decided");
}

#[test]
fn rules_that_ask_for_ever_more_photos_are_a_persons_to_read() {
    let mut settings = with_places();
    let facts = decided(&delivered(), &asked(&[("1", 1, "damaged")]), &settings, 5);
    let facts = then(facts, |order| request::keep_photo(order, R1, &line_id("1"), &photo("a")));
    settings.returns.rules[0].photos_missing = None;
    let available = in_stock(5);
    let context = Context { settings: &settings, available: &available, now: now() };
    let facts = then(facts, |order| decide_with_photos(order, R1, context));
    assert_eq!(known(&facts).stage, Stage::InReview);
}

#[test]
fn a_claim_is_sent_again_if_somebody_has_it_and_else_refunded() {
    let settings = with_places();
    let request = asked(&[("1", 2, "missing")]);
    let facts = decided(&delivered(), &request, &settings, 2);
    let expected = ["ReturnRequested", "ReturnApproved", "ReplacementGranted", "ReturnClosed"];
    assert_eq!(since_request(&facts), expected);
    let order = fold(&facts);
    let item = order.items().next().unwrap();
    assert_eq!((order.ordered(item), order.unallocated(item)), (5, 2));
    assert!(order.refunds.is_empty());

    let facts = decided(&delivered(), &request, &settings, 1);
    let expected = ["ReturnRequested", "ReturnApproved", "RefundPlanned", "ReturnClosed"];
    assert_eq!(since_request(&facts), expected);
}

#[test]
fn what_is_sent_again_is_routed_by_itself_and_can_be_claimed_in_turn() {
    let settings = with_places();
    let facts = decided(&delivered(), &asked(&[("1", 3, "missing")]), &settings, 9);
    let facts = then(facts.clone(), |_| routing::route_all(&facts, 10));
    let mut facts = facts;
    facts.push(Fact::SubmissionStarted { fulfillment_order_id: f(2) });
    let Fact::Shipped { parcel_id, carrier, number, ship_date, units, label, .. } =
        shipped(2, &[("1", "mug", 3)])
    else {
        unreachable!("it is made here")
    };
    let fulfillment_order_id = f(2);
    facts.push(Fact::Shipped {
        parcel_id,
        fulfillment_order_id,
        carrier,
        number,
        ship_date,
        units,
        label,
    });
    let refusal = refused(&facts, &asked(&[("1", 1, "defective")]));
    assert_eq!(refusal, Refusal::Taken(line_id("1")));
    facts.push(arrived(2, 0));
    let order = fold(&requested(&facts, &asked(&[("1", 3, "defective")])));
    assert_eq!(invariant::broken(&order), None);
    assert_eq!(crate::order::phase::phase(&order).name(), "delivered");
}

#[test]
fn the_first_rule_that_fits_decides() {
    let check = |rule: serde_json::Value, request: &Request, expected: &str| {
        let mut settings = with_places();
        let fallback = settings.returns.rules.pop().unwrap();
        let mut rule = rule;
        rule["name"] = json!("tried");
        settings.returns.rules = vec![serde_json::from_value(rule).unwrap(), fallback];
        let facts = decided(&delivered(), request, &settings, 0);
        assert_eq!(since_request(&facts)[1], expected, "{:?}", settings.returns.rules[0]);
    };
    let (own, fault) = (asked(&[("1", 1, "changed_mind")]), asked(&[("1", 1, "defective")]));
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let (yes, no) = ("ReturnPutToReview", "ReturnApproved");
    check(json!({ "then": "review" }), &own, yes);
    check(json!({ "then": "review", "kind": "claim" }), &own, no);
    check(json!({ "then": "review", "reasons": ["changed_mind"] }), &own, yes);
    check(json!({ "then": "review", "reasons": ["changed_mind"] }), &fault, no);
    check(json!({ "then": "review", "liabilities": ["supplier"] }), &fault, yes);
    check(json!({ "then": "review", "liabilities": ["supplier"] }), &own, no);
    check(json!({ "then": "review", "countries": ["CH"] }), &own, no);
    check(json!({ "then": "review", "countries": ["DE"] }), &own, yes);
    check(json!({ "then": "review", "value_min": euro(2000) }), &own, yes);
    check(json!({ "then": "review", "value_min": euro(2001) }), &own, no);
    check(json!({ "then": "review", "value_max": euro(2000) }), &own, yes);
    check(json!({ "then": "review", "value_max": euro(1999) }), &own, no);
    check(json!({ "then": "review", "photos_missing": true }), &own, no);
    check(json!({ "then": "review", "photos_missing": true }), &fault, yes);
    check(json!({ "then": "decline", "why": "hygiene" }), &own, "ReturnDeclined");
    let yen = json!({ "minor": 1, "currency": "JPY" });
    check(json!({ "then": "review", "value_min": yen }), &own, no);
    assert_eq!(with_places().returns.rules[0].then, Outcome::AskPhotos);
}

#[test]
fn what_was_declined_can_be_asked_for_again() {
    let facts = requested(&delivered(), &asked(&[("1", 3, "changed_mind")]));
    let decline = |order: &Order| decline(order, R1, "eve", "worn", 7).unwrap();
    let order = check(&facts, decline, &["ReturnDeclined"]);
    assert_eq!(order.returns[&R1].stage, Stage::Declined);
    let facts = requested(&then(facts, decline), &asked(&[("1", 3, "too_large")]));
    assert_eq!(fold(&facts).returns.len(), 2);
}

#[test]
fn either_side_can_cancel_while_it_makes_sense() {
    let settings = with_places();
    let facts = decided(&delivered(), &asked(&[("1", 1, "changed_mind")]), &settings, 0);
    let cancel = |side| move |order: &Order| cancel(order, R1, side, "someone", "why");
    check(&facts, |order| cancel(Side::Customer)(order).unwrap(), &["ReturnCancelled"]);
    let facts = then(facts, |order| send(order, R1, "DHL", "42", "customer").unwrap());
    let refusal = cancel(Side::Customer)(&fold(&facts)).unwrap_err();
    assert_eq!(refusal, approve::Refusal::Stage(Stage::InTransit));
    check(&facts, |order| cancel(Side::Merchant)(order).unwrap(), &["ReturnCancelled"]);
    let received = [LineQuantity { line_id: line_id("1"), quantity: 1 }];
    let facts = then(facts, |order| receive(order, R1, &received, "eve").unwrap());
    let refusal = cancel(Side::Merchant)(&fold(&facts)).unwrap_err();
    assert_eq!(refusal.to_string(), "the return is received");
}
