//! The stream of `Events` and the function behind it, connected as AWS does it.
//!
//! The emulator's own connection drops what a function reports of a batch, and delivers a batch that fails as a whole for
//! ever. This one reads the stream beside it and does what the template says: from the earliest record that failed once
//! more, half a batch at a time when all of it failed, only so often, and then the rest of the batch to the dead letters.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html>

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Stack;

/// What the template says of the connection.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Connection {
    /// Of the stream.
    pub event_source_arn: String,
    /// Records in one call, at the most.
    pub batch_size: usize,
    /// Whether a batch that failed as a whole is halved.
    #[serde(default)]
    pub bisect_batch_on_function_error: bool,
    /// After the first try.
    pub maximum_retry_attempts: u32,
    /// What the function's answer says.
    pub function_response_types: Vec<String>,
    /// Where a batch goes that failed each time.
    pub destination_config: Destinations,
}

/// Where what failed goes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Destinations {
    /// A queue.
    pub on_failure: Destination,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Destination {
    /// Its ARN.
    pub destination: String,
}

/// Delivers records of the stream to the projection.
pub struct Pump<'a> {
    stack: &'a Stack,
    connection: Connection,
    /// Where to read on.
    iterator: String,
}

/// How a call ended.
enum Answer {
    Done,
    /// All before this record is done.
    FailedFrom(usize),
    Failed,
}

impl<'a> Pump<'a> {
    /// A pump that delivers what comes from now on.
    ///
    /// # Errors
    /// When there is no stream.
    pub async fn from_now(stack: &'a Stack) -> Result<Self> {
        let connection = stack.connection("ProjectionFunction").await?;
        let arn = &connection.event_source_arn;
        let described = stack.ask_stream("DescribeStream", &json!({"StreamArn": arn})).await?;
        // The emulator's streams have one shard.
        let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
        let latest = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "LATEST"});
        let found = stack.ask_stream("GetShardIterator", &latest).await?;
        let iterator = found["ShardIterator"].as_str().context("there is no shard")?.to_owned();
        Ok(Self { stack, connection, iterator })
    }

    /// Delivers the next batch, whatever becomes of it; gives its records, none when there is nothing new.
    ///
    /// # Errors
    /// When the stream can't be read.
    pub async fn deliver_batch(&mut self) -> Result<Vec<Value>> {
        let limit = self.connection.batch_size;
        let question = json!({"ShardIterator": self.iterator, "Limit": limit});
        let read = self.stack.ask_stream("GetRecords", &question).await?;
        let next = read["NextShardIterator"].as_str();
        next.context("the shard has ended")?.clone_into(&mut self.iterator);
        let mut records = read["Records"].as_array().cloned().unwrap_or_default();
        for record in &mut records {
            record["eventSourceARN"] = json!(self.connection.event_source_arn);
        }
        self.deliver(&records).await?;
        Ok(records)
    }

    async fn deliver(&self, records: &[Value]) -> Result<()> {
        let mut work = vec![(records, 0)];
        while let Some((records, retries)) = work.pop() {
            if records.is_empty() {
                continue;
            }
            let left = match self.call(records).await? {
                Answer::Done => continue,
                Answer::FailedFrom(place) => &records[place..],
                // A half is another batch, and costs no retry.
                Answer::Failed
                    if self.connection.bisect_batch_on_function_error && records.len() > 1 =>
                {
                    let (earlier, later) = records.split_at(records.len() / 2);
                    work.extend([(later, retries), (earlier, retries)]);
                    continue;
                }
                Answer::Failed => records,
            };
            if retries < self.connection.maximum_retry_attempts {
                work.push((left, retries + 1));
            } else {
                self.give_up(left).await?;
            }
        }
        Ok(())
    }

    async fn call(&self, records: &[Value]) -> Result<Answer> {
        let event = json!({ "Records": records }).to_string();
        let Ok(answer) = self.stack.invoke("ProjectionFunction", event.as_bytes()).await else {
            return Ok(Answer::Failed);
        };
        let failed = answer["batchItemFailures"].as_array().into_iter().flatten();
        let place_of = |failure: &Value| {
            records.iter().position(|record| *sequence_number(record) == failure["itemIdentifier"])
        };
        let places: Option<Vec<usize>> = failed.map(place_of).collect();
        // AWS takes an answer that names none of the records for a failure of all.
        Ok(match places.map(|places| places.into_iter().min()) {
            Some(None) => Answer::Done,
            Some(Some(place)) => Answer::FailedFrom(place),
            None => Answer::Failed,
        })
    }

    /// What AWS tells the dead letters of a batch: not the records, but where they are in the stream.
    async fn give_up(&self, records: &[Value]) -> Result<()> {
        let queue = &self.connection.destination_config.on_failure.destination;
        let dead_letters = self.stack.resource("ProjectionDeadLetters")?;
        let name = dead_letters.rsplit('/').next().unwrap_or_default();
        ensure!(queue.ends_with(&format!(":{name}")), "`{queue}` is not {name}");
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(()) };
        let told = json!({
            "requestContext": {"condition": "RetryAttemptsExhausted"},
            "version": "1.0",
            "DDBStreamBatchInfo": {
                "startSequenceNumber": sequence_number(first),
                "endSequenceNumber": sequence_number(last),
                "batchSize": records.len(),
                "streamArn": self.connection.event_source_arn,
            },
        });
        self.stack.send_text("ProjectionDeadLetters", &told.to_string()).await
    }
}

/// A record's place in the stream.
#[must_use]
pub fn sequence_number(record: &Value) -> &Value {
    &record["dynamodb"]["SequenceNumber"]
}

impl Stack {
    /// Calls DynamoDB Streams.
    ///
    /// # Errors
    /// When it refuses.
    pub async fn ask_stream(&self, action: &str, question: &Value) -> Result<Value> {
        let action = format!("DynamoDBStreams_20120810.{action}");
        self.ask("dynamodb", &action, "1.0", question).await
    }
}
