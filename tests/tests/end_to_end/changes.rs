//! What does not go straight: shops and operators who change their minds, suppliers who say no, mails.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connectors::signature::sign_standard;
use domain::catalog::{StockKey, StockLevel};
use domain::id::{FulfillmentOrderId, OrderId, RefundId};
use domain::order::fact::Fact;
use domain::order::{Order, Stage};
use ports::{Catalog as _, Events as _, Inbound, People as _};
use serde_json::json;
use tests::purchase::{Bought, Destination, LEIPZIG, Purchase};
use tests::stack::company::SHOPS;
use tests::stack::faults::{Call, Fault};
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;
use crate::ending::{check_ending, sha256};

/// Sold by a supplier that is reached by mail alone.
const BY_MAIL: Bought = Bought { sku: "ONW-SCARF", quantity: 1, unit_price_minor: 7900 };

/// Waits until the order is as it should be.
pub(crate) async fn wait_until(
    stack: &Stack,
    order_id: &OrderId,
    what: &str,
    is_so: impl Fn(&Order) -> bool,
) -> Result<Order> {
    let mut facts = Vec::new();
    let seen = stack
        .wait_for(&format!("{order_id} {what}"), async || {
            let (order, history) = stack.order(order_id).await?;
            facts = history.iter().map(|recorded| recorded.fact.name()).collect();
            Ok(is_so(&order).then_some(order))
        })
        .await;
    seen.with_context(|| format!("its facts are {facts:?}"))
}

pub(crate) async fn check_stock(stack: &Stack, key: &StockKey, available: i64) -> Result<()> {
    let keys = BTreeSet::from([key.clone()]);
    let expected = StockLevel { available, reserved: 0 };
    let is_there = async || {
        let levels = stack.world.stock(&keys).await?;
        Ok((levels.get(key) == Some(&expected)).then_some(()))
    };
    stack.wait_for(&format!("of {} there are {expected:?}", key.supplier_sku), is_there).await
}

/// Nobody buys from suppliers for this order before it has changed, however long that takes on a busy machine.
pub(crate) async fn stop_before_purchase(stack: &Stack, purchase: &Purchase) -> Result<()> {
    let order_id = purchase.order_id();
    let about = [order_id.as_str(), "SubmissionStarted"];
    let intent = Call { service: "dynamodb", operation: "PutItem", about: &about };
    stack.spoil(intent, Fault::Refused("ThrottlingException", 400), u32::MAX).await.map(drop)
}

#[test]
fn an_order_that_is_cancelled_in_time_gives_its_stock_back() -> Result<()> {
    on_the_stack(async |stack| {
        let (sku, key) = stack.offer(2).await?;
        let line = Bought { sku, quantity: 1, unit_price_minor: 2490 };
        let mut by_shop = stack.purchase(SHOPS[0], &[line]);
        let by_operator = stack.purchase(SHOPS[2], &[line]);
        for purchase in [&by_shop, &by_operator] {
            stop_before_purchase(stack, purchase).await?;
            let order_id = stack.buy(purchase).await?;
            wait_until(stack, &order_id, "is routed", |it| !it.fulfillment_orders.is_empty())
                .await?;
        }
        by_shop.is_cancelled = true;
        by_shop.updated_at = stack.now();
        let secret = stack.secret("shops/alpenshop");
        let webhook = by_shop.webhook("orders/cancelled", secret, stack.now());
        assert_eq!(stack.call_patiently(&webhook).await?.status, 200);
        let why = json!({"by": "Ola Operator", "why": "the customer called"});
        stack.decide(&by_operator.order_id(), "cancellations", &why).await?;
        check_stock(stack, &key, 2).await?;
        for purchase in [&by_shop, &by_operator] {
            assert!(stack.purchases(&purchase.order_id()).await?.is_empty());
        }
        Ok(())
    })
}

