//! Signatures: HMAC-SHA256 as outside systems send it, and Standard Webhooks as we do. Compared in constant time.
//!
//! Every `verify_…` takes all secrets that are valid at the moment, two of them while one replaces the other. Without a
//! secret nothing is verified.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::digest::CtOutput;
use sha2::{Digest as _, Sha256};

/// How far a signed time stamp may be from now, in either direction: what Standard Webhooks asks for.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// A secret that Standard Webhooks can't use. Does not repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is not `whsec_` and base64")]
pub struct InvalidSecret;

/// Signs the parts, one after the other, and writes the signature in base64.
#[must_use]
pub fn sign_base64(secret: &str, signed: &[&[u8]]) -> String {
    STANDARD.encode(mac(secret.as_bytes(), signed).finalize().into_bytes())
}

/// Signs the parts, one after the other, and writes the signature in lower-case hexadecimal digits.
#[must_use]
pub fn sign_hex(secret: &str, signed: &[&[u8]]) -> String {
    format!("{:x}", mac(secret.as_bytes(), signed).finalize().into_bytes())
}

/// Whether one of the secrets made this signature in base64 of the parts, one after the other.
#[must_use]
pub fn verify_base64(secrets: &[String], signed: &[&[u8]], signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    verify(secrets.iter().map(String::as_bytes), signed, &signature)
}

/// Whether one of the secrets made this signature in hexadecimal digits of the parts, one after the other.
#[must_use]
pub fn verify_hex(secrets: &[String], signed: &[&[u8]], signature: &str) -> bool {
    let Some(signature) = decode_hex(signature) else { return false };
    verify(secrets.iter().map(String::as_bytes), signed, &signature)
}

/// Whether this is the SHA-256 of the body, a separator and one of the keys, in hexadecimal digits. That is no HMAC; as
/// the key comes last, nothing can be appended to what was signed.
#[must_use]
pub fn verify_suffix_hex(keys: &[String], body: &[u8], separator: &[u8], signature: &str) -> bool {
    let Some(signature) = decode_hex(signature) else { return false };
    let Ok(signature) = <[u8; 32]>::try_from(signature) else { return false };
    let signature = CtOutput::<Sha256>::new(signature.into());
    keys.iter().filter(|key| !key.is_empty()).fold(false, |is_verified, key| {
        let hash = Sha256::new().chain_update(body).chain_update(separator);
        let hash = hash.chain_update(key.as_bytes()).finalize();
        (CtOutput::new(hash) == signature) | is_verified
    })
}

/// The header `webhook-signature` of Standard Webhooks for a message that is sent at this moment. `id` names the
/// message and stays the same when it is sent again.
///
/// # Errors
/// When the secret is not `whsec_` and base64.
pub fn sign_standard(
    secret: &str,
    id: &str,
    at: Timestamp,
    body: &[u8],
) -> Result<String, InvalidSecret> {
    let key = standard_key(secret).ok_or(InvalidSecret)?;
    let timestamp = at.as_second().to_string();
    let signature = mac(&key, &standard_parts(id, &timestamp, body)).finalize().into_bytes();
    Ok(format!("v1,{}", STANDARD.encode(signature)))
}

/// Whether the headers `webhook-id`, `webhook-timestamp` and `webhook-signature` of Standard Webhooks are true of this
/// body: signed with one of the secrets, at most five minutes from now.
#[must_use]
pub fn verify_standard(
    secrets: &[String],
    id: &str,
    timestamp: &str,
    signatures: &str,
    body: &[u8],
    now: Timestamp,
) -> bool {
    let sent_at = timestamp.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
    let is_fresh = sent_at.is_some_and(|sent_at| sent_at.duration_since(now).abs() <= TOLERANCE);
    if id.is_empty() || !is_fresh {
        return false;
    }
    let keys: Vec<Vec<u8>> = secrets.iter().filter_map(|secret| standard_key(secret)).collect();
    // A list, since a sender that replaces its secret signs with both.
    signatures.split(' ').filter_map(|signature| signature.strip_prefix("v1,")).any(|signature| {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        let parts = standard_parts(id, timestamp, body);
        verify(keys.iter().map(Vec::as_slice), &parts, &signature)
    })
}

fn standard_parts<'a>(id: &'a str, timestamp: &'a str, body: &'a [u8]) -> [&'a [u8]; 5] {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body]
}

fn standard_key(secret: &str) -> Option<Vec<u8>> {
    STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok()
}

