//! What comes twice, dies on the way, or can't be read.

use anyhow::Result;
use domain::order::fact::Fact;
use futures_util::future::{join_all, try_join_all};
use tests::stack::company::SHOPS;
use tests::stack::on_the_stack;

use crate::PLENTY;

#[test]
fn the_same_webhook_ten_times_at_once_is_one_order_and_one_purchase() -> Result<()> {
    on_the_stack(async |stack| {
        let purchase = stack.purchase(SHOPS[2], &[PLENTY[2]]);
        stack.book(&purchase).await?;
        let webhook = stack.webhook(&purchase);
        let answers = join_all((0..10).map(|_| stack.call_patiently(&webhook))).await;
        for answer in answers {
            assert_eq!(answer?.status, 200);
        }
        let order_id = purchase.order_id();
        let orders = stack.see_delivered(std::slice::from_ref(&order_id), || Ok(())).await?;
        let (order, history) = &orders[0];
        let received = |fact: &Fact| matches!(fact, Fact::Received(_));
        assert_eq!(history.iter().filter(|recorded| received(&recorded.fact)).count(), 1);
        assert_eq!(order.parcels.len(), 1);
        let bought = stack.purchases(&order_id).await?;
        assert_eq!(bought.into_values().collect::<Vec<_>>(), [1]);
        Ok(())
    })
}

/// Rounds of killing, each as soon as the orders got a little further.
const ROUNDS: u32 = 8;

#[test]
fn however_often_functions_are_killed_every_order_arrives_and_is_bought_once() -> Result<()> {
    on_the_stack(async |stack| {
        let purchases: Vec<_> =
            (0..6).map(|number| stack.purchase(SHOPS[number % 3], &[PLENTY[number % 3]])).collect();
        // The shops' webhooks come while functions die, too.
        let bought = try_join_all(purchases.iter().map(|purchase| stack.buy(purchase)));
        let killed_at_once = stack.kill(None)?;
        let order_ids = bought.await?;

        let (mut rounds, mut killed) = (1, killed_at_once);
        let orders = stack
            .see_delivered(&order_ids, || {
                if rounds < ROUNDS {
                    rounds += 1;
                    killed += stack.kill(None)?;
                }
                Ok(())
            })
            .await?;
        assert_eq!(rounds, ROUNDS);
        assert!(killed >= ROUNDS, "only {killed} processes were killed");
        for (order_id, (order, _)) in order_ids.iter().zip(&orders) {
            assert_eq!(order.parcels.len(), 1, "{order_id} came in one parcel");
            let bought = stack.purchases(order_id).await?;
            assert_eq!(bought.into_values().collect::<Vec<_>>(), [1], "{order_id} was bought once");
        }
        Ok(())
    })
}
