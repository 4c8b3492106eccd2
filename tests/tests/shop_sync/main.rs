//! Shop sync against the shops of the outside world: each parcel is shown once, whatever goes wrong in between.

#![expect(
    clippy::unwrap_used,
    reason = "tests; clippy spares only functions that are marked as such"
)]

mod scene;

use std::rc::Rc;

use domain::order::fact::Milestone;
use domain::settings::ShopKind;
use ports::memory::Fault;
use ports::{Request, Response};
use serde_json::{Value, json};
use tests::outside::shop::Sold;

use scene::{API, Line, ORDER, SECRET, Scene, contains};

const KINDS: [ShopKind; 3] = [ShopKind::Shopify, ShopKind::Woocommerce, ShopKind::Onward];

#[test]
fn a_parcel_is_shown_in_the_shop_and_the_order_says_so() {
    for kind in KINDS {
        let scene = Scene::simple(kind);
        scene.update(1).unwrap();

        let [parcel] = &scene.parcels()[..] else { panic!("{kind:?}: {:?}", scene.parcels()) };
        assert_eq!((parcel.number.as_str(), parcel.deliveries), ("YT2412345678901234", 0));
        assert_eq!(parcel.carrier, "YunExpress", "{kind:?}");
        if kind != ShopKind::Woocommerce {
            assert_eq!(parcel.lines, [("466157049".to_owned(), 2)].into(), "{kind:?}");
        }
        let [(1, Milestone::Shipped, reference, false)] = &scene.recorded()[..] else {
            panic!("{kind:?}: {:?}", scene.recorded())
        };
        assert!(reference.ends_with(&parcel.reference), "{kind:?}: {reference}");
    }
}

#[test]
fn the_same_message_twice_shows_it_once() {
    for kind in KINDS {
        let scene = Scene::simple(kind);
        scene.update(1).unwrap();
        scene.update(1).unwrap();
        assert_eq!((scene.parcels().len(), scene.recorded().len()), (1, 1), "{kind:?}");
    }
}

#[test]
fn when_the_answer_was_lost_the_redelivery_finds_what_is_there() {
    for (kind, act) in [
        (ShopKind::Shopify, "fulfillmentCreate("),
        (ShopKind::Woocommerce, "tracking_number"),
        (ShopKind::Onward, "tracking_number"),
    ] {
        // Half of the line, so that nothing but our look keeps the other half from going out with it.
        let scene = Scene::new(kind, &[Line::plain("466157049", 4)]);
        scene.ship(1, "GLS", "GLS-1", &[("466157049", "ART-1", 2)]);
        scene.wire.borrow_mut().lose = Some(act);
        assert!(scene.refusal(1).contains("the answer was lost"), "{kind:?}");
        assert!(scene.recorded().is_empty(), "{kind:?}");

        // Of a part of a line, nobody else looks before the delivery that had the intent is gone for sure.
        if kind == ShopKind::Shopify {
            scene.update(1).unwrap();
            assert!(scene.recorded().is_empty());
            scene.passes(1);
        }
        scene.update(1).unwrap();
        let [parcel] = &scene.parcels()[..] else { panic!("{kind:?}: {:?}", scene.parcels()) };
        let [(1, Milestone::Shipped, reference, true)] = &scene.recorded()[..] else {
            panic!("{kind:?}: {:?}", scene.recorded())
        };
        assert!(reference.ends_with(&parcel.reference), "{kind:?}: {reference}");
    }
}

#[test]
fn whatever_call_fails_before_or_after_the_redelivery_ends_it() {
    for kind in KINDS {
        for fault in [Fault::Before, Fault::After] {
            for call in 1.. {
                let scene = Scene::simple(kind);
                scene.deliver(1);
                scene.world.faults.plan(call, fault);
                let first = scene.update(1);
                // Beyond the last call there is nothing left to fail.
                if scene.world.faults.clear() < call {
                    first.unwrap();
                    break;
                }
                // What the queue delivers: this message again, and the one that the delivery is owed.
                scene.update(1).unwrap();
                scene.update(1).unwrap();

                let recorded: Vec<_> =
                    scene.recorded().into_iter().map(|(_, milestone, ..)| milestone).collect();
                let context = format!("{kind:?}, call {call} fails {fault:?}");
                assert_eq!(recorded, [Milestone::Shipped, Milestone::Delivered], "{context}");
                let [parcel] = &scene.parcels()[..] else { panic!("{context}") };
                let deliveries = match kind {
                    ShopKind::Woocommerce => u32::try_from(scene.notes().len()).unwrap(),
                    _ => parcel.deliveries,
                };
                assert_eq!(deliveries, 1, "{context}");
            }
        }
    }
}

