//! What comes back in the demo: a change of mind, from request to refund, and a complaint that is sent again.

use anyhow::{Context, Result};
use connectors::customer_link::{self, Purpose};
use domain::id::{OrderId, RefundId, ReturnId};
use domain::order::refund::Stage;
use ports::Notices as _;
use serde_json::{Value, json};

use super::Outcome;
use crate::stack::Stack;

/// A return of the demo, as it turned out.
pub struct Returned {
    /// What it shows.
    pub title: &'static str,
    /// Of which order.
    pub order_id: OrderId,
    /// Which of the order's returns.
    pub return_id: ReturnId,
    /// How far it came.
    pub stage: &'static str,
    /// What became of the money, if any goes back.
    pub refund: Option<&'static str>,
    /// The parcels in which it was sent again.
    pub sent_again: Vec<String>,
    /// Where the customer sees the order.
    pub link: String,
}

/// Both of them, of orders that have arrived: one of a shop that has customers' money, one of a shop for which we write.
pub(super) async fn come_back(
    stack: &Stack,
    outcomes: &[Outcome],
    mut say: impl FnMut(&str),
) -> Result<Vec<Returned>> {
    let find = |title: &str| {
        let outcome = outcomes.iter().find(|outcome| outcome.title == title);
        outcome.with_context(|| format!("nobody played `{title}`"))
    };
    let (mug, notebooks) = (find("one line")?, find("express")?);
    let changed = change_of_mind(stack, mug).await?;
    say(&format!("{} came back, and its money is {}", mug.order_id, changed.refund.unwrap_or("-")));
    let damaged = complaint(stack, notebooks).await?;
    say(&format!("{} was damaged, and is sent again", notebooks.order_id));
    Ok(vec![changed, damaged])
}

async fn change_of_mind(stack: &Stack, outcome: &Outcome) -> Result<Returned> {
    let (order_id, line_id) = (&outcome.order_id, first_line(outcome)?);
    let line = json!({"line_id": line_id, "quantity": 1, "reason": "changed_mind"});
    let units = json!([{"line_id": line_id, "quantity": 1}]);
    let found = json!([{"line_id": line_id, "disposition": "restock", "quantity": 1}]);
    for (path, body) in [
        ("returns", json!({"lines": [line], "key": "demo"})),
        ("returns/R1/shipments", json!({"carrier": "Hermes", "number": "H0001"})),
        ("returns/R1/receipts", json!({"lines": units})),
        ("returns/R1/inspections", json!({"findings": found})),
    ] {
        decide(stack, order_id, path, body).await?;
    }
    stack
        .wait_for("the money goes back", async || {
            let refund = stack.order(order_id).await?.0.refunds.remove(&RefundId(1));
            let is_paid =
                refund.is_some_and(|known| matches!(known.stage, Stage::Succeeded { .. }));
            Ok(is_paid.then_some(()))
        })
        .await?;
    returned(stack, "a change of mind, from request to refund", order_id).await
}

async fn complaint(stack: &Stack, outcome: &Outcome) -> Result<Returned> {
    let (order_id, line_id) = (&outcome.order_id, first_line(outcome)?);
    let line = json!({"line_id": line_id, "quantity": 1, "reason": "damaged", "photos": 1});
    decide(stack, order_id, "returns", json!({"lines": [line], "key": "demo"})).await?;
    stack
        .wait_for("it is sent again", async || {
            let (order, _) = stack.order(order_id).await?;
            Ok((order.fulfillment_orders.len() > 1).then_some(()))
        })
        .await?;
    stack.see_delivered(std::slice::from_ref(order_id), || Ok(())).await?;
    returned(stack, "a complaint that is sent again", order_id).await
}

fn first_line(outcome: &Outcome) -> Result<String> {
    let received = outcome.order.received.as_ref();
    let line = received.and_then(|received| received.lines.first());
    Ok(line.context("it has no line")?.line_id.to_string())
}

async fn decide(stack: &Stack, order_id: &OrderId, path: &str, mut body: Value) -> Result<()> {
    (body["by"], body["why"]) = (json!("Ola Operator"), json!("the customer called"));
    stack.decide(order_id, path, &body).await
}

async fn returned(stack: &Stack, title: &'static str, order_id: &OrderId) -> Result<Returned> {
    let (order, _) = stack.order(order_id).await?;
    let (return_id, known) = order.returns.iter().next().context("it was not asked for")?;
    let (secret, now) = (stack.secret(customer_link::SECRET), stack.now());
    let token = customer_link::token(secret, Purpose::Track, order_id, &order, now);
    let parcels = order.parcels.values().skip(1).filter(|_| !order.replaced.is_empty());
    Ok(Returned {
        title,
        order_id: order_id.clone(),
        return_id: *return_id,
        stage: known.stage.name(),
        refund: order.refunds.values().next().map(|refund| refund.stage.name()),
        sent_again: parcels.map(|parcel| parcel.number.clone()).collect(),
        link: customer_link::tracking_url(&stack.api, &token),
    })
}

/// How many mails customers of these orders got.
pub(super) async fn mails(stack: &Stack, outcomes: &[Outcome]) -> Result<usize> {
    let mut count = 0;
    for outcome in outcomes {
        let noticed = stack.world.notices(&outcome.order_id).await?;
        let is_sent = |known: &&ports::Noticed| {
            known.outcome.as_ref().is_some_and(|outcome| outcome.name() == "sent")
        };
        count += noticed.iter().filter(is_sent).count();
    }
    Ok(count)
}