#[test]
fn an_order_goes_on_to_the_address_that_an_operator_corrects() -> Result<()> {
    on_the_stack(async |stack| {
        let mut purchase = stack.purchase(SHOPS[1], &[PLENTY[1]]);
        purchase.to = Destination { postal_code: "", ..LEIPZIG };
        let order_id = stack.buy(&purchase).await?;
        wait_until(stack, &order_id, "is held", |order| !order.holds.is_empty()).await?;
        let Destination { name, street, city, postal_code, country, .. } = LEIPZIG;
        let address = json!({
            "name": name, "lines": [street], "city": city, "postal_code": postal_code, "country": country
        });
        let decision = json!({"address": address, "by": "Ola Operator", "why": "she wrote to us"});
        stack.decide(&order_id, "address", &decision).await?;
        let orders = stack.see_delivered(std::slice::from_ref(&order_id), || Ok(())).await?;
        check_ending(stack, purchase.shop, &order_id, &orders[0].0).await
    })
}

#[test]
fn what_a_supplier_refuses_is_reserved_no_more_and_nobody_else_has_waits_for_a_person() -> Result<()>
{
    on_the_stack(async |stack| {
        let (sku, key) = stack.offer(5).await?;
        let manner = json!({"has_no": [key.supplier_sku]});
        stack.direct("PUT", "suppliers/nordwaren/manner", &manner).await?;
        let line = Bought { sku, quantity: 1, unit_price_minor: 2490 };
        let order_id = stack.buy(&stack.purchase(SHOPS[2], &[line])).await?;
        let order =
            wait_until(stack, &order_id, "waits for a person", |it| !it.holds.is_empty()).await?;
        assert_eq!(order.fulfillment_orders.len(), 1, "it was not asked again");
        // The unit that the supplier does not have after all is gone, too.
        check_stock(stack, &key, 4).await?;
        assert_eq!(stack.purchases(&order_id).await?.into_values().collect::<Vec<_>>(), [0]);
        Ok(())
    })
}

