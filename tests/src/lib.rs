//! The outside world, and what the tests share.
//!
//! - [`outside`]: shops, suppliers and 17TRACK as one state machine; `bin/outside.rs` serves it on loopback.
//! - [`purchase`]: what customers buy, as the webhooks of three kinds of shops.
//! - [`system`]: all of Onward in one process, on the world in memory.
//! - [`journey`]: that with the demo's shops, suppliers and catalogue, and everyone around it, told as a story.
//! - [`fonts`]: what is not in the binary of a function.
//! - [`simulation`]: all of Onward under a simulated world in which everything goes wrong, from one seed.
//! - [`stack`]: Onward deployed, as its neighbours see it; `bin/furnish.rs` gives it shops, settings and a catalogue.
//! - [`bench`]: what an order costs on AWS, counted.
//! - [`demo`]: the orders that `make demo` sends, and what is to become of them.
//! - [`loopback`]: HTTP, for all of them that others call.
//! - [`hostile`]: what is thrown at every parser of foreign bytes, and what must be true all the same.

pub mod bench;
pub mod demo;
pub mod fonts;
pub mod hostile;
pub mod journey;
pub mod loopback;
pub mod outside;
pub mod purchase;
pub mod simulation;
pub mod stack;
pub mod system;
