//! From webhook to doorstep.

use anyhow::Result;
use domain::id::OrderId;
use futures_util::future::try_join_all;
use tests::stack::company::SHOPS;
use tests::stack::on_the_stack;

use crate::PLENTY;
use crate::ending::check_ending;

#[test]
fn an_order_of_each_kind_of_shop_ends_delivered_shown_and_documented() -> Result<()> {
    on_the_stack(async |stack| {
        let purchases: Vec<_> = SHOPS
            .into_iter()
            .zip(PLENTY)
            .map(|(shop, line)| stack.purchase(shop, &[line]))
            .collect();
        let bought = purchases.iter().map(|purchase| stack.buy(purchase));
        let order_ids: Vec<OrderId> = try_join_all(bought).await?;
        let orders = stack.see_delivered(&order_ids, || Ok(())).await?;
        for ((purchase, order_id), (order, _)) in purchases.iter().zip(&order_ids).zip(&orders) {
            check_ending(stack, purchase.shop, order_id, order).await?;
        }
        Ok(())
    })
}
