//! Suppliers that are reached by mail, and answer through its link.

use domain::order::{Cancellation, Order, Stage, forwarding};
use jiff::SignedDuration;

use crate::play::Play;

fn resolve(play: &Play, bought: bool) {
    let id = domain::id::FulfillmentOrderId(1);
    let decide = async |order: &Order, _| {
        Ok(forwarding::resolve(order, id, bought, "operator", "asked by phone"))
    };
    play.wait(ports::transact(&play.world, &play.order_id, decide)).unwrap();
    play.settle();
}

#[test]
fn a_supplier_by_mail_gets_one_mail_with_a_table_that_is_no_formula() {
    let play = Play::routed(&[("mara", 9)]);
    play.forward(1).unwrap();
    let mails = play.world.mails.borrow();
    assert_eq!(mails.len(), 1);
    let (name, kind, table) = &mails[0].attachments[0];
    assert_eq!(
        (mails[0].to.as_str(), mails[0].subject.as_str()),
        ("mara@supplier.example", "Order alpenshop/1001/F1")
    );
    assert_eq!(
        (name.as_str(), kind.as_str()),
        ("alpenshop-1001-F1.csv", "text/csv; charset=utf-8")
    );
    assert_eq!(
        str::from_utf8(table).unwrap(),
        "\u{feff}reference,ordered_at,service,leaves_on,sku,quantity,title,hs_code,personalisation,gift_wrap,gift_note,\
         name,company,street,city,region,postal_code,country,phone\n\
         alpenshop/1001/F1,2026-11-20T07:00:00Z,parcel,2026-11-20,mara#cup,5,Cup <blue>,,,no,,\
         '=Mara Beispiel,,Testweg 12,Leipzig,,04109,DE,'+49 341 0000000\n"
    );
    assert_eq!(play.facts(), ["Routed", "SubmissionStarted", "Submitted"]);
}

#[test]
fn opening_the_link_shows_the_order_and_does_nothing() {
    let play = Play::routed(&[("mara", 9)]);
    let token = play.token();
    for method in ["GET", "HEAD"] {
        let reply = play.link(method, &token, "");
        assert_eq!(reply.status, 200);
        let policy =
            reply.headers.iter().find(|(name, _)| name == "content-security-policy").unwrap();
        assert!(policy.1.starts_with("default-src 'none'; style-src 'sha256-"), "{}", policy.1);
        assert!(reply.body.contains("Cup &lt;blue&gt;"), "text is escaped");
        assert!(!reply.body.contains("Beispiel"), "nobody needs the person here");
        assert!(!reply.body.contains("<script"));
    }
    assert_eq!(play.facts().len(), 3);
}

#[test]
fn a_supplier_accepts_and_ships_through_the_link() {
    let play = Play::routed(&[("mara", 9)]);
    let token = play.token();
    let accept = "action=answer&quantity%3Amara%23cup=5&reason=out_of_stock&detail=";
    for _ in 0..2 {
        assert_eq!(play.link("POST", &token, accept).status, 200);
    }
    assert_eq!(play.fulfillment_order(1).stage, Stage::Accepted);
    let ship =
        "action=ship&carrier=China+Post&number=ow+1234+5678&ship_date=&quantity%3Amara%23cup=5";
    for _ in 0..2 {
        assert_eq!(play.link("POST", &token, ship).status, 200);
    }
    let order = play.order();
    let parcel = order.parcels.values().next().unwrap();
    assert_eq!(
        (parcel.number.as_str(), parcel.ship_date.to_string()),
        ("OW12345678", "2026-11-20".to_owned())
    );
    assert_eq!(order.parcels.len(), 1);
    assert_eq!(play.facts(), ["Routed", "SubmissionStarted", "Submitted", "Accepted", "Shipped"]);
}

#[test]
fn a_supplier_accepts_a_part_and_the_rest_goes_elsewhere() {
    let play = Play::routed(&[("mara", 9), ("zen", 9)]);
    let form = "action=answer&quantity%3Amara%23cup=2&reason=discontinued&detail=none+left";
    for _ in 0..2 {
        assert_eq!(play.link("POST", &play.token(), form).status, 200);
    }
    let units = *play.fulfillment_order(1).units.values().next().unwrap();
    assert_eq!((units.accepted, units.returned), (2, 3));
    assert_eq!(play.purchases("zen"), 1);
}

#[test]
fn a_supplier_rejects_through_the_link_and_the_page_says_that_it_is_off() {
    let play = Play::routed(&[("mara", 9), ("zen", 9)]);
    let token = play.token();
    assert_eq!(play.link("POST", &token, "action=reject&reason=destination").status, 200);
    assert_eq!(play.purchases("zen"), 1);
    assert!(play.link("GET", &token, "").body.contains("Do not ship it."));
    let ship = "action=ship&carrier=DHL&number=12345678";
    assert_eq!(play.link("POST", &token, ship).status, 409);
    assert_eq!(play.link("POST", &token, "action=answer").status, 409);
}

