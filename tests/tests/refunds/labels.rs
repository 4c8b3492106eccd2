//! Labels of EasyPost.

use anyhow::Result;
use connectors::easypost;
use connectors::label::{Access, Label, LabelOutcome, LabelRequest, ParcelSize, Party};
use domain::address::{Address, Country};
use domain::settings::ShopKind;
use ports::Clock as _;
use ports::memory::Fault;

use crate::scene::{Scene, wait};

const KEY: &str = "EZAK1";
const REFERENCE: &str = "alpenshop/1001/R1";

fn scene() -> Scene {
    let scene = Scene::euros(ShopKind::Onward, 0);
    scene.outside.borrow_mut().labels.key = KEY.to_owned();
    scene
}

fn address(name: &str, street: &str) -> Address {
    Address {
        name: name.to_owned(),
        lines: vec![street.to_owned()],
        city: "San Francisco".to_owned(),
        region: Some("CA".to_owned()),
        postal_code: Some("94104".to_owned()),
        country: Some(Country::parse("US").unwrap()),
        ..Address::default()
    }
}

fn buy_for(scene: &Scene, reference: &str, services: &[&str]) -> Result<LabelOutcome> {
    let (home, shop) =
        (address("Ada", "179 N Harbor Dr"), address("Alpenshop", "417 Montgomery St"));
    let services: Vec<String> = services.iter().map(|it| (*it).to_owned()).collect();
    let party = |address| Party { address, phone: None, email: None };
    let request = LabelRequest {
        reference,
        asked_at: scene.world.now(),
        from: party(&home),
        to: party(&shop),
        parcel: ParcelSize { weight_g: 300, length_mm: 200, width_mm: 100, height_mm: 50 },
        is_return: true,
        services: &services,
        customs: None,
    };
    let access = Access { api: easypost::URL, key: KEY };
    wait(easypost::buy_label(&scene.world, access, &request))
}

fn buy(scene: &Scene) -> Result<LabelOutcome> {
    buy_for(scene, REFERENCE, &[])
}

fn bought(outcome: LabelOutcome) -> Label {
    match outcome {
        LabelOutcome::Bought(label) => label,
        other => panic!("{other:?}"),
    }
}

fn refused(outcome: LabelOutcome) -> String {
    match outcome {
        LabelOutcome::Refused { why } => why,
        other => panic!("{other:?}"),
    }
}

fn purchases(scene: &Scene) -> u32 {
    scene.outside.borrow().labels.purchases().get(REFERENCE).copied().unwrap_or(0)
}

#[test]
fn a_label_is_bought_at_the_cheapest_rate_and_goes_from_the_customer_to_the_shop() {
    let scene = scene();
    let label = bought(buy(&scene).unwrap());
    assert_eq!((label.carrier.as_str(), label.cost.to_string().as_str()), ("UPS", "8.20 USD"));
    assert!(label.label_url.ends_with(".pdf") && !label.found);
    let outside = scene.outside.borrow();
    let [shipment] = &outside.labels.shipments[..] else { panic!("{:?}", outside.labels) };
    assert_eq!(shipment.number.as_deref(), Some(label.number.as_str()));
    assert_eq!(shipment.id, label.shipment_id);
    // As on the way out: EasyPost swaps them.
    assert_eq!(shipment.asked["to_address"]["id"], "adr_verified");
    assert_eq!(shipment.asked["from_address"]["name"], "Alpenshop");
}

#[test]
fn the_service_that_is_named_first_and_offered_is_taken() {
    let label = bought(buy_for(&scene(), REFERENCE, &["DHL", "USPS/Priority", "UPS"]).unwrap());
    assert_eq!((label.carrier.as_str(), label.cost.minor), ("USPS", 1_101));
    let why = refused(buy_for(&scene(), REFERENCE, &["DHL"]).unwrap());
    assert!(why.starts_with("there is no rate of DHL"), "{why}");
}

#[test]
fn the_same_label_twice_is_bought_once_and_another_is_another() {
    let scene = scene();
    let first = bought(buy(&scene).unwrap());
    let again = bought(buy(&scene).unwrap());
    assert_eq!(again, Label { found: true, ..first });
    bought(buy_for(&scene, "alpenshop/1001/R2", &[]).unwrap());
    assert_eq!(scene.outside.borrow().labels.purchases().len(), 2);
    assert_eq!(purchases(&scene), 1);
}

