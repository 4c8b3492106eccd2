//! The storage format, spelled out: a rename breaks this test before it breaks an order.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::order::fact::Fact;

/// Every fact as it is stored, with every field that one can have.
const STORED: [&str; 47] = [
    r##"{"type":"Received","number":"#1","placed_at":"2026-11-20T09:00:00Z","updated_at":"2026-11-20T09:00:00Z",
        "test":false,"payment":"partly_paid","currency":"EUR","lines":[{"line_id":"1","sku":"SET","title":"Set",
        "quantity":2,"unit_price_minor":2000,"ships":true}],"shipping":{"title":"Parcel","express":true,
        "price_minor":490},"discount_minor":100,"tax_minor":300,"tax_included":true,"total_minor":4390,
        "wishes":{"gift_wrap":true,"invoice":false,"age_verified":true},"risk_hints":["proxy"],
        "contact":"home.1","country":"DE"}"##,
    r#"{"type":"PaymentChanged","payment":"paid","updated_at":"2026-11-20T09:00:00Z"}"#,
    r#"{"type":"Confirmed","updated_at":"2026-11-20T09:00:00Z"}"#,
    r#"{"type":"EditRequested","lines":[{"line_id":"1","quantity":0}],"added":[{"line_id":"2","sku":"TEA",
        "title":"Tea","quantity":1,"unit_price_minor":900,"ships":true}],"updated_at":"2026-11-20T09:00:00Z"}"#,
    r#"{"type":"EditRefused","line_id":"1","quantity":1,"why":"too late"}"#,
    r#"{"type":"ContactChanged","contact":"new.1","country":null,"by":"shop","updated_at":"2026-11-20T09:00:00Z"}"#,
    r#"{"type":"CancelRequested","by":"shop","why":"customer","updated_at":"2026-11-20T09:00:00Z"}"#,
    r#"{"type":"Reinstated","updated_at":"2026-11-20T09:00:00Z"}"#,
    r#"{"type":"Mapped","items":[{"id":{"line":"1","article":"mug"},"per_unit":1,"title":"Mug","weight_g":400,
        "hs_code":"691200","origin":"DE","age_min":18,"hazmat":true}]}"#,
    r#"{"type":"Held","hold":"unmapped_sku","detail":"`POT`"}"#,
    r#"{"type":"Released","hold":"customs_data"}"#,
    r#"{"type":"Overridden","hold":"no_supplier","by":"eve","why":"wait"}"#,
    r#"{"type":"Screened","contact":"home.1","checks":[{"check":"fraud","outcome":"overridden",
        "notes":["express +15"]}],"settings_version":7}"#,
    r#"{"type":"Routed","fulfillment_orders":[{"fulfillment_order_id":1,"supplier":"nord","location":"hamburg",
        "service":"parcel","shares":[{"item":{"line":"1","article":"mug"},"supplier_sku":"N-1","quantity":1,
        "unit_cost_minor":500}],"freight_minor":400,"submit_at":"2026-11-20T09:10:00Z","leaves_on":"2026-11-20",
        "arrives":["2026-11-22","2026-11-24"]}],"backorders":[{"item":{"line":"1","article":"mug"},"quantity":1,
        "expected_on":"2026-12-04"}],"candidates":[{"article":"mug","supplier":"nord","location":"hamburg",
        "supplier_sku":"N-1","available":10,"unit_cost_minor":500,"lost":"out of stock"}],"margin_minor":-5,
        "settings_version":7}"#,
    r#"{"type":"SubmissionStarted","fulfillment_order_id":1}"#,
    r#"{"type":"Submitted","fulfillment_order_id":1,"supplier_reference":"A-1","answer_by":"2026-11-21T09:00:00Z"}"#,
    r#"{"type":"Accepted","fulfillment_order_id":1,"units":[{"item":{"line":"1","article":"mug"},"quantity":1}],
        "ship_by":"2026-11-22T09:00:00Z"}"#,
    r#"{"type":"Rejected","fulfillment_order_id":1,"units":[{"item":{"line":"1","article":"mug"},"quantity":1}],
        "reason":"out_of_stock","detail":"sold"}"#,
    r#"{"type":"TimedOut","fulfillment_order_id":1,"units":[]}"#,
    r#"{"type":"InDoubt","fulfillment_order_id":1,"detail":"no answer"}"#,
    r#"{"type":"Resolved","fulfillment_order_id":1,"bought":true,"by":"eve","why":"asked"}"#,
    r#"{"type":"Overdue","fulfillment_order_id":1}"#,
    r#"{"type":"Delayed","fulfillment_order_id":1,"expected_on":"2026-11-24"}"#,
    r#"{"type":"CancelWanted","fulfillment_order_id":1}"#,
    r#"{"type":"CancelAsked","fulfillment_order_id":1}"#,
    r#"{"type":"CancelRejected","fulfillment_order_id":1,"why":"packed"}"#,
    r#"{"type":"AddressAsked","fulfillment_order_id":1,"change":1}"#,
    r#"{"type":"AddressChanged","fulfillment_order_id":1,"change":1}"#,
    r#"{"type":"AddressRefused","fulfillment_order_id":1,"change":1,"why":"packed"}"#,
    r#"{"type":"Withdrawn","fulfillment_order_id":1,"units":[]}"#,
    r#"{"type":"Cancelled","units":[],"why":"customer"}"#,
    r#"{"type":"Shipped","parcel_id":1,"fulfillment_order_id":1,"carrier":"DHL","number":"N1",
        "ship_date":"2026-11-20","units":[],"label":{"url":"https://supplier.example/label"}}"#,
    r#"{"type":"NumberCorrected","parcel_id":1,"carrier":"DHL","number":"N2","ship_date":"2026-11-20"}"#,
    r#"{"type":"TrackingRegistered","parcel_id":1}"#,
    r#"{"type":"Tracked","parcel_id":1,"scans":[{"at":"2026-11-21T09:00:00Z","status":"out_for_delivery",
        "code":"OutForDelivery_Other"}]}"#,
    r#"{"type":"ArrivalConfirmed","parcel_id":1}"#,
    r#"{"type":"TrackingStopped","parcel_id":1,"why":"60 days"}"#,
    r#"{"type":"ShopUpdateStarted","parcel_id":1,"milestone":"shipped"}"#,
    r#"{"type":"ShopUpdated","parcel_id":1,"milestone":"delivered","shop_reference":"gid://1","found":true,
        "number":"N1"}"#,
    r#"{"type":"ShopUpdateRefused","parcel_id":1,"milestone":"corrected","why":"no such order"}"#,
    r#"{"type":"ShopUpdateResolved","parcel_id":1,"milestone":"shipped","shown":true,"by":"eve","why":"seen"}"#,
    r#"{"type":"ShopAnswered","request":1,"verdict":"too_late","shop_reference":"-","found":false,
        "refused":"no such order"}"#,
    r#"{"type":"ShopLost","parcel_id":1,"why":"gone"}"#,
    r#"{"type":"LinksRevoked","by":"eve","why":"the mail went to someone else"}"#,
    r#"{"type":"Archived","document":"invoice","key":"documents/1","sha256":"00","bytes":9,
        "media_type":"application/pdf"}"#,
    r#"{"type":"Archived","document":{"label":1},"key":"documents/2","sha256":"00","bytes":9,
        "media_type":"application/pdf"}"#,
    r#"{"type":"Archived","document":{"label":2},"key":"bundles/2026-11-20/00.zip","sha256":"00","bytes":9,
        "media_type":"image/png","offset":4711}"#,
];

