//! Every request to change an order, at every moment of its life: what is answered, and how it ends.
//!
//! A table: moments across, requests down. Each cell is told by the phase in the end, the last answer that the shop
//! heard, and the street where the supplier sends it.

use domain::id::FulfillmentOrderId;
use domain::message::Message;
use domain::order::Stage;
use expect_test::expect;
use serde_json::json;
use tests::journey::{Ending, Journey};
use tests::outside::supplier::{Cancels, Says};
use tests::purchase::{Destination, LEIPZIG, LYON, Purchase};

use crate::{BACKPACK, SCARF, TENT, alpenshop, arrives, direct, teahouse, units};

const NEXT_STREET: Destination = Destination { street: "Probeallee 3", ..LEIPZIG };

/// A moment of an order's life. `Intended`: the intent to buy is on record, and the supplier was not reached; `Bought`:
/// it has it, and its answer got lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Unpaid,
    Held,
    Resting,
    Intended,
    Bought,
    Received,
    Accepted,
    PartlyShipped,
    Shipped,
    Delivered,
}

const MOMENTS: [Moment; 10] = [
    Moment::Unpaid,
    Moment::Held,
    Moment::Resting,
    Moment::Intended,
    Moment::Bought,
    Moment::Received,
    Moment::Accepted,
    Moment::PartlyShipped,
    Moment::Shipped,
    Moment::Delivered,
];

/// What someone asks for, and what the supplier makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Cancel(Option<Cancels>),
    OneUnit,
    Address(Option<Cancels>),
}

/// At once yes, no, and later; a supplier that has left it behind says what fits.
const SAID: [Option<Cancels>; 3] = [None, Some(Cancels::Refused), Some(Cancels::Pending)];

/// Two backpacks, as far as that moment. The message that buys them is in the middle of being delivered, for some.
fn at(moment: Moment) -> (Journey, Purchase) {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[units(2, BACKPACK)]);
    purchase.is_paid = moment != Moment::Unpaid;
    if moment == Moment::Held {
        purchase.lines.push(TENT);
    }
    journey.manner("nordwaren", |manner| match moment {
        Moment::Bought => manner.loses_answers = 1,
        Moment::Intended => manner.is_away = 1,
        Moment::Received => manner.says = Says::Received,
        _ => {}
    });
    journey.sells(&purchase);
    match moment {
        Moment::Unpaid | Moment::Held | Moment::Resting => journey.seconds(3),
        Moment::Intended | Moment::Bought => {
            journey.clock_fails_for(1);
            journey.delivers(&buy(&purchase)).expect_err("the answer is lost");
            assert_eq!(stage(&journey, &purchase), Some(Stage::Submitting));
        }
        Moment::Received | Moment::Accepted => journey.minutes(1),
        Moment::PartlyShipped => {
            journey.minutes(1);
            ship_one(&mut journey, &purchase);
        }
        Moment::Shipped | Moment::Delivered => {
            journey.minutes(1);
            journey.suppliers_ship();
        }
    }
    if moment == Moment::Delivered {
        journey.hours(5);
        journey.carriers_deliver();
        journey.hours(5);
        assert_eq!(journey.phase(&purchase.order_id()), "delivered");
    }
    (journey, purchase)
}

fn buy(purchase: &Purchase) -> Message {
    let (order_id, fulfillment_order_id) = (purchase.order_id(), FulfillmentOrderId(1));
    Message::ForwardOrder { order_id, fulfillment_order_id }
}

fn reference(purchase: &Purchase) -> String {
    format!("{}/F1", purchase.order_id())
}

fn stage(journey: &Journey, purchase: &Purchase) -> Option<Stage> {
    let order = journey.order(&purchase.order_id());
    order.fulfillment_orders.get(&FulfillmentOrderId(1)).map(|known| known.stage)
}

