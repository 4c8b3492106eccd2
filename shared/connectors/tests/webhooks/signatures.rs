//! Who is let in.

use connectors::signature::{sign_base64, sign_standard};
use connectors::webhook::{BODY_BYTES_MAX, Delivery, Unwelcome, parse};
use domain::settings::Shop;
use domain::settings::ShopKind::{self, Onward, Shopify, Woocommerce};
use jiff::SignedDuration;
use ports::Inbound;

use crate::{ONWARD, SECRET, SHOPIFY, WOOCOMMERCE, now, post, shop, signed};

const SHOPS: [(ShopKind, &[u8]); 3] =
    [(Shopify, SHOPIFY), (Woocommerce, WOOCOMMERCE), (Onward, ONWARD)];

fn is_let_in(kind: ShopKind, secrets: &[&str], inbound: &Inbound) -> bool {
    let secrets: Vec<String> = secrets.iter().map(|&secret| secret.to_owned()).collect();
    match parse(&shop(kind), &secrets, inbound, now()) {
        Ok(delivery) => matches!(delivery, Delivery::Order { .. }),
        Err(unwelcome) => {
            assert_eq!(unwelcome, Unwelcome::Unsigned, "{kind:?}");
            false
        }
    }
}

fn topic(kind: ShopKind, header: &str, topic: &str, body: &[u8]) -> Result<Delivery, Unwelcome> {
    let signature_header =
        header.replace("topic", if kind == Shopify { "hmac-sha256" } else { "signature" });
    let signature = sign_base64(SECRET, &[body]);
    let inbound = post(&[(header, topic), (&signature_header, &signature)], body);
    parse(&shop(kind), &[SECRET.to_owned()], &inbound, now())
}

#[test]
fn a_signed_order_is_let_in_with_either_of_two_secrets() {
    let other = "whsec_b3RoZXI=";
    for (kind, body) in SHOPS {
        let inbound = signed(kind, body);
        assert!(is_let_in(kind, &[SECRET], &inbound), "{kind:?}");
        assert!(is_let_in(kind, &[other, SECRET], &inbound), "{kind:?}");
        assert!(is_let_in(kind, &[SECRET, other], &inbound), "{kind:?}");
    }
}

#[test]
fn whatever_is_not_signed_by_this_shop_is_refused_alike() {
    for (kind, body) in SHOPS {
        let good = signed(kind, body);
        let refuse = |what: &str, secrets: &[&str], inbound: &Inbound| {
            assert!(!is_let_in(kind, secrets, inbound), "{kind:?}: {what}");
        };
        refuse("another shop's secret", &["whsec_b3RoZXI="], &good);
        refuse("a shop without a secret", &[], &good);
        refuse("an empty secret", &["", "whsec_"], &good);

        let mut forged = good.clone();
        let last = forged.body.len() - 2;
        forged.body[last] ^= 1;
        refuse("a body that was changed", &[SECRET], &forged);

        let mut truncated = good.clone();
        truncated.body.truncate(body.len() / 2);
        refuse("a body that was cut off", &[SECRET], &truncated);

        refuse("no headers", &[SECRET], &post(&[], body));
        for index in 0..good.headers.len() {
            let mut damaged = good.clone();
            damaged.headers[index].1 = "?".to_owned();
            if good.headers[index].0.contains("topic") {
                continue;
            }
            refuse(&damaged.headers[index].0, &[SECRET], &damaged);
            damaged.headers.remove(index);
            refuse("one header less", &[SECRET], &damaged);
        }
    }
}

#[test]
fn our_own_orders_are_not_let_in_again_after_five_minutes() {
    let inbound = signed(Onward, ONWARD);
    for (seconds, is_fresh) in [(0, true), (300, true), (301, false), (-301, false)] {
        let at = now() + SignedDuration::from_secs(seconds);
        let outcome = parse(&shop(Onward), &[SECRET.to_owned()], &inbound, at);
        assert_eq!(outcome.is_ok(), is_fresh, "{seconds}");
    }
}

#[test]
fn our_own_orders_may_be_signed_twice_while_a_secret_is_replaced() {
    let mut inbound = signed(Onward, ONWARD);
    let other = sign_standard("whsec_b3RoZXI=", "msg_1", now(), ONWARD).unwrap();
    let both = format!("{other} {}", inbound.header("webhook-signature").unwrap());
    inbound.headers[2].1 = both;
    assert!(is_let_in(Onward, &[SECRET], &inbound));
}

#[test]
fn shopifys_newer_headers_are_understood() {
    let signature = sign_base64(SECRET, &[SHOPIFY]);
    let newer = [("shopify-topic", "orders/create"), ("shopify-hmac-sha256", &*signature)];
    assert!(is_let_in(Shopify, &[SECRET], &post(&newer, SHOPIFY)));
}

