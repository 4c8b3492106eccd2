//! Links for customers, who have no account with us: whoever has one may see one order, or return what is in it.
//!
//! | path | purpose | good for |
//! | --- | --- | --- |
//! | `/track/{token}` | [`Purpose::Track`]: see where an order is, and say that it has arrived | half a year |
//! | `/returns/{token}` | [`Purpose::Return`]: begin a session in the returns portal; works once | an hour |
//! | (a cookie) | [`Purpose::Session`]: that session | two hours |
//!
//! A token says what it is for, for which order and until when, signed with the secret [`SECRET`] and verified in
//! constant time, so that none opens anything else. All of an order's links are revoked at once by the fact
//! `LinksRevoked`: a token says how many of those there were, see [`Link::stands`]. That a link for returns works once
//! is the portal's affair: it notes that it was used. Opening one does nothing, since mail scanners do that too.
//!
//! A link for returns is mailed to whoever knows an order's number and the e-mail address or postal code that it was
//! placed with. The portal does not look: it sends `Message::MailLink` with an [`evidence`] of what was typed, whatever
//! that was, and `notifications` compares, see [`is_known`]. So neither the page nor the time it takes tells whether
//! there is such an order, and nothing personal is in a queue.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::OrderId;
use domain::order::Order;
use domain::shop_order::Contact;
use jiff::{SignedDuration, Timestamp};

use crate::signature;

/// The name of the secret that signs links.
pub const SECRET: &str = "links";

/// What [`evidence`] is signed as, so that none of it passes for a link's signature.
const EVIDENCE: &[u8] = b"customer-evidence\n";

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To see where an order is, and to say that it has arrived.
    Track,
    /// To begin a session in the returns portal, once.
    Return,
    /// To go on with it: the value of its cookie.
    Session,
}

impl Purpose {
    /// How long a link is good.
    #[must_use]
    pub fn lifetime(self) -> SignedDuration {
        match self {
            Self::Track => SignedDuration::from_hours(24 * 183),
            Self::Return => SignedDuration::from_hours(1),
            Self::Session => SignedDuration::from_hours(2),
        }
    }

    /// What a signature is for, so that one made for something else opens nothing here.
    fn signed_as(self) -> &'static [u8] {
        match self {
            Self::Track => b"customer-track\n",
            Self::Return => b"customer-return\n",
            Self::Session => b"customer-session\n",
        }
    }
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The order that it opens.
    pub order_id: OrderId,
    /// How often the order's links had been revoked when it was made.
    pub revocations: u32,
}

impl Link {
    /// Whether nobody has revoked it, and there is such an order.
    #[must_use]
    pub fn stands(&self, order: &Order) -> bool {
        order.received.is_some() && order.link_revocations == self.revocations
    }
}

/// Makes the token of a link to an order as it is now.
#[must_use]
pub fn token(
    secret: &str,
    purpose: Purpose,
    order_id: &OrderId,
    order: &Order,
    now: Timestamp,
) -> String {
    let expires_at = (now + purpose.lifetime()).as_second();
    let claim = format!("{expires_at}/{}/{order_id}", order.link_revocations);
    let signature = signature::sign_hex(secret, &[purpose.signed_as(), claim.as_bytes()]);
    format!("{}.{signature}", URL_SAFE_NO_PAD.encode(claim))
}

/// Reads a token; none if none of the secrets made it for this purpose, or if it has expired. Ask [`Link::stands`] next.
#[must_use]
pub fn read_token(
    secrets: &[String],
    purpose: Purpose,
    token: &str,
    now: Timestamp,
) -> Option<Link> {
    let (claim, signature) = token.split_once('.')?;
    let claim = URL_SAFE_NO_PAD.decode(claim).ok()?;
    if !signature::verify_hex(secrets, &[purpose.signed_as(), &claim], signature) {
        return None;
    }
    let claim = String::from_utf8(claim).ok()?;
    let (expires_at, rest) = claim.split_once('/')?;
    let (revocations, order_id) = rest.split_once('/')?;
    let is_good = now.as_second() < expires_at.parse().ok()?;
    let order_id = OrderId::parse(order_id).ok()?;
    is_good.then_some(Link { order_id, revocations: revocations.parse().ok()? })
}

/// The address of the page that shows where an order is.
#[must_use]
pub fn tracking_url(public_url: &str, token: &str) -> String {
    format!("{public_url}/track/{token}")
}

/// The address that begins a session in the returns portal, once.
#[must_use]
pub fn returns_url(public_url: &str, token: &str) -> String {
    format!("{public_url}/returns/{token}")
}

/// What someone typed to show that an order is theirs, hashed under our secret: the e-mail address or a postal code of
/// the order with this number, see `domain::views::order_number`. Without the secret nobody can try out which it was.
#[must_use]
pub fn evidence(secret: &str, number: &str, typed: &str) -> String {
    signature::sign_hex(secret, &evidence_parts(number, &normal(typed)))
}

/// Whether the evidence is what someone typed who knows the contact of the order with this number.
#[must_use]
pub fn is_known(secrets: &[String], number: &str, evidence: &str, contact: &Contact) -> bool {
    let addresses = [&contact.shipping, &contact.billing].into_iter().flatten();
    let codes = addresses.filter_map(|address| address.postal_code.as_deref());
    let known = contact.email.as_deref().into_iter().chain(codes).map(normal);
    let fits =
        |known: &String| signature::verify_hex(secrets, &evidence_parts(number, known), evidence);
    // What is empty is known to everyone.
    known.filter(|known| !known.is_empty()).filter(fits).count() > 0
}