#[test]
fn a_delivery_is_told_once_after_the_number() {
    for kind in KINDS {
        let scene = Scene::simple(kind);
        scene.update(1).unwrap();
        scene.deliver(1);
        scene.update(1).unwrap();
        scene.update(1).unwrap();

        let recorded = scene.recorded();
        assert!(matches!(&recorded[1..], [(1, Milestone::Delivered, _, false)]), "{recorded:?}");
        let parcels = scene.parcels();
        assert_eq!(parcels.len(), 1, "{kind:?}");
        if kind == ShopKind::Woocommerce {
            assert_eq!(scene.notes(), ["Delivered: YunExpress YT2412345678901234"]);
        } else {
            assert_eq!(parcels[0].deliveries, 1, "{kind:?}");
        }
    }
}

#[test]
fn a_delivery_that_shopify_knows_of_already_is_not_told_again() {
    let scene = Scene::simple(ShopKind::Shopify);
    scene.update(1).unwrap();
    scene.shops.borrow_mut().shop("alpenshop").sale(ORDER).parcels[0].deliveries = 1;
    scene.deliver(1);
    scene.update(1).unwrap();
    assert_eq!(scene.sent("fulfillmentEventCreate("), 0);
    assert!(matches!(&scene.recorded()[1..], [(1, Milestone::Delivered, _, true)]));
}

#[test]
fn a_parcel_that_arrived_before_the_shop_heard_of_it_is_first_shown_then_delivered() {
    let scene = Scene::simple(ShopKind::Shopify);
    scene.deliver(1);
    scene.update(1).unwrap();
    assert_eq!(scene.recorded().len(), 1);
    // The order calls for the other milestone by itself.
    assert!(scene.world.take().is_some());
    scene.update(1).unwrap();
    assert_eq!(scene.parcels()[0].deliveries, 1);
}

#[test]
fn while_shopify_throttles_nothing_is_recorded_and_the_queue_tries_again() {
    let scene = Scene::simple(ShopKind::Shopify);
    scene.shops.borrow_mut().shop("alpenshop").throttled = 2;
    for _ in 0..2 {
        assert!(scene.refusal(1).contains("Throttled (THROTTLED)"));
    }
    assert!(scene.recorded().is_empty());
    scene.update(1).unwrap();
    assert_eq!(scene.parcels().len(), 1);
}

#[test]
fn what_a_person_changes_between_our_look_and_our_act_is_looked_at_again() {
    let scene = Scene::simple(ShopKind::Shopify);
    let shops = Rc::clone(&scene.shops);
    drop(scene.world.outside.replace(Box::new(move |request| {
        if contains(&request.body, "fulfillmentCreate(") {
            let mut shops = shops.borrow_mut();
            shops.shop("alpenshop").sale(ORDER).to_fulfill[0].lines[0].quantity = 1;
        }
        Ok(shops.borrow_mut().answer(&request).unwrap())
    })));
    scene.update(1).unwrap();
    assert_eq!(scene.parcels()[0].lines, [("466157049".to_owned(), 1)].into());
}

#[test]
fn what_a_shop_refuses_for_good_is_recorded_and_not_tried_again() {
    for kind in KINDS {
        let scene = Scene::simple(kind);
        scene.shops.borrow_mut().open("alpenshop", kind, API, SECRET);
        scene.update(1).unwrap();
        let [why] = &scene.refusals()[..] else { panic!("{kind:?}: {:?}", scene.refusals()) };
        let expected = match kind {
            ShopKind::Shopify => "Shopify knows no order `450789469`",
            ShopKind::Woocommerce | ShopKind::Onward => "was answered with status 404",
        };
        assert!(why.contains(expected), "{why}");
        let asked = scene.shops.borrow().requests.len();
        scene.update(1).unwrap();
        assert_eq!(scene.shops.borrow().requests.len(), asked, "{kind:?}");
    }
}

