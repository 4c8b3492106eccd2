//! The queues on SQS.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::message::{Function, Message};
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use ports::Queues;

use crate::metrics::{self, Metric};
use crate::world::World;

/// SQS takes no more in one call.
pub(crate) const BATCH_MAX: usize = 10;

impl Queues for World {
    async fn send(&self, messages: &[Message]) -> Result<()> {
        let mut bodies: BTreeMap<Function, Vec<String>> = BTreeMap::new();
        for message in messages {
            bodies.entry(message.function()).or_default().push(serde_json::to_string(message)?);
        }
        // All at once: whoever fails half-way sends all of it again.
        let batches = bodies.iter().flat_map(|(function, bodies)| {
            bodies.chunks(BATCH_MAX).map(|bodies| self.send_batch(*function, bodies))
        });
        try_join_all(batches).await.map(drop)
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
    async fn send_batch(&self, function: Function, bodies: &[String]) -> Result<()> {
        let sent = self.try_send_batch(function, bodies).await;
        sent.with_context(|| format!("failed to send to `{}`", function.name()))
    }

    async fn try_send_batch(&self, function: Function, bodies: &[String]) -> Result<()> {
        let url = &self.config.queues[&function];
        metrics::count(Metric::QueueSends, 1);
        if let [body] = bodies {
            self.sqs().send_message().queue_url(url).message_body(body).send().await?;
            return Ok(());
        }
        let mut batch = self.sqs().send_message_batch().queue_url(url);
        for (id, body) in bodies.iter().enumerate() {
            let entry =
                SendMessageBatchRequestEntry::builder().id(id.to_string()).message_body(body);
            batch = batch.entries(entry.build()?);
        }
        let failed = batch.send().await?.failed;
        let why = failed.first().map_or("", |failed| failed.code());
        ensure!(failed.is_empty(), "{} of {} were not taken: {why}", failed.len(), bodies.len());
        Ok(())
    }
}