/// How many kinds of facts there are; [`Fact::name`] must be told of a new one, and so must this.
const KINDS: usize = 45;

#[test]
fn every_fact_is_stored_as_spelled_out_here() {
    for stored in STORED {
        let stored: Value = serde_json::from_str(stored).unwrap();
        let fact: Fact = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(&fact).unwrap(), stored);
        assert_eq!(fact.name(), stored["type"]);
    }
}

#[test]
fn every_kind_of_fact_is_spelled_out() {
    let names: BTreeSet<&str> =
        STORED.iter().filter_map(|stored| stored.split('"').nth(3)).collect();
    assert_eq!(names.len(), KINDS);
    let source = include_str!("../fact.rs");
    let named = source.lines().filter(|line| {
        line.trim_start().starts_with("Self::") && line.contains(") => \"")
            || line.contains(" } => \"")
    });
    let named: BTreeSet<&str> = named.filter_map(|line| line.split('"').nth(1)).collect();
    let missing: Vec<_> = named
        .iter()
        .filter(|name| name.starts_with(char::is_uppercase) && !names.contains(*name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn fields_that_came_later_may_be_missing() {
    for stored in [
        r#"{"type":"EditRequested","lines":[],"updated_at":"2026-11-20T09:00:00Z"}"#,
        r#"{"type":"ContactChanged","contact":"new.1","country":null,"by":"eve"}"#,
        r#"{"type":"CancelRequested","by":"eve","why":"x"}"#,
        r#"{"type":"Mapped","items":[{"id":{"line":"1","article":"mug"},"per_unit":1,"title":"Mug","weight_g":4}]}"#,
        r#"{"type":"Routed","fulfillment_orders":[],"candidates":[],"settings_version":7}"#,
        r#"{"type":"Submitted","fulfillment_order_id":1,"answer_by":"2026-11-21T09:00:00Z"}"#,
        r#"{"type":"ShopUpdated","parcel_id":1,"milestone":"shipped","shop_reference":"1","found":false}"#,
        r#"{"type":"ShopAnswered","request":1,"verdict":"done","shop_reference":"1","found":false}"#,
    ] {
        assert!(serde_json::from_str::<Fact>(stored).is_ok(), "{stored}");
    }
}
