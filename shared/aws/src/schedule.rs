//! The shell of the clock, behind a schedule.

use std::time::Instant;

use anyhow::Result;
use serde::de::IgnoredAny;
use serde_json::json;

use crate::lambda::answer_events;
use crate::telemetry;
use crate::world::World;

/// Runs a step whenever the schedule says so, for ever. A step that fails fails the invocation; the next one makes it good.
///
/// # Errors
/// When the environment lacks a variable, or Lambda is gone.
pub fn run_schedule(step: impl AsyncFn(&World) -> Result<()>) -> Result<()> {
    answer_events(async |world, _: IgnoredAny| {
        answer_schedule(world, async |world| step(world).await).await
    })
}

/// What [`run_schedule`] does when the schedule says so, and without Lambda around it.
///
/// # Errors
/// When the step fails.
pub async fn answer_schedule(
    world: &World,
    step: impl AsyncFn(&World) -> Result<()>,
) -> Result<()> {
    let started = Instant::now();
    let done = step(world).await;
    match &done {
        Ok(()) => {
            let fields = json!({ "duration_ms": telemetry::milliseconds_since(started) });
            telemetry::info("looked at what is due", fields);
        }
        Err(error) => {
            telemetry::error(&format!("the schedule's step failed: {error:#}"), json!({}))
        }
    }
    done
}
