//! What comes in over HTTP. The bodies of signed calls are signed here as their sender would: a thief of a secret can send
//! anything, and so can a shop with an odd plugin.

use std::collections::BTreeMap;

use connectors::signature::sign_standard;
use connectors::supplier_mail::read_token;
use domain::message::Message;
use domain::order::Order;
use domain::order::documents::DocumentId;
use domain::settings::{ShopKind, TrackingService};
use ports::{Inbound, Reply};
use serde_json::Value;

use super::PERSONAL;
use super::stage::{self, Stage, check_discreet, only_order};
use crate::purchase::Purchase;
use crate::stack::company::SHOPS;

/// Amounts of money and numbers of units that no order may exceed, far inside of what can be counted.
const MINOR_MAX: i64 = 1_000_000_000_000_000;
const QUANTITY_MAX: u32 = 100_000;

/// A body that a shop of kind Shopify signed.
pub(super) fn shopify(body: &[u8]) {
    webhook(SHOPS[0], "orders/updated", body);
}

/// A body that a WooCommerce shop signed.
pub(super) fn woocommerce(body: &[u8]) {
    webhook(SHOPS[1], "order.updated", body);
}

/// A body that a shop with our own JSON signed.
pub(super) fn onward(body: &[u8]) {
    webhook(SHOPS[2], "order.updated", body);
}

