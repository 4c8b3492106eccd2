//! Order intake: what a shop sends becomes an order's facts, and is kept before it is answered.

use anyhow::{Context, Result};
use connectors::webhook::{self, BODY_BYTES_MAX, Delivery, Unwelcome};
use domain::id::ShopId;
use domain::order::fact::Fact;
use domain::settings::{Shop, ShopKind};
use domain::shop_order::ShopOrder;
use futures_util::future::try_join;
use jiff::Timestamp;
use ports::intake::{keep_refused, take_in};
use ports::{Archive, Catalog, Clock, Events, Inbound, People, Queues, Reply, Secrets};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// Takes a webhook, `POST /webhooks/{kind}/{shop}`: 200 for an order, new or known, 202 for what we have no use for,
/// 4xx for what we don't take. The latter is kept too, for a person to look at.
///
/// # Errors
/// When the world says not now: the shop sends it again.
pub async fn take_webhook(
    world: &(impl Clock + Events + People + Catalog + Queues + Archive + Secrets),
    inbound: &Inbound,
) -> Result<Reply> {
    let shop_id = ShopId::parse(inbound.parameter("shop")).ok();
    let (settings, secrets) = try_join(world.settings(), secrets(world, shop_id.as_ref())).await?;
    let shop = shop_id.and_then(|shop_id| settings.shop(&shop_id));
    let shop = shop.filter(|shop| kind_name(shop.kind) == inbound.parameter("kind"));
    match receive(shop, &secrets, inbound, world.now()) {
        Ok(Delivery::Order { order, .. }) => {
            let shop = shop.context("an order is of a shop")?;
            record(world, &shop.id, &order, &inbound.body).await
        }
        Ok(Delivery::Ping) => Ok(reply(200, &json!({}))),
        Ok(Delivery::Unneeded { topic }) => Ok(reply(202, &json!({ "unneeded": topic }))),
        Err(unwelcome) => {
            keep_refused(world, shop.map(|shop| &shop.id), &inbound.body, BODY_BYTES_MAX).await?;
            Ok(refusal(&unwelcome))
        }
    }
}

/// Verifies and reads it. A shop that we don't know is answered like one whose signature is wrong, so that nobody can
/// find out which there are.
fn receive(
    shop: Option<&Shop>,
    secrets: &[String],
    inbound: &Inbound,
    now: Timestamp,
) -> Result<Delivery, Unwelcome> {
    if inbound.body.len() > BODY_BYTES_MAX {
        return Err(Unwelcome::TooLarge);
    }
    webhook::parse(shop.ok_or(Unwelcome::Unsigned)?, secrets, inbound, now)
}

/// What signs the shop's webhooks; nothing does for a shop that can't be.
async fn secrets(world: &impl Secrets, shop_id: Option<&ShopId>) -> Result<Vec<String>> {
    match shop_id {
        Some(shop_id) => world.secret(&format!("shops/{shop_id}")).await,
        None => Ok(Vec::new()),
    }
}

/// Records it, and answers what that added.
async fn record(
    world: &(impl Clock + Events + People + Queues),
    shop_id: &ShopId,
    shop_order: &ShopOrder,
    payload: &[u8],
) -> Result<Reply> {
    let (order_id, transacted) = take_in(world, shop_id, shop_order, payload).await?;
    let facts: Vec<_> = transacted.facts.iter().map(Fact::name).collect();
    let mut answer = json!({ "order": order_id, "facts": facts });
    if facts.is_empty() {
        answer["duplicate"] = true.into();
    }
    Ok(reply(200, &answer))
}

/// A kind of shop, as it is written in the path.
fn kind_name(kind: ShopKind) -> &'static str {
    match kind {
        ShopKind::Shopify => "shopify",
        ShopKind::Woocommerce => "woocommerce",
        ShopKind::Onward => "onward",
    }
}

fn refusal(unwelcome: &Unwelcome) -> Reply {
    let (status, error) = match unwelcome {
        Unwelcome::Unsigned => (401, json!({ "problem": unwelcome.to_string() })),
        Unwelcome::Unreadable(unreadable) => {
            (400, json!({ "field": unreadable.field, "problem": unreadable.problem }))
        }
        Unwelcome::TooLarge => (413, json!({ "problem": unwelcome.to_string() })),
    };
    reply(status, &json!({ "error": error }))
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply::json(status, body.to_string())
}
