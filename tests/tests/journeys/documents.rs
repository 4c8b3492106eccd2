//! Documents of many orders, archived together: one object for all, one append for each order.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Error, bail};
use domain::id::{OrderId, ParcelId};
use domain::message::Message;
use domain::order::Order;
use domain::order::documents::{DocumentId, DocumentRef};
use domain::order::fact::Fact;
use futures_util::FutureExt as _;
use ports::Response;
use ports::memory::{Fault, Snapshot, World};
use tests::journey::{Journey, from_supplier};

use super::{MUG, alpenshop};

const ORDERS: u64 = 3;

/// Orders whose parcels have just left, and what is to be archived of them.
fn shipped() -> (Journey, BTreeSet<DocumentRef>) {
    let mut journey = Journey::begin();
    for number in 0..ORDERS {
        let mut purchase = alpenshop(&[MUG]);
        purchase.order += number;
        journey.sells(&purchase);
    }
    journey.minutes(1);
    let now = journey.now();
    let mut ready: Vec<(String, String)> = Vec::new();
    for (supplier, known) in journey.outside.borrow().suppliers.all() {
        ready.extend(known.orders.keys().map(|reference| (supplier.clone(), reference.clone())));
    }
    for (supplier, reference) in ready {
        journey.outside.borrow_mut().suppliers.ship(&supplier, &reference, "DHL", now);
    }
    let told: Vec<_> = journey.outside.borrow_mut().suppliers.outbox.drain(..).collect();
    for request in told {
        journey.tells_alone(&from_supplier(&request));
    }
    let queue = journey.system.world.queue.borrow().clone();
    let wanted = queue.into_iter().filter_map(|message| match message {
        Message::ArchiveDocument { order_id, document } => Some(DocumentRef { order_id, document }),
        _ => None,
    });
    let wanted: BTreeSet<DocumentRef> = wanted.collect();
    assert_eq!(wanted.len() as u64, 2 * ORDERS, "a label and an invoice each");
    (journey, wanted)
}

/// One invocation. None if it was killed.
fn archive(
    world: &World,
    wanted: &BTreeSet<DocumentRef>,
) -> Option<anyhow::Result<BTreeMap<DocumentRef, Error>>> {
    documents::archive_documents(world, wanted).now_or_never()
}

fn archive_well(world: &World, wanted: &BTreeSet<DocumentRef>) {
    let archived = archive(world, wanted).expect("nobody kills it");
    let failed = archived.expect("there are settings");
    assert!(failed.is_empty(), "{failed:?}");
}

fn appends(world: &World, order_id: &OrderId) -> Vec<Vec<Fact>> {
    world.streams.borrow()[order_id].iter().map(|(_, facts)| facts.clone()).collect()
}

fn order(world: &World, order_id: &OrderId) -> Order {
    let streams = world.streams.borrow();
    let appends = streams[order_id].iter();
    appends.fold(Order::default(), |order, (at, facts)| order.after(*at, facts))
}

/// Each document that was wanted is on record once, and is read again by its record alone. The objects that no record
/// names.
fn check(world: &World, wanted: &BTreeSet<DocumentRef>) -> BTreeSet<String> {
    let mut unnamed: BTreeSet<String> = world.documents.borrow().keys().cloned().collect();
    for DocumentRef { order_id, document } in wanted {
        let order = order(world, order_id);
        let archived = &order.documents[document];
        let bytes = world.archived(archived).expect("it lies where its record says");
        assert!(bytes.starts_with(b"%PDF-") && bytes.len() as u64 == archived.bytes);
        unnamed.remove(&archived.key);
        let is_its = |fact: &&Fact| matches!(fact, Fact::Archived(it) if it.document == *document);
        let facts = appends(world, order_id).concat();
        assert_eq!(facts.iter().filter(is_its).count(), 1, "{order_id}: {document} is one");
    }
    unnamed
}

#[test]
fn documents_of_many_orders_are_one_object_and_one_append_of_each_order() {
    let (journey, wanted) = shipped();
    let world = &journey.system.world;
    let before: BTreeMap<OrderId, usize> =
        journey.order_ids().into_iter().map(|it| (it.clone(), appends(world, &it).len())).collect();
    archive_well(world, &wanted);

    assert!(check(world, &wanted).is_empty());
    let keys: Vec<String> = world.documents.borrow().keys().cloned().collect();
    assert_eq!(keys.len(), 1);
    assert!(keys[0].starts_with("bundles/2026-11-23/") && keys[0].ends_with(".zip"), "{keys:?}");
    for (order_id, count) in before {
        let appends = appends(world, &order_id);
        assert_eq!(appends.len(), count + 1, "{order_id}");
        assert_eq!(appends.last().unwrap().len(), 2, "{order_id}");
    }
}

