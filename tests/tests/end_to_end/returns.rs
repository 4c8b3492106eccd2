//! What comes back, and what the customer gets for it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use domain::catalog::{StockKey, StockLevel};
use domain::id::{LocationId, OrderId, ReturnId, SupplierId};
use futures_util::future::try_join_all;
use ports::{Catalog as _, Inbound};
use serde_json::{Value, json};
use tests::purchase::{Bought, Purchase};
use tests::stack::company::SHOPS;
use tests::stack::{Stack, on_the_stack};

use crate::changes::{check_stock, wait_until};

/// What a customer finds wrong with what arrived, such that we pay the way back, and a label for it.
const NOT_AS_DESCRIBED: &str = "not_as_described";

/// The label for the way back is bought.
const LABELLED: &str = "ReturnLabelBought";

/// The money is on its way back.
const REFUNDED: &str = "RefundSucceeded";

/// An operator asks for the customer to send units of the first line back. Whoever gets no answer asks again with the same key.
pub(crate) async fn ask(
    stack: &Stack,
    purchase: &Purchase,
    quantity: u32,
    reason: &str,
) -> Result<()> {
    let line = json!({
        "line_id": purchase.line_id(0), "quantity": quantity, "reason": reason, "photos": 1
    });
    handle(stack, &purchase.order_id(), "returns", json!({"lines": [line], "key": "1"})).await
}

/// So many units in all came back.
pub(crate) async fn receive(stack: &Stack, purchase: &Purchase, in_all: u32) -> Result<()> {
    let line = json!({"line_id": purchase.line_id(0), "quantity": in_all});
    handle(stack, &purchase.order_id(), "returns/R1/receipts", json!({"lines": [line]})).await
}

/// This becomes of so many units in all.
pub(crate) async fn inspect(
    stack: &Stack,
    purchase: &Purchase,
    disposition: &str,
    in_all: u32,
) -> Result<()> {
    let line_id = purchase.line_id(0);
    let finding = json!({"line_id": line_id, "disposition": disposition, "quantity": in_all});
    let findings = json!({"findings": [finding]});
    handle(stack, &purchase.order_id(), "returns/R1/inspections", findings).await
}

async fn handle(stack: &Stack, order_id: &OrderId, what: &str, mut body: Value) -> Result<()> {
    body["by"] = json!("Ola Operator");
    body["why"] = json!("the customer called");
    stack.decide(order_id, what, &body).await
}

/// Waits until the order has such a fact.
pub(crate) async fn wait_for_fact(
    stack: &Stack,
    order_id: &OrderId,
    name: &'static str,
) -> Result<()> {
    stack
        .wait_for(&format!("{order_id} has {name}"), async || {
            let (_, history) = stack.order(order_id).await?;
            Ok(history.iter().any(|recorded| recorded.fact.name() == name).then_some(()))
        })
        .await
}

/// The whole way back of one unit that was not as described: a label is bought, the unit arrives and goes to its
/// supplier, and the money goes to the customer.
pub(crate) async fn send_back(stack: &Stack, purchase: &Purchase) -> Result<()> {
    let order_id = purchase.order_id();
    ask(stack, purchase, 1, NOT_AS_DESCRIBED).await?;
    wait_for_fact(stack, &order_id, LABELLED).await?;
    receive(stack, purchase, 1).await?;
    inspect(stack, purchase, "to_supplier", 1).await?;
    wait_for_fact(stack, &order_id, REFUNDED).await
}

/// Asserts that so many labels were bought for the order's returns, and what the shop paid back.
pub(crate) async fn check_books(
    stack: &Stack,
    purchase: &Purchase,
    labels: usize,
    paid_back_minor: &[i64],
) -> Result<()> {
    let rma = ReturnId(1).rma(&purchase.order_id());
    let shipments = stack.direct("GET", "labels", &json!({})).await?;
    let is_bought = |it: &&Value| it["reference"] == rma.as_str() && it["number"].is_string();
    let bought = shipments.as_array().into_iter().flatten().filter(is_bought).count();
    assert_eq!(bought, labels, "labels were bought for {rma}");

    let path = format!("shops/{}/orders/{}", purchase.shop, purchase.order);
    let sale = stack.direct("GET", &path, &json!({})).await?;
    let refunds = sale["books"]["refunds"].as_array().context("the shop has no books")?;
    let minor = |refund: &Value| -> i64 {
        let by_gateway = refund["minor_by_gateway"].as_object().into_iter().flatten();
        by_gateway.filter_map(|(_, minor)| minor.as_i64()).sum()
    };
    assert_eq!(refunds.iter().map(minor).collect::<Vec<_>>(), paid_back_minor, "{refunds:?}");
    Ok(())
}

