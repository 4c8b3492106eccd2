//! JSON read by path: every refusal names its field, numbers stay text until it is known what they count, and what
//! nobody asks for is never interpreted.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use domain::money::Currency;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Characters that one text has at the most: what Shopify allows in a note, its longest field.
const TEXT_CHARS_MAX: usize = 5_000;

/// Units that one line has at the most. Together with [`MINOR_MAX`] it keeps a line's value inside an `i64`.
const QUANTITY_MAX: u32 = 100_000;

/// Minor units that one amount has at the most: a hundred billion euros.
const MINOR_MAX: i64 = 10_000_000_000_000;

/// A payload that can't be read: the field, and why. Never repeats what the field says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct Unreadable {
    /// Path of the field: `line_items[0].quantity`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

pub(crate) type Result<T> = std::result::Result<T, Unreadable>;

/// A value, or the place where one is missing.
#[derive(Debug, Clone)]
pub(crate) struct Field<'a> {
    path: String,
    raw: Option<&'a RawValue>,
}

/// An object whose keys were read and whose values were not.
#[derive(Debug, Clone)]
pub(crate) struct Object<'a> {
    path: String,
    entries: BTreeMap<Cow<'a, str>, &'a RawValue>,
}

impl<'a> Field<'a> {
    /// The whole of a body.
    pub(crate) fn body(body: &'a [u8]) -> Result<Self> {
        let refuse =
            |problem: &str| Unreadable { field: "body".to_owned(), problem: problem.to_owned() };
        let text = str::from_utf8(body).map_err(|_| refuse("is not UTF-8"))?;
        let raw = serde_json::from_str(text).map_err(|_| refuse("is not JSON"))?;
        Ok(Self { path: String::new(), raw: Some(raw) })
    }

    /// A refusal that names this field.
    pub(crate) fn refuse(&self, problem: impl Into<String>) -> Unreadable {
        let field = if self.path.is_empty() { "body" } else { &self.path };
        Unreadable { field: field.to_owned(), problem: problem.into() }
    }

    /// The field, unless it is absent or null.
    pub(crate) fn given(self) -> Option<Self> {
        self.raw.is_some_and(|raw| raw.get() != "null").then_some(self)
    }

    /// Whether it is an object, rather than a list of the same.
    pub(crate) fn is_object(&self) -> bool {
        self.raw.is_some_and(|raw| raw.get().starts_with('{'))
    }