fn webhook((shop, kind): (&'static str, ShopKind), topic: &str, body: &[u8]) {
    Stage::with("nobody bought", stage::nobody_bought, |stage| {
        let secret =
            stage.journey.system.world.secrets.borrow()[&format!("shops/{shop}")][0].clone();
        let purchase = Purchase::new(shop, kind, 1, stage.journey.now(), &[]);
        let inbound = purchase.signed(topic, &secret, stage.journey.now(), body.to_vec());
        let reply = stage.call(&inbound);
        match reply.status {
            200 => {
                for order_id in stage.journey.order_ids() {
                    check_received(&stage.journey.order(&order_id));
                }
                let before = stage.journey.system.world.snapshot().streams;
                stage.call(&inbound);
                let after = stage.journey.system.world.snapshot().streams;
                assert_eq!(before, after, "the same webhook again made a fact");
            }
            400 => check_refusal(&reply),
            413 => assert!(body.len() > connectors::webhook::BODY_BYTES_MAX),
            status => panic!("{status}: {}", reply.body),
        }
        stage.check();
    });
}

fn check_refusal(reply: &Reply) {
    check_discreet(&reply.body);
    let said: Value = serde_json::from_str(&reply.body).expect("it is JSON");
    let field = said.pointer("/error/field").or(said.get("field")).and_then(Value::as_str);
    assert!(field.is_some_and(|field| !field.is_empty()), "it names no field: {said}");
}

fn check_received(order: &Order) {
    let Some(received) = &order.received else { return };
    let amounts = [
        received.total_minor,
        received.shipping.price_minor,
        received.discount_minor,
        received.tax_minor,
    ];
    for minor in amounts {
        assert!(minor.abs() <= MINOR_MAX, "{minor}");
    }
    assert!(received.total_minor >= 0, "{}", received.total_minor);
    for line in &received.lines {
        assert!(line.quantity <= QUANTITY_MAX, "{}", line.quantity);
        let goods = line.unit_price_minor.checked_mul(i64::from(line.quantity));
        assert!(goods.is_some_and(|minor| minor.abs() <= MINOR_MAX), "{line:?}");
    }
}

/// A call by someone who has no secret: lines of `name: value` as headers, an empty line, and a body. The first header
/// can name the route.
pub(super) fn unsigned(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let headers: Vec<(String, String)> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let named = |wanted: &str| {
        headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
    };
    let doors = [
        ("/webhooks/{kind}/{shop}", &["kind", "shop"][..]),
        ("/suppliers/{supplier}/answers", &["supplier"][..]),
        ("/tracking/{service}", &["service"][..]),
        ("/orders/{shop}/{number}", &["shop", "number"][..]),
        ("/orders/{shop}/{number}/cancellations", &["shop", "number"][..]),
    ];
    for (route, names) in doors {
        let parameter = |name: &&str| ((*name).to_owned(), named(name).unwrap_or_default());
        let inbound = Inbound {
            method: named("method").unwrap_or_else(|| "POST".to_owned()),
            route: route.to_owned(),
            parameters: names.iter().map(parameter).collect(),
            headers: headers.clone(),
            body: body.as_bytes().to_vec(),
            ..Inbound::default()
        };
        Stage::with("submitted", stage::submitted, |stage| {
            let before = stage.journey.system.world.snapshot();
            let reply = stage.call(&inbound);
            // WooCommerce's ping is not signed, and says nothing.
            let is_ping = reply.status == 200 && body.starts_with("webhook_id=");
            assert!(is_ping || matches!(reply.status, 401 | 413), "{route}: {reply:?}");
            check_discreet(&reply.body);
            let after = stage.journey.system.world.snapshot();
            assert_eq!((before.streams, before.stock), (after.streams, after.stock));
        });
    }
}

/// What a tracking service signed; each reads what is meant for it.
pub(super) fn tracking_push(body: &[u8]) {
    for service in TrackingService::ALL {
        Stage::with("shipped for shopify", stage::shipped_for_shopify, |stage| {
            let inbound = stage.journey.push_of(service, body.to_vec());
            let reply = stage.call(&inbound);
            match reply.status {
                200 => stage.call(&inbound),
                400 | 413 => reply,
                status => panic!("{status}: {}", reply.body),
            };
            stage.check();
        });
    }
}

/// What a supplier signed.
pub(super) fn supplier_answer(body: &[u8]) {
    Stage::with("submitted", stage::submitted, |stage| {
        let now = stage.journey.now();
        let secret = stage.journey.system.world.secrets.borrow()["suppliers/nordwaren"][0].clone();
        let signature =
            sign_standard(&secret, "msg_1", now, body).expect("it is a `whsec_` secret");
        let headers = [
            ("webhook-id", "msg_1".to_owned()),
            ("webhook-timestamp", now.as_second().to_string()),
            ("webhook-signature", signature),
        ];
        let inbound = Inbound {
            method: "POST".to_owned(),
            route: "/suppliers/{supplier}/answers".to_owned(),
            parameters: BTreeMap::from([("supplier".to_owned(), "nordwaren".to_owned())]),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body: body.to_vec(),
            ..Inbound::default()
        };
        let reply = stage.call(&inbound);
        match reply.status {
            200 => stage.call(&inbound),
            400 | 404 | 409 | 413 => reply,
            status => panic!("{status}: {}", reply.body),
        };
        forget_unreachable_labels(stage);
        stage.check();
        if !body.windows(5).any(|word| word == b"stock") {
            // Whatever it said, days later all of it adds up.
            stage.journey.hours(80);
            forget_unreachable_labels(stage);
            stage.journey.check();
        }
    });
}

/// A label that nobody serves is asked for again and again, and waits for a person. One that may not be fetched must have been
/// refused at the door.
fn forget_unreachable_labels(stage: &mut Stage) {
    stage.journey.system.dead_letters.retain(|(message, reason)| {
        let is_label =
            matches!(message, Message::ArchiveDocument { document: DocumentId::Label(_), .. });
        !is_label || reason.contains("no place to fetch from")
    });
}

/// A form that was sent from the page behind a supplier's link.
pub(super) fn supplier_form(body: &[u8]) {
    Stage::with("mailed", stage::mailed, |stage| {
        let token = mailed_token(stage);
        let reply = stage.call(&link_call("POST", &token, body));
        assert!(matches!(reply.status, 200 | 400 | 409), "{reply:?}");
        check_page(&reply);
        stage.check();
        stage.journey.hours(80);
        stage.journey.check();
    });
}

/// The token of a link.
pub(super) fn link(bytes: &[u8]) {
    let token = String::from_utf8_lossy(bytes);
    Stage::with("mailed", stage::mailed, |stage| {
        let good = mailed_token(stage);
        let secrets = stage.journey.system.world.secrets.borrow()["links"].clone();
        let is_good = read_token(&secrets, &token, stage.journey.now()).is_some();
        assert!(!is_good || token.eq_ignore_ascii_case(&good), "a forged link is good: {token}");
        for method in ["GET", "POST"] {
            let reply = stage.call(&link_call(method, &token, b"action=reject"));
            assert!(is_good || reply.status == 404, "{reply:?}");
            check_page(&reply);
        }
        stage.check();
    });
}

fn mailed_token(stage: &Stage) -> String {
    let mails = stage.journey.system.world.mails.borrow();
    let text = &mails.last().expect("a mail was sent").text;
    let (_, rest) = text.split_once("/answers/").expect("it has a link");
    rest.lines().next().expect("a link ends").to_owned()
}

fn link_call(method: &str, token: &str, body: &[u8]) -> Inbound {
    Inbound {
        method: method.to_owned(),
        route: "/answers/{token}".to_owned(),
        parameters: BTreeMap::from([("token".to_owned(), token.to_owned())]),
        headers: Vec::new(),
        body: body.to_vec(),
        ..Inbound::default()
    }
}

/// Nothing on a page runs, and nothing of the customer is on it.
fn check_page(reply: &Reply) {
    let page = reply.body.to_lowercase();
    for tag in ["<script", "<img", "<iframe", "<svg", "javascript:", "=demo-"] {
        assert!(!page.contains(tag), "{tag} is on the page");
    }
    assert!(reply.headers.iter().any(|(name, _)| name == "content-security-policy"));
    check_discreet(&reply.body);
}

/// An operator's decision: the first line names which, the rest is the body.
pub(super) fn console(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (decision, body) = bytes.split_at(end);
    let decision = match decision {
        b"address" => "address",
        b"cancellations" => "cancellations",
        b"decisions" => "decisions",
        _ => "overrides",
    };
    Stage::with("submitted", stage::submitted, |stage| {
        let order_id = only_order(&stage.journey);
        let token = stage.journey.system.world.secrets.borrow()["console"][0].clone();
        let inbound = Inbound {
            method: "POST".to_owned(),
            route: format!("/orders/{{shop}}/{{number}}/{decision}"),
            parameters: BTreeMap::from([
                ("shop".to_owned(), order_id.shop().to_string()),
                ("number".to_owned(), order_id.order().to_owned()),
            ]),
            headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
            body: body.to_vec(),
            ..Inbound::default()
        };
        let reply = stage.call(&inbound);
        assert!(matches!(reply.status, 200 | 400 | 409), "{reply:?}");
        if reply.status == 400 {
            check_refusal(&reply);
        }
        stage.check();
        stage.journey.hours(80);
        stage.journey.check();
        let facts = serde_json::to_string(&stage.journey.system.order(&order_id).1.len());
        assert!(PERSONAL.iter().all(|word| facts.as_ref().is_ok_and(|it| !it.contains(word))));
    });
}
