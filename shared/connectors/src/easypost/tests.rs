//! EasyPost's answers, as it documents them, and what we make of them.

use domain::address::{Address, Country};
use domain::money::Currency;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::label::{Customs, CustomsItem, ParcelSize};

fn address(name: &str, lines: &[&str]) -> Address {
    Address {
        name: name.to_owned(),
        company: None,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        city: "Redondo Beach".to_owned(),
        region: Some("CA".to_owned()),
        postal_code: Some("90277".to_owned()),
        country: Some(Country::parse("US").unwrap()),
    }
}

fn rate(id: &str, carrier: &str, service: &str, amount: &str, currency: &str) -> Rate {
    let rate = json!({ "id": id, "carrier": carrier, "service": service,
                       "rate": amount, "currency": currency });
    serde_json::from_value(rate).unwrap()
}

#[test]
fn a_box_is_told_in_inches_and_ounces_rounded_up_and_customs_in_totals() {
    let (home, shop) = (address("Ada", &["1 Main St", "Floor 2", "left"]), address("Shop", &[""]));
    let usd = Currency::parse("USD").unwrap();
    let customs = Customs {
        signer: "Steve Brule".to_owned(),
        items: vec![CustomsItem {
            description: "Lamp".to_owned(),
            quantity: 2,
            value: Money { minor: 4_005, currency: usd },
            weight_g: 600,
            hs_code: "940520".to_owned(),
            origin: "CN".to_owned(),
        }],
    };
    let party = |address| Party { address, phone: Some("8573875756"), email: None };
    let request = LabelRequest {
        reference: "alpenshop/1001/R1",
        asked_at: Timestamp::UNIX_EPOCH,
        from: party(&home),
        to: party(&shop),
        parcel: ParcelSize { weight_g: 1_000, length_mm: 254, width_mm: 101, height_mm: 0 },
        is_return: true,
        services: &[],
        customs: Some(&customs),
    };
    let place = Place::Known { id: "adr_1".to_owned() };
    let body = serde_json::to_string(&wire::shipment(&request, place, Place::of(party(&home))));
    let body: Value = serde_json::from_str(&body.unwrap()).unwrap();
    let shipment = &body["shipment"];
    assert_eq!(shipment["reference"], "alpenshop/1001/R1");
    assert_eq!(shipment["is_return"], true);
    assert_eq!(shipment["to_address"], json!({ "id": "adr_1" }));
    assert_eq!(shipment["from_address"]["street1"], "1 Main St");
    assert_eq!(shipment["from_address"]["street2"], "Floor 2, left");
    // 1 kg is 35.27 oz; 101 mm are 3.98 in. What is not known is not said.
    let parcel = json!({ "weight": 35.3, "length": 10.0, "width": 4.0 });
    assert_eq!(shipment["parcel"], parcel);
    let info = &shipment["customs_info"];
    assert_eq!(info["contents_type"], "returned_goods");
    assert_eq!(info["customs_items"][0]["value"], json!(40.05));
    assert_eq!(info["customs_items"][0]["weight"], json!(21.2));
}

#[test]
fn the_cheapest_rate_is_taken_of_the_first_service_that_is_offered() {
    let rates = [
        rate("1", "UPS", "Ground", "9.00", "USD"),
        rate("2", "USPS", "Express", "51.20", "USD"),
        rate("3", "USPS", "GroundAdvantage", "8.20", "USD"),
        // Less, but of what?
        rate("4", "DHL", "Paket", "7.00", "EUR"),
        rate("5", "UPS", "Saver", "none", "USD"),
    ];
    let chosen = |services: &[&str]| {
        let services: Vec<String> = services.iter().map(|it| (*it).to_owned()).collect();
        choose(&rates, &services).map(|rate| rate.id.clone())
    };
    assert_eq!(chosen(&[]).as_deref(), Some("3"));
    assert_eq!(chosen(&["USPS/Express"]).as_deref(), Some("2"));
    assert_eq!(chosen(&["DPD/Classic", "UPS", "USPS"]).as_deref(), Some("1"));
    assert_eq!(chosen(&["UPS/Saver"]), None);
    assert_eq!(chosen(&["DPD"]), None);
    assert!(choose(&[], &[]).is_none());
}

#[test]
fn a_refusal_names_the_field_whatever_form_the_errors_have() {
    let said = |errors: Value| {
        let body = json!({ "error": { "code": "X.Y", "message": "No.", "errors": errors } });
        Problem::read(body.to_string().as_bytes()).unwrap().to_string()
    };
    assert_eq!(
        said(json!([{ "field": "street1", "message": "House number is missing" }])),
        "`street1`: House number is missing: No. (X.Y)"
    );
    assert_eq!(said(json!(["weight is too heavy"])), "weight is too heavy: No. (X.Y)");
    assert_eq!(said(json!([])), "No. (X.Y)");
    assert!(Problem::read(b"<html>").is_none());
}

#[test]
fn documented_answers_are_understood() {
    let Some(fixtures) = std::env::var_os("ONWARD_FIXTURES") else {
        return eprintln!(
            "ONWARD_FIXTURES is not set: the documented answers of EasyPost were not read"
        );
    };
    let read = |name: &str| {
        let path = std::path::Path::new(&fixtures).join(format!("labels/easypost_{name}.json"));
        std::fs::read(path).unwrap()
    };
    let shipment = |name: &str| serde_json::from_slice::<Shipment>(&read(name)).unwrap();

    for name in ["shipments-create", "returns-create"] {
        let created = shipment(name);
        assert!(!created.is_bought(), "{name}");
        let cheapest = choose(&created.rates, &[]).unwrap();
        assert_eq!(cheapest.cost().unwrap().to_string(), "8.20 USD", "{name}");
    }
    let label = |name: &str| match bought(&shipment(name), false) {
        LabelOutcome::Bought(label) => label,
        other => panic!("{name}: {other:?}"),
    };
    let ground = label("shipments-buy");
    assert_eq!((ground.carrier.as_str(), ground.cost.minor), ("USPS", 820));
    assert_eq!(ground.number, "9434600208303109842228");
    assert!(ground.label_url.ends_with(".png"));
    label("shipments-one-call-buy");
    let given_back = bought(&shipment("shipping-refund-refund"), true);
    assert!(matches!(given_back, LabelOutcome::Refused { .. }), "{given_back:?}");
    let problem = Problem::read(&read("addresses-verify-strict-param")).unwrap();
    assert!(problem.to_string().starts_with("`address`: Address not found"), "{problem}");
}
