//! Documents: every label and invoice, made or fetched once, archived, never changed.
//!
//! # Layout
//!
//! - `invoice`, `label`: one document.
//! - `shelf`: documents as they lie in the archive: alone, or in a ZIP with those of other orders, see `zip`.

mod invoice;
mod label;
mod shelf;
mod zip;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Error, Result, anyhow};
use domain::id::OrderId;
use domain::message::Function;
use domain::order::documents::{Archived, DocumentId, DocumentRef, done, owed};
use domain::settings::Settings;
use futures_util::future::join;
use jiff::civil::Date;
use ports::{
    Archive, Catalog, Clock, Events, Fonts, Http, Known, People, Queues, SideBySide, transact_from,
};

use crate::label::Fetching;

/// What could not be archived now, and why.
type Failed = BTreeMap<DocumentRef, Error>;

/// A document's bytes and what they are.
struct Document {
    media_type: &'static str,
    bytes: Vec<u8>,
    /// When what it is about left: the same however often it is made.
    left_on: Date,
}

/// Archives documents that are not on record yet: those of one order as files of their own, those of several orders in
/// one object, and whatever is archived of an order in one append. Gives back what could not be done now; it stops
/// nothing else.
///
/// A document has the same bytes however often it is made, and the hash of an object is in its key: the same documents
/// again make nothing new. Other documents than before, as when some of them failed, make another object with some of
/// them a second time. The fact says which one is the document.
///
/// # Errors
/// When the world says not now to all of them.
pub async fn archive_documents(
    world: &(impl Clock + Events + People + Catalog + Queues + Archive + Fonts + Http + SideBySide),
    wanted: &BTreeSet<DocumentRef>,
) -> Result<Failed> {
    let mut failed = Failed::new();
    let (orders, settings) = join(look(world, wanted, &mut failed), world.settings()).await;
    let made = make(world, settings, &orders, &mut failed).await?;
    let mut archived: BTreeMap<OrderId, Vec<Archived>> = BTreeMap::new();
    for pile in shelf::piles(made) {
        let documents: Vec<DocumentRef> = pile.keys().cloned().collect();
        match shelf::keep(world, pile).await {
            Ok(kept) => {
                for (order_id, document) in kept {
                    archived.entry(order_id).or_default().push(document);
                }
            }
            Err(error) => fail(&mut failed, documents, &error),
        }
    }
    append(world, orders, &archived, &mut failed).await;
    Ok(failed)
}

/// An order of which documents are wanted.
struct Asked {
    order_id: OrderId,
    wanted: BTreeSet<DocumentId>,
    known: Known,
}

impl Asked {
    /// Those that are not on record.
    fn owed(&self) -> impl Iterator<Item = DocumentId> {
        owed(&self.known.order).into_iter().filter(|document| self.wanted.contains(document))
    }

    fn document_ref(&self, document: DocumentId) -> DocumentRef {
        DocumentRef { order_id: self.order_id.clone(), document }
    }
}

async fn look(
    world: &(impl Events + SideBySide),
    wanted: &BTreeSet<DocumentRef>,
    failed: &mut Failed,
) -> Vec<Asked> {
    let mut by_order: BTreeMap<&OrderId, BTreeSet<DocumentId>> = BTreeMap::new();
    for DocumentRef { order_id, document } in wanted {
        by_order.entry(order_id).or_default().insert(*document);
    }
    let looks = by_order.into_iter().map(async |(order_id, wanted)| {
        let looked = look_at(world, order_id, wanted.clone()).await;
        looked.map_err(|error| (order_id, wanted, error))
    });
    let mut orders = Vec::new();
    for looked in world.side_by_side(looks.collect()).await {
        match looked {
            Ok(asked) => orders.push(asked),
            Err((order_id, wanted, error)) => {
                let refs = wanted
                    .into_iter()
                    .map(|document| DocumentRef { order_id: order_id.clone(), document });
                fail(failed, refs, &error);
            }
        }
    }
    orders
}

async fn look_at(
    world: &impl Events,
    order_id: &OrderId,
    wanted: BTreeSet<DocumentId>,
) -> Result<Asked> {
    let known = world.glance_at_order(order_id).await?;
    let mut asked = Asked { order_id: order_id.clone(), wanted, known };
    // A glance may not show yet what called for a document.
    if asked.owed().count() < asked.wanted.len() {
        asked.known = world.load_order(order_id).await?;
    }
    Ok(asked)
}

/// Makes what is owed: invoices here, labels at their suppliers.
async fn make(
    world: &(impl Clock + People + Fonts + Http + SideBySide),
    settings: Result<Arc<Settings>>,
    orders: &[Asked],
    failed: &mut Failed,
) -> Result<BTreeMap<DocumentRef, Document>> {
    if orders.iter().all(|asked| asked.owed().next().is_none()) {
        return Ok(BTreeMap::new());
    }
    let settings = &settings?;
    let (mut invoices, mut labels) = (Vec::new(), Vec::new());
    for asked in orders {
        let order = &asked.known.order;
        for document in asked.owed() {
            let document_ref = asked.document_ref(document);
            match document {
                DocumentId::Invoice => invoices.push(async move {
                    let made = invoice::make(world, settings, &document_ref.order_id, order).await;
                    (document_ref, made)
                }),
                DocumentId::Label(parcel_id) => labels.push((document_ref, order, parcel_id)),
            }
        }
    }
    let labels = Fetching::begin(world).fetch(settings, labels);
    let (invoices, labels) = join(world.side_by_side(invoices), labels).await;
    let mut made = BTreeMap::new();
    for (document_ref, document) in invoices.into_iter().chain(labels) {
        match document.with_context(|| format!("failed to get `{document_ref}`")) {
            Ok(document) => drop(made.insert(document_ref, document)),
            Err(error) => drop(failed.insert(document_ref, error)),
        }
    }
    Ok(made)
}

/// Puts on record what was archived. Of an order that had nothing left to archive, what its last facts call for is sent
/// again.
async fn append(
    world: &(impl Clock + Events + Queues + SideBySide),
    orders: Vec<Asked>,
    archived: &BTreeMap<OrderId, Vec<Archived>>,
    failed: &mut Failed,
) {
    let none = Vec::new();
    let appends = orders.into_iter().filter_map(|asked| {
        let archived = archived.get(&asked.order_id).unwrap_or(&none);
        let is_attempted = asked.owed().next().is_some();
        (!archived.is_empty() || !is_attempted).then_some((asked, archived))
    });
    let appends = appends.map(async |(Asked { order_id, wanted, known }, archived)| {
        let decide = async |order: &_, _| Ok(done(order, archived));
        let appended = transact_from(world, Function::Documents, &order_id, known, decide).await;
        appended.map(drop).map_err(|error| (order_id, wanted, error))
    });
    for appended in world.side_by_side(appends.collect()).await {
        let Err((order_id, wanted, error)) = appended else { continue };
        let refs =
            wanted.into_iter().map(|document| DocumentRef { order_id: order_id.clone(), document });
        fail(failed, refs, &error);
    }
}

/// What went wrong with several documents goes wrong with each that has not failed by itself.
fn fail(failed: &mut Failed, documents: impl IntoIterator<Item = DocumentRef>, error: &Error) {
    for document_ref in documents {
        failed.entry(document_ref).or_insert_with(|| anyhow!("{error:#}"));
    }
}