#[test]
fn a_delivery_that_names_another_shopify_shop_is_refused() {
    let named = |domain: &str, api: &str| {
        let mut inbound = signed(Shopify, SHOPIFY);
        inbound.headers.push(("x-shopify-shop-domain".to_owned(), domain.to_owned()));
        let shop = Shop { api: api.to_owned(), ..shop(Shopify) };
        parse(&shop, &[SECRET.to_owned()], &inbound, now()).is_ok()
    };
    let api = "https://alpenshop.myshopify.com/admin";
    assert!(named("alpenshop.myshopify.com", api));
    assert!(named("AlpenShop.myshopify.com", api));
    assert!(!named("other.myshopify.com", api));
    // Where we don't know the shop's domain there is nothing to compare.
    assert!(named("alpenshop.myshopify.com", "http://127.0.0.1:9000/shopify"));
}

#[test]
fn a_secret_of_woocommerce_is_decoded_first() {
    let signature = sign_base64("a&b'", &[WOOCOMMERCE]);
    let headers =
        [("x-wc-webhook-topic", "order.created"), ("x-wc-webhook-signature", &*signature)];
    assert!(is_let_in(Woocommerce, &["a&amp;b&#039;"], &post(&headers, WOOCOMMERCE)));
}

#[test]
fn topics_that_carry_an_order_are_read_and_others_only_acknowledged() {
    let read = |kind, header, name, body| {
        matches!(topic(kind, header, name, body), Ok(Delivery::Order { .. }))
    };
    for name in ["orders/create", "orders/paid", "orders/updated", "orders/cancelled"] {
        assert!(read(Shopify, "x-shopify-topic", name, SHOPIFY), "{name}");
    }
    for name in ["order.created", "order.updated", "order.restored"] {
        assert!(read(Woocommerce, "x-wc-webhook-topic", name, WOOCOMMERCE), "{name}");
    }
    for name in ["orders/edited", "orders/delete", "refunds/create", "app/uninstalled", ""] {
        let unneeded = Delivery::Unneeded { topic: name.to_owned() };
        assert_eq!(topic(Shopify, "x-shopify-topic", name, b"not even JSON"), Ok(unneeded));
    }
    let unneeded = Delivery::Unneeded { topic: "order.deleted".to_owned() };
    assert_eq!(
        topic(Woocommerce, "x-wc-webhook-topic", "order.deleted", br#"{"id":1}"#),
        Ok(unneeded)
    );
}

#[test]
fn a_delivery_without_a_topic_is_unreadable() {
    for (kind, body, header) in
        [(Shopify, SHOPIFY, "x-shopify-topic"), (Woocommerce, WOOCOMMERCE, "x-wc-webhook-topic")]
    {
        let mut inbound = signed(kind, body);
        inbound.headers.retain(|(name, _)| !name.contains("topic"));
        let outcome = parse(&shop(kind), &[SECRET.to_owned()], &inbound, now());
        assert_eq!(outcome.unwrap_err().to_string(), format!("`{header}` is missing"));
    }
}

#[test]
fn woocommerces_ping_is_known_by_its_body_and_nothing_else_is_one() {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let ping = |kind, headers: &[(&str, &str)], body: &[u8]| {
        let outcome = parse(&shop(kind), &[SECRET.to_owned()], &post(headers, body), now());
        assert!(matches!(outcome, Ok(Delivery::Ping) | Err(Unwelcome::Unsigned)), "{outcome:?}");
        outcome.is_ok()
    };
    assert!(ping(Woocommerce, &[form], b"webhook_id=123"));
    assert!(ping(
        Woocommerce,
        &[("content-type", &format!("{}; charset=UTF-8", form.1))],
        b"webhook_id=1"
    ));

    assert!(!ping(Woocommerce, &[form], b"webhook_id="));
    assert!(!ping(Woocommerce, &[form], b"webhook_id=1&order=2"));
    assert!(!ping(Woocommerce, &[form], WOOCOMMERCE));
    assert!(!ping(Woocommerce, &[], b"webhook_id=123"));
    assert!(!ping(Woocommerce, &[form, ("x-wc-webhook-signature", "x")], b"webhook_id=123"));
    assert!(!ping(Shopify, &[form], b"webhook_id=123"));
    assert!(!ping(Onward, &[form], b"webhook_id=123"));
}

#[test]
fn a_body_over_a_mebibyte_is_refused_unread() {
    for (kind, _) in SHOPS {
        let body = vec![b' '; BODY_BYTES_MAX + 1];
        let outcome = |body: &[u8]| crate::parse(kind, &signed(kind, body)).unwrap_err();
        assert_eq!(outcome(&body), Unwelcome::TooLarge);
        assert!(matches!(outcome(&body[1..]), Unwelcome::Unreadable(_)));
    }
}