#[test]
fn a_silent_supplier_is_told_by_mail_that_it_is_off() {
    let play = Play::routed(&[("mara", 9), ("zen", 9)]);
    let token = play.token();
    play.pass(24 * 60);
    assert_eq!(play.world.mails.borrow()[1].subject, "Order alpenshop/1001/F1 is withdrawn");
    assert_eq!(play.purchases("zen"), 1);
    assert!(play.link("GET", &token, "").body.contains("Do not ship it."));
}

#[test]
fn a_supplier_answers_a_cancellation_through_the_link() {
    for (form, phase) in [
        ("action=cancel_accept", "cancelled"),
        ("action=cancel_reject&detail=packed", "awaiting_supplier"),
    ] {
        let play = Play::routed(&[("mara", 9)]);
        assert_eq!(play.link("POST", &play.token(), form).status, 409, "nobody asked");
        play.cancel();
        play.settle();
        assert_eq!(play.world.mails.borrow().len(), 2);
        assert_eq!(play.fulfillment_order(1).cancellation, Cancellation::Asked);
        let token = play.token();
        assert!(play.link("GET", &token, "").body.contains("wants to cancel"));
        assert_eq!(play.link("POST", &token, form).status, 200);
        assert_eq!(play.phase(), phase);
    }
}

#[test]
fn a_link_that_is_forged_expired_or_of_another_kind_shows_one_plain_page() {
    let play = Play::routed(&[("mara", 9)]);
    let token = play.token();
    let (claim, signature) = token.split_once('.').unwrap();
    let flipped = if signature.starts_with('0') { '1' } else { '0' };
    let forged = format!("{claim}.{flipped}{}", &signature[1..]);
    let nothing = play.link("GET", "x", "");
    assert_eq!(nothing.status, 404);
    for token in ["", ".", "a.b", &forged, claim, &token[..token.len() - 1]] {
        for method in ["GET", "POST"] {
            assert_eq!(play.link(method, token, "action=reject"), nothing, "{token}");
        }
    }
    play.world.now.set(play.world.now.get() + SignedDuration::from_hours(24 * 60));
    assert_eq!(play.link("POST", &token, "action=reject"), nothing);
    assert_eq!(play.facts().len(), 3);
}

#[test]
fn a_form_that_cannot_be_read_changes_nothing() {
    let play = Play::routed(&[("mara", 9)]);
    let token = play.token();
    for form in [
        "",
        "action=buy",
        "action=ship",
        "action=ship&carrier=DHL&number=1",
        "action=%ff",
        "action=answer&quantity%3Amara%23cup=x",
        "action=answer&quantity%3Amara%23cup=-1",
        "action=answer&quantity%3Aother=1",
        "action=ship&carrier=DHL&number=12345678&ship_date=today",
    ] {
        assert_eq!(play.link("POST", &token, form).status, 400, "{form}");
    }
    assert_eq!(play.link("POST", &token, "action=answer&quantity%3Amara%23cup=6").status, 409);
    assert_eq!(play.facts().len(), 3);
}

#[test]
fn a_mail_that_may_have_been_sent_is_not_sent_again_until_a_person_says_so() {
    let play = doubtful();
    play.forward(1).unwrap();
    assert_eq!(play.fulfillment_order(1).stage, Stage::InDoubt);
    assert_eq!(play.phase(), "failed");
    assert_eq!(play.world.mails.borrow().len(), 1);

    resolve(&play, false);
    assert_eq!(play.world.mails.borrow().len(), 2);
    assert_eq!(play.fulfillment_order(1).stage, Stage::Submitted);
}

#[test]
fn a_doubt_ends_by_itself_when_the_supplier_answers() {
    let play = doubtful();
    assert_eq!(play.link("POST", &play.token(), "action=answer").status, 200);
    assert_eq!(play.fulfillment_order(1).stage, Stage::Accepted);
}

#[test]
fn a_purchase_that_a_person_found_has_a_deadline_like_any_other() {
    let play = doubtful();
    resolve(&play, true);
    let fulfillment_order = play.fulfillment_order(1);
    assert_eq!(fulfillment_order.stage, Stage::Submitted);
    assert!(fulfillment_order.answer_by.is_some());
    assert_eq!(play.world.mails.borrow().len(), 1);
}

#[test]
fn a_doubtful_order_that_was_cancelled_is_not_sent_again() {
    let play = doubtful();
    play.cancel();
    play.settle();
    resolve(&play, false);
    assert_eq!(play.phase(), "cancelled");
    assert_eq!(play.world.mails.borrow().len(), 1);
}

/// The mail was sent; that it was is not on record.
fn doubtful() -> Play {
    let play = Play::routed(&[("mara", 9)]);
    play.world.streams.borrow_mut().get_mut(&play.order_id).unwrap().pop();
    assert_eq!(play.facts(), ["Routed", "SubmissionStarted"]);
    // Whoever sends it may still be at it.
    play.forward(1).unwrap_err();
    play.queues_wait();
    play.forward(1).unwrap();
    assert_eq!(play.fulfillment_order(1).stage, Stage::InDoubt);
    play
}