fn ship_one(journey: &mut Journey, purchase: &Purchase) {
    let one = json!({"type": "shipped", "lines": [{"sku": "NW-22022", "quantity": 1}],
        "carrier": "DHL", "number": "EARLY00001", "ship_date": "2026-11-23"});
    journey.says("nordwaren", &purchase.order_id(), 1, &one);
    let mut outside = journey.outside.borrow_mut();
    let known = outside.suppliers.supplier("nordwaren").order(&reference(purchase));
    known.accepted.insert("NW-22022".to_owned(), 1);
}

fn ask(journey: &mut Journey, purchase: &mut Purchase, request: Request) {
    journey.manner("nordwaren", |manner| match request {
        Request::Cancel(says) => manner.cancels = says,
        Request::Address(says) => manner.readdresses = says,
        Request::OneUnit => {}
    });
    match request {
        Request::Cancel(_) => journey.cancels(purchase),
        Request::OneUnit => journey.changes(purchase, |purchase| purchase.lines[0].quantity = 1),
        Request::Address(_) => journey.changes(purchase, |purchase| purchase.to = NEXT_STREET),
    }
}

/// What lay in the way is put away: it is paid, mapped, accepted, and what was asked for is answered.
fn goes_on(journey: &mut Journey, purchase: &mut Purchase, moment: Moment, request: Request) {
    if matches!(moment, Moment::Intended | Moment::Bought) {
        journey.delivers(&buy(purchase)).expect("the supplier is there now");
        journey.settles();
    }
    journey.minutes(3);
    let asked = journey.order(&purchase.order_id());
    let is_asked = asked
        .amendments
        .iter()
        .any(|known| known.answer(&asked).verdict == domain::order::amendment::Verdict::Asked);
    if is_asked {
        let granted = match request {
            Request::Address(_) => json!({"type": "address_changed", "change": 1}),
            _ => json!({"type": "cancel_accepted"}),
        };
        let mut outside = journey.outside.borrow_mut();
        let known = outside.suppliers.supplier("nordwaren").order(&reference(purchase));
        match request {
            Request::Address(_) => known.ship_to["lines"] = json!([NEXT_STREET.street]),
            _ => known.status = "cancelled".to_owned(),
        }
        drop(outside);
        journey.says("nordwaren", &purchase.order_id(), 1, &granted);
    }
    if moment == Moment::Held {
        journey.imports(include_str!("../../demo/added.csv"));
    }
    if moment == Moment::Unpaid && !purchase.is_cancelled {
        journey.changes(purchase, |purchase| purchase.is_paid = true);
    }
    // Who said neither yes nor no says yes now; also who would not let go of it.
    let is_received = moment == Moment::Received && stage(journey, purchase) != Some(Stage::Closed);
    if is_received {
        journey.accepts("nordwaren", &purchase.order_id(), 1);
    }
    arrives(journey);
}

/// The phase in the end, what the shop heard last, and the street that the supplier has.
fn told(journey: &mut Journey, purchase: &Purchase) -> String {
    let order_id = purchase.order_id();
    let mut outside = journey.outside.borrow_mut();
    let sale = outside.shops.shop(purchase.shop).sale(order_id.order());
    let heard = sale.answers.values().last();
    let heard = heard.and_then(|text| text.split(": ").nth(1)).unwrap_or("nothing").to_owned();
    let known = outside.suppliers.supplier("nordwaren").orders.get(&reference(purchase));
    let street = known.map_or("-".to_owned(), |known| {
        let is_live = matches!(known.status.as_str(), "accepted" | "received" | "shipped");
        let street = known.ship_to["lines"][0].as_str().unwrap_or("nowhere");
        if is_live { street.to_owned() } else { known.status.clone() }
    });
    drop(outside);
    format!("{}; {heard} [{street}]", journey.phase(&order_id))
}

/// What becomes of these requests, each at each moment.
fn table(requests: &[Request]) -> String {
    let mut table = String::new();
    for request in requests {
        table += &format!("{request:?}\n");
        for moment in MOMENTS {
            let (mut journey, mut purchase) = at(moment);
            ask(&mut journey, &mut purchase, *request);
            goes_on(&mut journey, &mut purchase, moment, *request);
            no_live_purchase_is_left(&mut journey, &purchase);
            table += &format!("  {moment:?}: {}\n", told(&mut journey, &purchase));
        }
    }
    table
}

