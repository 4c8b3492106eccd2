//! Mail through SES, written by us as a whole: only so can it have attachments.
//!
//! <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_builder::MessageBuilder;
use ports::{Mail, OutgoingMail, Request};
use serde::Deserialize;
use serde_json::json;

use crate::items::parsed;
use crate::signed::{Service, succeed};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    message_id: String,
}

impl Mail for World {
    async fn send_mail(&self, mail: &OutgoingMail) -> Result<String> {
        let sender = &self.config.mail_from;
        let raw = written(sender, mail).context("failed to write the mail")?;
        let body = json!({
            "FromEmailAddress": sender,
            "Destination": { "ToAddresses": [mail.to] },
            "Content": { "Raw": { "Data": STANDARD.encode(raw) } },
        });
        let request = Request {
            method: "POST",
            url: format!("{}/v2/email/outbound-emails", self.endpoint(Service::Ses)),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        };
        // Once: SES knows no idempotency key, and a mail that was sent can't be called back.
        let answered = self.call_signed(Service::Ses, request).await.and_then(succeed);
        let sent: Sent = parsed(&answered.context("failed to send the mail")?.body)?;
        Ok(sent.message_id)
    }
}

/// The mail in MIME. SES puts a message id of its own in place of the one that is made here.
fn written(sender: &str, mail: &OutgoingMail) -> std::io::Result<Vec<u8>> {
    let mut message = MessageBuilder::new()
        .from(sender)
        .to(mail.to.as_str())
        .subject(mail.subject.as_str())
        .text_body(mail.text.as_str());
    for (name, media_type, bytes) in &mail.attachments {
        message = message.attachment(media_type.as_str(), name.as_str(), bytes.as_slice());
    }
    message.write_to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(mail: &OutgoingMail) -> String {
        String::from_utf8(written("orders@merchant.example", mail).unwrap()).unwrap()
    }

    fn mail() -> OutgoingMail {
        OutgoingMail {
            to: "sales@acme.example".to_owned(),
            subject: "Bestellung für Zoë 你好".to_owned(),
            text: "Grüße aus Graz\n".to_owned(),
            attachments: vec![(
                "Bestellung ü.csv".to_owned(),
                "text/csv".to_owned(),
                "sku;Stück\r\nA-1;2\r\n".as_bytes().to_vec(),
            )],
        }
    }

    #[test]
    fn a_mail_is_ascii_whatever_it_says() {
        let raw = write(&mail());
        assert!(raw.is_ascii(), "{raw}");
        assert!(raw.contains("Subject: =?utf-8?"), "{raw}");
        assert!(raw.contains("To: <sales@acme.example>"), "{raw}");
        assert!(raw.contains("From: <orders@merchant.example>"), "{raw}");
    }

    #[test]
    fn an_attachment_keeps_its_bytes_and_its_type() {
        let raw = write(&mail());
        let encoded = STANDARD.encode("sku;Stück\r\nA-1;2\r\n");
        assert!(raw.contains("Content-Type: text/csv"), "{raw}");
        assert!(raw.contains("Content-Disposition: attachment"), "{raw}");
        assert!(raw.contains(&encoded), "{raw}");
    }

    #[test]
    fn a_line_break_in_a_subject_adds_no_header() {
        let raw =
            write(&OutgoingMail { subject: "order\r\nBcc: all@acme.example".to_owned(), ..mail() });
        assert!(!raw.contains("\nBcc:"), "{raw}");
    }
}
