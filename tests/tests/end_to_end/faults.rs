//! What comes twice, dies on the way, or can't be read.

use anyhow::Result;
use domain::order::fact::Fact;
use futures_util::future::{join_all, try_join_all};
use serde_json::{Value, json};
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

#[test]
fn a_message_that_nobody_can_read_lies_in_the_dead_letters_after_five_tries() -> Result<()> {
    on_the_stack(async |stack| {
        let unreadable =
            json!({"type": "FlyOrder", "number": stack.now().as_nanosecond().to_string()})
                .to_string();
        stack.send_text("RoutingQueue", &unreadable).await?;
        // Meanwhile others go on.
        let purchase = stack.purchase(SHOPS[1], &[PLENTY[1]]);
        let order_id = stack.buy(&purchase).await?;
        stack
            .wait_for("the neighbour is routed", async || {
                let (order, _) = stack.order(&order_id).await?;
                Ok((!order.fulfillment_orders.is_empty()).then_some(()))
            })
            .await?;
        let lying = stack
            .wait_for("the message lies in the dead letters", async || {
                let lying = stack.look_into("RoutingDeadLetters").await?;
                Ok(lying.into_iter().find(|received| received.body == unreadable))
            })
            .await?;
        // Five times by the function, then by us.
        assert!(lying.times >= 5, "it was tried {} times", lying.times);
        Ok(())
    })
}

#[test]
fn a_message_that_fails_leaves_its_neighbours_alone() -> Result<()> {
    on_the_stack(async |stack| {
        let order_id = stack.buy(&stack.purchase(SHOPS[0], &[PLENTY[0]])).await?;
        let route = json!({"type": "RouteOrder", "order_id": order_id});
        // One that nobody can read, and one that is for another function.
        let strays = ["{".to_owned(), json!({"type": "MapSkus", "order_id": order_id}).to_string()];
        let bodies = [route.to_string(), strays[0].clone(), strays[1].clone(), route.to_string()];
        let records: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(number, body)| json!({"messageId": number.to_string(), "body": body}))
            .collect();
        let event = json!({ "Records": records }).to_string();
        let answer = stack
            .wait_for("routing answers", async || {
                // Another test may be killing functions.
                Ok(stack.invoke("RoutingFunction", event.as_bytes()).await.ok())
            })
            .await?;
        let mut failed: Vec<_> = answer["batchItemFailures"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|failure| failure["itemIdentifier"].as_str().unwrap_or_default())
            .collect();
        failed.sort_unstable();
        assert_eq!(failed, ["1", "2"]);
        Ok(())
    })
}