fn evidence_parts<'a>(number: &'a str, normal: &'a str) -> [&'a [u8]; 4] {
    [EVIDENCE, number.as_bytes(), b"\n", normal.as_bytes()]
}

/// As people type it in a hurry: an e-mail address without its capitals, a postal code without its spaces and hyphens.
fn normal(typed: &str) -> String {
    if typed.contains('@') {
        return typed.trim().to_lowercase();
    }
    typed.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::address::Address;

    fn order_id() -> OrderId {
        OrderId::parse("alpenshop/820982911946154508").unwrap()
    }

    fn order() -> Order {
        let received = serde_json::from_str(
            r##"{"type":"Received","number":"#1","placed_at":"2026-11-20T09:00:00Z","updated_at":"2026-11-20T09:00:00Z",
            "test":false,"payment":"paid","currency":"EUR","lines":[],"shipping":{"title":"Parcel","express":false,
            "price_minor":0},"discount_minor":0,"tax_minor":0,"tax_included":true,"total_minor":0,
            "wishes":{"gift_wrap":false,"invoice":false,"age_verified":false},"contact":"home.1","country":"DE"}"##,
        );
        Order::default().after(now(), &[received.unwrap()])
    }

    fn now() -> Timestamp {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    fn secrets(secrets: &[&str]) -> Vec<String> {
        secrets.iter().map(|&secret| secret.to_owned()).collect()
    }

    #[test]
    fn a_token_reads_back_until_it_expires_and_while_its_secret_is_valid() {
        let order = Order { link_revocations: 2, ..Order::default() };
        let token = token("old", Purpose::Return, &order_id(), &order, now());
        let read = |names: &[&str], minutes| {
            let later = now() + SignedDuration::from_mins(minutes);
            read_token(&secrets(names), Purpose::Return, &token, later)
        };
        let link = Link { order_id: order_id(), revocations: 2 };
        assert_eq!(read(&["new", "old"], 59), Some(link));
        assert_eq!(read(&["new", "old"], 60), None, "expired");
        assert_eq!(read(&["new"], 0), None, "signed with another secret");
        assert_eq!(read(&[], 0), None, "no secret");
    }

    #[test]
    fn a_token_opens_nothing_but_what_it_was_made_for() {
        let order = Order::default();
        let all = [Purpose::Track, Purpose::Return, Purpose::Session];
        for made_for in all {
            let token = token("secret", made_for, &order_id(), &order, now());
            for purpose in all {
                let read = read_token(&secrets(&["secret"]), purpose, &token, now());
                assert_eq!(read.is_some(), purpose == made_for, "{made_for:?} as {purpose:?}");
            }
        }
    }

    #[test]
    fn a_token_that_anyone_changed_is_refused() {
        let good = token("secret", Purpose::Track, &order_id(), &Order::default(), now());
        let (claim, signature) = good.split_once('.').unwrap();
        let other = URL_SAFE_NO_PAD.encode("99999999999/0/alpenshop/1");
        for forged in [
            "",
            ".",
            claim,
            &format!("{claim}."),
            &format!("{other}.{signature}"),
            &format!("{claim}.{}", signature.replace(['0', '1', '2', '3'], "4")),
            &format!("{claim}.{signature}0"),
            &format!("{claim}x.{signature}"),
        ] {
            let read = read_token(&secrets(&["secret"]), Purpose::Track, forged, now());
            assert_eq!(read, None, "{forged}");
        }
    }

    #[test]
    fn an_order_that_was_never_received_or_whose_links_were_revoked_stays_closed() {
        let link = Link { order_id: order_id(), revocations: 0 };
        assert!(!link.stands(&Order::default()));
        let received = order();
        assert!(link.stands(&received));
        let received = Order { link_revocations: 1, ..received };
        assert!(!link.stands(&received));
        assert!(Link { revocations: 1, ..link }.stands(&received));
    }

    #[test]
    fn who_knows_the_address_or_a_postal_code_is_known_however_it_is_typed() {
        let at = |postal_code: &str| {
            Some(Address { postal_code: Some(postal_code.to_owned()), ..Address::default() })
        };
        let contact = Contact {
            email: Some("Anna.Muster@example.com".to_owned()),
            shipping: at("SW1A 2AA"),
            billing: at("8001"),
            ..Contact::default()
        };
        let is_known_by = |number: &str, typed: &str| {
            let evidence = evidence("old", number, typed);
            is_known(&secrets(&["new", "old"]), "1001", &evidence, &contact)
        };
        for typed in [" anna.muster@EXAMPLE.com", "sw1a2aa", "SW1A-2AA ", "8001"] {
            assert!(is_known_by("1001", typed), "{typed}");
        }
        for typed in ["", " ", "-", "anna", "SW1A", "80011", "@"] {
            assert!(!is_known_by("1001", typed), "{typed:?}");
        }
        assert!(!is_known_by("1002", "8001"), "evidence for another order");
        assert!(!is_known(&secrets(&["new"]), "1001", "", &contact));
        let nobody = Contact { email: Some(String::new()), ..Contact::default() };
        let nothing = evidence("old", "1001", "");
        assert!(!is_known(&secrets(&["old"]), "1001", &nothing, &nobody));
    }
}
