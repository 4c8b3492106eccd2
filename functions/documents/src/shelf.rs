//! Documents as they lie in the archive: those of one order as files of their own, which people find by looking, those of
//! many orders in one ZIP, since the archive costs by the object.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use domain::id::OrderId;
use domain::order::documents::{Archived, DocumentRef, entry, extension};
use ports::{Archive, SideBySide};
use sha2::{Digest as _, Sha256};

use crate::Document;
use crate::zip::Zip;

/// How many bytes lie in one object, but for its last document. The object, and what is sent of it, are in memory beside
/// the documents.
const PILE_BYTES_MAX: usize = 4 << 20;

/// Documents that are archived together.
pub(crate) type Pile = BTreeMap<DocumentRef, Document>;

/// Splits documents into piles of not too many bytes each.
pub(crate) fn piles(documents: Pile) -> Vec<Pile> {
    let mut piles: Vec<Pile> = Vec::new();
    let mut bytes = 0;
    for (document_ref, document) in documents {
        if piles.is_empty() || bytes >= PILE_BYTES_MAX {
            piles.push(Pile::new());
            bytes = 0;
        }
        bytes += document.bytes.len();
        piles.last_mut().expect("one was pushed").insert(document_ref, document);
    }
    piles
}

/// Archives documents, and tells where they lie.
///
/// # Errors
/// When the world says not now; then none of them counts as archived.
pub(crate) async fn keep(
    world: &(impl Archive + SideBySide),
    pile: Pile,
) -> Result<Vec<(OrderId, Archived)>> {
    let orders: BTreeSet<&OrderId> =
        pile.keys().map(|document_ref| &document_ref.order_id).collect();
    if orders.len() > 1 { keep_together(world, pile).await } else { keep_apart(world, pile).await }
}

async fn keep_apart(
    world: &(impl Archive + SideBySide),
    pile: Pile,
) -> Result<Vec<(OrderId, Archived)>> {
    let kept = pile.into_iter().map(async |(document_ref, document)| {
        let sha256 = sha256(&document.bytes);
        let key = format!("{document_ref}-{sha256}.{}", extension(document.media_type));
        world.keep_document(&key, document.media_type, &document.bytes).await?;
        anyhow::Ok(placed(document_ref, &document, key, None))
    });
    world.side_by_side(kept.collect()).await.into_iter().collect()
}

async fn keep_together(world: &impl Archive, pile: Pile) -> Result<Vec<(OrderId, Archived)>> {
    let mut zip = Zip::default();
    let left_on = pile.values().map(|document| document.left_on).max().unwrap_or_default();
    let mut kept = Vec::new();
    for (document_ref, document) in pile {
        let DocumentRef { order_id, document: id } = &document_ref;
        let offset = zip.add(&entry(order_id, *id, document.media_type), &document.bytes);
        kept.push(placed(document_ref, &document, String::new(), Some(offset)));
    }
    let bytes = zip.finish();
    let key = format!("bundles/{left_on}/{}.zip", sha256(&bytes));
    world.keep_document(&key, "application/zip", &bytes).await?;
    for (_, archived) in &mut kept {
        archived.key.clone_from(&key);
    }
    Ok(kept)
}

fn placed(
    DocumentRef { order_id, document: id }: DocumentRef,
    document: &Document,
    key: String,
    offset: Option<u64>,
) -> (OrderId, Archived) {
    let archived = Archived {
        document: id,
        key,
        sha256: sha256(&document.bytes),
        bytes: document.bytes.len() as u64,
        media_type: document.media_type.to_owned(),
        offset,
    };
    (order_id, archived)
}

fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
