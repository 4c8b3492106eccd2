//! Both services tell the same of the same parcel, and nobody else is heard.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::order::fact::ScanStatus;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::signature;

const SECRET: &str = "16BDGTmNc3FUhdlS";

/// A call of a service, signed as it signs.
fn push(service: TrackingService, secret: &str, body: &[u8]) -> Inbound {
    let (header, signature) = match service {
        TrackingService::SeventeenTrack => {
            let hash = Sha256::new().chain_update(body).chain_update(format!("/{secret}"));
            let digits = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            ("sign", digits)
        }
        TrackingService::Aftership => {
            ("aftership-hmac-sha256", signature::sign_base64(secret, &[body]))
        }
    };
    let headers = vec![(header.to_owned(), signature)];
    Inbound { headers, body: body.to_vec(), ..Inbound::default() }
}

fn received(service: TrackingService, body: &Value) -> Result<Push, Unwelcome> {
    let secrets = [SECRET.to_owned()];
    receive(service, &secrets, &push(service, SECRET, body.to_string().as_bytes()))
}

/// One scan, as each service tells it.
fn told(service: TrackingService, code: &str) -> Value {
    match service {
        TrackingService::SeventeenTrack => json!({"event": "TRACKING_UPDATED", "data": {
            "number": "RR123456789CN", "carrier": 3011,
            "track_info": {"tracking": {"providers": [{"events": [
                {"time_utc": "2026-11-20T09:00:00Z", "stage": null, "sub_status": code}
            ]}]}},
        }}),
        TrackingService::Aftership => json!({"event": "tracking_update", "msg": {
            "tracking_number": "RR123456789CN",
            "checkpoints": [{"checkpoint_time": "2026-11-20T17:00:00+08:00",
                             "tag": code.split('_').next(), "subtag": code}],
        }, "ts": 1_795_176_903}),
    }
}

#[test]
fn both_services_give_the_same_states() {
    use ScanStatus::{
        AttemptFailed, Delivered, Exception, InTransit, LabelCreated, OutForDelivery,
        ReadyForPickup, Returned, Returning,
    };
    for (seventeen_track, aftership, status) in [
        ("NotFound_Other", "Pending_001", None),
        ("InfoReceived", "InfoReceived_001", Some(LabelCreated)),
        ("InTransit_PickedUp", "InTransit_002", Some(InTransit)),
        ("InTransit_CustomsProcessing", "InTransit_006", Some(InTransit)),
        ("OutForDelivery_Other", "OutForDelivery_001", Some(OutForDelivery)),
        ("AvailableForPickup_Other", "AvailableForPickup_001", Some(ReadyForPickup)),
        ("DeliveryFailure_NoBody", "AttemptFail_002", Some(AttemptFailed)),
        ("Delivered_Other", "Delivered_001", Some(Delivered)),
        ("Exception_Lost", "Exception_013", Some(Exception)),
        ("Exception_Delayed", "Exception_004", Some(Exception)),
        ("Exception_Returning", "Exception_010", Some(Returning)),
        ("Exception_Returned", "Exception_011", Some(Returned)),
        ("Expired_Other", "Expired_001", None),
    ] {
        for (service, code) in [
            (TrackingService::SeventeenTrack, seventeen_track),
            (TrackingService::Aftership, aftership),
        ] {
            let push = received(service, &told(service, code)).unwrap();
            assert_eq!(push.number, "RR123456789CN");
            let scans: Vec<_> = push.scans.iter().map(|scan| (scan.at, scan.status)).collect();
            let at = "2026-11-20T09:00:00Z".parse().unwrap();
            let expected: Vec<_> = status.map(|status| (at, status)).into_iter().collect();
            assert_eq!(scans, expected, "{code}");
        }
    }
}

#[test]
fn a_body_that_is_not_signed_by_a_secret_of_ours_is_not_read() {
    for service in TrackingService::ALL {
        let body = told(service, "Delivered_001").to_string();
        let signed = push(service, SECRET, body.as_bytes());
        let taken = |secrets: &[&str], inbound: &Inbound| {
            let secrets: Vec<String> = secrets.iter().map(|it| (*it).to_owned()).collect();
            receive(service, &secrets, inbound)
        };
        // While one replaces the other, either will do.
        taken(&[SECRET], &signed).unwrap();
        taken(&["new", SECRET], &signed).unwrap();

        let mut altered = signed.clone();
        altered.body.push(b' ');
        let mut unsigned = signed.clone();
        unsigned.headers.clear();
        let mut garbled = signed.clone();
        garbled.headers[0].1 = "0x zz".to_owned();
        let mut halved = signed.clone();
        halved.headers[0].1.truncate(32);
        for inbound in [&altered, &unsigned, &garbled, &halved] {
            assert_eq!(taken(&[SECRET], inbound), Err(Unwelcome::Unsigned));
        }
        assert_eq!(taken(&["another"], &signed), Err(Unwelcome::Unsigned));
        assert_eq!(taken(&[], &signed), Err(Unwelcome::Unsigned));
        // An empty secret is one that everybody has.
        let open = push(service, "", body.as_bytes());
        assert_eq!(taken(&[""], &open), Err(Unwelcome::Unsigned));
    }
}