#[test]
fn a_cancellation_at_each_moment() {
    expect![[r#"
        Cancel(None)
          Unpaid: cancelled; nothing [-]
          Held: cancelled; done. [-]
          Resting: cancelled; done. [-]
          Intended: cancelled; done. [cancelled]
          Bought: cancelled; done. [cancelled]
          Received: cancelled; done. [cancelled]
          Accepted: cancelled; done. [cancelled]
          PartlyShipped: delivered; done in part. It has been shipped already. [cancelled]
          Shipped: delivered; too late. It has been shipped already. [Testweg 12]
          Delivered: delivered; too late. It has been shipped already. [Testweg 12]
        Cancel(Some(Refused))
          Unpaid: cancelled; nothing [-]
          Held: cancelled; done. [-]
          Resting: cancelled; done. [-]
          Intended: cancelled; done. [cancelled]
          Bought: delivered; too late. It is being shipped already. [Testweg 12]
          Received: delivered; too late. It is being shipped already. [Testweg 12]
          Accepted: delivered; too late. It is being shipped already. [Testweg 12]
          PartlyShipped: delivered; too late. It has been shipped already. [Testweg 12]
          Shipped: delivered; too late. It has been shipped already. [Testweg 12]
          Delivered: delivered; too late. It has been shipped already. [Testweg 12]
        Cancel(Some(Pending))
          Unpaid: cancelled; nothing [-]
          Held: cancelled; done. [-]
          Resting: cancelled; done. [-]
          Intended: cancelled; done. [cancelled]
          Bought: cancelled; done. [cancelled]
          Received: cancelled; done. [cancelled]
          Accepted: cancelled; done. [cancelled]
          PartlyShipped: delivered; done in part. It has been shipped already. [cancelled]
          Shipped: delivered; too late. It has been shipped already. [Testweg 12]
          Delivered: delivered; too late. It has been shipped already. [Testweg 12]
    "#]]
    .assert_eq(&table(&SAID.map(Request::Cancel)));
}

#[test]
fn fewer_units_at_each_moment() {
    expect![[r#"
        OneUnit
          Unpaid: delivered; nothing [Testweg 12]
          Held: delivered; done. [Testweg 12]
          Resting: delivered; done. [Testweg 12]
          Intended: delivered; too late. It is being shipped already. [Testweg 12]
          Bought: delivered; too late. It is being shipped already. [Testweg 12]
          Received: delivered; too late. It is being shipped already. [Testweg 12]
          Accepted: delivered; too late. It is being shipped already. [Testweg 12]
          PartlyShipped: delivered; too late. It is being shipped already. [Testweg 12]
          Shipped: delivered; too late. It is being shipped already. [Testweg 12]
          Delivered: delivered; too late. It is being shipped already. [Testweg 12]
    "#]]
    .assert_eq(&table(&[Request::OneUnit]));
}

#[test]
fn another_address_at_each_moment() {
    expect![[r#"
        Address(None)
          Unpaid: delivered; nothing [Probeallee 3]
          Held: delivered; done. [Probeallee 3]
          Resting: delivered; done. [Probeallee 3]
          Intended: delivered; done. [Probeallee 3]
          Bought: delivered; done. [Probeallee 3]
          Received: delivered; done. [Probeallee 3]
          Accepted: delivered; done. [Probeallee 3]
          PartlyShipped: delivered; done in part. It has been shipped already. [Probeallee 3]
          Shipped: delivered; too late. It has been shipped already. [Testweg 12]
          Delivered: delivered; too late. It has been shipped already. [Testweg 12]
        Address(Some(Refused))
          Unpaid: delivered; nothing [Probeallee 3]
          Held: delivered; done. [Probeallee 3]
          Resting: delivered; done. [Probeallee 3]
          Intended: delivered; too late. It is being shipped already. [Testweg 12]
          Bought: delivered; too late. It is being shipped already. [Testweg 12]
          Received: delivered; too late. It is being shipped already. [Testweg 12]
          Accepted: delivered; too late. It is being shipped already. [Testweg 12]
          PartlyShipped: delivered; too late. It has been shipped already. [Testweg 12]
          Shipped: delivered; too late. It has been shipped already. [Testweg 12]
          Delivered: delivered; too late. It has been shipped already. [Testweg 12]
        Address(Some(Pending))
          Unpaid: delivered; nothing [Probeallee 3]
          Held: delivered; done. [Probeallee 3]
          Resting: delivered; done. [Probeallee 3]
          Intended: delivered; done. [Probeallee 3]
          Bought: delivered; done. [Probeallee 3]
          Received: delivered; done. [Probeallee 3]
          Accepted: delivered; done. [Probeallee 3]
          PartlyShipped: delivered; done in part. It has been shipped already. [Probeallee 3]
          Shipped: delivered; too late. It has been shipped already. [Testweg 12]
          Delivered: delivered; too late. It has been shipped already. [Testweg 12]
    "#]]
    .assert_eq(&table(&SAID.map(Request::Address)));
}

/// Of an order that was cancelled, no supplier has anything that it would ship; but for what it shipped, or would not let go.
fn no_live_purchase_is_left(journey: &mut Journey, purchase: &Purchase) {
    journey.check();
    let order = journey.order(&purchase.order_id());
    if order.cancel_requested.is_none() {
        return;
    }
    let outside = journey.outside.borrow();
    for (reference, known) in outside.suppliers.all().flat_map(|(_, known)| &known.orders) {
        let is_live = matches!(known.status.as_str(), "received" | "accepted" | "partly_accepted");
        let is_open = order.fulfillment_orders.values().any(|it| !it.unshipped().is_empty());
        assert!(!is_live || !is_open, "`{reference}` is live: {known:?}");
    }
}

#[test]
fn an_operator_hears_at_once_what_can_be_answered() {
    for (says, answer) in [
        (None, "pending"),
        (Some(Cancels::Refused), "pending"),
        (Some(Cancels::Pending), "pending"),
    ] {
        let (mut journey, purchase) = at(Moment::Accepted);
        journey.manner("nordwaren", |manner| manner.cancels = says);
        let first = journey.decides(&purchase.order_id(), "cancellations", &json!({}));
        assert!(first.body.contains(&format!("\"answer\":\"{answer}\"")), "{}", first.body);
        let later = journey.decides(&purchase.order_id(), "cancellations", &json!({}));
        let expected = match says {
            None => "\"answer\":\"done\"",
            Some(Cancels::Refused) => "\"answer\":\"too_late\"",
            Some(Cancels::Pending) => "\"answer\":\"asked\"",
        };
        assert!(later.body.contains(expected), "{}", later.body);
    }
}

#[test]
fn a_supplier_that_is_reached_by_mail_answers_on_the_page() {
    for (action, heard) in [("address_change", "done."), ("address_refuse", "too late.")] {
        let mut journey = Journey::begin();
        let mut purchase = Purchase { to: LYON, ..direct(&[SCARF]) };
        journey.sells(&purchase);
        journey.minutes(5);
        journey.changes(&mut purchase, |purchase| purchase.to.street = "3 rue Neuve");
        journey.answers_mail(&format!("action={action}&change=1&detail=packed"));
        let mails = journey.system.world.mails.borrow();
        assert!(mails.last().expect("there are mails").text.contains("  3 rue Neuve\n"));
        drop(mails);
        let told = journey.told();
        assert!(told.contains("AddressAsked(F1 1) ShopAnswered(1 asked)"), "{told}");
        assert!(told.contains(&format!("Request 1 (new address): {heard}")), "{told}");
    }
}

/// The correction comes on its page, or as a call; the old number is not asked for any more.
#[test]
fn a_corrected_number_is_followed_and_the_shop_shows_it() {
    let (mut journey, purchase) = at(Moment::Shipped);
    let order_id = purchase.order_id();
    let wrong = journey.numbers().remove(0);
    let right = json!({"type": "shipped", "replaces": wrong, "carrier": "DHL",
        "number": "RIGHT00001", "ship_date": "2026-11-23"});
    journey.says("nordwaren", &order_id, 1, &right);
    // The same again, and the wrong one again, say nothing new.
    journey.says("nordwaren", &order_id, 1, &right);
    let old =
        json!({"type": "shipped", "carrier": "DHL", "number": wrong, "ship_date": "2026-11-23"});
    journey.says("nordwaren", &order_id, 1, &old);
    assert_eq!(journey.refusals, Vec::<String>::new());
    // What is heard of the wrong number is somebody else's parcel.
    let now = journey.now();
    journey.outside.borrow_mut().tracking.deliver(&wrong, now);
    journey.hours(6);
    assert_eq!(journey.phase(&order_id), "in_transit");
    journey.carriers_deliver();
    journey.hours(6);
    assert_eq!(journey.phase(&order_id), "delivered");
    let sale_numbers: Vec<String> = {
        let mut outside = journey.outside.borrow_mut();
        let sale = outside.shops.shop(purchase.shop).sale(order_id.order());
        sale.numbers().into_iter().map(str::to_owned).collect()
    };
    assert_eq!(sale_numbers, ["RIGHT00001"]);
    journey.check();
}

#[test]
fn a_number_that_is_corrected_before_it_is_told_is_one_parcel() {
    let ending = |is_reversed: bool| -> Ending {
        let (mut journey, purchase) = at(Moment::Accepted);
        let say = |number: &str, replaces: Option<&str>| {
            let mut what = json!({"type": "shipped", "carrier": "DHL", "number": number,
                "ship_date": "2026-11-23"});
            if let Some(replaces) = replaces {
                what["replaces"] = json!(replaces);
            }
            what
        };
        let mut said = [say("WRONG00001", None), say("RIGHT00001", Some("WRONG00001"))];
        if is_reversed {
            said.reverse();
        }
        for what in &said {
            journey.says("nordwaren", &purchase.order_id(), 1, what);
        }
        assert_eq!(journey.order(&purchase.order_id()).parcels.len(), 1);
        journey.carriers_deliver();
        journey.hours(6);
        let mut ending = journey.ending();
        // Whoever hears the right number first never tells of the wrong one.
        ending.sent.retain(|line| !line.contains("WRONG"));
        for facts in ending.facts.values_mut() {
            facts.retain(|name, _| *name != "ShopUpdated");
        }
        ending
    };
    assert_eq!(ending(false), ending(true));
}

#[test]
fn what_a_shop_will_not_show_waits_for_a_person_and_goes_on_when_told() {
    for shown in [true, false] {
        let mut journey = Journey::begin();
        let purchase = teahouse(&[crate::TEA]);
        journey.sells(&purchase);
        journey.minutes(1);
        let order_id = purchase.order_id();
        let sale = std::mem::take(
            journey.outside.borrow_mut().shops.shop(purchase.shop).sale(order_id.order()),
        );
        journey.outside.borrow_mut().shops.shop(purchase.shop).forget(order_id.order());
        journey.suppliers_ship();
        journey.carriers_deliver();
        journey.hours(6);
        assert_eq!(journey.phase(&order_id), "failed");
        assert!(journey.fact(&order_id, "ShopUpdateRefused").is_some());
        journey.check();
        // The order is out of the bin again; or a person looked after it there.
        journey.outside.borrow_mut().shops.shop(purchase.shop).remember(order_id.order(), sale);
        let decision = json!({"parcel": "P1", "shown": shown});
        journey.decides(&order_id, "decisions", &decision);
        journey.hours(1);
        let numbers = {
            let mut outside = journey.outside.borrow_mut();
            outside.shops.shop(purchase.shop).sale(order_id.order()).numbers().len()
        };
        assert_eq!(numbers, usize::from(!shown));
        assert_eq!(journey.phase(&order_id), "delivered");
        let updated = journey.facts(&order_id).iter().filter(|it| **it == "ShopUpdated").count();
        assert_eq!(updated, if shown { 1 } else { 2 });
        journey.check();
    }
}
