//! The storage format of returns and refunds, spelled out.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::order::fact::Fact;

/// Every fact as it is stored, with every field that one can have.
const STORED: [&str; 23] = [
    r#"{"type":"ReturnRequested","return_id":1,"kind":"claim","lines":[{"line_id":"1","quantity":2,
        "reason":"damaged","photos":1}],"key":"k1","by":"customer"}"#,
    r#"{"type":"ReturnPhotosAsked","return_id":1,"rule":"photos","settings_version":7,"lines":["1"]}"#,
    r#"{"type":"ReturnPhotosAdded","return_id":1,"line_id":"1","photos":1,"kept":[{"key":"photos/shop/1/R1/ab.jpg",
        "sha256":"ab","bytes":1234,"media_type":"image/jpeg"}]}"#,
    r#"{"type":"ReturnPutToReview","return_id":1,"why":"no rule decides it","settings_version":7}"#,
    r#"{"type":"ReturnApproved","return_id":1,"by":"onward","rule":"otherwise","settings_version":7,
        "resolution":"refund","lines":[{"line_id":"1","liability":"supplier"}],"freight":"supplier","label":true,
        "destination":"warehouse","send_by":"2026-12-11T09:00:00Z"}"#,
    r#"{"type":"ReturnDeclined","return_id":1,"by":"eve","rule":"late","why":"too late","settings_version":7}"#,
    r#"{"type":"ReturnCancelled","return_id":1,"by":"customer","why":"kept it"}"#,
    r#"{"type":"ReturnLabelStarted","return_id":1}"#,
    r#"{"type":"ReturnLabelBought","return_id":1,"shipment":"shp_1","carrier":"USPS","number":"94",
        "label_url":"https://labels.example/1","cost":{"minor":820,"currency":"USD"},"found":true}"#,
    r#"{"type":"ReturnLabelFailed","return_id":1,"why":"no rates"}"#,
    r#"{"type":"ReturnLabelInDoubt","return_id":1,"detail":"a day"}"#,
    r#"{"type":"ReturnLabelResolved","return_id":1,"bought":true,"carrier":"USPS","number":"94","by":"eve",
        "why":"asked"}"#,
    r#"{"type":"ReturnSent","return_id":1,"carrier":"DHL","number":"94","by":"customer"}"#,
    r#"{"type":"ReturnReceived","return_id":1,"lines":[{"line_id":"1","quantity":1}],"by":"eve"}"#,
    r#"{"type":"ReturnInspected","return_id":1,"findings":[{"line_id":"1","disposition":"to_supplier","quantity":1,
        "refund":false}],"restocked":[{"stock":{"supplier":"own","location":"leipzig","supplier_sku":"O-1"},
        "quantity":1}],"by":"eve"}"#,
    r#"{"type":"ReturnClosed","return_id":1,"by":"onward","why":"all of it was inspected"}"#,
    r#"{"type":"ReplacementGranted","return_id":1,"units":[{"item":{"line":"1","article":"mug"},"quantity":1}]}"#,
    r#"{"type":"RefundPlanned","refund_id":1,"return_id":1,"key":"k1","lines":[{"line_id":"1","quantity":1,
        "amount_minor":2000}],"shipping_minor":490,"amount":{"minor":2490,"currency":"EUR"},"by":"eve",
        "why":"return R1"}"#,
    r#"{"type":"RefundSubmitted","refund_id":1}"#,
    r#"{"type":"RefundSucceeded","refund_id":1,"reference":"gid://1","found":false}"#,
    r#"{"type":"RefundFailed","refund_id":1,"why":"nothing left to refund"}"#,
    r#"{"type":"RefundInDoubt","refund_id":1,"detail":"a day"}"#,
    r#"{"type":"RefundResolved","refund_id":1,"refunded":true,"by":"eve","why":"asked"}"#,
];

#[test]
fn every_fact_of_returns_and_refunds_is_stored_as_spelled_out_here() {
    for stored in STORED {
        let stored: Value = serde_json::from_str(stored).unwrap();
        let fact: Fact = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(&fact).unwrap(), stored);
        assert_eq!(fact.name(), stored["type"]);
    }
}

#[test]
fn every_kind_of_fact_of_returns_and_refunds_is_spelled_out() {
    let told: BTreeSet<&str> = STORED.iter().filter_map(|it| it.split('"').nth(3)).collect();
    let sources = [include_str!("../returns/fact.rs"), include_str!("../refund/fact.rs")];
    let named = sources.iter().flat_map(|source| source.lines()).filter_map(|line| {
        let name = line.trim().strip_prefix("Self::")?.split_once(" => \"")?.1;
        Some(name.trim_end_matches("\","))
    });
    assert_eq!(named.collect::<BTreeSet<&str>>(), told);
}

#[test]
fn fields_of_returns_that_came_later_may_be_missing() {
    for stored in [
        r#"{"type":"ReturnRequested","return_id":1,"kind":"return","lines":[{"line_id":"1","quantity":2,
            "reason":"damaged"}],"by":"customer"}"#,
        r#"{"type":"ReturnApproved","return_id":1,"by":"eve","settings_version":7,"resolution":"replace","lines":[],
            "freight":"seller"}"#,
        r#"{"type":"ReturnInspected","return_id":1,"findings":[],"by":"eve"}"#,
        r#"{"type":"RefundPlanned","refund_id":1,"amount":{"minor":1,"currency":"EUR"},"by":"eve","why":"x"}"#,
    ] {
        assert!(serde_json::from_str::<Fact>(stored).is_ok(), "{stored}");
    }
}

#[test]
fn a_fact_that_nobody_knows_is_refused() {
    assert!(serde_json::from_str::<Fact>(r#"{"type":"ReturnEaten","return_id":1}"#).is_err());
}