#[test]
fn what_shopify_says_no_to_twice_is_recorded_with_its_reason() {
    for (answer, reason) in [
        (
            json!({ "data": { "fulfillmentCreate": { "fulfillment": null, "userErrors": [
                { "field": ["fulfillment"], "message": "The order is archived." }] } } }),
            "Shopify refused `fulfillment_create`: `fulfillment`: The order is archived.",
        ),
        (
            json!({ "errors": [{ "message": "Access denied for fulfillmentCreate field.",
                "extensions": { "code": "ACCESS_DENIED" } }] }),
            "Shopify does not let us call `fulfillment_create` (ACCESS_DENIED)",
        ),
    ] {
        let scene = Scene::simple(ShopKind::Shopify);
        let shops = Rc::clone(&scene.shops);
        drop(scene.world.outside.replace(Box::new(move |request| {
            if contains(&request.body, "fulfillmentCreate(") {
                let body = answer.to_string().into_bytes();
                return Ok(Response { status: 200, headers: Vec::new(), body });
            }
            Ok(shops.borrow_mut().answer(&request).unwrap())
        })));
        scene.update(1).unwrap();
        assert_eq!(scene.refusals(), [reason]);
    }
}

/// Another delivery of the same message wrote the same between our look and our act.
#[test]
fn what_two_deliveries_write_at_the_same_moment_is_shown_once() {
    for (kind, act, is_plugin_missing) in [
        (ShopKind::Shopify, "fulfillmentCreate(", false),
        (ShopKind::Woocommerce, "\"tracking_number\"", false),
        (ShopKind::Woocommerce, "customer_note", true),
        (ShopKind::Onward, "\"tracking_number\"", false),
    ] {
        let scene = Scene::simple(kind);
        scene.shops.borrow_mut().shop("alpenshop").is_plugin_missing = is_plugin_missing;
        let shops = Rc::clone(&scene.shops);
        drop(scene.world.outside.replace(Box::new(move |request| {
            if contains(&request.body, act) {
                shops.borrow_mut().answer(&request);
            }
            Ok(shops.borrow_mut().answer(&request).unwrap())
        })));
        scene.update(1).unwrap();
        let shown = scene.parcels().len() + scene.notes().len();
        assert_eq!((shown, scene.recorded().len()), (1, 1), "{kind:?} {act}");
    }
}

#[test]
fn a_number_that_was_wrong_is_replaced_in_the_shop_also_when_the_answer_is_lost() {
    for (kind, act) in [
        (ShopKind::Shopify, "fulfillmentTrackingInfoUpdate("),
        (ShopKind::Woocommerce, "YT999"),
        (ShopKind::Onward, "YT999"),
    ] {
        for lost in [None, Some(act)] {
            let scene = Scene::simple(kind);
            scene.update(1).unwrap();
            scene.correct(1, "YT999");
            scene.wire.borrow_mut().lose = lost;
            assert_eq!(scene.update(1).is_err(), lost.is_some(), "{kind:?}");
            scene.update(1).unwrap();
            scene.update(1).unwrap();

            let [parcel] = &scene.parcels()[..] else { panic!("{kind:?}: {:?}", scene.parcels()) };
            assert_eq!((parcel.number.as_str(), parcel.deliveries), ("YT999", 0), "{kind:?}");
            let milestones: Vec<_> = scene.recorded().into_iter().map(|it| it.1).collect();
            assert_eq!(milestones, [Milestone::Shipped, Milestone::Corrected], "{kind:?}");
        }
    }
}

#[test]
fn a_woocommerce_shop_without_the_extension_notes_the_right_number_and_then_the_delivery() {
    let scene = Scene::simple(ShopKind::Woocommerce);
    scene.shops.borrow_mut().shop("alpenshop").is_plugin_missing = true;
    scene.update(1).unwrap();
    scene.correct(1, "YT999");
    scene.deliver(1);
    for _ in 0..3 {
        scene.update(1).unwrap();
    }
    assert_eq!(
        scene.notes()[1..],
        [
            "Corrected: YunExpress, tracking number YT999: https://t.17track.net/en#nums=YT999",
            "Delivered: YunExpress YT999",
        ]
    );
}

#[test]
fn a_shop_hears_once_what_came_of_a_request_also_when_the_answer_is_lost() {
    for kind in KINDS {
        for is_lost in [false, true] {
            let scene = Scene::simple(kind);
            scene.cancel();
            scene.wire.borrow_mut().lose = is_lost.then_some("too late");
            assert_eq!(scene.answer(1).is_err(), is_lost, "{kind:?}");
            scene.answer(1).unwrap();
            scene.answer(1).unwrap();

            let said = "Request 1 (cancellation): too late. It has been shipped already.";
            assert_eq!(scene.told(), [said], "{kind:?}");
            let answered = scene.count("ShopAnswered");
            assert_eq!(answered, 1, "{kind:?}");
        }
    }
}