#[test]
fn each_service_is_known_by_its_own_signature_only() {
    for (service, other) in [
        (TrackingService::SeventeenTrack, TrackingService::Aftership),
        (TrackingService::Aftership, TrackingService::SeventeenTrack),
    ] {
        let body = told(service, "Delivered_001").to_string();
        let inbound = push(other, SECRET, body.as_bytes());
        let secrets = [SECRET.to_owned()];
        assert_eq!(receive(service, &secrets, &inbound), Err(Unwelcome::Unsigned));
    }
}

#[test]
fn what_is_signed_and_says_nothing_of_a_number_can_not_be_read() {
    for service in TrackingService::ALL {
        for body in ["", "{", "[]", "{}", r#"{"data": {}, "msg": {}}"#, r#"{"data": 1, "msg": 1}"#]
        {
            let secrets = [SECRET.to_owned()];
            let outcome = receive(service, &secrets, &push(service, SECRET, body.as_bytes()));
            let Err(Unwelcome::Unreadable(unreadable)) = outcome else { panic!("{outcome:?}") };
            assert_eq!(unreadable.field, "body");
        }
        let long = vec![b' '; BODY_BYTES_MAX + 1];
        let outcome = receive(service, &[SECRET.to_owned()], &push(service, SECRET, &long));
        assert_eq!(outcome, Err(Unwelcome::TooLarge));
    }
}

#[test]
fn an_event_without_news_has_a_number_and_no_scans() {
    let stopped = json!({"event": "TRACKING_STOPPED",
                         "data": {"number": "RR123456789CN", "carrier": 3011, "tag": null}});
    let push = received(TrackingService::SeventeenTrack, &stopped).unwrap();
    assert_eq!((push.number.as_str(), push.scans.len()), ("RR123456789CN", 0));
    let revised = json!({"event": "edd_revise",
                         "msg": {"tracking_number": "RR123456789CN", "checkpoints": null}});
    let push = received(TrackingService::Aftership, &revised).unwrap();
    assert_eq!((push.number.as_str(), push.scans.len()), ("RR123456789CN", 0));
}

#[test]
fn a_signature_is_what_others_make_of_the_same_bytes() {
    // printf '{"a":1}/key' | sha256sum; printf '{"a":1}' | openssl dgst -sha256 -hmac key -binary | base64
    let body = br#"{"a":1}"#;
    let sign = |service| push(service, "key", body).headers.remove(0).1;
    assert_eq!(sign(TrackingService::SeventeenTrack), SIGN);
    assert_eq!(sign(TrackingService::Aftership), HMAC);
    assert_eq!(STANDARD.decode(HMAC).unwrap().len(), 32);
}

#[test]
fn recorded_pushes_are_understood() {
    let Some(fixtures) = std::env::var_os("ONWARD_FIXTURES") else {
        return eprintln!("ONWARD_FIXTURES is not set: the recorded pushes were not read");
    };
    let read = |name: &str| -> Value {
        let path = std::path::Path::new(&fixtures).join(name);
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let (seventeen_track, aftership) =
        (TrackingService::SeventeenTrack, TrackingService::Aftership);
    for (service, name, number, scans) in [
        (seventeen_track, "17track/v2.2_doc_push_tracking_updated.json", "RR123456789CN", 0),
        (seventeen_track, "17track/v2.2_doc_push_tracking_stopped.json", "RR123456789CN", 0),
        (aftership, "aftership/webhook_2026-07_tracking_update.json", "0000000000000000", 1),
    ] {
        let push = received(service, &read(name)).unwrap();
        assert_eq!((push.number.as_str(), push.scans.len()), (number, scans), "{name}");
    }
    // What a look finds is what a push tells.
    let looked = read("17track/v2.2_gettrackinfo_delivered.json");
    let tracked = &looked["data"]["accepted"][0];
    let push = received(seventeen_track, &json!({"event": "TRACKING_UPDATED", "data": tracked}));
    let last = push.unwrap().scans.into_iter().max().unwrap();
    assert_eq!(last.status, ScanStatus::Delivered);
    let looked = read("aftership/v4_get_tracking.json");
    let push = received(aftership, &json!({"msg": looked["data"]["tracking"]})).unwrap();
    let last = push.scans.into_iter().max().unwrap();
    assert_eq!(
        (last.status, last.at),
        (ScanStatus::Delivered, "2018-07-25T01:10:00Z".parse().unwrap())
    );
    for name in ["edd_revise", "tracking_pending_time"] {
        received(aftership, &read(&format!("aftership/webhook_2026-07_{name}.json"))).unwrap();
    }
}

const SIGN: &str = "ce1f3638285ce98cc279ae905ca269761f0572e3402305cc71e7380061402f96";
const HMAC: &str = "iKZ/JLvNrtDmyZdAS7eadDuvRMa6svTCcyjjAJ0i40I=";
