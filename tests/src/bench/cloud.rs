//! The part of AWS that our functions call, in memory: DynamoDB, SQS, S3, Parameter Store and SES behind one address. It
//! costs nothing, and counts what AWS would bill.

use std::collections::{BTreeMap, VecDeque};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use ports::{Request, Response};
use serde_json::{Value, json};

use super::dynamodb::Tables;
use super::usage::{Measure, Usage};

/// Where Parameter Store has the secrets.
pub const SECRETS_PATH: &str = "/onward/bench/";

/// What buckets and queues of this cloud are called, so that a path tells them from the outside world's.
pub const BUCKETS: [&str; 2] = ["documents-bucket", "refused-bucket"];

/// AWS in memory.
#[derive(Default)]
pub struct Cloud {
    /// DynamoDB, and what was used of everything.
    pub tables: Tables,
    /// The queues by name: each message with the moment of its sending.
    pub queues: BTreeMap<String, VecDeque<(Timestamp, String)>>,
    /// Parameter Store.
    pub secrets: BTreeMap<String, String>,
    /// Names and sizes of what was put into buckets, in bytes.
    pub objects: BTreeMap<String, usize>,
}

impl Cloud {
    /// What was used so far.
    pub fn usage(&mut self) -> &mut Usage {
        &mut self.tables.usage
    }

    /// Answers a call, and names it by service and operation; none if it is for someone outside.
    ///
    /// # Errors
    /// When it is of a kind that none of our adapters used to make.
    pub fn answer(&mut self, request: &Request) -> Result<Option<(String, Response)>> {
        let answered = self.look_up(request)?;
        if let Some((call, _)) = &answered {
            self.usage().add(Measure::Calls, call, 1);
        }
        Ok(answered)
    }

    fn look_up(&mut self, request: &Request) -> Result<Option<(String, Response)>> {
        if let Some(target) = request.header("x-amz-target") {
            let (service, operation) = target.split_once('.').context("a target has a dot")?;
            let body: Value = serde_json::from_slice(&request.body)?;
            if self.tables.refuses == Some(operation) {
                let refused =
                    json!({ "__type": "com.amazon#ValidationException", "message": "no" });
                return Ok(Some((format!("refused.{operation}"), respond(400, &refused))));
            }
            let (service, (status, answer)) = match service {
                "DynamoDB_20120810" => ("dynamodb", self.tables.answer(operation, &body)?),
                "AmazonSQS" => ("sqs", (200, self.queue(operation, &body)?)),
                "AmazonSSM" => ("ssm", (200, self.parameters())),
                _ => bail!("nobody answers `{target}`"),
            };
            return Ok(Some((format!("{service}.{operation}"), respond(status, &answer))));
        }
        let path = request.url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        let path = path.map_or("", |(_, path)| path);
        let (first, _) = path.split_once('/').unwrap_or((path, ""));
        if BUCKETS.contains(&first) {
            self.usage().add(Measure::Objects, first, 1);
            self.objects.insert(path.to_owned(), request.body.len());
            return Ok(Some(("s3.PutObject".to_owned(), respond(200, &json!({})))));
        }
        if path == "v2/email/outbound-emails" {
            let sent = respond(200, &json!({ "MessageId": "1" }));
            return Ok(Some(("ses.SendEmail".to_owned(), sent)));
        }
        Ok(None)
    }

    fn queue(&mut self, operation: &str, request: &Value) -> Result<Value> {
        let url = request["QueueUrl"].as_str().context("there is no queue")?;
        let name = url.rsplit('/').next().unwrap_or(url).to_owned();
        self.usage().add(Measure::QueueRequests, operation, 1);
        let now = self.tables.now;
        let queue = self.queues.entry(name).or_default();
        let mut send = |entry: &Value| {
            let body = entry["MessageBody"].as_str().context("there is no body")?.to_owned();
            queue.push_back((now, body));
            anyhow::Ok(json!({ "Id": entry["Id"], "MessageId": "1", "MD5OfMessageBody": "0" }))
        };
        match operation {
            "SendMessage" => send(request),
            "SendMessageBatch" => {
                let entries = request["Entries"].as_array().into_iter().flatten();
                let (left, entries): (Vec<&Value>, Vec<&Value>) =
                    entries.partition(|entry| self.tables.is_left(operation, entry));
                let failed = |entry: &Value| json!({ "Id": entry["Id"], "Code": "InternalError", "SenderFault": false });
                let failed: Vec<Value> = left.into_iter().map(failed).collect();
                let sent = entries.into_iter().map(send).collect::<Result<Vec<_>>>()?;
                Ok(json!({ "Successful": sent, "Failed": failed }))
            }
            _ => bail!("nobody answers `{operation}`"),
        }
    }

    fn parameters(&self) -> Value {
        let parameter = |(name, value): (&String, &String)| json!({ "Name": format!("{SECRETS_PATH}{name}"), "Value": value });
        json!({ "Parameters": self.secrets.iter().map(parameter).collect::<Vec<_>>() })
    }
}

fn respond(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type".to_owned(), "application/x-amz-json-1.0".to_owned())];
    Response { status, headers, body: body.to_string().into_bytes() }
}
