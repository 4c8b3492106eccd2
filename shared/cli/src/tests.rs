//! What the commands do, in the world in memory.

use crate::operator::Operator as _;
use crate::{documents, import, order_page, rebuild, settings_file};
use domain::id::{LineId, OrderId};
use domain::message::Message;
use domain::money::Currency;
use domain::order::documents::{Archived, DocumentId};
use domain::order::fact::{ContactRef, Fact, Hold, Received};
use domain::shop_order::{Payment, ShippingChoice, ShopLine, Wishes};
use jiff::Timestamp;
use ports::memory::{Fault, World};
use ports::{Catalog as _, Events as _, Views as _};

const HEADER: &str =
    "sku,shop,article,title,weight_g,supplier,location,supplier_sku,unit_cost,currency,stock";

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn now() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

fn order_id(name: &str) -> OrderId {
    OrderId::parse(name).unwrap()
}

fn world() -> World {
    let world = World::new(now());
    let text = include_str!("../../../tests/demo/settings.toml");
    let settings = settings_file::parse(&text.replace("{OUTSIDE_URL}", "http://127.0.0.1:1"));
    block_on(world.put_settings(&settings.unwrap())).unwrap();
    world
}

fn received(sku: &str) -> Fact {
    Fact::Received(Received {
        number: "#1".to_owned(),
        placed_at: now(),
        updated_at: now(),
        test: false,
        payment: Payment::Paid,
        currency: Currency::parse("EUR").unwrap(),
        lines: vec![ShopLine {
            line_id: LineId::parse("1").unwrap(),
            sku: sku.to_owned(),
            title: "Mug".to_owned(),
            quantity: 1,
            unit_price_minor: 1900,
            ships: true,
        }],
        shipping: ShippingChoice::default(),
        discount_minor: 0,
        tax_minor: 0,
        tax_included: false,
        total_minor: 1900,
        wishes: Wishes::default(),
        risk_hints: Vec::new(),
        contact: ContactRef("a.b".to_owned()),
        country: None,
    })
}

/// An order that waits for its SKU.
fn held(world: &World, name: &str, sku: &str) {
    let held = Fact::Held { hold: Hold::UnmappedSku, detail: format!("`{sku}`") };
    block_on(world.append(&order_id(name), 0, now(), &[received(sku), held], &[])).unwrap();
}

fn import_rows(world: &World, rows: &[&str]) -> import::Report {
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    block_on(import::import(world, &text, &mut Vec::new())).unwrap()
}

#[test]
fn an_import_wakes_the_orders_that_waited_for_its_skus() {
    let world = world();
    held(&world, "alpenshop/1", "MUG");
    held(&world, "teahouse/2", "MUG");
    held(&world, "alpenshop/3", "POT");
    let rebuilt = block_on(rebuild::rebuild(&world, &mut Vec::new())).unwrap();
    assert_eq!((rebuilt.orders, rebuilt.rows), (3, 6));

    let report =
        import_rows(&world, &["MUG,alpenshop,mug,Mug,400,nordwaren,hamburg,N-1,3.20,EUR,10"]);
    assert_eq!(
        report.to_string(),
        "1 rows: 1 SKUs, 1 articles, 1 stock counters; 1 waiting orders go on; 0 refused"
    );
    assert_eq!(world.take(), Some(Message::MapSkus { order_id: order_id("alpenshop/1") }));
    assert_eq!(world.take(), None);
}

#[test]
fn the_same_file_again_changes_nothing() {
    let world = world();
    let rows = ["MUG,*,mug,Mug,400,nordwaren,hamburg,N-1,3.20,EUR,10"];
    import_rows(&world, &rows);
    let before = (world.articles.borrow().clone(), world.sku_mappings.borrow().clone());
    let stock = world.stock.borrow().clone();
    import_rows(&world, &rows);
    assert_eq!(before, (world.articles.borrow().clone(), world.sku_mappings.borrow().clone()));
    assert_eq!(stock, *world.stock.borrow());
}

