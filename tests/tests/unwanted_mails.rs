//! What SES says of mails that nobody got, or nobody wanted, becomes our message by a rule of EventBridge: the template's
//! own pattern and transformer, applied here as EventBridge does, to events as SES sends them. On the emulator the same
//! rule runs end to end (`end_to_end/notices.rs`).
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>.

#![expect(clippy::unwrap_used, reason = "what can't be unwrapped fails the test")]

use domain::message::Message;
use domain::settings::ShopKind;
use serde_json::{Value, json};
use tests::journey::browser::Browser;
use tests::journey::{BEGINNING, Journey};
use tests::purchase::{Bought, Purchase};

const TEMPLATE: &str = include_str!("../../template.yaml");

/// What stands for an address in our tags: a hash.
const RECIPIENT: &str = "8f2d6c1e0b7a4953";

/// The rule's lines.
fn rule() -> &'static str {
    let (_, rest) = TEMPLATE.split_once("\n  UnwantedMails:\n").unwrap();
    rest.split("\n\n").next().unwrap()
}

/// The pattern, with the name of our configuration set in it.
fn pattern() -> Value {
    let (_, rest) = rule().split_once("EventPattern:\n").unwrap();
    let (pattern, _) = rest.split_once("      Targets:").unwrap();
    serde_json::from_str(&pattern.replace("!Ref CustomerMails", "\"CustomerMails\"")).unwrap()
}

/// The message for our queue; none where the rule is not about the event.
fn message(event: &Value) -> Option<String> {
    if !fits(&pattern(), event) {
        return None;
    }
    let (_, rest) = rule().split_once("InputPathsMap: { ").unwrap();
    let (path, rest) = rest.split_once(" }").unwrap();
    let (name, path) = path.split_once(": $.").unwrap();
    let (_, rest) = rest.split_once("InputTemplate: '").unwrap();
    let (template, _) = rest.split_once('\'').unwrap();
    let found = path.split('.').fold(event, |value, name| &value[name]);
    // What is not there leaves nothing in its place; all else is written as JSON.
    let written = if found.is_null() { String::new() } else { found.to_string() };
    assert!(!template.contains(&format!("\"<{name}>\"")), "an array in quotation marks is none");
    Some(template.replace(&format!("<{name}>"), &written))
}

/// Whether EventBridge takes an event for one of the pattern's, as far as our pattern goes.
fn fits(pattern: &Value, event: &Value) -> bool {
    pattern.as_object().unwrap().iter().all(|(name, wanted)| match wanted {
        Value::Array(either) if name == "$or" => either.iter().any(|one| fits(one, event)),
        Value::Array(any) => any.iter().any(|one| is(one, &event[name])),
        _ => event[name].is_object() && fits(wanted, &event[name]),
    })
}

/// Whether a value, or one of several, is what is wanted.
fn is(wanted: &Value, found: &Value) -> bool {
    let several = match found {
        Value::Array(several) => several.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    };
    let Some(operator) = wanted.as_object() else { return several.contains(wanted) };
    match operator.iter().next().unwrap() {
        (name, Value::Bool(exists)) if name == "exists" => several.is_empty() != *exists,
        (name, Value::Array(none)) if name == "anything-but" => {
            several.iter().any(|one| !none.contains(one))
        }
        unknown => panic!("this test does not know {unknown:?}"),
    }
}

/// What SES publishes on the bus about one of our mails.
/// <https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html>,
/// <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>.
fn event(detail_type: &str, kind: &str, about: (&str, Value)) -> Value {
    let mut event = json!({
        "version": "0",
        "id": "12a18625-3fbf-a3f9-7f2c-c3f6a3b0c6b5",
        "detail-type": detail_type,
        "source": "aws.ses",
        "account": "123456789012",
        "time": "2026-11-22T09:00:05Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:ses:eu-central-1:123456789012:configuration-set/CustomerMails"],
        "detail": {
            "eventType": kind,
            "mail": {
                "timestamp": "2026-11-22T09:00:00.000Z",
                "source": "orders@example.com",
                "sourceArn": "arn:aws:ses:eu-central-1:123456789012:identity/example.com",
                "sendingAccountId": "123456789012",
                "messageId": "010701957c44f053-61b59c11-9236-11e6-8f96-7be8aexample-000000",
                "destination": ["mara.beispiel@example.com"],
                "headersTruncated": false,
                "headers": [{"name": "From", "value": "Onward Direct <orders@example.com>"}],
                "commonHeaders": {"from": ["Onward Direct <orders@example.com>"], "subject": "It is on its way"},
                "tags": {
                    "ses:operation": ["SendEmail"],
                    "ses:configuration-set": ["CustomerMails"],
                    "ses:source-ip": ["192.0.2.1"],
                    "ses:from-domain": ["example.com"],
                    "ses:caller-identity": ["notifications"],
                    "recipient": [RECIPIENT],
                },
            },
        },
    });
    event["detail"][about.0] = about.1;
    event
}