    /// An object.
    pub(crate) fn object(&self) -> Result<Object<'a>> {
        let raw = self.token(&['{'], "is not an object")?;
        let Entries(pairs) =
            serde_json::from_str(raw).map_err(|_| self.refuse("has a key that is not text"))?;
        let mut entries = BTreeMap::new();
        for (Key(name), raw) in pairs {
            match entries.entry(name) {
                Entry::Vacant(free) => {
                    free.insert(raw);
                }
                Entry::Occupied(taken) => {
                    let path = join(&self.path, taken.key());
                    return Err(Field { path, raw: None }.refuse("is there twice"));
                }
            }
        }
        Ok(Object { path: self.path.clone(), entries })
    }

    /// The elements of a list.
    pub(crate) fn list(&self) -> Result<Vec<Self>> {
        let raw = self.token(&['['], "is not a list")?;
        let elements: Vec<&'a RawValue> =
            serde_json::from_str(raw).map_err(|_| self.refuse("is not a list"))?;
        let element =
            |(index, raw)| Self { path: format!("{}[{index}]", self.path), raw: Some(raw) };
        Ok(elements.into_iter().enumerate().map(element).collect())
    }

    /// A string.
    pub(crate) fn text(&self) -> Result<String> {
        let raw = self.token(&['"'], "is not text")?;
        let text: String = serde_json::from_str(raw)
            .map_err(|_| self.refuse("is text with half a surrogate pair in it"))?;
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(self.refuse(format!("is longer than {TEXT_CHARS_MAX} characters")));
        }
        Ok(text)
    }

    /// A string, or a number as it is written.
    pub(crate) fn text_or_number(&self) -> Result<String> {
        if self.is_number() { Ok(self.number_or_text()?) } else { self.text() }
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self) -> Result<bool> {
        match self.raw_or_missing()? {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.refuse("is neither true nor false")),
        }
    }

    /// A shop's numeric id, as its digits. It may be larger than any float can tell apart, and may come as a string.
    pub(crate) fn digits(&self) -> Result<String> {
        let digits = self.number_or_text()?;
        // The longest `u64` has 20 digits.
        let is_id = (1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if is_id {
            Ok(digits)
        } else {
            Err(self.refuse("is not a whole number of 20 digits at the most"))
        }
    }

    /// A number of units, as a number or as a string.
    pub(crate) fn quantity(&self) -> Result<u32> {
        let text = self.number_or_text()?;
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
        let is_whole = !whole.is_empty()
            && whole.bytes().all(|byte| byte.is_ascii_digit())
            && !fraction.is_empty()
            && fraction.bytes().all(|byte| byte == b'0');
        if !is_whole {
            return Err(self.refuse("is not a whole number, 0 or more"));
        }
        let quantity = whole.parse().ok().filter(|quantity| *quantity <= QUANTITY_MAX);
        quantity.ok_or_else(|| self.refuse(format!("is more than {QUANTITY_MAX}")))
    }

    /// An ISO 4217 code.
    pub(crate) fn currency(&self) -> Result<Currency> {
        Currency::parse(&self.text()?).map_err(|_| self.refuse("is not an ISO 4217 currency"))
    }

    /// An amount in minor units, 0 or more, from a decimal number or a string of one.
    pub(crate) fn amount(&self, currency: Currency) -> Result<i64> {
        let minor = self.minor(&self.number_or_text()?, currency)?;
        if minor < 0 { Err(self.refuse("is negative")) } else { Ok(minor) }
    }

    /// An amount of any sign, rounded half up where it has more decimals than the currency: some shops calculate with
    /// more.
    pub(crate) fn rounded_amount(&self, currency: Currency) -> Result<i64> {
        let amount = self.number_or_text()?;
        let (whole, fraction) = amount.split_once('.').unwrap_or((&amount, ""));
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self.not_an_amount(currency));
        }
        let Some((kept, rest)) = fraction.split_at_checked(currency.exponent() as usize) else {
            return self.minor(&amount, currency);
        };
        let point = if kept.is_empty() { "" } else { "." };
        let minor = self.minor(&format!("{whole}{point}{kept}"), currency)?;
        let sign = if amount.starts_with('-') { -1 } else { 1 };
        Ok(if rest.as_bytes().first() >= Some(&b'5') { minor + sign } else { minor })
    }

    /// An instant: RFC 3339 with its offset from UTC.
    pub(crate) fn instant(&self) -> Result<Timestamp> {
        self.text()?.parse().map_err(|_| self.refuse("is not a time with its offset from UTC"))
    }

    /// An instant that is written in UTC without saying so.
    pub(crate) fn instant_in_utc(&self) -> Result<Timestamp> {
        let refuse = || self.refuse("is not a date and time in UTC");
        let text = self.text()?;
        // With an offset, or a zone, it would mean something else.
        let is_bare = text.get(10..).is_some_and(|time| !time.contains(['+', '-', '[']));
        let civil: DateTime = text.trim_end_matches('Z').parse().map_err(|_| refuse())?;
        let zoned = civil.to_zoned(TimeZone::UTC).map_err(|_| refuse())?;
        if is_bare { Ok(zoned.timestamp()) } else { Err(refuse()) }
    }

    fn minor(&self, amount: &str, currency: Currency) -> Result<i64> {
        let minor = currency.parse_minor(amount).map_err(|_| self.not_an_amount(currency))?;
        if minor.abs() > MINOR_MAX {
            return Err(self.refuse("is more than can be counted"));
        }
        Ok(minor)
    }

    fn not_an_amount(&self, currency: Currency) -> Unreadable {
        self.refuse(format!("is not a decimal amount of {currency}"))
    }

    /// Whether it is a number, rather than a string of one.
    pub(crate) fn is_number(&self) -> bool {
        self.raw.is_some_and(|raw| raw.get().starts_with(|c: char| c == '-' || c.is_ascii_digit()))
    }

    fn number_or_text(&self) -> Result<String> {
        if !self.is_number() {
            return self.text();
        }
        let number = self.raw_or_missing()?;
        if number.len() > TEXT_CHARS_MAX {
            return Err(self.refuse(format!("has more than {TEXT_CHARS_MAX} digits")));
        }
        Ok(number.to_owned())
    }

    fn token(&self, starts: &[char], problem: &str) -> Result<&'a str> {
        let raw = self.raw_or_missing()?;
        if raw.starts_with(starts) { Ok(raw) } else { Err(self.refuse(problem)) }
    }

    fn raw_or_missing(&self) -> Result<&'a str> {
        self.raw.map(RawValue::get).ok_or_else(|| self.refuse("is missing"))
    }
}