#[test]
fn a_shop_that_takes_no_answer_is_not_asked_again_and_the_order_says_why() {
    for kind in KINDS {
        let scene = Scene::simple(kind);
        scene.cancel();
        scene.shops.borrow_mut().open("alpenshop", kind, API, SECRET);
        scene.answer(1).unwrap();
        let asked = scene.shops.borrow().requests.len();
        scene.answer(1).unwrap();
        assert_eq!(scene.shops.borrow().requests.len(), asked, "{kind:?}");
        assert!(scene.order().amendments[0].untellable.is_some(), "{kind:?}");
    }
}

#[test]
fn no_more_is_fulfilled_than_remains_in_the_shop() {
    let scene = Scene::simple(ShopKind::Shopify);
    scene.shops.borrow_mut().shop("alpenshop").sale(ORDER).to_fulfill[0].lines[0].quantity = 1;
    scene.update(1).unwrap();
    assert_eq!(scene.parcels()[0].lines, [("466157049".to_owned(), 1)].into());
}

#[test]
fn what_a_person_fulfilled_by_hand_is_left_alone() {
    let scene = Scene::simple(ShopKind::Shopify);
    scene.shops.borrow_mut().shop("alpenshop").sale(ORDER).to_fulfill[0].lines[0].quantity = 0;
    scene.update(1).unwrap();
    assert!(scene.parcels().is_empty());
    assert_eq!(scene.recorded(), [(1, Milestone::Shipped, "-".to_owned(), true)]);
}

#[test]
fn what_the_shop_holds_back_waits_and_the_error_says_for_what() {
    let scene = Scene::simple(ShopKind::Shopify);
    let hold = |is_on_hold| {
        let mut shops = scene.shops.borrow_mut();
        shops.shop("alpenshop").sale(ORDER).to_fulfill[0].is_on_hold = is_on_hold;
    };
    hold(true);
    assert!(scene.refusal(1).contains("is `ON_HOLD` in the shop"));
    hold(false);
    scene.update(1).unwrap();
    assert_eq!(scene.parcels().len(), 1);
}

#[test]
fn a_carrier_that_the_shop_knows_is_spelled_its_way_and_any_other_comes_with_a_link() {
    let link = Some("https://t.17track.net/en#nums=LP00123".to_owned());
    for (kind, carrier, spelled, url) in [
        (ShopKind::Shopify, "sf-express", "SF Express", None),
        (ShopKind::Shopify, "Yanwen", "Yanwen", link.clone()),
        (ShopKind::Woocommerce, "usps", "USPS", None),
        (ShopKind::Woocommerce, "Yanwen", "Yanwen", link.clone()),
        (ShopKind::Onward, "Yanwen", "Yanwen", link),
    ] {
        let scene = Scene::new(kind, &[Line::plain("466157049", 2)]);
        scene.ship(1, carrier, "LP00123", &[("466157049", "ART-1", 2)]);
        scene.update(1).unwrap();
        let parcel = &scene.parcels()[0];
        assert_eq!((parcel.carrier.as_str(), &parcel.url), (spelled, &url), "{kind:?}");
    }
}

#[test]
fn a_part_of_a_bundle_is_shown_where_parcels_need_no_lines_and_with_its_last_part_elsewhere() {
    const BUNDLE: [Line; 1] = [Line { id: "1", quantity: 1, articles: &["SHADE", "STAND"] }];
    for kind in KINDS {
        let scene = Scene::new(kind, &BUNDLE);
        scene.ship(1, "GLS", "GLS-1", &[("1", "SHADE", 1)]);
        scene.update(1).unwrap();
        scene.ship(2, "GLS", "GLS-2", &[("1", "STAND", 1)]);
        scene.update(2).unwrap();
        scene.deliver(1);
        scene.update(1).unwrap();

        let parcels = scene.parcels();
        let numbers: Vec<&str> = parcels.iter().map(|parcel| parcel.number.as_str()).collect();
        if kind == ShopKind::Shopify {
            assert_eq!(numbers, ["GLS-2"]);
            assert_eq!(scene.recorded()[0], (1, Milestone::Shipped, "-".to_owned(), true));
            assert_eq!(scene.recorded()[2], (1, Milestone::Delivered, "-".to_owned(), true));
        } else {
            assert_eq!(numbers, ["GLS-1", "GLS-2"], "{kind:?}");
        }
        assert_eq!(scene.recorded().len(), 3, "{kind:?}");
    }
}

