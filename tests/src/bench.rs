//! What an order costs on AWS, counted: the real steps behind their real shells, on the real adapters, against an AWS in
//! memory that counts what the real one would bill.
//!
//! - `cloud`, `dynamodb`, `expression`, `size`: AWS, as far as we call it; `archive`: what lies in it since long ago; `server`
//!   puts it on loopback, and `latency` lets answers take their time.
//! - `onward`: all functions on it, called as Lambda would call them, by queues, stream, API and clock.
//! - [`stories`]: what happens to the orders that are counted.
//! - [`growth`]: whether they cost more where a million others are stored.
//! - [`pace`]: how fast it all is on the world in memory.
//! - [`usage`], [`prices`], [`budget`]: what was used, what that costs, and what it may cost.
//! - [`rounds`]: what steps wait for, one after the other.
//! - [`cpu`], [`webhook`]: what functions compute for an order, and how long a shop waits for its answer.
//! - [`process`], [`start`]: a function as Lambda starts it; how long that takes, and how large it is.
//! - `processes`, [`billed`]: all functions so, by a clock that the bench sets; and how long each answer takes.
//! - [`parts`]: what makes it large.
//!
//! Counts are exact, and the same in every run. So is the time that functions are billed for, under the assumptions in
//! `tests/bench/prices.toml`: how long an answer takes, and what a call computes. [`billed`] has the processes themselves say it.

pub mod archive;
pub mod billed;
pub mod budget;
pub mod cloud;
pub mod cpu;
pub mod dynamodb;
pub mod expression;
pub mod growth;
pub mod latency;
pub mod onward;
pub mod pace;
pub mod parts;
pub mod prices;
pub mod process;
pub mod processes;
pub mod rounds;
pub mod server;
pub mod size;
pub mod start;
pub mod stories;
pub mod template;
pub mod usage;
pub mod webhook;

pub use template::memory_mb;
