//! Mail to customers through SES, and SMS through SNS.
//!
//! <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>,
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_builder::MessageBuilder;
use mail_builder::headers::raw::Raw;
use ports::{Letter, Post, Request, Response, Sending, TextMessage};
use serde_json::{Value, json};

use crate::items::parsed;
use crate::signed::{Service, error_code, is_passing, percent_encoded};
use crate::world::World;

impl Post for World {
    async fn send_letter(&self, letter: &Letter) -> Result<Sending> {
        let sender = letter.from.1.as_ref().unwrap_or(&self.config.mail_from);
        let raw = written(sender, letter).context("failed to write the mail")?;
        let mut body = json!({
            "FromEmailAddress": sender,
            "Destination": { "ToAddresses": [letter.to] },
            "Content": { "Raw": { "Data": STANDARD.encode(raw) } },
        });
        if let Some(recipient) = &letter.recipient {
            body["EmailTags"] = json!([{ "Name": "recipient", "Value": recipient }]);
        }
        if let Some(configuration_set) = &self.config.configuration_set {
            body["ConfigurationSetName"] = json!(configuration_set);
        }
        let request = Request {
            method: "POST",
            url: format!("{}/v2/email/outbound-emails", self.endpoint(Service::Ses)),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        };
        let answered = self.call_signed(Service::Ses, request).await;
        sending(&answered.context("failed to send the mail")?, |body| {
            let sent: Value = parsed(body)?;
            Ok(sent["MessageId"].as_str().unwrap_or_default().to_owned())
        })
    }

    async fn send_text(&self, text: &TextMessage) -> Result<Sending> {
        let request = Request {
            method: "POST",
            url: format!("{}/", self.endpoint(Service::Sns)),
            headers: vec![(
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: form(text).into_bytes(),
        };
        let answered = self.call_signed(Service::Sns, request).await;
        sending(&answered.context("failed to send the SMS")?, |body| {
            let body = String::from_utf8_lossy(body);
            let (_, rest) = body.split_once("<MessageId>").context("it names no message")?;
            Ok(rest.split('<').next().unwrap_or_default().to_owned())
        })
    }
}

/// What an answer means. A server that broke down may have sent it before.
fn sending(
    response: &Response,
    message_id: impl FnOnce(&[u8]) -> Result<String>,
) -> Result<Sending> {
    let why = || error_code(response).unwrap_or_else(|| format!("status {}", response.status));
    match response.status {
        200..300 => Ok(Sending::Sent { message_id: message_id(&response.body)? }),
        500.. => anyhow::bail!("it answered {}, {}", response.status, why()),
        _ if is_passing(response) || is_limit(&why()) => Ok(Sending::NotNow { why: why() }),
        _ => Ok(Sending::Refused { why: why() }),
    }
}

/// What an account may not do at this time, and may later: a quota, or a pause that AWS imposed.
fn is_limit(code: &str) -> bool {
    ["LimitExceeded", "TooManyRequests", "SendingPaused", "AccountSuspended", "AccessDenied"]
        .iter()
        .any(|known| code.contains(known))
}

/// The mail in MIME, with what keeps automata from answering it.
fn written(sender: &str, letter: &Letter) -> std::io::Result<Vec<u8>> {
    let mut message = MessageBuilder::new()
        .from((letter.from.0.as_str(), sender))
        .to(letter.to.as_str())
        .subject(letter.subject.as_str())
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .text_body(letter.text.as_str())
        .html_body(letter.html.as_str());
    if let Some(reply_to) = &letter.reply_to {
        message = message.reply_to(reply_to.as_str());
    }
    message.write_to_vec()
}

/// One that tells of something, and is paid as such.
fn form(text: &TextMessage) -> String {
    let fields = [
        ("Action", "Publish"),
        ("Version", "2010-03-31"),
        ("PhoneNumber", &text.to),
        ("Message", &text.text),
        ("MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SMSType"),
        ("MessageAttributes.entry.1.Value.DataType", "String"),
        ("MessageAttributes.entry.1.Value.StringValue", "Transactional"),
    ];
    fields.map(|(name, value)| format!("{name}={}", percent_encoded(value))).join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            from: ("Käserei am Inn".to_owned(), None),
            reply_to: Some("hilfe@kaese.example".to_owned()),
            to: "zoe@customer.example".to_owned(),
            recipient: Some("hash".to_owned()),
            subject: "Zoë, 你好".to_owned(),
            text: "Grüße\n".to_owned(),
            html: "<p>Grüße</p>".to_owned(),
        }
    }

    #[test]
    fn a_letter_is_ascii_and_says_the_same_twice() {
        let raw = String::from_utf8(written("hallo@kaese.example", &letter()).unwrap()).unwrap();
        assert!(raw.is_ascii(), "{raw}");
        for part in [
            "From: =?utf-8?",
            "<hallo@kaese.example>",
            "Reply-To: <hilfe@kaese.example>",
            "Auto-Submitted: auto-generated",
            "multipart/alternative",
            "text/plain",
            "text/html",
        ] {
            assert!(raw.contains(part), "{part} is not in {raw}");
        }
    }

    #[test]
    fn a_line_break_adds_no_header() {
        let line_break = "x\r\nBcc: all@acme.example".to_owned();
        let from = (line_break.clone(), None);
        let tricked = Letter { from, subject: line_break, ..letter() };
        let raw = written("hallo@kaese.example", &tricked).unwrap();
        assert!(!String::from_utf8(raw).unwrap().contains("\nBcc:"));
    }

    #[test]
    fn an_sms_is_a_form() {
        let text =
            TextMessage { to: "+4934112345".to_owned(), text: "Päckchen & mehr".to_owned() };
        let form = form(&text);
        assert!(form.contains("&PhoneNumber=%2B4934112345&Message=P%C3%A4ckchen%20%26%20mehr&"));
    }

    #[test]
    fn what_went_wrong_says_whether_it_may_be_tried_again() {
        let answer = |status: u16, code: &str| {
            let headers = vec![("x-amzn-errortype".to_owned(), code.to_owned())];
            sending(&Response { status, headers, body: Vec::new() }, |_| Ok("1".to_owned())).ok()
        };
        let why = |why: &str| why.to_owned();
        assert_eq!(answer(200, ""), Some(Sending::Sent { message_id: why("1") }));
        let refused = why("MessageRejected");
        assert_eq!(answer(400, "MessageRejected"), Some(Sending::Refused { why: refused }));
        for code in ["TooManyRequestsException", "LimitExceededException", "SendingPausedException"]
        {
            assert_eq!(answer(400, code), Some(Sending::NotNow { why: why(code) }));
        }
        // It may have gone out before.
        assert_eq!(answer(500, "InternalFailure"), None);
    }
}
