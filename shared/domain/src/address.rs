//! Postal addresses: what each country requires of one.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A country by its two ISO 3166-1 letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// Not two capital letters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ISO 3166-1 alpha-2 country code")]
pub struct InvalidCountry(String);

impl Country {
    /// Takes a two-letter code, in capitals.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(code: &str) -> Result<Self, InvalidCountry> {
        match code.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([*a, *b])),
            _ => Err(InvalidCountry(code.chars().take(16).collect())),
        }
    }

    /// The two letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("made of two ASCII letters")
    }
}

impl TryFrom<String> for Country {
    type Error = InvalidCountry;

    fn try_from(code: String) -> Result<Self, InvalidCountry> {
        Self::parse(&code)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Where a parcel goes. Personal data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Address {
    /// The person.
    pub name: String,
    /// The company, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Street and house number, and what else the carrier should read, in order.
    pub lines: Vec<String>,
    /// City or town.
    pub city: String,
    /// State, province or region, as the shop writes it: a code where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// The country; none when the shop gave none, or none that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
}

/// What is wrong with one field of an address. Never repeats what was typed: it goes into facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field: `postal_code`.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

/// What is wrong with an address, by its country's rules; empty when a parcel can be sent there.
#[must_use]
pub fn problems(address: &Address) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut require = |field, is_missing: bool| {
        if is_missing {
            problems.push(Problem { field, problem: "missing" });
        }
    };
    require("country", address.country.is_none());
    require("name", address.name.trim().is_empty() && address.company.is_none());
    require("lines", address.lines.iter().all(|line| line.trim().is_empty()));
    require("city", address.city.trim().is_empty());
    problems
}
