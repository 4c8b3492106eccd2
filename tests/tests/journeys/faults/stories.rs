//! What happens in the trials of [`super`]: every function, every way in, every fact at least once, as briefly as it can
//! be told.

use domain::catalog::StockKey;
use domain::id::{EndpointId, LocationId, OrderId, RefundId, ReturnId, SupplierId};
use domain::message::Message;
use domain::order::Stage;
use domain::order::fact::Fact;
use domain::order::next::next;
use domain::order::refund::fact::RefundFact;
use domain::order::returns::fact::ReturnFact;
use domain::settings::{Channel, Endpoint, Settings, TrackingService};
use jiff::SignedDuration;
use ports::Inbound;
use serde_json::{Value, json};
use tests::journey::Journey;
use tests::journey::browser::{Browser, tracking_link};
use tests::outside::labels::{Manner, Shipment};
use tests::outside::shop::books::Gateway;
use tests::outside::supplier::{Cancels, Says};
use tests::purchase::{Destination, LEIPZIG, LYON, Purchase};
use tests::system::Operation;

use crate::{
    BACKPACK, BLANKET, GIFT_SET, KNIFE, MATCHA, MUG, NOTEBOOK, SCARF, SENCHA, TENT, alpenshop,
    direct, teahouse, units,
};

/// A story: its name, and how it goes.
pub(super) type Story = (&'static str, fn(&mut Journey));

/// Each of them.
pub(super) const STORIES: &[Story] = &[
    ("one line from a supplier with an API", one_line),
    ("a split order with a bundle", a_split),
    ("an order in our own JSON", own_json),
    ("a rejection and its backup", a_rejection),
    ("a part rejected, called in", a_part_rejected),
    ("a supplier that does not answer", a_silent_supplier),
    ("a supplier that promised a part and is late", a_late_supplier),
    ("a parcel that does not arrive in time", a_late_parcel),
    ("a mail that bounces", a_bounce),
    ("a customer who is told by mail and SMS", a_told_customer),
    ("a cancellation before anything was bought", cancelled_early),
    ("a cancellation that is granted at once", cancelled_at_once),
    ("a cancellation that is granted later", cancelled_later),
    ("a cancellation that is refused", cancelled_in_vain),
    ("a backorder that a stock report wakes", a_backorder),
    ("an unknown SKU that the catalogue learns", an_unknown_sku),
    ("holds that an operator decides", holds),
    ("edits, another address, a late payment", edits),
    ("a shop that cancels and takes up again", reinstated),
    ("a supplier that is reached by mail", by_mail),
    ("a mail that is answered with no", by_mail_rejected),
    ("a mail that is cancelled", by_mail_cancelled),
    ("a mail that nobody answers, and one in doubt", by_mail_silent),
    ("another address that is taken at once", moved),
    ("another address that is answered later", moved_later),
    ("another address by mail, and a wrong number", moved_by_mail),
    ("a wrong number, and a shop that will not show it", wrong_number),
    ("numbers that the tracking service drops and refuses", odd_numbers),
    ("an endpoint that is told", told),
    ("tracking services that tell by themselves", pushes),
    ("what nobody takes", refused),
    ("shops that tell us nothing, and forget", silent_shops),
    ("a return with photos and a label", returned),
    ("a return that a person approves and half of which comes", half_returned),
    ("returns of which nothing comes", returned_in_vain),
    ("a claim that is sent again", claimed),
    ("refunds that a shop refuses, and one in doubt", refunded_in_vain),
    ("labels that nobody sells, and one in doubt", unlabelled),
    ("refunds by a shop that knows no keys", refunded_without_keys),
    ("a label whose buyer died", label_taken_over),
    ("a supplier that buys again what comes again", bought_without_keys),
    ("a customer in the portal, and one who tracks a parcel", in_the_portal),
    ("customers who show photos, and what is none", with_photos),
];

/// A photo that tells where it was taken.
const PHOTO: &[u8] = include_bytes!("../../../../fuzz/corpus/photo/progressive.jpg");

/// Most of these stories are about this one.
const ORDER: &str = "alpenshop/1001";

/// Rules under which the stories are short.
pub(super) fn quick(settings: &mut Settings) {
    settings.tracking.poll_minutes = 60;
}

fn order_id() -> OrderId {
    OrderId::parse(ORDER).expect("it is one")
}

/// From acceptance to the door.
fn arrives(journey: &mut Journey) {
    journey.minutes(2);
    journey.suppliers_ship();
    journey.minutes(2);
    journey.carriers_deliver();
    journey.minutes(62);
}

fn one_line(journey: &mut Journey) {
    journey.sells(&alpenshop(&[MUG]));
    arrives(journey);
    looks(journey);
    journey.operates(&Operation::RebuildViews);
}

fn a_split(journey: &mut Journey) {
    journey.sells(&teahouse(&[crate::TEA, units(1, GIFT_SET)]));
    arrives(journey);
}

fn own_json(journey: &mut Journey) {
    journey.sells(&direct(&[NOTEBOOK]));
    arrives(journey);
}

fn a_rejection(journey: &mut Journey) {
    journey.manner("own-warehouse", |manner| manner.says = Says::OutOfStock);
    journey.sells(&alpenshop(&[BLANKET]));
    journey.minutes(2);
}

fn a_part_rejected(journey: &mut Journey) {
    journey.manner("own-warehouse", |manner| manner.says = Says::Received);
    journey.sells(&alpenshop(&[units(3, BLANKET)]));
    journey.minutes(2);
    let line = |quantity: u32| json!([{"sku": "OW-1100", "quantity": quantity}]);
    for what in [
        json!({"type": "accepted", "lines": line(1)}),
        json!({"type": "rejected", "lines": line(2), "reason": "discontinued"}),
        shipped("DH001DE"),
    ] {
        journey.says("own-warehouse", &order_id(), 1, &what);
    }
    journey.minutes(2);
}

fn shipped(number: &str) -> Value {
    json!({"type": "shipped", "carrier": "DHL", "number": number, "ship_date": "2026-11-23"})
}

fn a_silent_supplier(journey: &mut Journey) {
    journey.manner("own-warehouse", |manner| manner.says = Says::Received);
    journey.sells(&alpenshop(&[BLANKET]));
    journey.minutes(242);
}

fn a_late_supplier(journey: &mut Journey) {
    journey.manner("own-warehouse", |manner| manner.says = Says::Received);
    journey.sells(&alpenshop(&[units(2, BLANKET)]));
    journey.minutes(2);
    let lines = json!([{"sku": "OW-1100", "quantity": 1}]);
    journey.says("own-warehouse", &order_id(), 1, &json!({"type": "accepted", "lines": lines}));
    // Its answer on the rest is late, then its parcel.
    journey.minutes(25 * 60);
}

fn a_late_parcel(journey: &mut Journey) {
    journey.sells(&alpenshop(&[BACKPACK]));
    journey.minutes(2);
    journey.suppliers_ship();
    // Nothing happens until the day on which it should have come is over.
    let owed = next(&order_id(), &journey.order(&order_id()));
    let late = owed.into_iter().find(|owed| owed.end == "delay").expect("it is awaited");
    journey.clock_fails_for((late.not_before - journey.now()).get_seconds() / 60 - 1);
    // Whoever asks for the parcel the next time tells that it is late.
    journey.hours(8);
    looks(journey);
}

fn a_told_customer(journey: &mut Journey) {
    journey.sells(&direct(&[NOTEBOOK]));
    for (contact, _) in journey.system.world.people.borrow_mut().values_mut() {
        contact.phone = Some("+49 341 12345".to_owned());
    }
    arrives(journey);
}

fn a_bounce(journey: &mut Journey) {
    let recipients = ["1".repeat(64), "2".repeat(64)].to_vec();
    journey.system.world.queue.borrow_mut().push_back(Message::SuppressRecipients { recipients });
    journey.settles();
}

fn cancelled_early(journey: &mut Journey) {
    let mut purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    journey.seconds(3);
    journey.cancels(&mut purchase);
    journey.minutes(2);
}

fn cancelled_at_once(journey: &mut Journey) {
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.sells(&purchase);
    journey.minutes(2);
    journey.cancels(&mut purchase);
}

fn cancelled_later(journey: &mut Journey) {
    cancelled(journey, &json!({"type": "cancel_accepted"}));
}

fn cancelled_in_vain(journey: &mut Journey) {
    cancelled(journey, &json!({"type": "cancel_rejected", "detail": "it is packed"}));
}

fn cancelled(journey: &mut Journey, answer: &Value) {
    journey.manner("nordwaren", |manner| manner.cancels = Some(Cancels::Pending));
    journey.sells(&alpenshop(&[BACKPACK]));
    journey.minutes(2);
    journey.decides(&order_id(), "cancellations", &json!({}));
    journey.minutes(2);
    journey.says("nordwaren", &order_id(), 1, answer);
}

fn a_backorder(journey: &mut Journey) {
    journey.sells(&teahouse(&[MATCHA]));
    journey.minutes(17);
    journey.counts(&in_hamburg("NW-09021"), 5);
    journey.minutes(2);
}

/// Where Nordwaren counts one of its articles.
fn in_hamburg(supplier_sku: &str) -> StockKey {
    StockKey {
        supplier: SupplierId::parse("nordwaren").expect("it is a name"),
        location: LocationId::parse("hamburg").expect("it is a name"),
        supplier_sku: supplier_sku.to_owned(),
    }
}

fn silent_shops(journey: &mut Journey) {
    let mut purchase = alpenshop(&[MUG]);
    journey.sells_silently(&purchase);
    journey.sells_silently(&teahouse(&[crate::TEA]));
    journey.sells_silently(&direct(&[NOTEBOOK]));
    journey.minutes(1);
    journey.reconciles();
    arrives(journey);
    journey.shop("alpenshop", |shop| {
        let sale = shop.sale("1001");
        sale.parcels.clear();
        sale.to_fulfill[0].lines[0].quantity = 1;
    });
    journey.changes_silently(&mut purchase, |_| {});
    journey.minutes(15);
    journey.reconciles();
}

fn an_unknown_sku(journey: &mut Journey) {
    journey.sells(&alpenshop(&[TENT]));
    journey.minutes(17);
    journey.imports(include_str!("../../../demo/added.csv"));
    journey.minutes(2);
}

fn holds(journey: &mut Journey) {
    let to = Destination { postal_code: "", ..LEIPZIG };
    journey.sells(&Purchase { to, ..alpenshop(&[KNIFE]) });
    journey.decides(&order_id(), "overrides", &json!({"hold": "age"}));
    let address = json!({"name": LEIPZIG.name, "lines": [LEIPZIG.street], "city": LEIPZIG.city,
        "postal_code": "04109", "country": "DE"});
    journey.decides(&order_id(), "address", &json!({"address": address}));
    journey.minutes(2);
}

fn edits(journey: &mut Journey) {
    let mut purchase = Purchase { is_paid: false, ..alpenshop(&[units(2, MUG)]) };
    journey.sells(&purchase);
    journey.changes(&mut purchase, |purchase| purchase.is_paid = true);
    journey.seconds(2);
    journey.edits(&mut purchase, |purchase| purchase.lines[0].quantity = 1);
    journey.seconds(1);
    journey.changes(&mut purchase, |_| {});
    journey.seconds(1);
    journey.changes(&mut purchase, |purchase| purchase.to = LYON);
    journey.minutes(2);
    journey.edits(&mut purchase, |purchase| purchase.lines.push(BACKPACK));
    journey.seconds(1);
    journey.edits(&mut purchase, |purchase| purchase.lines[0].quantity = 0);
    journey.minutes(2);
}

fn reinstated(journey: &mut Journey) {
    let mut purchase = teahouse(&[crate::TEA]);
    purchase.is_paid = false;
    journey.sells(&purchase);
    journey.seconds(1);
    journey.cancels(&mut purchase);
    journey.minutes(2);
    journey.changes(&mut purchase, |purchase| {
        (purchase.is_cancelled, purchase.is_paid) = (false, true);
    });
    journey.minutes(2);
}

/// One scarf from an atelier that is reached by mail only.
fn sells_scarf(journey: &mut Journey) -> Purchase {
    let purchase = Purchase { to: LYON, ..direct(&[SCARF]) };
    journey.sells(&purchase);
    journey.minutes(2);
    purchase
}

fn by_mail(journey: &mut Journey) {
    sells_scarf(journey);
    journey.answers_mail("action=answer");
    journey.minutes(2);
    journey.answers_mail("action=ship&carrier=Colissimo&number=LX123456789FR");
    journey.minutes(2);
    journey.carriers_deliver();
    journey.minutes(62);
}

fn by_mail_rejected(journey: &mut Journey) {
    sells_scarf(journey);
    journey.answers_mail("action=reject&reason=out_of_stock");
    journey.minutes(2);
}

fn by_mail_cancelled(journey: &mut Journey) {
    let mut purchase = sells_scarf(journey);
    journey.cancels(&mut purchase);
    journey.minutes(2);
    let before = journey.moment();
    journey.answers_mail("action=cancel_reject&detail=packed");
    journey.goes_back_to(&before);
    journey.answers_mail("action=cancel_accept");
}

/// The first function died right after its intent, and nobody can look up whether the mail went out; a person sees that
/// it did not. The second mail is never answered.
fn by_mail_silent(journey: &mut Journey) {
    let purchase = Purchase { to: LYON, ..direct(&[SCARF]) };
    journey.sells(&purchase);
    let order_id = purchase.order_id();
    let intent =
        Fact::SubmissionStarted { fulfillment_order_id: domain::id::FulfillmentOrderId(1) };
    dies_after(journey, &order_id, intent);
    journey.minutes(1);
    assert_eq!(
        journey.order(&order_id).fulfillment_orders.values().next().expect("it was routed").stage,
        Stage::InDoubt
    );
    journey.decides(&order_id, "decisions", &json!({"fulfillment_order": "F1", "bought": false}));
    journey.passes(SignedDuration::from_hours(49));
}

/// A function died right after this intent, so long ago that whoever finds it may take it over.
fn dies_after(journey: &mut Journey, order_id: &OrderId, intent: Fact) {
    let now = journey.now();
    let streams = &journey.system.world.streams;
    streams.borrow_mut().get_mut(order_id).expect("it was sold").push((now, vec![intent]));
    journey.clock_fails_for(3);
}

const NEXT_STREET: Destination = Destination { street: "Probeallee 3", ..LEIPZIG };

fn moves(journey: &mut Journey, says: Option<Cancels>) {
    journey.manner("nordwaren", |manner| manner.readdresses = says);
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.sells(&purchase);
    journey.minutes(2);
    journey.changes(&mut purchase, |purchase| purchase.to = NEXT_STREET);
    journey.minutes(2);
}

fn moved(journey: &mut Journey) {
    moves(journey, None);
    journey.decides(&order_id(), "cancellations", &json!({}));
}

fn moved_later(journey: &mut Journey) {
    moves(journey, Some(Cancels::Pending));
    let before = journey.moment();
    let refused = json!({"type": "address_refused", "change": 1, "detail": "it is packed"});
    journey.says("nordwaren", &order_id(), 1, &refused);
    journey.decides(&order_id(), "cancellations", &json!({}));
    journey.goes_back_to(&before);
    let changed = json!({"type": "address_changed", "change": 1});
    journey.says("nordwaren", &order_id(), 1, &changed);
}

fn moved_by_mail(journey: &mut Journey) {
    let mut purchase = sells_scarf(journey);
    journey.changes(&mut purchase, |purchase| purchase.to.street = "3 rue Neuve");
    journey.minutes(2);
    let before = journey.moment();
    journey.answers_mail("action=address_refuse&change=1&detail=packed");
    journey.goes_back_to(&before);
    journey.answers_mail("action=address_change&change=1");
    journey.answers_mail("action=ship&carrier=Colissimo&number=LX123456789FR");
    journey.answers_mail(
        "action=correct&replaces=LX123456789FR&carrier=Colissimo&number=LX987654321FR",
    );
}

fn wrong_number(journey: &mut Journey) {
    let purchase = teahouse(&[crate::TEA]);
    journey.sells(&purchase);
    journey.minutes(2);
    journey.suppliers_ship();
    let order_id = purchase.order_id();
    let order = order_id.order();
    // Someone deletes the order in the shop, and restores it later.
    let sale = {
        let mut outside = journey.outside.borrow_mut();
        let shop = outside.shops.shop(purchase.shop);
        let sale = shop.sale(order).clone();
        shop.forget(order);
        sale
    };
    let mut right = shipped("DH009DE");
    right["replaces"] = json!(journey.numbers()[0]);
    let supplier = journey.order(&order_id).fulfillment_orders.into_values().next();
    let supplier = supplier.expect("it was routed").supplier().to_string();
    journey.says(&supplier, &order_id, 1, &right);
    journey.outside.borrow_mut().shops.shop(purchase.shop).remember(order, sale);
    journey.decides(&order_id, "decisions", &json!({"parcel": "P1", "shown": false}));
    journey.carriers_deliver();
    journey.minutes(62);
}

fn odd_numbers(journey: &mut Journey) {
    settings(journey, |settings| {
        (settings.tracking.stop_after_days, settings.tracking.poll_minutes) = (1, 720);
    });
    journey.outside.borrow_mut().tracking.refused.insert("DH002DE".to_owned(), -18_019_903);
    journey.sells(&alpenshop(&[units(3, BACKPACK)]));
    journey.minutes(2);
    for number in ["DH001DE", "DH002DE", "DH003DE"] {
        let mut shipped = shipped(number);
        shipped["lines"] = json!([{"sku": "NW-22022", "quantity": 1}]);
        journey.says("nordwaren", &order_id(), 1, &shipped);
    }
    journey.carrier_reports("DH003DE", "InTransit_PickedUp");
    journey.minutes(2);
    // Someone deleted it over there.
    journey.outside.borrow_mut().tracking.registered.remove("DH001DE");
    journey.passes(SignedDuration::from_hours(38));
}

fn told(journey: &mut Journey) {
    let endpoint = Endpoint {
        id: EndpointId::parse("crm").expect("it is a name"),
        url: "https://outside.example/endpoints/crm".to_owned(),
        events: ["order.received", "order.routed", "stock.*"].map(str::to_owned).into(),
        paused: false,
    };
    settings(journey, |settings| settings.endpoints = vec![endpoint.clone()]);
    journey.sells(&alpenshop(&[BACKPACK]));
    journey.counts(&in_hamburg("NW-22022"), 9);
    journey.outside.borrow_mut().endpoints.endpoint("crm").manner.status = 410;
    journey.counts(&in_hamburg("NW-22022"), 8);
}

fn pushes(journey: &mut Journey) {
    let settings = journey.system.world.settings.borrow().clone().expect("they are stored");
    let mut settings = Box::new(Settings::clone(&settings));
    settings.tracking.service = TrackingService::Aftership;
    journey.operates(&Operation::PutSettings(settings));
    journey.sells(&alpenshop(&[BACKPACK]));
    journey.minutes(2);
    journey.says("nordwaren", &order_id(), 1, &shipped("DH001DE"));
    journey.carrier_reports("DH001DE", "InTransit_PickedUp");
    journey.tells(&journey.push(TrackingService::SeventeenTrack, "DH001DE"));
    journey.tells(&journey.push(TrackingService::Aftership, "DH002DE"));
    let unreadable = journey.push_of(TrackingService::Aftership, b"{}".to_vec());
    journey.tells(&unreadable);
    journey.carriers_deliver();
    journey.tells(&journey.push(TrackingService::Aftership, "DH001DE"));
    journey.minutes(70);
}

fn refused(journey: &mut Journey) {
    let purchase = alpenshop(&[BACKPACK]);
    for body in [b"{}".to_vec(), br#"{"id": 7}"#.to_vec()] {
        let mut inbound = journey.webhook(&purchase);
        inbound.body = body;
        journey.tells(&inbound);
    }
    journey.tells(&journey.webhook_of(&purchase, &json!({"id": 1})));
    let mut unneeded = journey.webhook(&purchase);
    unneeded.headers.retain(|(name, _)| name != "x-shopify-topic");
    unneeded.headers.push(("x-shopify-topic".to_owned(), "carts/update".to_owned()));
    journey.tells(&unneeded);
    journey.sells(&purchase);
    journey.minutes(2);
    journey.says("nordwaren", &order_id(), 1, &json!({"type": "perhaps"}));
    journey.says("nordwaren", &order_id(), 1, &json!({"type": "cancel_accepted"}));
    journey.says("own-warehouse", &order_id(), 1, &json!({"type": "accepted"}));
    let mut too_many = shipped("DH001DE");
    too_many["lines"] = json!([{"sku": "NW-22022", "quantity": 2}]);
    journey.says("nordwaren", &order_id(), 1, &too_many);
    journey.decides(&order_id(), "overrides", &json!({"hold": "margin"}));
    journey.decides(&order_id(), "overrides", &json!({"hold": "weather"}));
}

/// An operator puts other settings in force.
fn settings(journey: &mut Journey, change: impl Fn(&mut Settings)) {
    let settings = journey.system.world.settings.borrow().clone();
    let mut settings = Box::new(Settings::clone(&settings.expect("they are stored")));
    change(&mut settings);
    journey.operates(&Operation::PutSettings(settings));
}

fn asks(journey: &mut Journey, quantity: u32, reason: &str, photos: u32) {
    let line =
        json!({"line_id": "100101", "quantity": quantity, "reason": reason, "photos": photos});
    journey.handles(&order_id(), "returns", &json!({"lines": [line], "key": reason}));
}

fn returned(journey: &mut Journey) {
    journey.sells(&alpenshop(&[BACKPACK]));
    arrives(journey);
    asks(journey, 1, "defective", 0);
    let line = "100101";
    for (path, body) in [
        ("returns/R1/photos", json!({"line_id": line, "photos": 2})),
        ("returns/R1/shipments", json!({"carrier": "DHL", "number": "1"})),
        ("returns/R1/receipts", json!({"lines": [{"line_id": line, "quantity": 1}]})),
        (
            "returns/R1/inspections",
            json!({"findings": [{"line_id": line, "disposition": "to_supplier", "quantity": 1}]}),
        ),
    ] {
        assert_eq!(journey.handles(&order_id(), path, &body).status, 200, "{path}");
    }
    looks(journey);
}

fn half_returned(journey: &mut Journey) {
    journey.sells(&alpenshop(&[units(2, BACKPACK)]));
    arrives(journey);
    // Two of them are for a person.
    asks(journey, 2, "changed_mind", 0);
    let line = "100101";
    for (path, body) in [
        ("returns/R1/approvals", json!({})),
        ("returns/R1/receipts", json!({"lines": [{"line_id": line, "quantity": 1}]})),
        (
            "returns/R1/inspections",
            json!({"findings": [{"line_id": line, "disposition": "keep", "quantity": 1}]}),
        ),
        ("returns/R1/closings", json!({})),
    ] {
        assert_eq!(journey.handles(&order_id(), path, &body).status, 200, "{path}");
    }
    looks(journey);
}

fn returned_in_vain(journey: &mut Journey) {
    journey.sells(&alpenshop(&[units(2, BACKPACK)]));
    arrives(journey);
    asks(journey, 2, "changed_mind", 0);
    journey.handles(&order_id(), "returns/R1/declines", &json!({}));
    asks(journey, 1, "too_large", 0);
    journey.handles(&order_id(), "returns/R2/cancellations", &json!({"for_customer": true}));
    asks(journey, 1, "too_small", 0);
    // Nothing happens until it is too late to send it.
    journey.clock_fails_for(21 * 24 * 60 - 2);
    journey.minutes(4);
    looks(journey);
}

fn in_the_portal(journey: &mut Journey) {
    journey.sells(&alpenshop(&[units(2, MUG)]));
    journey.minutes(2);
    journey.suppliers_ship();
    journey.minutes(2);
    let mut browser = Browser::new("de");
    let path = tracking_link(journey, &order_id());
    browser.opens(journey, &path);
    browser.sends(journey, &path, &[("arrived", "P1")]);
    browser.opens(journey, "/returns");
    assert_eq!(browser.enters(journey, "1001").status, 200);
    let fields = [
        ("quantity:100101", "1"),
        ("reason:100101", "changed_mind"),
        ("comment", "it was a present"),
    ];
    let (path, page) = browser.sends(journey, "/order/returns", &fields);
    assert_eq!((path.as_str(), page.status), ("/order/returns/R1", 200));
    browser.sends(journey, "/order/returns/R1/cancellations", &[]);
    journey.decides(&order_id(), "link-revocations", &json!({"revoked_before": 0}));
    looks(journey);
}

/// Once the customer just leaves, once they say that these are all the photos.
fn with_photos(journey: &mut Journey) {
    journey.sells(&alpenshop(&[units(2, MUG)]));
    arrives(journey);
    let mut browser = Browser::new("en");
    for (number, is_all) in [(1, false), (2, true)] {
        journey.minutes(1); // Each link is another.
        browser.enters(journey, "1001");
        let fields = [("quantity:100101", "1"), ("reason:100101", "damaged"), ("comment", "")];
        let (path, _) = browser.sends(journey, "/order/returns", &fields);
        assert_eq!(path, format!("/order/returns/R{number}"));
        Browser::new("en").opens(journey, "/order/photos.js");
        browser.uploads(journey, 1, b"%PDF-1.7");
        browser.uploads(journey, 1, PHOTO);
        if is_all {
            browser.sends(journey, &format!("{path}/photos"), &[]);
        } else {
            journey.minutes(32);
        }
    }
    looks(journey);
}

fn claimed(journey: &mut Journey) {
    journey.sells(&alpenshop(&[MUG]));
    arrives(journey);
    asks(journey, 1, "missing", 0);
    journey.minutes(2);
}

fn refunded_in_vain(journey: &mut Journey) {
    journey.sells(&alpenshop(&[units(2, MUG)]));
    arrives(journey);
    for (key, gateway) in [("first", Gateway::Refuses), ("second", Gateway::IsSilent)] {
        journey.outside.borrow_mut().shops.shop("alpenshop").gateway = gateway;
        journey.handles(&order_id(), "refunds", &json!({"amount_minor": 100, "key": key}));
    }
    let found = json!({"refunded": true});
    assert_eq!(journey.handles(&order_id(), "refunds/RF2/decisions", &found).status, 200);
    looks(journey);
}

fn refunded_without_keys(journey: &mut Journey) {
    journey.sells(&teahouse(&[SENCHA]));
    arrives(journey);
    let order_id = teahouse(&[SENCHA]).order_id();
    journey.handles(&order_id, "refunds", &json!({"amount_minor": 100, "key": "first"}));
    // Nobody knows of the second whether it was paid; it was not.
    journey.outside.borrow_mut().shops.shop("teahouse").gateway = Gateway::Refuses;
    journey.handles(&order_id, "refunds", &json!({"amount_minor": 200, "key": "second"}));
    journey.outside.borrow_mut().shops.shop("teahouse").gateway = Gateway::Pays;
    let refund_id = RefundId(2);
    let intent = Fact::Refund(RefundFact::RefundSubmitted { refund_id });
    dies_after(journey, &order_id, intent);
    let message = Message::RefundOrder { order_id: order_id.clone(), refund_id };
    journey.system.world.queue.borrow_mut().push_back(message);
    journey.settles();
    assert_eq!(journey.order(&order_id).refunds[&refund_id].stage.name(), "succeeded");
}

/// None was sold, for the address was wrong; then a function died right after the intent to try again.
fn label_taken_over(journey: &mut Journey) {
    journey.sells(&alpenshop(&[BACKPACK]));
    arrives(journey);
    journey.outside.borrow_mut().labels.manner.wrong_field = Some("zip".to_owned());
    asks(journey, 1, "defective", 1);
    journey.outside.borrow_mut().labels.manner.wrong_field = None;
    let return_id = ReturnId(1);
    let intent = Fact::Return(ReturnFact::ReturnLabelStarted { return_id });
    dies_after(journey, &order_id(), intent);
    let message = Message::BuyReturnLabel { order_id: order_id(), return_id };
    journey.system.world.queue.borrow_mut().push_back(message);
    journey.settles();
    let label = journey.order(&order_id()).returns[&return_id].label.clone();
    assert_eq!(label.name(), "bought", "{label:?}");
}

fn bought_without_keys(journey: &mut Journey) {
    settings(journey, |settings| {
        for supplier in &mut settings.suppliers {
            if let Channel::Api { drops_repeats, .. } = &mut supplier.channel {
                *drops_repeats = false;
            }
        }
    });
    journey.manner("nordwaren", |manner| manner.buys_again = true);
    journey.sells(&alpenshop(&[BACKPACK]));
    arrives(journey);
    // Of the second, the intent is on record, and nothing else.
    let another = Purchase { order: 1002, ..alpenshop(&[BACKPACK]) };
    journey.sells(&another);
    let fulfillment_order_id = domain::id::FulfillmentOrderId(1);
    dies_after(journey, &another.order_id(), Fact::SubmissionStarted { fulfillment_order_id });
    journey.minutes(2);
    assert_eq!(journey.facts(&another.order_id()).last(), Some(&"Accepted"));
}

fn unlabelled(journey: &mut Journey) {
    journey.sells(&alpenshop(&[BACKPACK]));
    arrives(journey);
    journey.outside.borrow_mut().labels.manner.wrong_field = Some("zip".to_owned());
    asks(journey, 1, "defective", 1);
    // The address is right now; but so many labels were sold since that nobody can look through them.
    let sold = |number: usize| Shipment {
        id: format!("shp_{number}"),
        reference: format!("another/{number}"),
        created_at: journey.now(),
        asked: Value::Null,
        number: Some(number.to_string()),
        rate: Some(0),
        refund_status: None,
    };
    let others: Vec<Shipment> = (0..7).map(sold).collect();
    {
        let labels = &mut journey.outside.borrow_mut().labels;
        labels.shipments.extend(others);
        labels.manner = Manner { page_size: Some(1), ..Manner::default() };
    }
    journey.handles(&order_id(), "returns/R1/labels", &json!({"bought": false}));
    let found = json!({"bought": true, "carrier": "DHL", "number": "1"});
    assert_eq!(journey.handles(&order_id(), "returns/R1/labels", &found).status, 200);
    looks(journey);
}

/// An operator looks at the order.
fn looks(journey: &mut Journey) {
    let mut inbound = journey.decision(&order_id(), "", &json!({}));
    inbound = Inbound {
        method: "GET".to_owned(),
        route: "/orders/{shop}/{number}".to_owned(),
        ..inbound
    };
    assert_eq!(journey.tells(&inbound).status, 200);
}
