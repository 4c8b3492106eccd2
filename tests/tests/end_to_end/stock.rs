//! The last units.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use domain::catalog::{StockKey, StockLevel};
use domain::id::OrderId;
use domain::views::Wait;
use futures_util::future::try_join_all;
use ports::{Catalog as _, Views as _};
use serde_json::json;
use tests::purchase::Bought;
use tests::stack::company::SHOPS;
use tests::stack::{Stack, on_the_stack};

/// Orders, and units that there are for them.
const ORDERS: usize = 50;
const UNITS: usize = 10;

#[test]
fn of_fifty_orders_for_the_last_ten_units_ten_get_one_and_more_stock_wakes_others() -> Result<()> {
    on_the_stack(async |stack| {
        let (sku, key) = stack.offer(UNITS).await?;
        let line = Bought { sku, quantity: 1, unit_price_minor: 2490 };
        let purchases: Vec<_> =
            (0..ORDERS).map(|number| stack.purchase(SHOPS[number % 3], &[line])).collect();
        let order_ids = try_join_all(purchases.iter().map(|purchase| stack.buy(purchase))).await?;

        check_shares(stack, &order_ids, UNITS).await?;
        assert_eq!(level(stack, &key).await?, StockLevel { available: 0, reserved: 10 });

        // The supplier found five more. Whoever waits is found through the views, which are a moment behind.
        let waiting = ORDERS - UNITS;
        stack
            .wait_for("all who wait are in the views", async || {
                let found = stack.world.lookup(&Wait::Stock(key.clone()).pk()).await?;
                Ok((found.len() == waiting).then_some(()))
            })
            .await?;
        let report = json!({"location": "hamburg", "sku": key.supplier_sku, "on_hand": 15});
        stack.direct("POST", "suppliers/nordwaren/stock", &report).await?;

        check_shares(stack, &order_ids, 15).await?;
        assert_eq!(level(stack, &key).await?, StockLevel { available: 0, reserved: 15 });
        Ok(())
    })
}

/// So many orders are routed, all others backordered, none both and none neither.
async fn check_shares(stack: &Stack, order_ids: &[OrderId], expected: usize) -> Result<()> {
    let (routed, backordered) = stack
        .wait_for(&format!("{expected} orders are routed, the others backordered"), async || {
            let (mut routed, mut backordered) = (0, 0);
            for order_id in order_ids {
                let (order, _) = stack.order(order_id).await?;
                routed += usize::from(!order.fulfillment_orders.is_empty());
                backordered += usize::from(!order.backorders.is_empty());
            }
            let is_settled = routed + backordered == order_ids.len() && routed >= expected;
            Ok(is_settled.then_some((routed, backordered)))
        })
        .await?;
    assert_eq!((routed, backordered), (expected, order_ids.len() - expected));
    Ok(())
}

async fn level(stack: &Stack, key: &StockKey) -> Result<StockLevel> {
    let levels = stack.world.stock(&BTreeSet::from([key.clone()])).await?;
    levels.get(key).copied().context("there is no such counter")
}