fn verify<'a>(keys: impl Iterator<Item = &'a [u8]>, signed: &[&[u8]], signature: &[u8]) -> bool {
    // An empty key is one that everybody has. All others are tried, so that the time does not tell which one fitted.
    keys.filter(|key| !key.is_empty()).fold(false, |is_verified, key| {
        mac(key, signed).verify_slice(signature).is_ok() | is_verified
    })
}

fn mac(key: &[u8], signed: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in signed {
        mac.update(part);
    }
    mac
}

fn decode_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":1}"#;

    fn secrets(secrets: &[&str]) -> Vec<String> {
        secrets.iter().map(|&secret| secret.to_owned()).collect()
    }

    #[test]
    fn a_signature_is_what_rfc_4231_says() {
        // Test case 2.
        assert_eq!(
            sign_hex("Jefe", &[b"what do ya want ", b"for nothing?"]),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_signature_in_either_form_is_verified() {
        let both = secrets(&["new", "old"]);
        for secret in ["new", "old"] {
            assert!(verify_base64(&both, &[BODY], &sign_base64(secret, &[BODY])), "{secret}");
            assert!(verify_hex(&both, &[BODY], &sign_hex(secret, &[BODY])), "{secret}");
            assert!(verify_hex(&both, &[BODY], &sign_hex(secret, &[BODY]).to_uppercase()));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let known = secrets(&["new", "old"]);
        let signature = sign_base64("new", &[BODY]);
        let refuse = |secrets: &[String], body: &[u8], signature: &str| {
            assert!(!verify_base64(secrets, &[body], signature), "{signature:?}");
            assert!(!verify_hex(secrets, &[body], signature), "{signature:?}");
        };
        refuse(&known, &BODY[1..], &signature);
        refuse(&known, BODY, &sign_base64("other", &[BODY]));
        refuse(&known, BODY, &signature[..20]);
        refuse(&known, BODY, &format!("{signature}="));
        refuse(&known, BODY, "");
        refuse(&known, BODY, "é");
        refuse(&known, BODY, "0g");
        refuse(&[], BODY, &signature);
        refuse(&secrets(&[""]), BODY, &sign_base64("", &[BODY]));
        refuse(&secrets(&[""]), BODY, &sign_hex("", &[BODY]));
    }

    /// The vectors that the reference implementations of Standard Webhooks and of Svix publish.
    #[test]
    fn the_published_vectors_of_standard_webhooks_hold() {
        let check = |secret: &str, id: &str, second: i64, body: &str, signature: &str| {
            let at = Timestamp::from_second(second).unwrap();
            assert_eq!(sign_standard(secret, id, at, body.as_bytes()).unwrap(), signature);
            let second = second.to_string();
            let secrets = secrets(&[secret]);
            assert!(verify_standard(&secrets, id, &second, signature, body.as_bytes(), at));
        };
        check(
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1_649_367_553,
            r#"{"email":"test@example.com","username":"test_user"}"#,
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        );
        check(
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        );
    }

    #[test]
    fn a_standard_signature_is_good_for_five_minutes_and_for_its_own_message() {
        let (old, new) = ("whsec_b25l", "whsec_dHdv");
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let signature = sign_standard(old, "msg_1", at, BODY).unwrap();
        let verify = |secret: &[&str], id, timestamp: &str, signatures: &str, body, seconds| {
            let now = at + SignedDuration::from_secs(seconds);
            verify_standard(&secrets(secret), id, timestamp, signatures, body, now)
        };
        let stamp = "1700000000";
        assert!(verify(&[new, old], "msg_1", stamp, &signature, BODY, 300));
        assert!(verify(&[old], "msg_1", stamp, &format!("v1a,x v1,AA== {signature}"), BODY, -300));

        assert!(!verify(&[old], "msg_1", stamp, &signature, BODY, 301), "replayed later");
        assert!(!verify(&[old], "msg_1", stamp, &signature, BODY, -301), "from the future");
        assert!(!verify(&[new], "msg_1", stamp, &signature, BODY, 0), "another's secret");
        assert!(!verify(&[old], "msg_2", stamp, &signature, BODY, 0), "another message");
        assert!(!verify(&[old], "msg_1", "1700000001", &signature, BODY, 0), "another time");
        assert!(!verify(&[old], "msg_1", stamp, &signature, b"{}", 0), "another body");
        assert!(!verify(&[old], "msg_1", "9e99", &signature, BODY, 0), "no time");
        assert!(!verify(&[old], "msg_1", stamp, &signature[3..], BODY, 0), "no version");
        assert!(!verify(&["whsec_", "whsec_?"], "msg_1", stamp, &signature, BODY, 0), "no secret");
        assert_eq!(sign_standard("whsec_?", "msg_1", at, BODY), Err(InvalidSecret));
    }
}