#[test]
fn what_a_supplier_says_and_nobody_can_read_is_kept() -> Result<()> {
    on_the_stack(async |stack| {
        let body = format!(r#"{{"type":"shrug","at":{}}}"#, stack.now().as_nanosecond());
        let secret = stack.secret("suppliers/nordwaren");
        let now = stack.now();
        let signature = sign_standard(secret, "msg_shrug", now, body.as_bytes())?;
        let headers = [
            ("webhook-id", "msg_shrug".to_owned()),
            ("webhook-timestamp", now.as_second().to_string()),
            ("webhook-signature", signature),
        ];
        let answer = Inbound {
            method: "POST".to_owned(),
            route: "/suppliers/{supplier}/answers".to_owned(),
            parameters: BTreeMap::from([("supplier".to_owned(), "nordwaren".to_owned())]),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body: body.clone().into_bytes(),
            ..Inbound::default()
        };
        assert_eq!(stack.call_patiently(&answer).await?.status, 400);
        let key = format!("suppliers/nordwaren/{}", sha256(body.as_bytes()));
        let kept = stack.object("Refused", &key).await?;
        assert_eq!(kept.context("it was not kept")?.body, body.as_bytes());
        Ok(())
    })
}

#[test]
fn a_mail_whose_answer_gets_lost_is_in_doubt_until_a_person_says_and_is_sent_once() -> Result<()> {
    on_the_stack(async |stack| {
        let about = ["atelier-lyon"];
        let send = Call { service: "ses", operation: "", about: &about };
        let rule = stack.spoil(send, Fault::AnswerLost, 1).await?;
        let order_id = stack.buy(&stack.purchase(SHOPS[2], &[BY_MAIL])).await?;
        let stage_of = |order: &Order| order.fulfillment_orders.values().map(|it| it.stage).next();
        wait_until(stack, &order_id, "is in doubt", |it| stage_of(it) == Some(Stage::InDoubt))
            .await?;
        ensure!(stack.spoiled(rule).await? == 1, "no answer was lost");
        let decision = json!({
            "fulfillment_order": "F1", "bought": true, "by": "Ola Operator", "why": "it is in our outbox"
        });
        stack.decide(&order_id, "decisions", &decision).await?;
        let links = links(stack, &order_id).await?;
        assert_eq!(links.len(), 1, "one mail was sent");
        let visit = |method: &str, body: &str| Inbound {
            method: method.to_owned(),
            route: "/answers/{token}".to_owned(),
            parameters: BTreeMap::from([("token".to_owned(), links[0].clone())]),
            headers: vec![(
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: body.as_bytes().to_vec(),
            ..Inbound::default()
        };
        assert_eq!(stack.call_patiently(&visit("GET", "")).await?.status, 200);
        assert_eq!(stack.call_patiently(&visit("POST", "action=answer")).await?.status, 200);
        wait_until(stack, &order_id, "is accepted", |it| stage_of(it) == Some(Stage::Accepted))
            .await?;
        assert_eq!(self::links(stack, &order_id).await?, links, "one mail was sent");
        Ok(())
    })
}

/// Every message to the order's next step got lost; one to another step, which has nothing to do for it, makes that good.
#[test]
fn whoever_looks_at_an_order_sends_what_it_is_owed() -> Result<()> {
    on_the_stack(async |stack| {
        let purchase = stack.purchase(SHOPS[2], &[PLENTY[2]]);
        let known = stack.buy(&purchase).await?;
        for (queue, message) in [
            ("RoutingQueue", json!({"type": "RouteOrder"})),
            ("ReturnsQueue", json!({"type": "RefundOrder", "refund_id": RefundId(1)})),
            (
                "NotificationsQueue",
                json!({"type": "NoteDelay", "fulfillment_order_id": FulfillmentOrderId(1)}),
            ),
        ] {
            let order_id = forgotten(stack, &known).await?;
            let mut message = message;
            message["order_id"] = json!(order_id);
            stack.send_text(queue, &message.to_string()).await?;
            wait_until(stack, &order_id, "is routed", |it| !it.fulfillment_orders.is_empty())
                .await?;
        }
        Ok(())
    })
}

/// An order like one that we know, of which nobody was told.
async fn forgotten(stack: &Stack, known: &OrderId) -> Result<OrderId> {
    let (_, history) = stack.order(known).await?;
    let facts: Vec<Fact> = history.into_iter().map(|recorded| recorded.fact).take(1).collect();
    let [Fact::Received(received)] = facts.as_slice() else { bail!("{facts:?}") };
    let lost = stack.purchase(SHOPS[2], &[PLENTY[2]]);
    stack.book(&lost).await?;
    let order_id = lost.order_id();
    let contact = stack.world.contact(known, &received.contact).await?;
    let contact = contact.context("there is no contact")?;
    stack.world.keep(&order_id, &received.contact, &contact, b"{}").await?;
    stack.world.append(&order_id, 0, stack.now(), &facts, &[]).await?;
    Ok(order_id)
}

/// The tokens of the links in all mails about an order. Each mail has its own, good from when it was written.
async fn links(stack: &Stack, order_id: &OrderId) -> Result<Vec<String>> {
    let is_token = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mails = stack.mails().await?;
    let tokens = mails.split("/answers/").skip(1);
    let tokens: BTreeSet<String> =
        tokens.map(|rest| rest.chars().take_while(is_token).collect()).collect();
    let is_its = |token: &String| {
        let claim = token.split_once('.').map(|(claim, _)| URL_SAFE_NO_PAD.decode(claim));
        let claim = claim.and_then(Result::ok).unwrap_or_default();
        String::from_utf8_lossy(&claim).contains(&format!("/{order_id}/"))
    };
    Ok(tokens.into_iter().filter(is_its).collect())
}
