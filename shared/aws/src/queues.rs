//! The queues on SQS.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::message::{Function, Message};
use futures_util::future::join_all;
use jiff::SignedDuration;
use ports::Queues;

use crate::metrics::{self, Metric};
use crate::together::{Part, Waiting};
use crate::world::World;

/// SQS takes no more in one call.
pub(crate) const BATCH_MAX: usize = 10;

/// A message to a function's queue, as one of several. It may fail alone.
#[derive(Debug)]
pub(crate) struct Letter {
    function: Function,
    body: String,
}

impl Part for Letter {
    type Answer = Result<()>;

    fn waiting(world: &World) -> &Waiting<Self> {
        &world.letters
    }

    async fn call(world: &World, parts: Vec<Self>) -> Vec<Self::Answer> {
        let mut places: BTreeMap<Function, Vec<usize>> = BTreeMap::new();
        for (place, letter) in parts.iter().enumerate() {
            places.entry(letter.function).or_default().push(place);
        }
        let batches = places.iter().flat_map(|(function, places)| {
            places.chunks(BATCH_MAX).map(async |places| {
                let bodies: Vec<&str> = places.iter().map(|place| &*parts[*place].body).collect();
                let sent = world.send_batch(*function, &bodies).await;
                places.iter().copied().zip(sent).collect::<Vec<_>>()
            })
        });
        let sent: BTreeMap<usize, Result<()>> =
            join_all(batches).await.into_iter().flatten().collect();
        sent.into_values().collect()
    }
}

impl Queues for World {
    async fn send(&self, messages: &[Message]) -> Result<()> {
        let letter = |message: &Message| {
            let body = serde_json::to_string(message)?;
            Ok(Letter { function: message.function(), body })
        };
        let letters = messages.iter().map(letter).collect::<Result<Vec<_>>>()?;
        // Whoever fails half-way sends all of it again.
        self.call_together(letters).await.into_iter().collect()
    }

    async fn send_later(&self, message: &Message, delay: SignedDuration) -> Result<()> {
        let function = message.function();
        // Not a second too early; what comes too late only waited.
        metrics::count(Metric::QueueSends, 1);
        let seconds = i32::try_from((delay.as_millis() + 999) / 1_000)?;
        let sent = self
            .sqs()
            .send_message()
            .queue_url(&self.config.queues[&function])
            .message_body(serde_json::to_string(message)?)
            .delay_seconds(seconds)
            .send()
            .await;
        sent.map(drop).with_context(|| format!("failed to send to `{}`", function.name()))
    }
}

impl World {
    /// What became of each message.
    async fn send_batch(&self, function: Function, bodies: &[&str]) -> Vec<Result<()>> {
        let sent = self.try_send_batch(function, bodies).await;
        let answer = |place: usize| {
            let failed = match &sent {
                Ok(failed) => failed.get(&place).cloned(),
                Err(error) => Some(format!("{error:#}")),
            };
            let error = |why| anyhow!("failed to send to `{}`: {why}", function.name());
            failed.map_or(Ok(()), |why| Err(error(why)))
        };
        (0..bodies.len()).map(answer).collect()
    }

    /// The places of messages that were not taken, and why.
    async fn try_send_batch(
        &self,
        function: Function,
        bodies: &[&str],
    ) -> Result<BTreeMap<usize, String>> {
        let url = &self.config.queues[&function];
        metrics::count(Metric::QueueSends, 1);
        if let [body] = bodies {
            self.sqs().send_message().queue_url(url).message_body(*body).send().await?;
            return Ok(BTreeMap::new());
        }
        let mut batch = self.sqs().send_message_batch().queue_url(url);
        for (id, body) in bodies.iter().enumerate() {
            let entry =
                SendMessageBatchRequestEntry::builder().id(id.to_string()).message_body(*body);
            batch = batch.entries(entry.build()?);
        }
        let failed = batch.send().await?.failed;
        failed.into_iter().map(|failed| Ok((failed.id.parse()?, failed.code))).collect()
    }
}