#[test]
fn an_order_split_over_two_parcels_is_shown_as_two_and_is_complete_with_the_second() {
    for kind in KINDS {
        let scene = Scene::new(kind, &[Line::plain("1", 3), Line::plain("2", 1)]);
        scene.ship(1, "GLS", "GLS-1", &[("1", "ART-1", 2)]);
        scene.update(1).unwrap();
        assert_eq!(scene.status(), "processing", "{kind:?}");

        scene.ship(2, "GLS", "GLS-2", &[("1", "ART-1", 1), ("2", "ART-1", 1)]);
        scene.update(2).unwrap();
        let parcels = scene.parcels();
        assert_eq!(parcels.len(), 2, "{kind:?}");
        match kind {
            ShopKind::Woocommerce => assert_eq!(scene.status(), "completed"),
            _ => {
                assert_eq!(parcels[0].lines, [("1".to_owned(), 2)].into());
                assert_eq!(parcels[1].lines, [("1".to_owned(), 1), ("2".to_owned(), 1)].into());
            }
        }
    }
}

/// One call of `fulfillmentCreate` can't span two locations: two calls, and either answer may be lost.
#[test]
fn a_parcel_of_two_locations_is_two_fulfillments_also_when_an_answer_is_lost() {
    for lost in [None, Some("FulfillmentOrderLineItem/1001"), Some("FulfillmentOrderLineItem/1003")]
    {
        let scene = Scene::simple(ShopKind::Shopify);
        let sold = |location| Sold { line_id: "466157049", quantity: 1, location };
        {
            let mut shops = scene.shops.borrow_mut();
            shops.open("alpenshop", ShopKind::Shopify, API, SECRET);
            // The second location has a unit more than the parcel takes.
            shops.shop("alpenshop").sell(ORDER, &[sold(1), Sold { quantity: 2, ..sold(2) }]);
        }
        scene.wire.borrow_mut().lose = lost;
        assert_eq!(scene.update(1).is_err(), lost.is_some(), "{lost:?}");
        scene.update(1).unwrap();

        let parcels = scene.parcels();
        let units: Vec<u32> = parcels.iter().map(|parcel| parcel.lines["466157049"]).collect();
        assert_eq!(units, [1, 1], "{lost:?}");
        let recorded = scene.recorded();
        let references: Vec<String> =
            parcels.iter().map(|p| format!("gid://shopify/Fulfillment/{}", p.reference)).collect();
        assert_eq!(recorded[0].2, references.join(" "), "{lost:?}");
    }
}

#[test]
fn an_order_with_more_lines_than_a_page_is_fulfilled_whole() {
    let scene = Scene::new(ShopKind::Shopify, &["1", "2", "3"].map(|id| Line::plain(id, 1)));
    scene.shops.borrow_mut().shop("alpenshop").lines_per_page = 2;
    scene.ship(1, "GLS", "GLS-1", &["1", "2", "3"].map(|line| (line, "ART-1", 1)));
    scene.update(1).unwrap();
    assert_eq!(scene.parcels()[0].lines.len(), 3);
}

#[test]
fn a_woocommerce_shop_without_the_extension_gets_a_note_to_the_customer_once() {
    let scene = Scene::simple(ShopKind::Woocommerce);
    scene.shops.borrow_mut().shop("alpenshop").is_plugin_missing = true;
    scene.wire.borrow_mut().lose = Some("customer_note");
    scene.update(1).unwrap_err();
    scene.update(1).unwrap();
    scene.deliver(1);
    scene.update(1).unwrap();

    assert!(scene.parcels().is_empty());
    assert_eq!(
        scene.notes(),
        [
            "Shipped with YunExpress, tracking number YT2412345678901234: \
         https://t.17track.net/en#nums=YT2412345678901234",
            "Delivered: YunExpress YT2412345678901234",
        ]
    );
    assert_eq!(scene.status(), "completed");
    let recorded = scene.recorded();
    assert!(recorded[0].3 && !recorded[1].3, "{recorded:?}");
}

