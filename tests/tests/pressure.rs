//! Many at once. By itself, for everything else on the stack would wait for it: cargo runs one file of tests after the other.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::Result;
use domain::id::OrderId;
use domain::order::Stage;
use futures_util::StreamExt as _;
use futures_util::stream;
use tests::purchase::Bought;
use tests::stack::company::SHOPS;
use tests::stack::on_the_stack;

/// Orders at once.
const ORDERS: usize = 500;

/// Webhooks that are on their way at the same time.
const WEBHOOKS: usize = 32;

#[test]
fn of_five_hundred_orders_at_once_all_arrive_at_their_supplier_once() -> Result<()> {
    on_the_stack(async |stack| {
        let (sku, _) = stack.offer(ORDERS).await?;
        let line = Bought { sku, quantity: 1, unit_price_minor: 2490 };
        let purchases: Vec<_> = (0..ORDERS).map(|_| stack.purchase(SHOPS[2], &[line])).collect();
        let began_at = Instant::now();
        let taken: Vec<Result<OrderId>> = stream::iter(&purchases)
            .map(|purchase| stack.buy(purchase))
            .buffer_unordered(WEBHOOKS)
            .collect()
            .await;
        let order_ids = taken.into_iter().collect::<Result<BTreeSet<OrderId>>>()?;
        assert_eq!(order_ids.len(), ORDERS);
        let taken_in = began_at.elapsed();

        // One after the other: the stack has better things to do than to answer us.
        for order_id in &order_ids {
            let is_accepted = async || {
                let (order, _) = stack.order(order_id).await?;
                let mut stages = order.fulfillment_orders.values().map(|known| known.stage);
                Ok(stages.any(|stage| stage == Stage::Accepted).then_some(()))
            };
            stack.wait_for(&format!("{order_id} is accepted"), is_accepted).await?;
        }
        let accepted_in = began_at.elapsed();
        eprintln!("{ORDERS} orders were taken in {taken_in:.0?}, accepted in {accepted_in:.0?}");
        let bought = &stack.suppliers().await?["nordwaren"];
        for order_id in &order_ids {
            let order = &bought[format!("{order_id}/F1")];
            assert_eq!(order["purchases"], 1, "{order_id}: {order}");
        }
        Ok(())
    })
}
