//! Who is let in, and what the others are told.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use ports::{Inbound, Response};
use serde_json::Value;
use tests::purchase::Purchase;
use tests::stack::company::SHOPS;
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;
use crate::ending::sha256;

fn purchase(stack: &Stack) -> Purchase {
    stack.purchase(SHOPS[0], &[PLENTY[0]])
}

/// Asserts the status of an answer; gives its body.
async fn check(stack: &Stack, inbound: &Inbound, expected: u16) -> Result<String> {
    let Response { status, body, .. } = stack.call_patiently(inbound).await?;
    let body = String::from_utf8_lossy(&body).into_owned();
    assert_eq!(status, expected, "{}: {body}", inbound.route);
    Ok(body)
}

fn without(mut inbound: Inbound, header: &str) -> Inbound {
    inbound.headers.retain(|(name, _)| name != header);
    inbound
}

#[test]
fn a_webhook_with_a_forged_or_no_signature_is_answered_401() -> Result<()> {
    on_the_stack(async |stack| {
        for (shop, header) in SHOPS.into_iter().zip([
            "x-shopify-hmac-sha256",
            "x-wc-webhook-signature",
            "webhook-signature",
        ]) {
            let purchase = stack.purchase(shop, &[PLENTY[0]]);
            let webhook = stack.webhook(&purchase);
            check(stack, &without(webhook.clone(), header), 401).await?;
            let mut forged = webhook;
            forged.body.push(b' ');
            check(stack, &forged, 401).await?;
            let (order, _) = stack.order(&purchase.order_id()).await?;
            assert!(order.received.is_none());
        }
        Ok(())
    })
}

#[test]
fn a_broken_body_is_answered_400_with_the_field_and_kept() -> Result<()> {
    on_the_stack(async |stack| {
        let mut purchase = purchase(stack);
        purchase.lines[0].sku = "";
        let webhook = stack.webhook(&purchase);
        let text = String::from_utf8(webhook.body)?;
        let text = text.replace(r#""currency":"EUR""#, r#""currency":"euros""#);
        let secret = stack.secret("shops/alpenshop");
        let broken = purchase.signed("orders/paid", secret, stack.now(), text.clone().into_bytes());
        let answer: Value = serde_json::from_str(&check(stack, &broken, 400).await?)?;
        assert_eq!(answer["error"]["field"], "currency", "{answer}");
        let key = format!("alpenshop/{}.json", sha256(text.as_bytes()));
        let kept = stack.object("Refused", &key).await?;
        assert_eq!(kept.context("it was not kept")?.body, text.as_bytes());
        Ok(())
    })
}

#[test]
fn a_body_of_one_byte_more_than_a_mebibyte_is_answered_413() -> Result<()> {
    on_the_stack(async |stack| {
        let secret = stack.secret("shops/alpenshop");
        let body = |bytes: usize| {
            let mut body = stack.webhook(&purchase(stack)).body;
            body.resize(bytes, b' ');
            body
        };
        let signed = |body| purchase(stack).signed("orders/paid", secret, stack.now(), body);
        check(stack, &signed(body((1 << 20) + 1)), 413).await?;
        check(stack, &signed(body(1 << 20)), 200).await?;
        Ok(())
    })
}

#[test]
fn a_shop_that_nobody_knows_is_answered_like_a_forger() -> Result<()> {
    on_the_stack(async |stack| {
        let mut webhook = stack.webhook(&purchase(stack));
        webhook.parameters.insert("shop".to_owned(), "nowhere".to_owned());
        let unknown = check(stack, &webhook, 401).await?;
        let forged = without(stack.webhook(&purchase(stack)), "x-shopify-hmac-sha256");
        assert_eq!(unknown, check(stack, &forged, 401).await?);
        Ok(())
    })
}

#[test]
fn a_topic_that_we_have_no_use_for_is_answered_202() -> Result<()> {
    on_the_stack(async |stack| {
        let purchase = purchase(stack);
        let webhook =
            purchase.webhook("products/update", stack.secret("shops/alpenshop"), stack.now());
        check(stack, &webhook, 202).await?;
        assert!(stack.order(&purchase.order_id()).await?.0.received.is_none());
        Ok(())
    })
}

#[test]
fn woocommerce_may_ping_unsigned() -> Result<()> {
    on_the_stack(async |stack| {
        let ping = Inbound {
            method: "POST".to_owned(),
            route: "/webhooks/woocommerce/teahouse".to_owned(),
            headers: vec![(
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: b"webhook_id=7".to_vec(),
            ..Inbound::default()
        };
        check(stack, &ping, 200).await?;
        Ok(())
    })
}

#[test]
fn the_console_asks_for_its_token() -> Result<()> {
    on_the_stack(async |stack| {
        let look = |authorization: Option<&str>| Inbound {
            method: "GET".to_owned(),
            route: "/orders/alpenshop/1".to_owned(),
            headers: authorization
                .map(|value| ("authorization".to_owned(), value.to_owned()))
                .into_iter()
                .collect(),
            ..Inbound::default()
        };
        check(stack, &look(None), 401).await?;
        check(stack, &look(Some("Bearer ")), 401).await?;
        check(stack, &look(Some("Bearer demo-console-tokem")), 401).await?;
        let token = format!("Bearer {}", stack.secret("console"));
        check(stack, &look(Some(&token)), 404).await?;
        Ok(())
    })
}

#[test]
fn a_forged_link_leads_nowhere() -> Result<()> {
    on_the_stack(async |stack| {
        for method in ["GET", "POST"] {
            let visit = Inbound {
                method: method.to_owned(),
                route: "/answers/{token}".to_owned(),
                parameters: BTreeMap::from([(
                    "token".to_owned(),
                    "YWxwZW5zaG9wLzEwMDEvRjE.1799999999.AAAA".to_owned(),
                )]),
                body: b"action=answer".to_vec(),
                ..Inbound::default()
            };
            check(stack, &visit, 404).await?;
        }
        Ok(())
    })
}

#[test]
fn a_supplier_that_does_not_sign_is_answered_401() -> Result<()> {
    on_the_stack(async |stack| {
        let answer = Inbound {
            method: "POST".to_owned(),
            route: "/suppliers/nordwaren/answers".to_owned(),
            body: br#"{"type":"accepted","reference":"alpenshop/1/F1"}"#.to_vec(),
            ..Inbound::default()
        };
        check(stack, &answer, 401).await?;
        Ok(())
    })
}
