//! Intake: what a shop says of an order is kept and becomes facts, whether the shop told us or we asked.

use anyhow::{Context, Result};
use domain::id::{OrderId, ShopId};
use domain::order::fact::ContactRef;
use domain::order::intake;
use domain::shop_order::{Contact, ShopOrder};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::{Archive, Clock, Events, People, Queues, Transacted, transact, transact_new};

/// A shop tells of an order when it is placed; what changed later than this after it was told before, most likely.
const NEW: SignedDuration = SignedDuration::from_mins(1);

/// Takes an order as the shop states it: keeps contact and payload, appends the facts that it adds, and sends what they
/// call for. The same again adds none.
///
/// # Errors
/// When the world says not now. Then it is to be taken again, which makes good what is missing.
pub async fn take_in(
    world: &(impl Clock + Events + People + Queues),
    shop_id: &ShopId,
    shop_order: &ShopOrder,
    payload: &[u8],
) -> Result<(OrderId, Transacted)> {
    let order_id = OrderId::new(shop_id, &shop_order.order)?;
    // 64 bits of a hash tell apart the few states of one order.
    let contact_ref = contact_ref(&order_id, &shop_order.contact, &hash(&[payload])[..16])?;

    // Before the first fact, so that no fact ever points at nothing.
    world
        .keep(&order_id, &contact_ref, &shop_order.contact, payload)
        .await
        .with_context(|| format!("failed to keep the payload of order `{order_id}`"))?;

    let decide = async |order: &_, _| Ok(intake::receive(order, shop_order, &contact_ref));
    let is_new = shop_order.updated_at.duration_since(shop_order.placed_at) < NEW;
    let transacted = if is_new {
        transact_new(world, &order_id, decide).await?
    } else {
        transact(world, &order_id, decide).await?
    };
    Ok((order_id, transacted))
}

/// Keeps a payload that could not be taken, or as much of it as `bytes_max`, for a person to look at. The same again has
/// the same key; a name that is no shop's is not repeated.
///
/// # Errors
/// When the world says not now.
pub async fn keep_refused(
    world: &impl Archive,
    shop_id: Option<&ShopId>,
    payload: &[u8],
    bytes_max: usize,
) -> Result<()> {
    let key = format!("{}/{}.json", shop_id.map_or("unknown", ShopId::as_str), hash(&[payload]));
    let kept = &payload[..payload.len().min(bytes_max)];
    world.refuse(&key, kept).await.context("failed to keep a refused payload")
}

/// The key of a contact in `People`, with where we have it from: the hash of a payload, or `operator`. The order's id is
/// in the hashes, so that two orders of one person, whose data may be erased one day, can't be told to be of the same.
///
/// # Errors
/// When the contact can't be written.
pub fn contact_ref(order_id: &OrderId, contact: &Contact, source: &str) -> Result<ContactRef> {
    let destination = serde_json::to_vec(&contact.destination()).context("failed to write it")?;
    let contact = serde_json::to_vec(contact).context("failed to write a contact")?;
    let of_order = |bytes: &[u8]| hash(&[order_id.as_str().as_bytes(), b"\n", bytes]);
    let (of_contact, of_destination) = (of_order(&contact), of_order(&destination));
    Ok(ContactRef(format!("{}.{source}.{}", &of_contact[..16], &of_destination[..16])))
}

fn hash(parts: &[&[u8]]) -> String {
    let mut sha256 = Sha256::new();
    for part in parts {
        sha256.update(part);
    }
    format!("{:x}", sha256.finalize())
}
