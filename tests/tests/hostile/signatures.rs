//! Signatures that were good once, or elsewhere.

use domain::settings::ShopKind::{Onward, Shopify, Woocommerce};
use jiff::SignedDuration;
use ports::Inbound;
use serde_json::json;
use tests::journey::{Journey, from_supplier};
use tests::purchase::{Bought, Purchase};
use tests::stack::company::SHOPS;

use crate::{order_of, signed};

fn scarf(journey: &Journey, order: u64) -> Purchase {
    let scarf = Bought { sku: "ONW-SCARF", quantity: 1, unit_price_minor: 7900 };
    Purchase::new(SHOPS[2].0, SHOPS[2].1, order, journey.now(), &[scarf])
}

fn lamp(journey: &Journey) -> Purchase {
    let lamp = Bought { sku: "ALP-LAMP", quantity: 2, unit_price_minor: 3990 };
    Purchase::new(SHOPS[0].0, SHOPS[0].1, 1001, journey.now(), &[lamp])
}

#[test]
fn a_webhook_of_our_own_is_good_for_five_minutes() {
    for (seconds, status) in [(-301, 401), (-300, 200), (300, 200), (301, 401), (86_400, 401)] {
        let mut journey = Journey::begin();
        let inbound = signed(&journey, Onward, order_of(Onward));
        let now = journey.now() + SignedDuration::from_secs(seconds);
        journey.system.world.now.set(now);
        assert_eq!(journey.tells(&inbound).status, status, "{seconds}");
        assert_eq!(journey.order_ids().len(), usize::from(status == 200));
    }
}

#[test]
fn an_old_webhook_that_carries_no_time_changes_nothing_that_is_newer() {
    for (kind, from, to) in [
        (Shopify, "09:15:02+01:00", "09:20:02+01:00"),
        (Woocommerce, "08:15:02", "08:20:02"),
        (Onward, "08:15:02.5Z", "08:20:02.5Z"),
    ] {
        let mut journey = Journey::begin();
        let old = signed(&journey, kind, order_of(kind));
        assert_eq!(journey.tells(&old).status, 200);
        let newer =
            order_of(kind).replace(from, to).replace("Geheimratsgasse 77", "Geheimratsgasse 78");
        let newer = signed(&journey, kind, newer);
        assert_eq!(journey.tells(&newer).status, 200);
        let before = journey.system.world.snapshot().streams;
        let reply = journey.tells(&old);
        assert!(reply.body.contains("\"duplicate\":true"), "{kind:?}: {}", reply.body);
        assert_eq!(journey.system.world.snapshot().streams, before, "{kind:?}");
    }
}

#[test]
fn a_signature_of_one_shop_is_worth_nothing_at_another() {
    for (kind, other) in [(Shopify, Woocommerce), (Woocommerce, Shopify), (Onward, Shopify)] {
        let mut journey = Journey::begin_with(|settings| {
            let twins: Vec<_> = settings
                .shops
                .iter()
                .map(|shop| domain::settings::Shop {
                    id: domain::id::ShopId::parse(&format!("{}-2", shop.id)).unwrap(),
                    ..shop.clone()
                })
                .collect();
            settings.shops.extend(twins);
        });
        let good = signed(&journey, kind, order_of(kind));
        let at = |parameter: &str, value: &str| {
            let mut elsewhere = good.clone();
            elsewhere.parameters.insert(parameter.to_owned(), value.to_owned());
            elsewhere
        };
        let shop = good.parameters["shop"].clone();
        for (name, secret) in [(format!("{shop}-2"), "whsec_b3RoZXI="), (format!("{shop}-2"), "")] {
            let secrets = &journey.system.world.secrets;
            secrets.borrow_mut().insert(format!("shops/{name}"), vec![secret.to_owned()]);
            assert_eq!(journey.tells(&at("shop", &name)).status, 401, "{name}");
        }
        let (other_shop, _) = SHOPS.into_iter().find(|(_, known)| *known == other).unwrap();
        assert_eq!(journey.tells(&at("shop", other_shop)).status, 401);
        let mut other_kind = at("shop", other_shop);
        let name = format!("{other:?}").to_lowercase();
        other_kind.parameters.insert("kind".to_owned(), name);
        assert_eq!(journey.tells(&other_kind).status, 401);
        assert!(journey.order_ids().is_empty());
        assert_eq!(journey.tells(&good).status, 200);
    }
}