impl<'a> Object<'a> {
    /// The field of that name, or the place where it is missing.
    pub(crate) fn field(&self, name: &str) -> Field<'a> {
        Field { path: join(&self.path, name), raw: self.entries.get(name).copied() }
    }

    /// The field of that name, unless it is absent or null.
    pub(crate) fn given(&self, name: &str) -> Option<Field<'a>> {
        self.field(name).given()
    }

    /// Its text or number without the spaces around it; none when it is absent, null or empty.
    pub(crate) fn words(&self, name: &str) -> Result<Option<String>> {
        let text = self.given(name).map(|field| field.text_or_number()).transpose()?;
        Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    /// Its flag; false when it is absent or null.
    pub(crate) fn flag(&self, name: &str) -> Result<bool> {
        self.given(name).map_or(Ok(false), |field| field.flag())
    }

    /// The elements of its list; none when it is absent or null.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<Field<'a>>> {
        self.given(name).map_or_else(|| Ok(Vec::new()), |field| field.list())
    }

    /// All of its fields, by name.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, Field<'a>)> {
        self.entries.keys().map(|name| (name.as_ref(), self.field(name)))
    }

    /// Refuses a field that is none of these.
    pub(crate) fn only(&self, known: &[&str]) -> Result<()> {
        let foreign = self.entries.keys().find(|name| !known.contains(&name.as_ref()));
        foreign.map_or(Ok(()), |name| Err(self.field(name).refuse("is not a field that we know")))
    }
}

/// The path of a field of an object. A name that is no plain word could be anything that someone typed, and is left out.
fn join(path: &str, name: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = if name.len() <= 64 && name.chars().all(is_word) { name } else { "?" };
    if path.is_empty() { name.to_owned() } else { [path, ".", name].concat() }
}

/// An object's keys and values in their order, so that a key that is there twice is seen.
struct Entries<'a>(Vec<(Key<'a>, &'a RawValue)>);