fn bounce(kind: &str, recipients: &[&str]) -> Value {
    let bounced = |address: &&str| {
        json!({"emailAddress": address, "action": "failed", "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 user unknown"})
    };
    let bounce = json!({
        "feedbackId": "010701957c44f7a4-9f0b2d1c-9236-11e6-8f96-7be8aexample-000000",
        "bounceType": kind,
        "bounceSubType": "General",
        "bouncedRecipients": recipients.iter().map(bounced).collect::<Vec<_>>(),
        "timestamp": "2026-11-22T09:00:04.000Z",
        "reportingMTA": "dsn; mta.example.com",
    });
    event("Email Bounced", "Bounce", ("bounce", bounce))
}

fn complaint(feedback: Option<&str>) -> Value {
    let mut complaint = json!({
        "complainedRecipients": [{"emailAddress": "mara.beispiel@example.com"}],
        "timestamp": "2026-11-22T09:30:00.000Z",
        "feedbackId": "010701957c44f9b2-7a1b3c4d-9236-11e6-8f96-7be8aexample-000000",
        "complaintSubType": null,
        "arrivalDate": "2026-11-22T09:29:00.000Z",
    });
    if let Some(feedback) = feedback {
        complaint["complaintFeedbackType"] = json!(feedback);
        complaint["userAgent"] = json!("Example feedback loop (V0.01)");
    }
    event("Email Complaint Received", "Complaint", ("complaint", complaint))
}

/// Whom the message names.
fn recipients(event: &Value) -> Vec<String> {
    let text = message(event).expect("the rule takes the event");
    let read = serde_json::from_str(&text).unwrap_or_else(|wrong| panic!("{wrong}: {text}"));
    let Message::SuppressRecipients { recipients } = read else { panic!("{read:?}") };
    recipients
}

#[test]
fn who_can_never_be_reached_and_who_complains_is_named_by_a_hash_and_no_address() {
    let several = bounce("Permanent", &["mara@example.com", "mara.beispiel@example.com"]);
    let events = [bounce("Permanent", &["mara.beispiel@example.com"]), several, complaint(None)];
    let more = ["abuse", "auth-failure", "fraud", "other", "virus"].map(|it| complaint(Some(it)));
    for event in events.into_iter().chain(more) {
        assert_eq!(recipients(&event), [RECIPIENT], "{event}");
        assert!(!message(&event).unwrap().contains("example.com"));
    }
}

#[test]
fn several_that_one_mail_is_tagged_with_are_all_named() {
    let mut event = bounce("Permanent", &["mara.beispiel@example.com"]);
    event["detail"]["mail"]["tags"]["recipient"] = json!([RECIPIENT, "00ff"]);
    assert_eq!(recipients(&event), [RECIPIENT, "00ff"]);
}

#[test]
fn of_what_may_arrive_later_or_is_not_ours_nothing_is_made() {
    let address = ["mara.beispiel@example.com"];
    let mut events = vec![
        bounce("Transient", &address),
        bounce("Undetermined", &address),
        complaint(Some("not-spam")),
        event("Email Delivered", "Delivery", ("delivery", json!({"recipients": address}))),
    ];
    let mut of_another = bounce("Permanent", &address);
    of_another["detail"]["mail"]["tags"]["ses:configuration-set"] = json!(["Newsletter"]);
    let mut untagged = bounce("Permanent", &address);
    untagged["detail"]["mail"]["tags"].as_object_mut().unwrap().remove("recipient");
    let mut of_another_source = bounce("Permanent", &address);
    of_another_source["source"] = json!("someone.else");
    events.extend([of_another, untagged, of_another_source]);
    for event in events {
        assert_eq!(message(&event), None, "{event}");
    }
}

#[test]
fn after_a_bounce_and_after_a_complaint_nobody_writes_there_any_more_not_even_a_link() {
    let notebook = Bought { sku: "ONW-NOTEBOOK", quantity: 1, unit_price_minor: 1290 };
    let begins = BEGINNING.parse().unwrap();
    let known = Purchase::new("onward-direct", ShopKind::Onward, 1001, begins, &[notebook]);
    for mut event in [bounce("Permanent", &["customer@example.com"]), complaint(Some("abuse"))] {
        let mut journey = Journey::begin();
        journey.sells(&known);
        let letter = journey.system.world.letters.borrow()[0].clone();
        event["detail"]["mail"]["tags"]["recipient"] = json!([letter.recipient.unwrap()]);
        journey.delivers(&serde_json::from_str(&message(&event).unwrap()).unwrap()).unwrap();
        journey.minutes(2);
        journey.suppliers_ship();
        journey.hours(5);
        Browser::new("en").asks(&mut journey, "D-1001", "customer@example.com");
        let told = journey.system.world.letters.borrow().len();
        assert_eq!(told, 1, "the one that bounced");
    }
}
