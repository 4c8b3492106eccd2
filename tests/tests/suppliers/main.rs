//! From a routed order to the parcel at the door, with suppliers and a tracking service that misbehave.

#![expect(clippy::unwrap_used, reason = "what can't be unwrapped fails the test")]

mod faults;
mod forwarding;
mod inbox;
mod links;
mod play;
mod tracking;
