//! Forms as browsers send them: `application/x-www-form-urlencoded`.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::json::Unreadable;

/// The fields of a form, or of what follows the `?` of an address; of a name that is there twice, the last.
///
/// # Errors
/// When it is not UTF-8.
pub fn fields(body: &[u8]) -> Result<BTreeMap<String, String>, Unreadable> {
    let refuse =
        |problem: &str| Unreadable { field: "body".to_owned(), problem: problem.to_owned() };
    let body = str::from_utf8(body).map_err(|_| refuse("is no form"))?;
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        let decoded = percent_decode_str(&spaced).decode_utf8().map(std::borrow::Cow::into_owned);
        decoded.map_err(|_| refuse("is not UTF-8"))
    };
    let pairs = body.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| Ok((decode(name)?, decode(value)?))).collect()
}
