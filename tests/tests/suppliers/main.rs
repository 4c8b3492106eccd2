//! From a routed order to the parcel at the door, with suppliers and a tracking service that misbehave.

#![expect(clippy::unwrap_used, reason = "what can't be unwrapped fails the test")]

mod faults;
mod forwarding;
mod inbox;
mod links;
mod play;
mod tracking;

/// The message in a sample event.
fn message(event: &str) -> domain::message::Message {
    let event: serde_json::Value = serde_json::from_str(event).unwrap();
    serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap()
}

#[test]
fn the_sample_events_are_for_their_functions() {
    use domain::message::Function;
    let forwarding = message(include_str!("../../../events/supplier-forwarding.json"));
    let tracking = message(include_str!("../../../events/tracking-poll.json"));
    assert_eq!(forwarding.function(), Function::SupplierForwarding);
    assert_eq!(tracking.function(), Function::TrackingPoll);
}
