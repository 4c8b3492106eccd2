//! AfterShip as the outside world has it: it knows the same journeys as 17TRACK, in its own words; and what either calls
//! us with.

use std::collections::BTreeMap;

use connectors::signature::sign_base64;
use domain::settings::TrackingService;
use jiff::Timestamp;
use ports::{Inbound, Request, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::json_response;
use super::supplier::decode;
use super::tracking::Tracking;

/// What 17TRACK calls something, and what AfterShip does.
const SUBTAGS: [(&str, &str); 11] = [
    ("InfoReceived", "InfoReceived_001"),
    ("InTransit_PickedUp", "InTransit_002"),
    ("InTransit_Departure", "InTransit_007"),
    ("InTransit_Other", "InTransit_001"),
    ("OutForDelivery_Other", "OutForDelivery_001"),
    ("AvailableForPickup_Other", "AvailableForPickup_001"),
    ("DeliveryFailure_NoBody", "AttemptFail_002"),
    ("Delivered_Other", "Delivered_001"),
    ("Exception_Returning", "Exception_010"),
    ("Exception_Returned", "Exception_011"),
    ("Exception_Lost", "Exception_013"),
];

impl Tracking {
    pub(super) fn answer_as_aftership(&mut self, request: &Request, path: &str) -> Response {
        let failure = |status: u16, code: i64| json_response(status, &meta(code, &json!({})));
        if self.throttled > 0 {
            self.throttled -= 1;
            return failure(429, 429);
        }
        if !self.key.is_empty() && request.header("as-api-key") != Some(&self.key) {
            return failure(401, 401);
        }
        match (request.method, path.split_once('?')) {
            ("POST", None) => {
                let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                let number = body["tracking_number"].as_str().unwrap_or_default();
                if self.refused.contains_key(number) {
                    return failure(400, 4005);
                }
                let count = self.registered.entry(number.to_owned()).or_default();
                if *count > 0 {
                    return failure(400, 4003);
                }
                *count += 1;
                json_response(201, &meta(201, &self.as_aftership(number)))
            }
            ("GET", Some((_, query))) => {
                let wanted =
                    query.split('&').find_map(|pair| pair.strip_prefix("tracking_numbers="));
                let numbers = wanted.unwrap_or_default().split(',').map(decode);
                let known = numbers.filter(|number| self.registered.contains_key(number));
                let trackings: Vec<Value> =
                    known.map(|number| self.as_aftership(&number)).collect();
                let page = json!({ "has_next_page": false });
                json_response(
                    200,
                    &meta(200, &json!({ "pagination": page, "trackings": trackings })),
                )
            }
            _ => failure(404, 404),
        }
    }

    /// A tracking, oldest checkpoint first.
    fn as_aftership(&self, number: &str) -> Value {
        let mut events = self.journeys.get(number).map(|it| it.events.clone()).unwrap_or_default();
        events.sort();
        let checkpoint = |(at, sub_status): &(Timestamp, String)| {
            let subtag = SUBTAGS.iter().find(|(known, _)| known == sub_status);
            let subtag = subtag.map_or("Pending_001", |(_, subtag)| subtag);
            json!({
                "checkpoint_time": at, "created_at": at, "slug": "dhl",
                "tag": subtag.split('_').next(), "subtag": subtag, "message": sub_status,
            })
        };
        let checkpoints: Vec<Value> = events.iter().map(checkpoint).collect();
        json!({
            "id": "5b7658cec7c33c0e007de3c5",
            "tracking_number": number,
            "slug": "dhl",
            "tag": checkpoints.last().map(|last| last["tag"].clone()),
            "checkpoints": checkpoints,
        })
    }

    /// What a service tells us of a number by itself.
    #[must_use]
    pub fn told(&self, service: TrackingService, number: &str) -> Value {
        match service {
            TrackingService::SeventeenTrack => {
                json!({ "event": "TRACKING_UPDATED", "data": self.as_seventeen_track(number) })
            }
            TrackingService::Aftership => json!({
                "event": "tracking_update", "event_id": "94dadd60-ed26-46d0-aa52-3ced925a50ff",
                "is_tracking_first_tag": false, "msg": self.as_aftership(number), "ts": 1,
            }),
        }
    }
}

/// The header with which a service signs a body.
#[must_use]
pub fn signature(service: TrackingService, secret: &str, body: &[u8]) -> (String, String) {
    let (name, value) = match service {
        TrackingService::SeventeenTrack => {
            let hash = Sha256::new().chain_update(body).chain_update(format!("/{secret}"));
            let hash = hash.finalize();
            ("sign", hash.iter().map(|byte| format!("{byte:02x}")).collect())
        }
        TrackingService::Aftership => ("aftership-hmac-sha256", sign_base64(secret, &[body])),
    };
    (name.to_owned(), value)
}

/// A body, signed, as a service sends it to us.
#[must_use]
pub fn push(service: TrackingService, secret: &str, body: Vec<u8>) -> Inbound {
    Inbound {
        method: "POST".to_owned(),
        route: "/tracking/{service}".to_owned(),
        parameters: BTreeMap::from([("service".to_owned(), service.name().to_owned())]),
        headers: vec![signature(service, secret, &body)],
        body,
        ..Inbound::default()
    }
}

fn meta(code: i64, data: &Value) -> Value {
    json!({ "meta": { "code": code }, "data": data })
}
