//! Status webhooks: what the endpoint beside the stack is told.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use domain::id::EndpointId;
use ports::{Catalog as _, Endpoints as _};
use serde_json::{Value, json};
use tests::stack::company::SHOPS;
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;

/// Verifies with the reference implementation of Standard Webhooks: the secret, then one webhook a line.
const VERIFY: &str = "
import json, sys
from standardwebhooks.webhooks import Webhook
secret, *webhooks = sys.stdin.read().splitlines()
for line in webhooks:
    taken = json.loads(line)
    headers = {f'webhook-{name}': taken[name] for name in ('id', 'timestamp', 'signature')}
    Webhook(secret).verify(taken['body'], headers)
print(len(webhooks))
";

#[test]
fn an_endpoint_that_was_down_is_told_the_whole_life_of_an_order() -> Result<()> {
    on_the_stack(async |stack| {
        stack.direct("PUT", "endpoints/crm/manner", &json!({"status": 503})).await?;
        let order_id = stack.buy(&stack.purchase(SHOPS[2], &[PLENTY[2]])).await?;
        let is_refused =
            async || Ok(names(stack, "crm", "refused", order_id.as_str()).await?.then_some(()));
        stack.wait_for("the endpoint refuses to hear of the order", is_refused).await?;
        stack.direct("PUT", "endpoints/crm/manner", &json!({})).await?;
        stack.see_delivered(std::slice::from_ref(&order_id), || Ok(())).await?;

        let told = stack
            .wait_for("the endpoint knows all", async || {
                let told = told(stack, order_id.as_str()).await?;
                let is_told = |name: &str| told.iter().any(|(event, _)| event == name);
                Ok((is_told("order.received") && is_told("order.delivered")).then_some(told))
            })
            .await?;
        for name in
            ["order.routed", "fulfillment.accepted", "shipment.confirmed", "parcel.delivered"]
        {
            assert!(told.iter().any(|(event, _)| event == name), "{name} is not among {told:?}");
        }
        verify(stack.secret("endpoints/crm"), told.iter().map(|(_, webhook)| webhook))
    })
}

#[test]
fn an_endpoint_that_is_gone_is_never_called_again() -> Result<()> {
    on_the_stack(async |stack| {
        stack.direct("PUT", "endpoints/erp/manner", &json!({"status": 410})).await?;
        let [first, second] = ["NW-FIRST", "NW-SECOND"];
        count(stack, first).await?;
        let is_gone = async || Ok(names(stack, "erp", "refused", first).await?.then_some(()));
        stack.wait_for("the endpoint says that it is gone", is_gone).await?;
        let settings = stack.world.settings().await?;
        let erp = settings.endpoint(&EndpointId::parse("erp")?).context("nobody knows it")?;
        let is_noted = async || Ok(stack.world.is_gone(erp).await?.then_some(()));
        stack.wait_for("that is noted", is_noted).await?;

        count(stack, second).await?;
        let is_told = async || Ok(names(stack, "crm", "taken", second).await?.then_some(()));
        stack.wait_for("the other endpoint is told", is_told).await?;
        assert!(!names(stack, "erp", "refused", second).await?);
        Ok(())
    })
}

/// A supplier reports what it has of an article.
async fn count(stack: &Stack, sku: &str) -> Result<()> {
    let report = json!({"location": "hamburg", "sku": sku, "on_hand": 1});
    stack.direct("POST", "suppliers/nordwaren/stock", &report).await?;
    Ok(())
}

/// Whether what an endpoint took, or refused, names something.
async fn names(stack: &Stack, endpoint: &str, what: &str, word: &str) -> Result<bool> {
    let endpoint = stack.direct("GET", &format!("endpoints/{endpoint}"), &json!({})).await?;
    let mut webhooks = endpoint[what].as_array().context("the endpoint shows nothing")?.iter();
    Ok(webhooks.any(|webhook| webhook.to_string().contains(word)))
}

/// What the endpoint was told of an order: the event's name, and the webhook.
async fn told(stack: &Stack, order_id: &str) -> Result<Vec<(String, Value)>> {
    let endpoint = stack.direct("GET", "endpoints/crm", &json!({})).await?;
    let taken = endpoint["taken"].as_array().context("the endpoint shows nothing")?;
    let mut told = Vec::new();
    for webhook in taken {
        let body: Value = serde_json::from_str(webhook["body"].as_str().context("no body")?)?;
        if body["data"]["order"]["id"] == order_id {
            told.push((body["type"].as_str().context("no type")?.to_owned(), webhook.clone()));
        }
    }
    Ok(told)
}

fn verify<'a>(secret: &str, webhooks: impl Iterator<Item = &'a Value>) -> Result<()> {
    let lines: Vec<String> = webhooks.map(Value::to_string).collect();
    let mut python = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.venv/bin/python"))
        .args(["-c", VERIFY])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("failed to start Python")?;
    let input = format!("{secret}\n{}\n", lines.join("\n"));
    python.stdin.take().context("Python takes no input")?.write_all(input.as_bytes())?;
    let output = python.wait_with_output()?;
    ensure!(output.status.success(), "the reference implementation refuses a webhook");
    ensure!(String::from_utf8(output.stdout)?.trim() == lines.len().to_string());
    Ok(())
}