/// A key, which is copied only where it has escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(
        self,
        mut map: A,
    ) -> std::result::Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry().map_err(A::Error::custom)? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(json: &str) -> Result<Field<'_>> {
        Ok(Field::body(json.as_bytes())?.object()?.field("a"))
    }

    fn refused<T: fmt::Debug>(outcome: Result<T>) -> String {
        outcome.unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for (body, problem) in [
            (&b""[..], "`body` is not JSON"),
            (b"{", "`body` is not JSON"),
            (b"{} {}", "`body` is not JSON"),
            (b"\xff", "`body` is not UTF-8"),
            (b"NaN", "`body` is not JSON"),
        ] {
            assert_eq!(refused(Field::body(body)), problem, "{body:?}");
        }
        assert_eq!(refused(Field::body(b"[]").unwrap().object()), "`body` is not an object");
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused_and_named() {
        assert_eq!(refused(field(r#"{"a":1,"b":2,"a":3}"#)), "`a` is there twice");
        assert_eq!(refused(field(r#"{"Anna Muster":1,"Anna Muster":3}"#)), "`?` is there twice");
        assert_eq!(refused(field(r#"{"\ud800":1}"#)), "`body` has a key that is not text");
    }

    #[test]
    fn depth_and_length_are_no_danger() {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(refused(field(&deep).unwrap().text()), "`a` is not text");
        assert_eq!(field(&deep).unwrap().list().unwrap().len(), 1);
        let long = format!(r#"{{"a":{}}}"#, "9".repeat(100_000));
        assert_eq!(refused(field(&long).unwrap().digits()), "`a` has more than 5000 digits");
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(5_001));
        assert_eq!(refused(field(&long).unwrap().text()), "`a` is longer than 5000 characters");
    }

    #[test]
    fn an_id_is_digits_whatever_their_number() {
        let check = |json: &str, digits: Option<&str>| {
            let json = format!(r#"{{"a":{json}}}"#);
            assert_eq!(field(&json).unwrap().digits().ok().as_deref(), digits, "{json}");
        };
        check("820982911946154508", Some("820982911946154508"));
        check("18446744073709551615", Some("18446744073709551615"));
        check(r#""963""#, Some("963"));
        for json in ["-1", "1.0", "1e3", "1e400", r#""""#, r#""x""#, "true", "null", "{}", "[]"] {
            check(json, None);
        }
    }

    #[test]
    fn a_quantity_is_a_whole_number() {
        let check = |json: &str, quantity: Option<u32>| {
            let json = format!(r#"{{"a":{json}}}"#);
            assert_eq!(field(&json).unwrap().quantity().ok(), quantity, "{json}");
        };
        check("3", Some(3));
        check("0", Some(0));
        check("2.00", Some(2));
        check(r#""2""#, Some(2));
        check("100000", Some(100_000));
        for json in ["-1", "1.5", "1e2", "1e400", "100001", "99999999999", r#""""#, "null", "[]"] {
            check(json, None);
        }
    }

    #[test]
    fn an_amount_is_exact_or_rounded_half_up() {
        let check = |json: &str, code: &str, exact: Option<i64>, rounded: Option<i64>| {
            let json = format!(r#"{{"a":{json}}}"#);
            let currency = Currency::parse(code).unwrap();
            let field = field(&json).unwrap();
            assert_eq!(field.amount(currency).ok(), exact, "{json} {code}");
            assert_eq!(field.rounded_amount(currency).ok(), rounded, "{json} {code}");
        };
        check(r#""19.90""#, "EUR", Some(1990), Some(1990));
        check("19.9", "EUR", Some(1990), Some(1990));
        check("30", "USD", Some(3000), Some(3000));
        check("9007199254740993", "JPY", None, None);
        check("90071992547.13", "EUR", Some(9_007_199_254_713), Some(9_007_199_254_713));
        check(r#""0.125""#, "EUR", None, Some(13));
        check(r#""-0.125""#, "EUR", None, Some(-13));
        check(r#""0.124""#, "EUR", None, Some(12));
        check(r#""1200.50""#, "JPY", None, Some(1201));
        check(r#""1200.00""#, "JPY", Some(1200), Some(1200));
        check(r#""1.2345""#, "KWD", None, Some(1235));
        for json in ["1e3", "1e400", r#""""#, r#""1,00""#, r#""1.""#, r#""1.x""#, "null", "{}"] {
            check(json, "EUR", None, None);
        }
    }

    #[test]
    fn a_time_says_its_offset_or_is_known_to_be_utc() {
        let at: Timestamp = "2008-01-10T16:00:00Z".parse().unwrap();
        let check = |json: &str, instant: Option<Timestamp>, in_utc: Option<Timestamp>| {
            let json = format!(r#"{{"a":{json}}}"#);
            assert_eq!(field(&json).unwrap().instant().ok(), instant, "{json}");
            assert_eq!(field(&json).unwrap().instant_in_utc().ok(), in_utc, "{json}");
        };
        check(r#""2008-01-10T11:00:00-05:00""#, Some(at), None);
        check(r#""2008-01-10T16:00:00-00:00""#, Some(at), None);
        check(r#""2008-01-10T16:00:00""#, None, Some(at));
        check(r#""2008-01-10T16:00:00Z""#, Some(at), Some(at));
        for json in [r#""""#, r#""yesterday""#, r#""2008-13-40T00:00:00""#, "1199980800", "null"] {
            check(json, None, None);
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_refused_where_it_is_read() {
        let json = r#"{"a":"\ud83d","b":"\ud83d\ude00"}"#;
        assert_eq!(
            refused(field(json).unwrap().text()),
            "`a` is text with half a surrogate pair in it"
        );
        let object = Field::body(json.as_bytes()).unwrap().object().unwrap();
        assert_eq!(object.words("b").unwrap().as_deref(), Some("😀"));
    }
}
