//! Console: what an operator may see and decide, one authenticated call each.
//!
//! Every decision names who took it and why, and becomes a fact. Nothing here can edit a fact.

mod decision;
mod returns;

use anyhow::Result;
use domain::id::OrderId;
use domain::order::Order;
use domain::order::amendment::Amendment;
use domain::order::phase::phase;
use ports::{
    Catalog, Clock, Events, Inbound, Notes, Noticed, Notices, Outcome, People, Photos, Queues,
    Reply, Secrets, while_reading_kept,
};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use decision::Decision;
use returns::Task;

/// The secret that operators' calls carry as bearer token.
const SECRET: &str = "console";

/// Answers an operator: shows an order, or takes a decision on it.
///
/// # Errors
/// When the world says not now; the caller tries again.
pub async fn answer_operator(
    world: &(impl Clock + Events + Notes + Notices + People + Photos + Catalog + Queues + Secrets),
    inbound: &Inbound,
) -> Result<Reply> {
    let tokens = while_reading_kept(world, world.secret(SECRET)).await?;
    if !is_operator(&tokens, inbound) {
        return Ok(refused(401, "authorization", "a valid bearer token is needed"));
    }
    let order_id = format!("{}/{}", inbound.parameter("shop"), inbound.parameter("number"));
    let Ok(order_id) = OrderId::parse(&order_id) else {
        return Ok(refused(404, "order", "there is no such order"));
    };
    if inbound.method == "GET" {
        return show(world, &order_id).await;
    }
    match Task::parse(inbound) {
        Some(Ok(task)) => return task.take(world, &order_id).await,
        Some(Err(problem)) => return Ok(refused(400, &problem.field, &problem.problem)),
        None => {}
    }
    match Decision::parse(inbound) {
        Ok(decision) => decision.take(world, &order_id).await,
        Err(problem) => Ok(refused(400, &problem.field, &problem.problem)),
    }
}

/// Compares in constant time with every token that is valid now.
fn is_operator(tokens: &[String], inbound: &Inbound) -> bool {
    let given = inbound
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    let is_same = |token: &String| bool::from(token.as_bytes().ct_eq(given.as_bytes()));
    // No early end: how long this takes must not tell which token was nearly right.
    tokens
        .iter()
        .filter(|token| !token.is_empty())
        .fold(false, |is_known, token| is_known | is_same(token))
}

async fn show(
    world: &(impl Events + Notes + Notices + Photos),
    order_id: &OrderId,
) -> Result<Reply> {
    let (history, version) = world.load(order_id).await?;
    if history.is_empty() {
        return Ok(refused(404, "order", "there is no such order"));
    }
    let order = Order::fold(&history);
    let holds = order.holds.iter().map(|(hold, standing)| {
        json!({"hold": hold.name(), "since": standing.since, "detail": standing.detail})
    });
    let facts = history.iter().map(|recorded| json!({"at": recorded.at, "fact": recorded.fact}));
    let comments = ports::returns::comments(world, order_id, &order).await?;
    let photos = returns::photos(world, &order)?;
    let (returns, refunds) = returns::shown(order_id, &order, &comments, &photos);
    let shown = json!({
        "order": order_id,
        "phase": phase(&order).name(),
        "version": version,
        "holds": holds.collect::<Vec<Value>>(),
        "requests": order.numbered_amendments().map(|it| request(&order, it)).collect::<Vec<_>>(),
        "shop_refuses": refusals(&order),
        "links_revoked": order.link_revocations,
        "returns": returns,
        "refunds": refunds,
        "notices": world.notices(order_id).await?.iter().map(noticed).collect::<Vec<_>>(),
        "facts": facts.collect::<Vec<Value>>(),
    });
    Ok(Reply::json(200, shown.to_string()))
}

/// A request to change the order, and what can be answered now.
fn request(order: &Order, (number, amendment): (u16, &Amendment)) -> Value {
    let answer = amendment.answer(order);
    json!({
        "number": number,
        "request": amendment.name(),
        "at": amendment.at,
        "by": amendment.by,
        "answer": answer.verdict,
        "why": answer.why,
        "notes": answer.notes,
        "shop_was_told": amendment.told,
        "shop_refuses": amendment.untellable,
    })
}

/// What the shop will not show of parcels; an operator decides.
fn refusals(order: &Order) -> Vec<Value> {
    let refused = order.parcels.iter().flat_map(|(parcel_id, parcel)| {
        parcel.refused.iter().map(move |(milestone, why)| {
            json!({"parcel": parcel_id.to_string(), "milestone": milestone, "why": why})
        })
    });
    refused.collect()
}

/// What the customer was told; `in_doubt` where nobody knows whether it went out.
fn noticed(known: &Noticed) -> Value {
    let (message_id, why) = match &known.outcome {
        Some(Outcome::Sent { message_id }) => (Some(message_id), None),
        Some(Outcome::Refused { why }) => (None, Some(why)),
        _ => (None, None),
    };
    json!({
        "notice": known.notice,
        "at": known.at,
        "outcome": known.outcome.as_ref().map_or("in_doubt", Outcome::name),
        "message_id": message_id,
        "why": why,
    })
}

/// A refusal that names the field.
fn refused(status: u16, field: &str, problem: &str) -> Reply {
    Reply::json(status, json!({"error": {"field": field, "problem": problem}}).to_string())
}