#[test]
fn an_order_that_woocommerce_refunded_in_between_stays_refunded() {
    let scene = Scene::simple(ShopKind::Woocommerce);
    scene.shops.borrow_mut().shop("alpenshop").sale(ORDER).status = "refunded".to_owned();
    scene.update(1).unwrap();
    assert_eq!(scene.status(), "refunded");
}

#[test]
fn a_wrong_secret_or_none_is_an_error_that_does_not_repeat_it() {
    for kind in KINDS {
        let scene = Scene::simple(kind);
        let name = "shops/alpenshop/api";
        scene.world.secrets.borrow_mut().insert(name.to_owned(), vec!["whsec_d3Jvbmc=".to_owned()]);
        let refusal = scene.refusal(1);
        assert!(refusal.contains("401") && !refusal.contains("d3Jvbmc"), "{refusal}");

        scene.world.secrets.borrow_mut().clear();
        assert!(scene.refusal(1).contains("there is no secret `shops/alpenshop/api`"));
        assert!(scene.parcels().is_empty());
    }
}

#[test]
fn while_one_secret_replaces_another_a_shop_that_knows_either_takes_our_own_json() {
    let scene = Scene::simple(ShopKind::Onward);
    let secrets = ["whsec_bmV3", SECRET].map(str::to_owned).into();
    scene.world.secrets.borrow_mut().insert("shops/alpenshop/api".to_owned(), secrets);
    scene.update(1).unwrap();
    assert_eq!(scene.parcels().len(), 1);
}

#[test]
fn a_parcel_that_nobody_shipped_is_nothing_to_show() {
    let scene = Scene::simple(ShopKind::Shopify);
    scene.update(7).unwrap();
    assert!(scene.shops.borrow().requests.is_empty());
}

/// `tests/shopify/validate_graphql.py` checks these against Shopify's own schema: what we send must be allowed there,
/// and what our Shopify answers must be what theirs could.
#[test]
fn what_shopify_is_sent_and_answers_is_on_file_for_the_schema() {
    let scene = Scene::simple(ShopKind::Shopify);
    scene.update(1).unwrap();
    scene.deliver(1);
    scene.wire.borrow_mut().lose = Some("fulfillmentEventCreate(");
    scene.update(1).unwrap_err();
    scene.update(1).unwrap();
    let other = Scene::new(ShopKind::Shopify, &[Line::plain("466157049", 2)]);
    other.ship(1, "Yanwen", "LP00123", &[("466157049", "ART-1", 2)]);
    other.wire.borrow_mut().lose = Some("fulfillmentCreate(");
    other.update(1).unwrap_err();
    other.update(1).unwrap();
    other.correct(1, "LP00124");
    other.update(1).unwrap();
    other.cancel();
    other.answer(1).unwrap();

    let exchanges: Vec<Value> = [scene, other]
        .iter()
        .flat_map(|scene| scene.wire.borrow().exchanges.clone())
        .map(|(request, response)| exchange(&request, &response))
        .collect();
    let on_file: Value =
        serde_json::from_str(include_str!("../../shopify/exchanges.json")).unwrap();
    let lines: Vec<String> = exchanges.iter().map(Value::to_string).collect();
    assert!(
        on_file == json!(exchanges),
        "tests/shopify/exchanges.json should be:\n[\n{}\n]",
        lines.join(",\n")
    );
}

/// A call to Shopify: the name of its operation, its variables, and the `data` of the answer.
fn exchange(request: &Request, response: &Response) -> Value {
    let sent: Value = serde_json::from_slice(&request.body).unwrap();
    let answer: Value = serde_json::from_slice(&response.body).unwrap();
    let document = sent["query"].as_str().unwrap();
    let operation = document.lines().find(|line| !line.starts_with('#')).unwrap();
    let name = operation.split([' ', '(']).nth(1).unwrap();
    json!({ "operation": name, "variables": sent["variables"], "data": answer["data"] })
}

/// The event has the form in which Lambda gets messages from SQS.
#[test]
fn the_sample_event_is_a_message_to_shop_sync() {
    let event: Value =
        serde_json::from_str(include_str!("../../../events/shop-sync.json")).unwrap();
    let body = event["Records"][0]["body"].as_str().unwrap();
    let message: domain::message::Message = serde_json::from_str(body).unwrap();
    assert_eq!(message.function(), domain::message::Function::ShopSync);
}
