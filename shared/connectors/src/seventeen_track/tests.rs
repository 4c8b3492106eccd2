//! 17TRACK's replies, as it documents them and as others recorded them.

use std::cell::RefCell;

use domain::settings::TrackingService;
use ports::Response;
use serde_json::{Value, json};

use super::*;

/// Answers every call alike, and remembers what was asked.
struct Service {
    status: u16,
    reply: String,
    asked: RefCell<Vec<Request>>,
}

impl Service {
    fn new(status: u16, reply: &Value) -> Self {
        Self { status, reply: reply.to_string(), asked: RefCell::default() }
    }
}

impl Http for Service {
    async fn call(&self, request: Request) -> Result<Response> {
        self.asked.borrow_mut().push(request);
        let body = self.reply.clone().into_bytes();
        Ok(Response { status: self.status, headers: Vec::new(), body })
    }
}

impl Pace for Service {
    async fn turn(&self, _: &'static str, _: SignedDuration) {}
}

const ACCESS: Access<'_> = Access { service: TrackingService::SeventeenTrack, url: "", key: "key" };

fn number(number: &str, carrier: &str) -> Number {
    Number { number: number.to_owned(), carrier: carrier.to_owned() }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn looked(reply: &Value) -> Look {
    let looks = wait(look(&Service::new(200, reply), ACCESS, &[number("RR123456789CN", "")]));
    looks.unwrap().remove("RR123456789CN").unwrap()
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

#[test]
fn a_call_carries_the_key_and_the_carriers_code_where_its_name_leaves_no_doubt() {
    let service = Service::new(200, &json!({"code": 0, "data": {"accepted": [], "rejected": []}}));
    let numbers = [number("RR123456789CN", "China Post"), number("00340434", "DHL")];
    wait(register(&service, ACCESS, &numbers)).unwrap();

    let asked = service.asked.into_inner().remove(0);
    assert_eq!(asked.url, "https://api.17track.net/track/v2.4/register");
    assert_eq!(asked.header("17token"), Some("key"));
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(body, json!([{"number": "RR123456789CN", "carrier": 3011}, {"number": "00340434"}]));
}

#[test]
fn each_number_is_taken_or_refused_by_itself_and_one_known_before_is_taken() {
    let rejected = |number: &str, code: i64| json!({"number": number, "error": {"code": code, "message": "…"}});
    let service = Service::new(
        200,
        &json!({"code": 0, "data": {
            "accepted": [{"origin": 1, "number": "A", "carrier": 3011}],
            "rejected": [rejected("B", -18_019_901), rejected("C", -18_010_012), rejected("D", -18_019_908)],
        }}),
    );
    let registered = wait(register(&service, ACCESS, &[])).unwrap();
    let outcomes = [
        ("A", Registered::Yes),
        ("B", Registered::Yes),
        ("C", Registered::Never(-18_010_012)),
        ("D", Registered::NotNow(-18_019_908)),
    ];
    assert_eq!(registered, outcomes.map(|(number, outcome)| (number.to_owned(), outcome)).into());
}

#[test]
fn a_call_that_fails_as_a_whole_is_an_error_whatever_its_status() {
    let error =
        |code: i64| json!({"code": code, "data": {"errors": [{"code": code, "message": "…"}]}});
    for (status, reply) in [
        (200, error(-18_010_002)),
        (401, error(-18_010_002)),
        (200, error(-18_010_003)),
        (429, error(429)),
        (500, json!("no such JSON")),
        (200, json!({"code": 0, "data": {"accepted": [{}]}})),
    ] {
        assert!(wait(register(&Service::new(status, &reply), ACCESS, &[])).is_err(), "{reply}");
    }
}

#[test]
fn events_of_all_carriers_become_scans_and_those_without_time_or_meaning_do_not() {
    let event = |utc: Value, iso: Value, stage: Value, sub: Value| {
        json!({"time_utc": utc, "time_iso": iso, "stage": stage, "sub_status": sub,
            "address": {"coordinates": {"longitude": "114.08", "latitude": 22.5}}})
    };
    let (none, utc, iso) =
        (Value::Null, json!("2022-05-02T18:34:00Z"), json!("2022-05-01T14:34:00-04:00"));
    let providers = json!([
        {"events": [
            event(utc.clone(), none.clone(), json!("Delivered"), json!("Delivered_Other")),
            event(none.clone(), iso.clone(), none.clone(), json!("Exception_Returning")),
            event(none.clone(), json!("2022-05-01T14:34:00"), none.clone(), json!("Delivered_Other")),
            event(utc.clone(), none.clone(), none.clone(), json!("Expired_Other")),
            event(utc.clone(), none.clone(), none.clone(), none.clone()),
        ]},
        {"events": null},
        {"events": [event(json!("2022-04-26T06:30:00Z"), none.clone(), json!("PickedUp"), none)]},
    ]);
    let reply = json!({"code": 0, "data": {"accepted": [
        {"number": "RR123456789CN", "track_info": {"tracking": {"providers": providers}}}
    ]}});
    let scan =
        |time: &str, status, code: &str| Scan { at: at(time), status, code: code.to_owned() };
    let scans = vec![
        scan("2022-05-02T18:34:00Z", ScanStatus::Delivered, "Delivered_Other"),
        scan("2022-05-01T18:34:00Z", ScanStatus::Returning, "Exception_Returning"),
        scan("2022-04-26T06:30:00Z", ScanStatus::InTransit, "PickedUp"),
    ];
    assert_eq!(looked(&reply), Look::Scans(scans));
}

#[test]
fn a_number_of_which_nothing_is_known_yet_has_no_scans() {
    let rejected = |code: i64| {
        json!({"code": 0, "data": {"accepted": [], "rejected": [
            {"number": "RR123456789CN", "error": {"code": code, "message": "…"}}
        ]}})
    };
    let empty = json!({"code": 0, "data": {"accepted": [
        {"number": "RR123456789CN", "track_info": {"latest_event": null, "tracking": {"providers": []}}}
    ]}});
    assert_eq!(looked(&empty), Look::Scans(Vec::new()));
    assert_eq!(looked(&rejected(-18_019_909)), Look::Scans(Vec::new()));
    assert_eq!(looked(&rejected(-18_019_902)), Look::NotRegistered);
    assert_eq!(looked(&rejected(-18_019_910)), Look::Never(-18_019_910));
}

#[test]
fn every_sub_status_that_is_documented_means_something() {
    use ScanStatus::{
        AttemptFailed, Delivered, Exception, InTransit, LabelCreated, OutForDelivery,
        ReadyForPickup, Returned, Returning,
    };
    for (codes, status) in [
        ("InfoReceived", LabelCreated),
        ("InTransit_PickedUp InTransit_Other InTransit_Departure InTransit_Arrival", InTransit),
        ("InTransit_CustomsProcessing InTransit_CustomsReleased", InTransit),
        ("InTransit_CustomsRequiringInformation PickedUp Departure Arrival", InTransit),
        ("AvailableForPickup_Other AvailableForPickup", ReadyForPickup),
        ("OutForDelivery_Other OutForDelivery", OutForDelivery),
        ("DeliveryFailure_Other DeliveryFailure_NoBody DeliveryFailure_Security", AttemptFailed),
        ("DeliveryFailure_Rejected DeliveryFailure_InvalidAddress", AttemptFailed),
        ("Delivered_Other Delivered", Delivered),
        ("Exception_Other Exception_NoBody Exception_Security Exception_Damage", Exception),
        ("Exception_Rejected Exception_Delayed Exception_Lost Exception_Destroyed", Exception),
        ("Exception_Cancel", Exception),
        ("Exception_Returning Returning", Returning),
        ("Exception_Returned Returned", Returned),
    ] {
        for code in codes.split(' ') {
            assert_eq!(scan_status(code), Some(status), "{code}");
        }
    }
    for code in ["NotFound_Other", "NotFound_InvalidCode", "Expired_Other", ""] {
        assert_eq!(scan_status(code), None, "{code}");
    }
}

#[test]
fn recorded_replies_are_understood() {
    let Some(fixtures) = std::env::var_os("ONWARD_FIXTURES") else {
        return eprintln!(
            "ONWARD_FIXTURES is not set: the recorded replies of 17TRACK were not read"
        );
    };
    let read = |name: &str| -> Value {
        let path = std::path::Path::new(&fixtures).join("17track").join(name);
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    for (name, scans, last) in [
        ("v2.2_doc_gettrackinfo_full.json", 3, "2022-05-02T18:34:00Z"),
        ("v2.2_gettrackinfo_delivered.json", 4, "2022-05-02T18:34:00Z"),
    ] {
        let Look::Scans(mut found) = looked(&read(name)) else { panic!("{name} has no scans") };
        found.sort();
        let newest = found.last().unwrap();
        assert_eq!(
            (found.len(), newest.at, newest.status),
            (scans, at(last), ScanStatus::Delivered),
            "{name}"
        );
    }
    for name in ["v2.2_doc_register_accepted.json", "v2.2_response_accepted.json"] {
        let registered = wait(register(&Service::new(200, &read(name)), ACCESS, &[])).unwrap();
        assert_eq!(registered["RR123456789CN"], Registered::Yes, "{name}");
    }
    let mixed = read("v2.2_doc_mixed_accepted_rejected.json");
    let registered = wait(register(&Service::new(200, &mixed), ACCESS, &[])).unwrap();
    assert_eq!(registered["1234"], Registered::Never(-18_010_012));
    for name in [
        "v2.2_doc_error_429.json",
        "v2.2_doc_error_invalid_key.json",
        "v2.2_response_errors_-18010003.json",
    ] {
        assert!(wait(register(&Service::new(200, &read(name)), ACCESS, &[])).is_err(), "{name}");
    }
}
