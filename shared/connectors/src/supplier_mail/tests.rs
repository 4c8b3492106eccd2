//! What spreadsheets, links and forms could be misused for.

use super::*;

fn now() -> Timestamp {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

fn order_id() -> OrderId {
    OrderId::parse("alpenshop/1001").unwrap()
}

#[test]
fn no_cell_is_a_formula() {
    for (cell, harmless_cell) in [
        ("=1+1", "'=1+1"),
        ("+49 341", "'+49 341"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("Testweg 12", "Testweg 12"),
        ("", ""),
    ] {
        assert_eq!(harmless(cell.to_owned()), harmless_cell);
    }
}

#[test]
fn a_token_opens_its_own_fulfillment_order_until_it_expires() {
    let token = token("secret", &order_id(), FulfillmentOrderId(2), now());
    let read = |secrets: &[&str], token: &str, at: Timestamp| {
        let secrets: Vec<String> = secrets.iter().map(|&secret| secret.to_owned()).collect();
        read_token(&secrets, token, at)
    };
    let found = Some((order_id(), FulfillmentOrderId(2)));
    assert_eq!(read(&["secret"], &token, now()), found);
    assert_eq!(read(&["new", "secret"], &token, now()), found, "while the secret is replaced");
    let last = now() + LINK_LIFETIME - SignedDuration::from_secs(1);
    assert_eq!(read(&["secret"], &token, last), found);
    assert_eq!(read(&["secret"], &token, now() + LINK_LIFETIME), None);
    assert_eq!(read(&["other"], &token, now()), None);
    assert_eq!(read(&[], &token, now()), None);
    assert_eq!(read(&[""], &token, now()), None);

    // The claim cannot be changed, and a signature for another purpose opens nothing.
    let (_, signature) = token.split_once('.').unwrap();
    let claim = URL_SAFE_NO_PAD.encode("99999999999/alpenshop/1002/F1");
    assert_eq!(read(&["secret"], &format!("{claim}.{signature}"), now()), None);
    let foreign = signature::sign_hex("secret", &[b"99999999999/alpenshop/1002/F1"]);
    assert_eq!(read(&["secret"], &format!("{claim}.{foreign}"), now()), None);
    assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)), "{token}");
}
