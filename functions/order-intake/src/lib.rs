//! Order intake: what a shop sends becomes an order's facts, and is kept before it is answered.

use anyhow::{Context, Result};
use connectors::webhook::{self, BODY_BYTES_MAX, Delivery, Unwelcome};
use domain::id::{OrderId, ShopId};
use domain::order::fact::{ContactRef, Fact};
use domain::order::intake;
use domain::settings::{Shop, ShopKind};
use domain::shop_order::{Contact, ShopOrder};
use ports::{Archive, Catalog, Clock, Events, Inbound, People, Queues, Reply, Secrets, transact};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

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
    let settings = world.settings().await?;
    let shop = ShopId::parse(inbound.parameter("shop")).ok();
    let shop = shop.and_then(|shop| settings.shop(&shop));
    let shop = shop.filter(|shop| kind_name(shop.kind) == inbound.parameter("kind"));
    match receive(world, shop, inbound).await? {
        Ok(Delivery::Order { order, .. }) => {
            let shop = shop.context("an order is of a shop")?;
            record(world, &shop.id, &order, &inbound.body).await
        }
        Ok(Delivery::Ping) => Ok(reply(200, &json!({}))),
        Ok(Delivery::Unneeded { topic }) => Ok(reply(202, &json!({ "unneeded": topic }))),
        Err(unwelcome) => {
            let key = refused_key(shop, &inbound.body);
            let payload = &inbound.body[..inbound.body.len().min(BODY_BYTES_MAX)];
            world.refuse(&key, payload).await.context("failed to keep a refused payload")?;
            Ok(refusal(&unwelcome))
        }
    }
}

/// Verifies and reads it. A shop that we don't know is answered like one whose signature is wrong, so that nobody can
/// find out which there are.
async fn receive(
    world: &(impl Clock + Secrets),
    shop: Option<&Shop>,
    inbound: &Inbound,
) -> Result<Result<Delivery, Unwelcome>> {
    if inbound.body.len() > BODY_BYTES_MAX {
        return Ok(Err(Unwelcome::TooLarge));
    }
    let Some(shop) = shop else { return Ok(Err(Unwelcome::Unsigned)) };
    let secrets = world.secret(&format!("shops/{}", shop.id)).await?;
    Ok(webhook::parse(shop, &secrets, inbound, world.now()))
}

/// Keeps the payload, then the facts that it adds.
async fn record(
    world: &(impl Clock + Events + People + Queues),
    shop_id: &ShopId,
    shop_order: &ShopOrder,
    payload: &[u8],
) -> Result<Reply> {
    let order_id = OrderId::new(shop_id, &shop_order.order)?;
    let contact_ref = contact_ref(&order_id, &shop_order.contact, payload)?;

    // Before the first fact, so that no fact ever points at nothing.
    world
        .keep(&order_id, &contact_ref, &shop_order.contact, payload)
        .await
        .with_context(|| format!("failed to keep the payload of order `{order_id}`"))?;

    let decide = async |order: &_, _| Ok(intake::receive(order, shop_order, &contact_ref));
    let transacted = transact(world, &order_id, decide).await?;

    let facts: Vec<_> = transacted.facts.iter().map(Fact::name).collect();
    let mut answer = json!({ "order": order_id, "facts": facts });
    if facts.is_empty() {
        answer["duplicate"] = true.into();
    }
    Ok(reply(200, &answer))
}

/// The key of a contact in `People`. The order's id is in the hash, so that two orders of one person, whose data may be
/// erased one day, can't be told to be of the same.
fn contact_ref(order_id: &OrderId, contact: &Contact, payload: &[u8]) -> Result<ContactRef> {
    let contact = serde_json::to_vec(contact).context("failed to write a contact")?;
    let of_contact = hash(&[order_id.as_str().as_bytes(), b"\n", &contact]);
    let of_payload = hash(&[payload]);
    // 64 bits each: they tell apart the few states of one order.
    Ok(ContactRef(format!("{}.{}", &of_contact[..16], &of_payload[..16])))
}

/// Where a refused payload is kept. The same again has the same key; a name that is no shop's is not repeated.
fn refused_key(shop: Option<&Shop>, payload: &[u8]) -> String {
    let shop = shop.map_or("unknown", |shop| shop.id.as_str());
    format!("{shop}/{}.json", hash(&[payload]))
}

fn hash(parts: &[&[u8]]) -> String {
    let mut sha256 = Sha256::new();
    for part in parts {
        sha256.update(part);
    }
    sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
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
