//! The sample events: each is answered by its function on the deployed stack, as `make invoke` sends it. All of them speak
//! of one order, the one that `events/order-intake.json` brings.

#![expect(clippy::unwrap_used, reason = "what can't be unwrapped fails the test")]

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use connectors::signature::sign_standard;
use domain::id::OrderId;
use domain::order::{Order, Stage};
use serde_json::{Value, json};
use tests::stack::{Stack, on_the_stack};

/// The order that the events speak of.
const ORDER: &str = "alpenshop/5123456789012";

#[test]
fn every_function_has_an_event_of_its_name_and_every_event_a_function() {
    assert_eq!(names("events", ".json"), names("functions", ""));
}

/// The names in a folder of the project, without what they end in.
fn names(folder: &str, end: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    entries
        .map(|name| {
            let name = name.to_str().unwrap();
            name.strip_suffix(end).unwrap_or(name).to_owned()
        })
        .collect()
}

#[test]
fn every_event_is_answered_as_it_should_be() -> Result<()> {
    on_the_stack(async |stack| {
        let line = json!({"line_id": "14123456789001", "quantity": 2, "location": 1});
        let sale = json!({"order": "5123456789012", "lines": [line]});
        stack.direct("POST", "shops/alpenshop/orders", &sale).await?;

        let answer = invoke(stack, "order-intake").await?;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        for function in ["sku-mapping", "screening", "routing", "supplier-forwarding"] {
            check_taken(stack, function).await?;
        }
        check_taken(stack, "projection").await?;
        assert_eq!(invoke(stack, "clock").await?, Value::Null);
        assert_eq!(invoke(stack, "reconciliation").await?, Value::Null);
        let answer = invoke(stack, "console").await?;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        assert_eq!(body(&answer)?["order"], ORDER);

        let answer = invoke(stack, "rma-portal").await?;
        assert_eq!(answer["statusCode"], 200, "{answer}");

        let is_accepted = |order: &Order| {
            order.fulfillment_orders.values().any(|known| known.stage == Stage::Accepted)
        };
        wait_until(stack, "is accepted", is_accepted).await?;
        check_answer_of_supplier(stack).await?;

        wait_until(stack, "is shipped", |order| !order.parcels.is_empty()).await?;
        // A number is nobody's until the views show its parcel.
        stack
            .wait_for("the tracking service's news are taken", async || {
                let answer = invoke(stack, "tracking-inbox").await?;
                assert_eq!(answer["statusCode"], 200, "{answer}");
                Ok((body(&answer)?["status"] == "taken").then_some(()))
            })
            .await?;
        for function in ["shop-sync", "documents", "tracking-poll", "returns", "notifications"] {
            check_taken(stack, function).await?;
        }
        wait_until(stack, "is shown and invoiced", |order| {
            let is_shown = order.parcels.values().all(|parcel| !parcel.pushed.is_empty());
            let is_followed = order.parcels.values().all(|parcel| parcel.registered);
            is_shown && is_followed && !order.documents.is_empty()
        })
        .await
    })
}

/// A signature is good for five minutes, and that of the file is older; signed anew, it says that the order has left.
async fn check_answer_of_supplier(stack: &Stack) -> Result<()> {
    let answer = invoke(stack, "supplier-inbox").await?;
    assert_eq!(answer["statusCode"], 401, "{answer}");
    let mut event: Value = serde_json::from_slice(&read("supplier-inbox")?)?;
    let now = stack.now();
    let said = event["body"].as_str().context("the event has no body")?.as_bytes();
    let secret = stack.secret("suppliers/own-warehouse");
    let signature = sign_standard(secret, "msg_again", now, said)?;
    let headers = event["headers"].as_object_mut().context("the event has no headers")?;
    headers.insert("webhook-id".to_owned(), json!("msg_again"));
    headers.insert("webhook-timestamp".to_owned(), json!(now.as_second().to_string()));
    headers.insert("webhook-signature".to_owned(), json!(signature));
    let answer = stack.invoke("SupplierInboxFunction", event.to_string().as_bytes()).await?;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    Ok(())
}

/// A function behind a queue or the stream says which messages are to come back. One may, while the stack's own messages
/// of the same order are on their way.
async fn check_taken(stack: &Stack, function: &str) -> Result<()> {
    stack
        .wait_for(&format!("{function} takes its event"), async || {
            let answer = invoke(stack, function).await?;
            let failures = answer["batchItemFailures"].as_array();
            Ok(failures.with_context(|| answer.to_string())?.is_empty().then_some(()))
        })
        .await
}

async fn wait_until(stack: &Stack, what: &str, is_so: impl Fn(&Order) -> bool) -> Result<()> {
    let order_id = OrderId::parse(ORDER)?;
    stack
        .wait_for(&format!("`{ORDER}` {what}"), async || {
            let (order, _) = stack.order(&order_id).await?;
            Ok(is_so(&order).then_some(()))
        })
        .await
}

async fn invoke(stack: &Stack, function: &str) -> Result<Value> {
    let words = function.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
    stack.invoke(&(words.collect::<String>() + "Function"), &read(function)?).await
}

fn read(function: &str) -> Result<Vec<u8>> {
    let file = format!("{}/../events/{function}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&file).with_context(|| format!("failed to read `{file}`"))
}

fn body(answer: &Value) -> Result<Value> {
    Ok(serde_json::from_str(answer["body"].as_str().context("the answer has no body")?)?)
}