/// Somebody buys, and it arrives.
pub(crate) async fn arrive(stack: &Stack, purchase: &Purchase) -> Result<OrderId> {
    let order_id = stack.buy(purchase).await?;
    stack.see_delivered(std::slice::from_ref(&order_id), || Ok(())).await?;
    Ok(order_id)
}

#[test]
fn what_is_not_as_described_goes_to_its_supplier_and_every_kind_of_shop_pays_it_back() -> Result<()>
{
    on_the_stack(async |stack| {
        let (sku, key) = stack.offer(SHOPS.len()).await?;
        let line = Bought { sku, quantity: 1, unit_price_minor: 2490 };
        try_join_all(SHOPS.into_iter().map(async |shop| {
            let purchase = stack.purchase(shop, &[line]);
            arrive(stack, &purchase).await?;
            send_back(stack, &purchase).await?;
            // What is no fault of the customer costs the customer nothing, so the freight goes back, too.
            check_books(stack, &purchase, 1, &[2490 + purchase.shipping_minor()]).await
        }))
        .await?;
        // Nothing went onto a shelf.
        check_stock(stack, &key, 0).await
    })
}

#[test]
fn a_valuable_return_waits_for_a_person_and_is_sold_again() -> Result<()> {
    on_the_stack(async |stack| {
        let key = StockKey {
            supplier: SupplierId::parse("own-warehouse")?,
            location: LocationId::parse("leipzig")?,
            supplier_sku: "OW-1002".to_owned(),
        };
        let levels = stack.world.stock(&BTreeSet::from([key.clone()])).await?;
        let StockLevel { available, .. } = levels.get(&key).context("there is no such counter")?;
        let line = Bought { sku: "ALP-MUG-BLUE", quantity: 1, unit_price_minor: 15_100 };
        let purchase = stack.purchase(SHOPS[0], &[line]);
        let order_id = arrive(stack, &purchase).await?;
        ask(stack, &purchase, 1, "changed_mind").await?;
        wait_for_fact(stack, &order_id, "ReturnPutToReview").await?;
        handle(stack, &order_id, "returns/R1/approvals", json!({})).await?;
        let sent = json!({"carrier": "Hermes", "number": "H0001"});
        handle(stack, &order_id, "returns/R1/shipments", sent).await?;
        // Whoever unpacks tells us twice.
        for _ in 0..2 {
            receive(stack, &purchase, 1).await?;
            inspect(stack, &purchase, "restock", 1).await?;
        }
        wait_for_fact(stack, &order_id, REFUNDED).await?;
        // The customer bought the label; the whole purchase came back, so its freight is paid back, too.
        check_books(stack, &purchase, 0, &[purchase.total_minor()]).await?;
        check_stock(stack, &key, *available).await?;
        let page = page(stack, &order_id).await?;
        assert_eq!(page["returns"][0]["stage"], "closed", "{page}");
        assert_eq!(page["refunds"][0]["stage"], "succeeded", "{page}");
        Ok(())
    })
}

#[test]
fn what_arrived_damaged_is_bought_and_sent_again() -> Result<()> {
    on_the_stack(async |stack| {
        let (sku, key) = stack.offer(3).await?;
        let purchase =
            stack.purchase(SHOPS[0], &[Bought { sku, quantity: 2, unit_price_minor: 2490 }]);
        let order_id = arrive(stack, &purchase).await?;
        ask(stack, &purchase, 1, "damaged").await?;
        let is_routed = "is routed again";
        wait_until(stack, &order_id, is_routed, |it| it.fulfillment_orders.len() == 2).await?;
        let orders = stack.see_delivered(std::slice::from_ref(&order_id), || Ok(())).await?;
        assert_eq!(orders[0].0.parcels.len(), 2);
        let bought: Vec<_> = stack.purchases(&order_id).await?.into_values().collect();
        assert_eq!(bought, [1, 1]);
        check_books(stack, &purchase, 0, &[]).await?;
        check_stock(stack, &key, 0).await
    })
}

/// What the console shows of an order.
async fn page(stack: &Stack, order_id: &OrderId) -> Result<Value> {
    let token = format!("Bearer {}", stack.secret("console"));
    let look = Inbound {
        method: "GET".to_owned(),
        route: format!("/orders/{order_id}"),
        headers: vec![("authorization".to_owned(), token)],
        ..Inbound::default()
    };
    Ok(serde_json::from_slice(&stack.call_patiently(&look).await?.body)?)
}
