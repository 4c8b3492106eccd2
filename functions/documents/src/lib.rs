//! Documents: every label and invoice, made or fetched once, archived, never changed.

mod invoice;
mod label;

use anyhow::{Context, Result};
use domain::id::OrderId;
use domain::message::Function;
use domain::order::Order;
use domain::order::documents::{Archived, DocumentId, done};
use ports::{Archive, Catalog, Clock, Events, Http, People, Queues, transact_in};
use sha2::{Digest as _, Sha256};

/// A document's bytes and what they are.
struct Document {
    media_type: &'static str,
    extension: &'static str,
    bytes: Vec<u8>,
}

/// Archives a document of an order, unless it is on record already. The bytes are the same however often they are
/// made, and their hash is in their key, so a repeat archives nothing new.
///
/// # Errors
/// When the world says not now, or the document can't be had or made; the queue delivers again.
pub async fn archive_document(
    world: &(impl Clock + Events + People + Catalog + Queues + Archive + Http),
    order_id: &OrderId,
    document: DocumentId,
) -> Result<()> {
    let (history, _) = world.load(order_id).await?;
    let order = Order::fold(&history);
    let is_owed = domain::order::documents::owed(&order).contains(&document);
    let archived =
        if is_owed { Some(archive(world, order_id, &order, document).await?) } else { None };
    transact_in(world, Function::Documents, order_id, async |order, _| {
        Ok(archived.as_ref().map_or_else(Vec::new, |archived| done(order, archived)))
    })
    .await?;
    Ok(())
}

async fn archive(
    world: &(impl People + Catalog + Archive + Http),
    order_id: &OrderId,
    order: &Order,
    document: DocumentId,
) -> Result<Archived> {
    let made = match document {
        DocumentId::Invoice => invoice::make(world, order_id, order).await,
        DocumentId::Label(parcel_id) => label::fetch(world, order, parcel_id).await,
    };
    let made = made.with_context(|| format!("failed to get `{document}` of order `{order_id}`"))?;
    let sha256 = format!("{:x}", Sha256::digest(&made.bytes));
    let key = format!("{order_id}/{document}-{sha256}.{}", made.extension);
    world.keep_document(&key, made.media_type, &made.bytes).await?;
    Ok(Archived {
        document,
        key,
        sha256,
        bytes: made.bytes.len() as u64,
        media_type: made.media_type.to_owned(),
    })
}
