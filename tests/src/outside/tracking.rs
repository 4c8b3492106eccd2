//! 17TRACK as the outside world has it: it knows the journeys of the parcels that it is told of.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ports::{Request, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::json_response;

/// What a parcel goes through, if nothing goes wrong, by sub-status.
const JOURNEY: [&str; 5] = [
    "InfoReceived",
    "InTransit_PickedUp",
    "InTransit_Departure",
    "OutForDelivery_Other",
    "Delivered_Other",
];

/// The tracking service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tracking {
    /// The key that calls must carry; empty lets every call in.
    pub key: String,
    /// Each parcel that a carrier has.
    pub journeys: BTreeMap<String, Journey>,
    /// How often each number was registered successfully: each time costs.
    pub registered: BTreeMap<String, u32>,
    /// Numbers that it will not take.
    pub refused: BTreeMap<String, i64>,
    /// So many calls from now on are too many.
    pub throttled: u32,
}

/// A parcel's journey.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Journey {
    /// When, and which sub-status; as the carrier reported it, in any order.
    pub events: Vec<(Timestamp, String)>,
}

impl Tracking {
    /// A carrier reports an event of a parcel.
    pub fn report(&mut self, number: &str, at: Timestamp, sub_status: &str) {
        let journey = self.journeys.entry(number.to_owned()).or_default();
        journey.events.push((at, sub_status.to_owned()));
    }

    /// Moves a parcel to the next stage of an ordinary journey; one that has arrived stays.
    pub fn advance(&mut self, number: &str, at: Timestamp) {
        let seen = self.journeys.get(number).map_or(0, |journey| journey.events.len());
        if let Some(sub_status) = JOURNEY.get(seen) {
            self.report(number, at, sub_status);
        }
    }

    /// Brings a parcel all the way to the door.
    pub fn deliver(&mut self, number: &str, at: Timestamp) {
        for _ in JOURNEY {
            self.advance(number, at);
        }
    }

    pub(super) fn answer(&mut self, request: &Request, action: &str) -> Response {
        let failure = |status, code: i64| {
            json_response(
                status,
                &json!({"code": code, "data": {"errors": [{"code": code, "message": "…"}]}}),
            )
        };
        if self.throttled > 0 {
            self.throttled -= 1;
            return failure(429, 429);
        }
        if !self.key.is_empty() && request.header("17token") != Some(&self.key) {
            return failure(200, -18_010_002);
        }
        let numbers: Vec<Value> = serde_json::from_slice(&request.body).unwrap_or_default();
        if numbers.is_empty() || numbers.len() > 40 {
            return failure(200, -18_010_014);
        }
        let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
        for number in numbers.iter().filter_map(|item| item["number"].as_str()) {
            let outcome = match action {
                "register" => self.register(number),
                "gettrackinfo" => self.look(number),
                _ => return failure(404, -18_010_003),
            };
            match outcome {
                Ok(item) => accepted.push(item),
                Err(code) => rejected
                    .push(json!({"number": number, "error": {"code": code, "message": "…"}})),
            }
        }
        json_response(
            200,
            &json!({"code": 0, "data": {"accepted": accepted, "rejected": rejected}}),
        )
    }

    fn register(&mut self, number: &str) -> Result<Value, i64> {
        if let Some(code) = self.refused.get(number) {
            return Err(*code);
        }
        let count = self.registered.entry(number.to_owned()).or_default();
        if *count > 0 {
            return Err(-18_019_901);
        }
        *count += 1;
        Ok(json!({"origin": 1, "number": number, "carrier": 3011, "tag": ""}))
    }

    fn look(&self, number: &str) -> Result<Value, i64> {
        if !self.registered.contains_key(number) {
            return Err(-18_019_902);
        }
        if !self.journeys.contains_key(number) {
            return Err(-18_019_909);
        }
        Ok(self.as_seventeen_track(number))
    }

    /// What 17TRACK says of a number, newest first.
    pub(super) fn as_seventeen_track(&self, number: &str) -> Value {
        let mut events = self.journeys.get(number).map(|it| it.events.clone()).unwrap_or_default();
        events.sort_by(|one, other| other.cmp(one));
        let event = |(at, sub_status): &(Timestamp, String)| {
            json!({
                "time_utc": at, "time_iso": at, "description": sub_status,
                "stage": null, "sub_status": sub_status,
                "address": {"coordinates": {"longitude": "114.08", "latitude": 22.5}},
            })
        };
        let events: Vec<Value> = events.iter().map(event).collect();
        json!({
            "number": number,
            "carrier": 3011,
            "track_info": {
                "latest_event": events.first(),
                "tracking": {"providers": [{"provider": {"key": 3011}, "events": events}]},
            },
        })
    }
}
