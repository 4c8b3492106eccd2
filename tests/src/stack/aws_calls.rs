//! Calls to AWS that none of our functions makes, and so none of our adapters knows: what a test wants to see of queues,
//! documents and logs. Signed with the rights of whoever deployed.

use anyhow::{Context, Result, ensure};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use ports::{Http as _, Request, Response};
use serde_json::{Value, json};

use super::Stack;
use super::pump::Connection;

/// The region and the credentials of every local stack.
const REGION: &str = "us-east-1";
const CREDENTIALS: &str = "test";

/// A message as its receiver sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What was sent.
    pub body: String,
    /// How often it was received so far.
    pub times: u32,
}

impl Stack {
    /// An object in one of the template's buckets, with its headers; none if there is none.
    ///
    /// # Errors
    /// When S3 does not answer.
    pub async fn object(&self, bucket: &str, key: &str) -> Result<Option<Response>> {
        let request = Request {
            method: "GET",
            url: format!("{}/{}/{key}", self.endpoint, self.resource(bucket)?),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let response = self.call_aws("s3", request).await?;
        match response.status {
            200 => Ok(Some(response)),
            404 => Ok(None),
            status => anyhow::bail!("S3 answered {status} for `{key}`"),
        }
    }

    /// Has one of the template's functions answer an event.
    ///
    /// # Errors
    /// When it fails.
    pub async fn invoke(&self, function: &str, event: &[u8]) -> Result<Value> {
        let name = self.resource(function)?;
        let request = Request {
            method: "POST",
            url: format!("{}/2015-03-31/functions/{name}/invocations", self.endpoint),
            headers: Vec::new(),
            body: event.to_vec(),
        };
        let response = self.call_aws("lambda", request).await?;
        let answer = String::from_utf8_lossy(&response.body).into_owned();
        let is_well = response.status == 200 && response.header("x-amz-function-error").is_none();
        ensure!(is_well, "{function} answered {}: {answer}", response.status);
        Ok(serde_json::from_str(&answer)?)
    }

    /// What connects one of the template's functions with what it is called by.
    ///
    /// # Errors
    /// When nothing does, or more than one thing.
    pub async fn connection(&self, function: &str) -> Result<Connection> {
        let name = self.resource(function)?;
        let path = "2015-03-31/event-source-mappings/";
        let request = Request {
            method: "GET",
            url: format!("{}/{path}?FunctionName={name}", self.endpoint),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let response = self.call_aws("lambda", request).await?;
        let answer: Value = serde_json::from_slice(&response.body)?;
        let [connection] = answer["EventSourceMappings"].as_array().map_or(&[][..], Vec::as_slice)
        else {
            anyhow::bail!("{function} is not called by one source: {answer}");
        };
        serde_json::from_value(connection.clone()).with_context(|| connection.to_string())
    }

    /// Sends any text to one of the template's queues.
    ///
    /// # Errors
    /// When SQS does not take it.
    pub async fn send_text(&self, queue: &str, body: &str) -> Result<()> {
        let message = json!({ "QueueUrl": self.resource(queue)?, "MessageBody": body });
        self.ask("sqs", "AmazonSQS.SendMessage", "1.0", &message).await?;
        Ok(())
    }

    /// What lies on one of the template's queues and can be received now. It stays there.
    ///
    /// # Errors
    /// When SQS does not answer.
    pub async fn look_into(&self, queue: &str) -> Result<Vec<Received>> {
        let question = json!({
            "QueueUrl": self.resource(queue)?, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0,
            "MessageSystemAttributeNames": ["ApproximateReceiveCount"]
        });
        let answer = self.ask("sqs", "AmazonSQS.ReceiveMessage", "1.0", &question).await?;
        let received = |message: &Value| {
            let times = message["Attributes"]["ApproximateReceiveCount"].as_str();
            Received {
                body: message["Body"].as_str().unwrap_or_default().to_owned(),
                times: times.and_then(|times| times.parse().ok()).unwrap_or_default(),
            }
        };
        Ok(answer["Messages"].as_array().into_iter().flatten().map(received).collect())
    }

    /// Every line in one of the template's log groups.
    ///
    /// # Errors
    /// When CloudWatch does not answer.
    pub async fn log_lines(&self, group: &str) -> Result<Vec<String>> {
        let mut question = json!({ "logGroupName": self.resource(group)? });
        let mut lines = Vec::new();
        loop {
            let answer =
                self.ask("logs", "Logs_20140328.FilterLogEvents", "1.1", &question).await?;
            let events = answer["events"].as_array().into_iter().flatten();
            lines.extend(events.filter_map(|event| event["message"].as_str().map(str::to_owned)));
            if answer["nextToken"].is_null() {
                return Ok(lines);
            }
            question["nextToken"] = answer["nextToken"].clone();
        }
    }

    /// What one of the template's resources is called.
    ///
    /// # Errors
    /// When the template has none of that name.
    pub fn resource(&self, name: &str) -> Result<&str> {
        let known = self.resources.get(name);
        known.map(String::as_str).with_context(|| format!("the template has no `{name}`"))
    }

    /// Calls a service that speaks AWS's JSON protocol of a version.
    ///
    /// # Errors
    /// When it refuses.
    pub async fn ask(
        &self,
        service: &str,
        action: &str,
        json: &str,
        body: &Value,
    ) -> Result<Value> {
        let header = |name: &str, value: String| (name.to_owned(), value);
        let request = Request {
            method: "POST",
            url: format!("{}/", self.endpoint),
            headers: vec![
                header("content-type", format!("application/x-amz-json-{json}")),
                header("x-amz-target", action.to_owned()),
            ],
            body: body.to_string().into_bytes(),
        };
        let response = self.call_aws(service, request).await?;
        let answer = String::from_utf8_lossy(&response.body).into_owned();
        ensure!(response.status == 200, "{action}: {} {answer}", response.status);
        Ok(serde_json::from_str(&answer)?)
    }

    async fn call_aws(&self, service: &str, mut request: Request) -> Result<Response> {
        let identity = Credentials::new(CREDENTIALS, CREDENTIALS, None, None, "local").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(service)
            .time(self.now().into())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let body = SignableBody::Bytes(&request.body);
        let signable = SignableRequest::new(request.method, request.url.as_str(), headers, body)?;
        let (headers, _) = sign(signable, &params)?.into_parts().0.into_parts();
        let signed = headers.iter().map(|it| (it.name().to_owned(), it.value().to_owned()));
        request.headers.extend(signed);
        self.world.call(request).await
    }
}