#[test]
fn an_import_leaves_reserved_units_reserved() {
    let world = world();
    import_rows(&world, &["MUG,*,mug,Mug,400,nordwaren,hamburg,N-1,3.20,EUR,10"]);
    let key = world.stock.borrow().keys().next().unwrap().clone();
    world.stock.borrow_mut().get_mut(&key).unwrap().reserved = 3;
    import_rows(&world, &["MUG,*,mug,Mug,400,nordwaren,hamburg,N-1,3.20,EUR,12"]);
    let level = block_on(world.stock(&[key.clone()].into())).unwrap()[&key];
    assert_eq!((level.available, level.reserved), (9, 3));
}

#[test]
fn a_rebuild_gives_the_same_rows() {
    let world = world();
    held(&world, "alpenshop/1", "MUG");
    block_on(rebuild::rebuild(&world, &mut Vec::new())).unwrap();
    let before = world.rows.borrow().clone();
    let rebuilt = block_on(rebuild::rebuild(&world, &mut Vec::new())).unwrap();
    assert_eq!(rebuilt.to_string(), "1 orders have 2 rows; 0 rows changed");
    assert_eq!(before, *world.rows.borrow());
    world.rows.borrow_mut().clear();
    let rebuilt = block_on(rebuild::rebuild(&world, &mut Vec::new())).unwrap();
    assert_eq!(rebuilt.changed, 2);
    assert_eq!(before, *world.rows.borrow());
    assert_eq!(block_on(world.lookup("waits-sku#MUG")).unwrap(), [order_id("alpenshop/1")]);
}

#[test]
fn a_rebuild_goes_on_when_the_projection_was_faster() {
    // The first call lists the orders, before any row is made.
    for call in 2..=4 {
        let world = world();
        held(&world, "alpenshop/1", "MUG");
        world.faults.plan(call, Fault::Before);
        let rebuilt = block_on(rebuild::rebuild(&world, &mut Vec::new())).unwrap();
        assert!(world.faults.clear() > call, "nothing failed");
        assert_eq!((rebuilt.orders, rebuilt.rows, rebuilt.changed), (1, 2, 2));
    }
}

#[test]
fn an_order_is_shown_with_its_phase_and_its_facts() {
    let world = world();
    held(&world, "alpenshop/1", "MUG");
    let mut out = Vec::new();
    assert!(block_on(order_page::show(&world, &order_id("alpenshop/1"), &mut out)).unwrap());
    let expected = "\
alpenshop/1  held  version 1
held: unmapped_sku: `MUG`
2026-11-20T09:00:00Z  Received           1 lines
2026-11-20T09:00:00Z  Held               unmapped_sku: `MUG`
";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
    assert!(
        !block_on(order_page::show(&world, &order_id("alpenshop/9"), &mut Vec::new())).unwrap()
    );
}

#[test]
fn a_document_is_taken_from_among_others_and_only_if_it_is_what_is_on_record() {
    let world = world();
    let archived = Archived {
        document: DocumentId::Invoice,
        key: "bundles/2026-11-20/1.zip".to_owned(),
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned(),
        bytes: 3,
        media_type: "application/pdf".to_owned(),
        offset: Some(2),
    };
    let facts = [received("MUG"), Fact::Archived(archived)];
    block_on(world.append(&order_id("alpenshop/1"), 0, now(), &facts, &[])).unwrap();
    let store = |bytes: &[u8]| {
        let object = ("application/zip".to_owned(), bytes.to_vec());
        world.documents.borrow_mut().insert("bundles/2026-11-20/1.zip".to_owned(), object);
    };
    let folder = std::env::temp_dir().join(format!("onward-documents-{}", std::process::id()));
    let get = |name: &str| {
        let mut out = Vec::new();
        let found = block_on(documents::get(&world, &order_id(name), &folder, &mut out));
        found.map(|found| (found, String::from_utf8(out).unwrap()))
    };

    store(b"..abc..");
    let (found, said) = get("alpenshop/1").unwrap();
    assert!(found);
    assert!(said.ends_with("from bundles/2026-11-20/1.zip: alpenshop/1/invoice.pdf\n"), "{said}");
    assert_eq!(std::fs::read(folder.join("invoice.pdf")).unwrap(), b"abc");
    store(b"..abd..");
    assert!(get("alpenshop/1").is_err());
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(!get("alpenshop/2").unwrap().0);
}
