//! Onward's world on AWS, and what every function stands on.
//!
//! # Layout
//!
//! - [`Config`]: all that the environment says. [`World`]: all ports, on DynamoDB, SQS, S3, SSM, SES and plain HTTP,
//!   one module each.
//! - The shells, one per way in: [`run_batch`] for a queue, [`run_gathered`] for one whose step takes all of a batch at
//!   once, [`run_http`] for the API, [`run_stream`] for the stream of
//!   `Events`, [`run_schedule`] for the clock. Each builds the world, runs a step on what Lambda hands over, and logs.
//! - `together`: calls of several messages of a batch that AWS takes at once; `batches`: those to DynamoDB.
//! - `telemetry`: one JSON line per batch, answer and failure; [`Metric`]: what it counts for CloudWatch.
//! - `transport`: HTTP for all; `signed`: the AWS services that are called without a client crate.

mod archive;
mod batch;
mod batches;
mod catalog;
mod config;
mod dead_letters;
mod endpoints;
mod events;
mod fonts;
mod items;
mod kept;
mod lambda;
mod mail;
mod metrics;
mod notices;
mod operator;
mod pace;
mod people;
mod photos;
mod post;
mod public;
mod queues;
mod schedule;
mod secrets;
mod signed;
mod stream;
mod telemetry;
mod together;
mod transport;
mod views;
mod visits;
mod web;
mod world;

pub use batch::{answer_batch, answer_gathered, misdirected, run_batch, run_gathered};
pub use catalog::SkuEntry;
pub use config::Config;
pub use dead_letters::DeadLetter;
pub use metrics::{Counts, Metric, told};
pub use schedule::{answer_schedule, run_schedule};
pub use stream::{answer_stream, run_stream};
pub use telemetry::{Logged, logged};
pub use web::{answer_call, run_http};
pub use world::World;