#[test]
fn documents_of_one_order_are_files_of_their_own() {
    let (journey, mut wanted) = shipped();
    let world = &journey.system.world;
    wanted.retain(|document_ref| document_ref.order_id.order() == "1001");
    archive_well(world, &wanted);
    assert!(check(world, &wanted).is_empty());
    let keys: Vec<String> = world.documents.borrow().keys().cloned().collect();
    assert_eq!(keys.len(), 2);
    assert!(keys[0].starts_with("alpenshop/1001/invoice-"), "{keys:?}");
    assert!(keys[1].starts_with("alpenshop/1001/label-P1-"), "{keys:?}");
}

#[test]
fn the_same_documents_again_make_nothing_new() {
    let (journey, wanted) = shipped();
    let world = &journey.system.world;
    let before = world.snapshot();
    archive_well(world, &wanted);
    let documents = world.documents.borrow().clone();
    let streams = world.streams.borrow().clone();
    archive_well(world, &wanted);
    assert_eq!(*world.streams.borrow(), streams);
    // As if no append had succeeded.
    world.restore(Snapshot { documents: documents.clone(), ..before });
    archive_well(world, &wanted);
    assert_eq!(*world.documents.borrow(), documents);
    check(world, &wanted);
}

#[test]
fn what_can_not_be_made_fails_alone() {
    let (journey, wanted) = shipped();
    let world = &journey.system.world;
    let orders = journey.order_ids();
    world.people.borrow_mut().retain(|(order_id, _), _| *order_id != orders[0]);
    let number = journey.order(&orders[1]).parcels[&ParcelId(1)].number.clone();
    answer_labels(world, move |url| {
        let none = Response { status: 404, headers: Vec::new(), body: Vec::new() };
        url.contains(&number).then_some(none)
    });

    let failed = archive(world, &wanted).unwrap().unwrap();
    let no_invoice = DocumentRef { order_id: orders[0].clone(), document: DocumentId::Invoice };
    let no_label =
        DocumentRef { order_id: orders[1].clone(), document: DocumentId::Label(ParcelId(1)) };
    assert_eq!(failed.keys().collect::<Vec<_>>(), [&no_invoice, &no_label], "{failed:?}");
    let others = &wanted - &BTreeSet::from([no_invoice, no_label]);
    assert!(check(world, &others).is_empty());
}

#[test]
fn an_invoice_whose_font_is_missing_fails_alone_and_is_made_once_it_is_there() {
    let (journey, wanted) = shipped();
    let world = &journey.system.world;
    let font = world.fallback_font.take();
    let orders = journey.order_ids();
    for ((order_id, _), (contact, _)) in world.people.borrow_mut().iter_mut() {
        if *order_id == orders[1] {
            contact.billing.as_mut().unwrap().city = "深圳市".to_owned();
        }
    }

    let failed = archive(world, &wanted).unwrap().unwrap();
    let invoice = DocumentRef { order_id: orders[1].clone(), document: DocumentId::Invoice };
    let error = format!("{:#}", failed[&invoice]);
    assert!(error.contains("`FALLBACK_FONT`") && !error.contains('深'), "{error}");
    let back: BTreeSet<DocumentRef> = failed.into_keys().collect();
    assert_eq!(back, BTreeSet::from([invoice]));
    check(world, &(&wanted - &back));

    world.fallback_font.set(font);
    archive_well(world, &back);
    check(world, &wanted);
}

/// Whichever call fails: what failed comes back, each message in a batch of its own, and what was archived together is
/// archived anew. Only then, objects that no record names are left over.
#[test]
fn whichever_call_for_a_batch_fails_each_document_is_archived_once() {
    let (journey, wanted) = shipped();
    let world = &journey.system.world;
    let before = world.snapshot();
    let mut unnamed = 0;
    for fault in Fault::ALL {
        for call in 1.. {
            world.restore(before.clone());
            world.faults.plan(call, fault);
            let ended = archive(world, &wanted);
            if world.faults.clear() < call {
                break;
            }
            let back: BTreeSet<DocumentRef> = match ended {
                Some(Ok(failed)) => failed.into_keys().collect(),
                Some(Err(_)) | None => wanted.clone(),
            };
            for document_ref in back {
                archive_well(world, &BTreeSet::from([document_ref]));
            }
            unnamed += check(world, &wanted).len();
            assert!(world.documents.borrow().len() <= 1 + wanted.len(), "{call} {fault:?}");
        }
    }
    assert!(unnamed > 0, "no fault came between object and append");
}

/// What servers of labels answer; everyone else answers as ever.
fn answer_labels(world: &World, answer: impl Fn(&str) -> Option<Response> + 'static) {
    let mut others = std::mem::replace(
        &mut *world.outside.borrow_mut(),
        Box::new(|_| bail!("nobody is there yet")),
    );
    *world.outside.borrow_mut() = Box::new(move |request| {
        let answered = request.url.contains("/labels/").then(|| answer(&request.url)).flatten();
        answered.map_or_else(|| others(request), Ok)
    });
}
