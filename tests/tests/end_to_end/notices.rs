//! What customers are told.

use anyhow::{Context as _, Result};
use domain::order::Stage;
use domain::order::fact::Fact;
use domain::shop_order::Contact;
use ports::{Events as _, Http as _, Notices as _, People as _, Request};
use serde_json::{Value, json};
use tests::stack::company::SHOPS;
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;
use crate::changes::wait_until;
use crate::returns::wait_for_fact;

#[test]
fn what_is_late_is_told_its_customer_once_by_mail_and_once_by_sms() -> Result<()> {
    on_the_stack(async |stack| {
        let known = stack.buy(&stack.purchase(SHOPS[2], &[PLENTY[2]])).await?;
        let is_accepted = "is accepted";
        wait_until(stack, &known, is_accepted, |order| {
            order.fulfillment_orders.values().any(|it| it.stage == Stage::Accepted)
        })
        .await?;
        // The same was promised to somebody else for a day that has passed.
        let (order, history) = stack.order(&known).await?;
        let facts: Vec<Fact> =
            history.into_iter().map(|it| overdue(&it.fact)).collect::<Result<_>>()?;
        let late = stack.purchase(SHOPS[2], &[PLENTY[2]]);
        stack.book(&late).await?;
        let (contact_ref, _) = order.contact.context("there is no contact")?;
        let number = format!("+49151{}", late.order % 100_000_000);
        let email = format!("late-{}@example.com", late.order);
        let contact = Contact {
            phone: Some(number.clone()),
            email: Some(email.clone()),
            ..stack.world.contact(&known, &contact_ref).await?.context("there is no contact")?
        };
        let order_id = late.order_id();
        stack.world.keep(&order_id, &contact_ref, &contact, b"{}").await?;
        stack.world.append(&order_id, 0, stack.now(), &facts, &[]).await?;

        wait_for_fact(stack, &order_id, "Delayed").await?;
        let is_told = async || Ok((texts(stack, &number).await? > 0).then_some(()));
        stack.wait_for("the customer is told by SMS", is_told).await?;
        let is_told = async || Ok((stack.mails().await?.contains(&email)).then_some(()));
        stack.wait_for("the customer is told by mail", is_told).await?;
        assert_eq!(texts(stack, &number).await?, 1);
        Ok(())
    })
}

/// What becomes of a bounce on its way from the bus through our queue. Only AWS may speak as `aws.ses`: a copy of the rule,
/// as it was deployed, listens to somebody else.
#[test]
fn what_bounced_for_good_is_written_to_no_more() -> Result<()> {
    const SOURCE: &str = "onward.end-to-end";
    on_the_stack(async |stack| {
        let events = async |action: &str, body: &Value| {
            stack.ask("events", &format!("AWSEvents.{action}"), "1.1", body).await
        };
        let name = stack.resource("UnwantedMails")?;
        let rule = events("DescribeRule", &json!({"Name": name})).await?;
        let targets = events("ListTargetsByRule", &json!({"Rule": name})).await?;
        let pattern = rule["EventPattern"].as_str().context("it has no pattern")?;
        let pattern = pattern.replace("aws.ses", SOURCE);
        events("PutRule", &json!({"Name": SOURCE, "EventPattern": pattern})).await?;
        let targets = &targets["Targets"];
        events("PutTargets", &json!({"Rule": SOURCE, "Targets": targets})).await?;

        let recipient = |bounced: &str| format!("{bounced}-{}", stack.now().as_millisecond());
        let (gone, full) = (recipient("gone"), recipient("full"));
        let bounced = |kind: &str, recipient: &str| -> Result<Value> {
            let tags = json!({
                "ses:configuration-set": [stack.resource("CustomerMails")?], "recipient": [recipient]
            });
            let addresses = json!([{"emailAddress": "gone@example.com", "status": "5.1.1"}]);
            let bounce = json!({"bounceType": kind, "bouncedRecipients": addresses});
            let mail = json!({"destination": ["gone@example.com"], "tags": tags});
            let detail = json!({"eventType": "Bounce", "bounce": bounce, "mail": mail});
            let detail = detail.to_string();
            Ok(json!({"Source": SOURCE, "DetailType": "Email Bounced", "Detail": detail}))
        };
        let entries = [bounced("Transient", &full)?, bounced("Permanent", &gone)?];
        let answer = events("PutEvents", &json!({"Entries": entries})).await?;
        assert_eq!(answer["FailedEntryCount"], 0, "{answer}");

        let is_noted = async || Ok(stack.world.is_suppressed(&gone).await?.then_some(()));
        stack.wait_for("it is noted that nobody writes there any more", is_noted).await?;
        assert!(!stack.world.is_suppressed(&full).await?, "that may arrive yet");
        events("RemoveTargets", &json!({"Rule": SOURCE, "Ids": ["notifications"]})).await?;
        events("DeleteRule", &json!({"Name": SOURCE})).await?;
        Ok(())
    })
}

/// A fact as it would be if everything had been promised for a day long ago.
fn overdue(fact: &Fact) -> Result<Fact> {
    let mut fact = json!(fact);
    for planned in fact["fulfillment_orders"].as_array_mut().into_iter().flatten() {
        planned["arrives"] = json!(["2026-01-01", "2026-01-02"]);
    }
    Ok(serde_json::from_value(fact)?)
}

/// How many texts a telephone got.
async fn texts(stack: &Stack, number: &str) -> Result<usize> {
    let url = format!("{}/_ministack/sns/sms-messages", stack.endpoint);
    let request = Request { method: "GET", url, headers: Vec::new(), body: Vec::new() };
    let shown: Value = serde_json::from_slice(&stack.world.call(request).await?.body)?;
    Ok(shown["sms_messages"][number].as_array().map_or(0, Vec::len))
}
