//! Dead letters, which only an operator's command line reads: what failed five times, and why.
//!
//! A queue knows where its dead letters are, and SQS moves a message there as it is, under the same id. Why it failed is
//! not with it but in the logs, where each failure names the message.
//!
//! Putting back is receive, send, delete: `StartMessageMoveTask` would do it on AWS alone, and shows nothing before.

use anyhow::{Context, Result};
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, MessageSystemAttributeName};
use aws_sdk_sqs::types::{Message as Received, QueueAttributeName};
use domain::message::Function;
use jiff::{SignedDuration, Timestamp};
use ports::Request;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::batch::FAILED;
use crate::items::parsed;
use crate::queues::BATCH_MAX;
use crate::signed::{Service, succeed};
use crate::world::World;

/// While one person looks at dead letters and puts them back, nobody else sees them. Whoever dies over it gives them back
/// that much later.
const HIDDEN_SECONDS: i32 = 300;

/// How long after a message was sent its failures are looked for: five tries, and an hour of waiting that rings an alarm.
const FAILED_WITHIN: SignedDuration = SignedDuration::from_hours(12);

/// A message among the dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The same as in the queue that it failed in; the logs name it.
    pub message_id: String,
    /// What was sent.
    pub body: String,
    /// When it was first sent.
    pub sent_at: Timestamp,
    /// SQS's name for this look at it.
    pub receipt: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogPage {
    #[serde(default)]
    events: Vec<LogEvent>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct LogEvent {
    message: String,
}

impl World {
    /// The dead letters of a function that nobody else is looking at. They are hidden from others until they are put
    /// back, or left.
    ///
    /// # Errors
    /// When the world says not now.
    pub async fn dead_letters(&self, function: Function) -> Result<Vec<DeadLetter>> {
        let url = self.dead_letters_url(function).await?;
        let mut letters = Vec::new();
        loop {
            let receive = self
                .sqs()
                .receive_message()
                .queue_url(&url)
                .max_number_of_messages(BATCH_MAX as i32)
                .visibility_timeout(HIDDEN_SECONDS)
                // Asks all of SQS's servers, so that an empty answer means that there are none.
                .wait_time_seconds(1)
                .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
            let received = receive.send().await.context("failed to look for dead letters")?;
            let received = received.messages.unwrap_or_default();
            if received.is_empty() {
                return Ok(letters);
            }
            for message in received {
                letters.push(dead_letter(message)?);
            }
        }
    }

    /// Why it failed last, as its function said it; none if the logs don't say.
    ///
    /// # Errors
    /// When the world says not now, or the environment does not name the log group.
    pub async fn reason(&self, letter: &DeadLetter) -> Result<Option<String>> {
        let group = self.config.log_group.as_deref();
        let group = group.context("not in the environment: `AWS_LAMBDA_LOG_GROUP_NAME`")?;
        let mut question = json!({
            "logGroupName": group,
            "filterPattern": format!("\"{}\"", letter.message_id),
            "startTime": letter.sent_at.as_millisecond(),
            "endTime": (letter.sent_at + FAILED_WITHIN).as_millisecond(),
        });
        let mut last = None;
        loop {
            let page = self.log_page(&question).await.context("failed to read the logs")?;
            last =
                page.events.iter().filter_map(|event| failure(&event.message)).next_back().or(last);
            let Some(token) = page.next_token else { return Ok(last) };
            question["nextToken"] = token.into();
        }
    }

    async fn log_page(&self, question: &Value) -> Result<LogPage> {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let request = Request {
            method: "POST",
            url: format!("{}/", self.endpoint(Service::Logs)),
            headers: vec![
                header("content-type", "application/x-amz-json-1.1"),
                header("x-amz-target", "Logs_20140328.FilterLogEvents"),
            ],
            body: question.to_string().into_bytes(),
        };
        let response = self.call_repeatedly(Service::Logs, request).await.and_then(succeed)?;
        parsed(&response.body)
    }

    /// Sends the message to its function again, and only then takes it from the dead letters: who dies in between leaves
    /// it in both, and every function takes a message twice.
    ///
    /// # Errors
    /// When the world says not now.
    pub async fn put_back(&self, function: Function, letter: &DeadLetter) -> Result<()> {
        let queue = &self.config.queues[&function];
        let send = self.sqs().send_message().queue_url(queue).message_body(&letter.body);
        send.send().await.context("failed to send a dead letter again")?;
        let url = self.dead_letters_url(function).await?;
        let delete = self.sqs().delete_message().queue_url(url).receipt_handle(&letter.receipt);
        delete.send().await.context("a dead letter was sent again, and is still there")?;
        Ok(())
    }

    /// Leaves dead letters where they are, for the next who looks.
    ///
    /// # Errors
    /// When the world says not now; then they show themselves a little later.
    pub async fn leave(&self, function: Function, letters: &[DeadLetter]) -> Result<()> {
        let url = self.dead_letters_url(function).await?;
        for letters in letters.chunks(BATCH_MAX) {
            let mut show = self.sqs().change_message_visibility_batch().queue_url(&url);
            for (id, letter) in letters.iter().enumerate() {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(id.to_string())
                    .receipt_handle(&letter.receipt)
                    .visibility_timeout(0);
                show = show.entries(entry.build()?);
            }
            show.send().await.context("failed to leave the dead letters")?;
        }
        Ok(())
    }

    async fn dead_letters_url(&self, function: Function) -> Result<String> {
        let attribute = QueueAttributeName::RedrivePolicy;
        let ask = self.sqs().get_queue_attributes().queue_url(&self.config.queues[&function]);
        let found = ask.attribute_names(attribute.clone()).send().await;
        let found = found.with_context(|| format!("failed to ask for `{}`", function.name()))?;
        let policy = found.attributes.as_ref().and_then(|all| all.get(&attribute));
        let policy =
            policy.with_context(|| format!("`{}` has no dead letters", function.name()))?;
        let policy: RedrivePolicy = serde_json::from_str(policy)?;
        let name = policy.dead_letter_target_arn.rsplit(':').next().unwrap_or_default();
        let found = self.sqs().get_queue_url().queue_name(name).send().await;
        found.with_context(|| format!("failed to ask for `{name}`"))?.queue_url.context("no URL")
    }
}

fn dead_letter(received: Received) -> Result<DeadLetter> {
    let attributes = received.attributes.unwrap_or_default();
    let sent_at = attributes.get(&MessageSystemAttributeName::SentTimestamp);
    let sent_at = sent_at.and_then(|milliseconds| milliseconds.parse().ok()).unwrap_or_default();
    Ok(DeadLetter {
        message_id: received.message_id.context("a message has no id")?,
        body: received.body.unwrap_or_default(),
        sent_at: Timestamp::from_millisecond(sent_at)?,
        receipt: received.receipt_handle.context("a message has no receipt")?,
    })
}

/// What a log line says of a failure; none if it is of something else.
fn failure(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    line["message"].as_str()?.strip_prefix(FAILED).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logs_say_why_and_other_lines_say_nothing() {
        let line = json!({"message": format!("{FAILED}no settings"), "message.id": "m"});
        assert_eq!(failure(&line.to_string()).as_deref(), Some("no settings"));
        for other in [r#"{"message": "took a batch"}"#, "START RequestId", "{}"] {
            assert_eq!(failure(other), None, "{other}");
        }
    }
}