#[test]
fn a_supplier_speaks_for_itself_only_and_only_now() {
    let mut journey = Journey::begin();
    journey.manner("nordwaren", |manner| manner.says = tests::outside::supplier::Says::Received);
    let purchase = lamp(&journey);
    journey.sells(&purchase);
    journey.minutes(2);
    let order_id = purchase.order_id();
    let reference = format!("{order_id}/F1");
    let said = |journey: &Journey, supplier: &str| -> Inbound {
        let now = journey.now();
        let mut outside = journey.outside.borrow_mut();
        outside.suppliers.say(supplier, &reference, &json!({"type": "accepted"}), now);
        from_supplier(&outside.suppliers.outbox.pop_back().unwrap())
    };
    let good = said(&journey, "nordwaren");
    let before = journey.facts(&order_id);

    let of_another = said(&journey, "own-warehouse");
    assert_eq!(journey.tells(&of_another).status, 404, "it was never asked");
    let mut at_another = good.clone();
    at_another.parameters.insert("supplier".to_owned(), "own-warehouse".to_owned());
    assert_eq!(journey.tells(&at_another).status, 401, "it is another's signature");
    let mut nameless = good.clone();
    nameless.headers.retain(|(name, _)| name != "webhook-id");
    assert_eq!(journey.tells(&nameless).status, 401);
    assert_eq!(journey.facts(&order_id), before);

    let now = journey.now();
    journey.system.world.now.set(now + SignedDuration::from_secs(301));
    assert_eq!(journey.tells(&good).status, 401, "it is late");
    journey.system.world.now.set(now);
    assert_eq!(journey.tells(&good).status, 200);
    let accepted = journey.facts(&order_id);
    assert_eq!(journey.tells(&good).status, 200, "it is the same again");
    assert_eq!(journey.facts(&order_id), accepted);
}

#[test]
fn a_link_is_for_one_fulfillment_order_and_for_sixty_days() {
    let mut journey = Journey::begin();
    journey.sells(&scarf(&journey, 1));
    journey.sells(&scarf(&journey, 2));
    journey.minutes(2);
    let tokens: Vec<String> = journey
        .system
        .world
        .mails
        .borrow()
        .iter()
        .filter_map(|mail| mail.text.split_once("/answers/"))
        .map(|(_, rest)| rest.lines().next().unwrap().to_owned())
        .collect();
    let [one, other] = &tokens[..] else { panic!("{tokens:?}") };
    let (claim, signature) = one.split_once('.').unwrap();
    let (other_claim, other_signature) = other.split_once('.').unwrap();
    let visit = |token: &str| Inbound {
        method: "POST".to_owned(),
        route: "/answers/{token}".to_owned(),
        parameters: [("token".to_owned(), token.to_owned())].into(),
        body: b"action=reject&reason=other".to_vec(),
        ..Inbound::default()
    };
    let before = journey.system.world.snapshot().streams;
    for forged in [
        format!("{other_claim}.{signature}"),
        format!("{claim}.{other_signature}"),
        format!("{claim}."),
        format!("{claim}.{}", &signature[..62]),
        format!("{claim}=.{signature}"),
        format!("{claim}.{signature}.{signature}"),
        claim.to_owned(),
        ".".to_owned(),
        String::new(),
    ] {
        assert_eq!(journey.tells(&visit(&forged)).status, 404, "{forged}");
    }
    let now = journey.now();
    journey.system.world.now.set(now + SignedDuration::from_hours(24 * 60));
    assert_eq!(journey.tells(&visit(one)).status, 404, "it has expired");
    assert_eq!(journey.system.world.snapshot().streams, before);
    journey.system.world.now.set(now);
    assert_eq!(journey.tells(&visit(one)).status, 200);
    let after = journey.system.world.snapshot().streams;
    let changed: Vec<String> = after
        .iter()
        .filter(|(order_id, stream)| before[*order_id].len() != stream.len())
        .map(|(order_id, _)| order_id.to_string())
        .collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
}
