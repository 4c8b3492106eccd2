//! What shops don't tell us is found by asking them.

use anyhow::{Context as _, Result};
use domain::order::fact::Fact;
use serde_json::json;
use tests::purchase::Bought;
use tests::stack::company::SHOPS;
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;
use crate::changes::{check_stock, stop_before_purchase, wait_until};
use crate::ending::sha256;

/// What the schedule sends.
const EVENT: &[u8] = include_bytes!("../../../events/reconciliation.json");

#[test]
fn an_order_that_its_shop_never_told_us_of_is_found_and_arrives() -> Result<()> {
    on_the_stack(async |stack| {
        let mut order_ids = Vec::new();
        for (shop, line) in SHOPS.into_iter().zip(PLENTY) {
            let purchase = stack.purchase(shop, &[line]);
            stack.book_and_list(&purchase).await?;
            order_ids.push(purchase.order_id());
        }
        // Twice, as schedules may.
        for _ in 0..2 {
            reconcile(stack).await?;
        }
        for order_id in &order_ids {
            let (_, history) = stack.order(order_id).await?;
            assert!(!history.is_empty(), "{order_id} was not found");
        }
        for (order_id, (order, history)) in
            order_ids.iter().zip(stack.see_delivered(&order_ids, || Ok(())).await?)
        {
            let is_received = |fact: &Fact| matches!(fact, Fact::Received(_));
            let received = history.iter().filter(|recorded| is_received(&recorded.fact)).count();
            assert_eq!((received, order.parcels.len()), (1, 1), "{order_id}");
            let bought = stack.purchases(order_id).await?;
            assert_eq!(bought.into_values().collect::<Vec<_>>(), [1], "{order_id} was bought once");
        }
        Ok(())
    })
}

#[test]
fn a_cancellation_that_its_shop_never_told_us_of_is_found_in_time() -> Result<()> {
    on_the_stack(async |stack| {
        let (sku, key) = stack.offer(1).await?;
        let line = Bought { sku, quantity: 1, unit_price_minor: 2490 };
        let mut purchase = stack.purchase(SHOPS[2], &[line]);
        stop_before_purchase(stack, &purchase).await?;
        let order_id = stack.buy(&purchase).await?;
        wait_until(stack, &order_id, "is routed", |it| !it.fulfillment_orders.is_empty()).await?;
        purchase.is_cancelled = true;
        purchase.updated_at = stack.now();
        stack.book_and_list(&purchase).await?;
        reconcile(stack).await?;
        check_stock(stack, &key, 1).await?;
        assert!(stack.purchases(&order_id).await?.is_empty());
        Ok(())
    })
}

#[test]
fn what_a_shop_lists_and_nobody_can_read_is_kept() -> Result<()> {
    on_the_stack(async |stack| {
        let purchase = stack.purchase(SHOPS[2], &[PLENTY[2]]);
        let mut body = purchase.body();
        body["currency"] = json!("Gold");
        let sale = json!({"order": purchase.order.to_string(), "lines": [], "body": body});
        stack.direct("POST", "shops/onward-direct/orders", &sale).await?;
        reconcile(stack).await?;
        let key = format!("onward-direct/{}.json", sha256(body.to_string().as_bytes()));
        stack.object("Refused", &key).await?.context("it was not kept").map(drop)
    })
}

async fn reconcile(stack: &Stack) -> Result<()> {
    stack
        .wait_for("reconciliation runs", async || {
            // Another test may be killing functions.
            Ok(stack.invoke("ReconciliationFunction", EVENT).await.ok())
        })
        .await
        .map(drop)
}
