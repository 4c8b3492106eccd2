//! The life of a function: build the world, then answer one event after the other.

use anyhow::{Result, anyhow};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::telemetry;
use crate::world::World;

/// Answers events until Lambda ends the process. What `answer` gives back as an error fails the invocation.
pub(crate) fn answer_events<Event, Answer>(
    answer: impl AsyncFn(&World, Event) -> Result<Answer>,
) -> Result<()>
where
    Event: DeserializeOwned,
    Answer: Serialize,
{
    telemetry::introduce();
    let world = World::from_env()?;
    // One thread is all that a function of this size is given.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer_event =
        async |event: LambdaEvent<Event>| answer(&world, event.payload).await.map_err(diagnostic);
    let serve = lambda_runtime::run(service_fn(answer_event));
    runtime.block_on(serve).map_err(|error| anyhow!("the Lambda runtime ended: {error}"))
}

fn diagnostic(error: anyhow::Error) -> Diagnostic {
    Diagnostic { error_type: "failed".to_owned(), error_message: format!("{error:#}") }
}
