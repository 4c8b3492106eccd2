//! What shops don't tell us is found by asking them.

use anyhow::Result;
use domain::order::fact::Fact;
use tests::stack::company::SHOPS;
use tests::stack::on_the_stack;

use crate::PLENTY;

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
            stack
                .wait_for("reconciliation runs", async || {
                    // Another test may be killing functions.
                    Ok(stack.invoke("ReconciliationFunction", EVENT).await.ok())
                })
                .await?;
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
