//! Tracking services that tell us by themselves: what they say is what the poll would find, only sooner.

use domain::settings::TrackingService;
use expect_test::expect;
use ports::Inbound;
use serde_json::json;
use tests::journey::Journey;
use tests::outside::aftership::signature;

use crate::{BACKPACK, alpenshop, ends, units};

const SEVENTEEN_TRACK: TrackingService = TrackingService::SeventeenTrack;
const AFTERSHIP: TrackingService = TrackingService::Aftership;
const NUMBER: &str = "DH001DE";

/// An order that has left with one parcel.
fn shipped() -> Journey {
    ship(Journey::begin())
}

fn ship(mut journey: Journey) -> Journey {
    let purchase = alpenshop(&[units(1, BACKPACK)]);
    journey.sells(&purchase);
    journey.minutes(1);
    let shipped =
        json!({"type": "shipped", "carrier": "DHL", "number": NUMBER, "ship_date": "2026-11-23"});
    journey.says("nordwaren", &purchase.order_id(), 1, &shipped);
    journey
}

fn order_id() -> domain::id::OrderId {
    alpenshop(&[]).order_id()
}

#[test]
fn a_delivery_is_known_at_once_whichever_service_tells_of_it() {
    for service in TrackingService::ALL {
        let mut journey = shipped();
        journey.carriers_deliver();
        let inbound = journey.push(service, NUMBER);
        assert_eq!(journey.tells(&inbound).body, r#"{"status":"taken"}"#);
        assert_eq!(journey.phase(&order_id()), "delivered", "{service:?}");
        // The same again is no news, and the shop was told once.
        assert_eq!(journey.tells(&inbound).status, 200);
        let facts = journey.facts(&order_id());
        let told = facts.iter().filter(|name| **name == "Tracked").count();
        assert_eq!(told, 1, "{service:?}: {facts:?}");
    }
}

#[test]
fn a_push_and_the_poll_after_it_are_one_journey() {
    let mut journey = shipped();
    let now = journey.now();
    journey.outside.borrow_mut().tracking.advance(NUMBER, now);
    let inbound = journey.push(SEVENTEEN_TRACK, NUMBER);
    journey.tells(&inbound);
    journey.minutes(60);
    journey.carriers_deliver();
    journey.hours(5);
    // A push that was late says what is known.
    journey.tells(&inbound);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(invoice) Tracked(P1 1)
          23. 09:39 Tracked(P1 4) ShopUpdated(P1 delivered)
        nordwaren has alpenshop/1001/F1 accepted, bought 1×: 1 NW-22022
        the shop shows alpenshop/1001 DH001DE by DHL [1 of 100101], arrived 1×
        document alpenshop/1001/invoice.pdf
        17TRACK watches DH001DE, registered 1×
        stock NW-22022: of 30 29 available, 0 reserved
    "#]],
    );
}

#[test]
fn the_poll_can_ask_aftership_and_finds_the_same() {
    let mut journey = ship(Journey::begin_with(|settings| settings.tracking.service = AFTERSHIP));
    journey.carriers_deliver();
    journey.hours(5);
    assert_eq!(journey.phase(&order_id()), "delivered");
    let outside = journey.outside.borrow();
    assert!(outside.log.iter().any(|(request, _)| request.url.contains("/tracking/2026-07/")));
    assert!(!outside.log.iter().any(|(request, _)| request.url.contains("/track/v2.4/")));
    assert_eq!(outside.tracking.registered[NUMBER], 1);
}

#[test]
fn a_number_that_is_nobodys_is_ignored() {
    let mut journey = shipped();
    journey
        .outside
        .borrow_mut()
        .tracking
        .deliver("STRANGER", "2026-11-23T09:00:00Z".parse().unwrap());
    let inbound = journey.push(AFTERSHIP, "STRANGER");
    let reply = journey.tells(&inbound);
    assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"status":"ignored"}"#));
    assert_eq!(journey.phase(&order_id()), "in_transit");
}

#[test]
fn what_is_said_of_a_number_that_is_used_again_is_not_of_the_parcel_that_arrived() {
    let mut journey = shipped();
    journey.carriers_deliver();
    journey.hours(5);
    let before = journey.facts(&order_id());
    journey.hours(24 * 120);
    journey.carrier_reports(NUMBER, "Exception_Returning");
    let inbound = journey.push(SEVENTEEN_TRACK, NUMBER);
    assert_eq!(journey.tells(&inbound).status, 200);
    assert_eq!(journey.facts(&order_id()), before);
    assert_eq!(journey.phase(&order_id()), "delivered");
}

#[test]
fn a_forged_push_is_refused_and_changes_nothing() {
    for service in TrackingService::ALL {
        let mut journey = shipped();
        journey.carriers_deliver();
        // The other secret is of somebody who may say something else.
        for secret in ["a guess", "demo-links-secret"] {
            let mut forged = journey.push(service, NUMBER);
            forged.headers = vec![signature(service, secret, &forged.body)];
            assert_eq!(journey.tells(&forged).status, 401, "{service:?}");
        }
        assert_eq!(journey.phase(&order_id()), "in_transit", "{service:?}");
        assert!(journey.system.world.refused.borrow().is_empty());
    }
}

#[test]
fn a_signed_push_that_can_not_be_read_is_kept_for_a_person() {
    let mut journey = shipped();
    let inbound = journey.push_of(AFTERSHIP, b"{\"msg\":{}}".to_vec());
    let reply = journey.tells(&inbound);
    assert_eq!(reply.status, 400, "{}", reply.body);
    let refused = journey.system.world.refused.borrow();
    let [(key, payload)] = &refused.iter().collect::<Vec<_>>()[..] else { panic!("{refused:?}") };
    assert!(key.starts_with("tracking/aftership/"), "{key}");
    assert_eq!(**payload, inbound.body);
}

#[test]
fn a_service_that_we_do_not_know_is_answered_like_a_forger() {
    let mut journey = shipped();
    let mut inbound = journey.push(AFTERSHIP, NUMBER);
    inbound.parameters.insert("service".to_owned(), "parcelwatch".to_owned());
    assert_eq!(journey.tells(&inbound).status, 401);
}

#[test]
fn the_sample_event_is_signed_with_the_demos_key() {
    let event: serde_json::Value =
        serde_json::from_str(include_str!("../../../events/tracking-inbox.json")).unwrap();
    let headers = [("sign".to_owned(), event["headers"]["sign"].as_str().unwrap().to_owned())];
    let body = event["body"].as_str().unwrap().as_bytes().to_vec();
    let inbound = Inbound { headers: headers.into(), body, ..Inbound::default() };
    let secrets = ["demo-tracking-key".to_owned()];
    let push = connectors::tracking::receive(SEVENTEEN_TRACK, &secrets, &inbound).unwrap();
    assert_eq!((push.number.as_str(), push.scans.len()), ("00340434161094000014", 1));
}
