//! AfterShip's replies, as it documents them and as its SDKs recorded them.

use std::cell::RefCell;

use domain::settings::TrackingService;
use ports::Request;
use serde_json::json;

use super::*;

/// Answers each call with the next reply, and remembers what was asked and how often it was waited for.
struct Service {
    replies: RefCell<Vec<(u16, Value)>>,
    asked: RefCell<Vec<Request>>,
    turns: RefCell<u32>,
}

impl Service {
    fn new(replies: &[(u16, Value)]) -> Self {
        let replies = replies.iter().rev().cloned().collect();
        Self {
            replies: RefCell::new(replies),
            asked: RefCell::default(),
            turns: RefCell::default(),
        }
    }
}

impl Http for Service {
    async fn call(&self, request: Request) -> Result<Response> {
        self.asked.borrow_mut().push(request);
        let (status, reply) = self.replies.borrow_mut().pop().context("nobody answers")?;
        Ok(Response { status, headers: Vec::new(), body: reply.to_string().into_bytes() })
    }
}

impl Pace for Service {
    async fn turn(&self, _: &'static str, _: SignedDuration) {
        *self.turns.borrow_mut() += 1;
    }
}

const ACCESS: Access<'_> = Access { service: TrackingService::Aftership, url: "", key: "key" };

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn numbers(of: &[(&str, &str)]) -> Vec<Number> {
    of.iter()
        .map(|(number, carrier)| Number {
            number: (*number).to_owned(),
            carrier: (*carrier).to_owned(),
        })
        .collect()
}

fn meta(code: i64) -> Value {
    json!({"meta": {"code": code, "type": "X", "message": "…"}, "data": {}})
}

#[test]
fn a_number_is_registered_with_its_carrier_where_the_name_leaves_no_doubt() {
    let service = Service::new(&[(201, meta(201)), (201, meta(201))]);
    wait(register(&service, ACCESS, &numbers(&[("A/1", "China Post"), ("B", "DHL")]))).unwrap();
    let asked = service.asked.into_inner();
    assert_eq!(asked[0].url, "https://api.aftership.com/tracking/2026-07/trackings");
    assert_eq!(asked[0].header("as-api-key"), Some("key"));
    let body = |at: usize| -> Value { serde_json::from_slice(&asked[at].body).unwrap() };
    assert_eq!(body(0), json!({"tracking_number": "A/1", "slug": "china-post"}));
    assert_eq!(body(1), json!({"tracking_number": "B"}));
    assert_eq!(service.turns.into_inner(), 2);
}

#[test]
fn each_number_is_taken_or_refused_by_itself_and_one_known_before_is_taken() {
    let codes = [(201, 201), (400, 4003), (400, 4005), (400, 4012), (404, 4004)];
    let replies = codes.map(|(status, code)| (status, meta(code)));
    let of = [("A", ""), ("B", ""), ("C", ""), ("D", ""), ("E", "")];
    let registered = wait(register(&Service::new(&replies), ACCESS, &numbers(&of))).unwrap();
    let outcomes = [
        ("A", Registered::Yes),
        ("B", Registered::Yes),
        ("C", Registered::Never(4005)),
        ("D", Registered::Never(4012)),
        ("E", Registered::NotNow(4004)),
    ];
    assert_eq!(registered, outcomes.map(|(number, outcome)| (number.to_owned(), outcome)).into());
}

#[test]
fn what_is_nothing_about_a_number_is_an_error() {
    for (status, reply) in
        [(401, meta(401)), (403, meta(403)), (429, meta(429)), (500, meta(500)), (200, json!("…"))]
    {
        let service = Service::new(&[(status, reply.clone()), (status, reply.clone())]);
        assert!(wait(register(&service, ACCESS, &numbers(&[("A", "")]))).is_err(), "{reply}");
        assert!(wait(look(&service, ACCESS, &numbers(&[("A", "")]))).is_err(), "{reply}");
    }
}

#[test]
fn numbers_are_looked_up_together_and_those_that_are_missing_are_not_registered() {
    let checkpoint = |time: &str, subtag: &str| json!({"checkpoint_time": time, "tag": "InTransit", "subtag": subtag});
    let tracking = |number: &str, checkpoints: Value| json!({"tracking_number": number, "checkpoints": checkpoints});
    // One number, known at two carriers.
    let trackings = json!([
        tracking("A", json!([checkpoint("2026-11-20T09:00:00Z", "InTransit_001")])),
        tracking("A", json!([checkpoint("2026-11-21T09:00:00Z", "InTransit_003")])),
        tracking("B", json!([])),
        tracking("stranger", json!([])),
    ]);
    let reply = json!({"meta": {"code": 200}, "data": {"trackings": trackings}});
    let service = Service::new(&[(200, reply)]);
    let looks = wait(look(&service, ACCESS, &numbers(&[("A", ""), ("B", ""), ("C", "")]))).unwrap();
    let Look::Scans(scans) = &looks["A"] else { panic!("{looks:?}") };
    assert_eq!(scans.len(), 2);
    assert_eq!(looks["B"], Look::Scans(Vec::new()));
    assert_eq!(looks["C"], Look::NotRegistered);
    assert_eq!(looks.len(), 3);
    let asked = service.asked.into_inner().remove(0).url;
    assert!(asked.ends_with("/trackings?limit=200&tracking_numbers=A,B,C"), "{asked}");
}

#[test]
fn a_time_without_its_place_is_in_order_and_never_later_than_it_was_heard_of() {
    let at = |time: &str, created_at: Option<&str>| {
        let checkpoint = json!({"checkpoint_time": time, "created_at": created_at,
                                "tag": "Delivered", "subtag": ""});
        let checkpoint: Checkpoint = serde_json::from_value(checkpoint).unwrap();
        checkpoint.scan().map(|scan| (scan.at.to_string(), scan.code))
    };
    let scan = |at: &str| Some((at.to_owned(), "Delivered".to_owned()));
    assert_eq!(at("2026-11-20T17:00:00+08:00", None), scan("2026-11-20T09:00:00Z"));
    assert_eq!(at("2026-11-20T17:00:00", None), scan("2026-11-20T17:00:00Z"));
    let heard = Some("2026-11-20T09:05:00+00:00");
    assert_eq!(at("2026-11-20T17:00:00", heard), scan("2026-11-20T09:05:00Z"));
    assert_eq!(at("2026-11-20T03:00:00", heard), scan("2026-11-20T03:00:00Z"));
    assert_eq!(at("yesterday", heard), None);
}

#[test]
fn recorded_replies_are_understood() {
    let Some(fixtures) = std::env::var_os("ONWARD_FIXTURES") else {
        return eprintln!(
            "ONWARD_FIXTURES is not set: the recorded replies of AfterShip were not read"
        );
    };
    let read = |name: &str| -> Value {
        let path = std::path::Path::new(&fixtures).join(format!("aftership/v4_{name}.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let created = Service::new(&[(201, read("create_tracking"))]);
    let registered = wait(register(&created, ACCESS, &numbers(&[("1111111111111", "")]))).unwrap();
    assert_eq!(registered["1111111111111"], Registered::Yes);
    let found = Service::new(&[(200, read("get_trackings"))]);
    let looks = wait(look(&found, ACCESS, &numbers(&[("1111111111111", "")]))).unwrap();
    let Look::Scans(scans) = &looks["1111111111111"] else { panic!("{looks:?}") };
    assert_eq!(scans.iter().max().unwrap().status, ScanStatus::Delivered);
    let refused = Service::new(&[(401, read("error"))]);
    assert!(wait(look(&refused, ACCESS, &numbers(&[("1", "")]))).is_err());
}
