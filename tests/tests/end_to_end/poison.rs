//! What fails however often it is tried: it ends among the dead letters, with its reason, and alone.

use anyhow::{Context as _, Result, ensure};
use cli::command::Command;
use domain::id::OrderId;
use domain::message::Function;
use domain::order::phase::phase;
use serde_json::{Value, json};
use tests::stack::company::SHOPS;
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;
use crate::ending::check_ending;
use crate::records::run;

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

#[test]
fn what_failed_five_times_says_why_and_goes_on_once_it_was_mended() -> Result<()> {
    on_the_stack(async |stack| {
        let purchase = stack.purchase(SHOPS[0], &[PLENTY[0]]);
        let order_id = stack.buy(&purchase).await?;
        let neighbour = stack.buy(&stack.purchase(SHOPS[0], &[PLENTY[0]])).await?;
        // Somebody erases the customer after the order was screened: nobody knows where it is to go.
        let person = erase(stack, &order_id).await?;
        let function = Function::SupplierForwarding;
        stack
            .wait_for("its message lies in the dead letters", async || {
                Ok(is_lying(stack, function, &order_id).await?.then_some(()))
            })
            .await?;
        let shown = run(Command::Redrive { function, is_confirmed: false }).await?;
        let is_told = |line: &&str| {
            line.contains(order_id.as_str()) && line.contains("its contact was erased")
        };
        let line = shown.lines().find(is_told);
        let line = line.with_context(|| shown.clone())?;
        let (order, _) = stack.order(&order_id).await?;
        ensure!(line.contains(phase(&order).name()), "{line}");
        ensure!(!shown.contains(neighbour.as_str()), "{shown}");

        stack.ask("dynamodb", "DynamoDB_20120810.PutItem", "1.0", &person).await?;
        let sent = run(Command::Redrive { function, is_confirmed: true }).await?;
        ensure!(sent.contains(order_id.as_str()) && sent.contains("\nsent again: "), "{sent}");
        let orders = stack.see_delivered(&[order_id.clone(), neighbour], || Ok(())).await?;
        // The clock sent it again while it failed; whatever of that came to lie there later goes the same way.
        stack
            .wait_for("none of its messages lies in the dead letters", async || {
                if !is_lying(stack, function, &order_id).await? {
                    return Ok(Some(()));
                }
                run(Command::Redrive { function, is_confirmed: true }).await?;
                Ok(None)
            })
            .await?;
        check_ending(stack, purchase.shop, &order_id, &orders[0].0).await?;
        Ok(())
    })
}

/// Whether a message about the order is among a function's dead letters, however many others are.
async fn is_lying(stack: &Stack, function: Function, order_id: &OrderId) -> Result<bool> {
    let letters = stack.world.dead_letters(function).await?;
    stack.world.leave(function, &letters).await?;
    let its_id = format!("\"{order_id}\"");
    Ok(letters.iter().any(|letter| letter.body.contains(&its_id)))
}

/// Deletes the contact of an order as soon as a supplier was chosen; gives what brings it back.
async fn erase(stack: &Stack, order_id: &OrderId) -> Result<Value> {
    let contact = stack
        .wait_for("a supplier is chosen", async || {
            let (order, _) = stack.order(order_id).await?;
            Ok(order.contact.filter(|_| !order.fulfillment_orders.is_empty()))
        })
        .await?;
    let table = stack.resource("People")?;
    let key = json!({"pk": {"S": order_id}, "sk": {"S": contact.0}});
    let named = json!({"TableName": table, "Key": key});
    let found = stack.ask("dynamodb", "DynamoDB_20120810.GetItem", "1.0", &named).await?;
    stack.ask("dynamodb", "DynamoDB_20120810.DeleteItem", "1.0", &named).await?;
    Ok(json!({"TableName": table, "Item": found["Item"]}))
}

#[test]
fn an_alarm_stands_on_the_dead_letters_of_every_queue() -> Result<()> {
    on_the_stack(async |stack| {
        let action = "GraniteServiceVersion20100801.DescribeAlarms";
        let alarms = stack.ask("monitoring", action, "1.0", &json!({})).await?;
        let alarms = alarms["MetricAlarms"].as_array().context("there are no alarms")?;
        let letters: Vec<_> =
            stack.resources.keys().filter(|name| name.ends_with("DeadLetters")).collect();
        assert!(letters.len() > Function::ALL.len(), "{letters:?}");
        for letters in letters {
            let url = stack.resource(letters)?;
            let name = url.rsplit('/').next().unwrap_or_default();
            let alarm = alarms.iter().find(|alarm| alarm["Dimensions"][0]["Value"] == name);
            let alarm = alarm.with_context(|| format!("no alarm stands on {letters}"))?;
            let told = json!([stack.resource("Alarms")?]);
            assert_eq!(alarm["Namespace"], "AWS/SQS", "{alarm}");
            assert_eq!(alarm["MetricName"], "ApproximateNumberOfMessagesVisible", "{alarm}");
            assert_eq!(alarm["Dimensions"][0]["Name"], "QueueName", "{alarm}");
            assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold", "{alarm}");
            assert_eq!(alarm["Threshold"].as_f64(), Some(0.0), "{alarm}");
            assert_eq!(alarm["AlarmActions"], told, "{alarm}");
        }
        Ok(())
    })
}