#[test]
fn when_an_answer_was_lost_the_next_try_finds_what_was_bought() {
    for (shipments, purchases_lost) in [(1, 0), (0, 1), (2, 1)] {
        for forgets_references in [false, true] {
            let scene = scene();
            let manner = |manner: &mut tests::outside::labels::Manner| {
                manner.loses_shipments = shipments;
                manner.loses_purchases = purchases_lost;
                manner.forgets_references = forgets_references;
            };
            manner(&mut scene.outside.borrow_mut().labels.manner);
            let mut tries = (0..9).map(|_| buy(&scene));
            let label = bought(tries.find_map(Result::ok).unwrap());
            let context = format!("{shipments}, {purchases_lost}, {forgets_references}");
            assert_eq!(label.found, purchases_lost > 0, "{context}");
            assert_eq!(purchases(&scene), 1, "{context}");
        }
    }
}

#[test]
fn whatever_call_fails_before_or_after_the_next_try_ends_it() {
    for fault in [Fault::Before, Fault::After] {
        for call in 1.. {
            let scene = scene();
            scene.world.faults.plan(call, fault);
            let first = buy(&scene);
            if scene.world.faults.clear() < call {
                bought(first.unwrap());
                break;
            }
            bought(buy(&scene).unwrap());
            assert_eq!(purchases(&scene), 1, "call {call} fails {fault:?}");
        }
    }
}

#[test]
fn a_wrong_address_names_its_field_and_costs_nothing() {
    let scene = scene();
    scene.outside.borrow_mut().labels.manner.wrong_field = Some("street1".to_owned());
    let why = refused(buy(&scene).unwrap());
    assert!(why.starts_with("`street1`: Invalid"), "{why}");
    assert!(scene.outside.borrow().labels.shipments.is_empty());
}

#[test]
fn what_easypost_says_instead_of_selling_is_a_refusal_a_doubt_or_a_reason_to_wait() {
    let said = |status: u16, code: &str| {
        let scene = scene();
        scene.outside.borrow_mut().labels.manner.refuses = Some((status, code.to_owned()));
        buy(&scene)
    };
    assert!(refused(said(402, "BILLING.INSUFFICIENT_FUNDS").unwrap()).contains("paid first"));
    assert!(refused(said(422, "SHIPMENT.POSTAGE.FAILURE").unwrap()).contains("POSTAGE.FAILURE"));
    for code in ["SHIPMENT.POSTAGE.TIMED_OUT", "SHIPMENT.POSTAGE.NO_RESPONSE"] {
        let outcome = said(422, code).unwrap();
        assert!(matches!(outcome, LabelOutcome::Doubted { .. }), "{code}: {outcome:?}");
    }
    for (status, code) in
        [(422, "SHIPMENT.PURCHASE.IN_PROGRESS"), (429, "RATE_LIMITED"), (500, "X")]
    {
        said(status, code).unwrap_err();
    }
}

#[test]
fn a_label_that_was_given_back_is_not_handed_out_again() {
    let scene = scene();
    bought(buy(&scene).unwrap());
    let status = Some("submitted".to_owned());
    scene.outside.borrow_mut().labels.shipments[0].refund_status = status;
    let why = refused(buy(&scene).unwrap());
    assert!(why.contains("given back"), "{why}");
    assert_eq!(purchases(&scene), 1);
}

#[test]
fn a_label_that_may_be_among_too_many_is_in_doubt() {
    let scene = scene();
    bought(buy(&scene).unwrap());
    for number in 0..5 {
        bought(buy_for(&scene, &format!("other/{number}"), &[]).unwrap());
    }
    let mut outside = scene.outside.borrow_mut();
    outside.labels.manner.forgets_references = true;
    outside.labels.manner.page_size = Some(1);
    drop(outside);
    let outcome = buy(&scene).unwrap();
    assert!(matches!(outcome, LabelOutcome::Doubted { .. }), "{outcome:?}");
    scene.outside.borrow_mut().labels.manner.page_size = Some(2);
    assert!(bought(buy(&scene).unwrap()).found);
    assert_eq!(purchases(&scene), 1);
}

#[test]
fn a_key_that_is_not_known_is_no_refusal_of_the_label() {
    let scene = scene();
    scene.outside.borrow_mut().labels.key = "another".to_owned();
    buy(&scene).unwrap_err();
}
