//! Postal addresses: what each country requires of one.

mod countries;
mod pattern;

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

/// Whether customs look at a parcel between the two.
#[must_use]
pub fn crosses_customs(from: Country, to: Country) -> bool {
    let is_in_union = |country: Country| CUSTOMS_UNION.contains(&country.code());
    from != to && !(is_in_union(from) && is_in_union(to))
}

/// The European Union's customs territory by member state (Regulation (EU) No 952/2013, article 4), and Monaco, which
/// the article counts in. Regions that it leaves out (Canary Islands, …) are not told apart here.
const CUSTOMS_UNION: [&str; 28] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MC", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

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
///
/// Rather too tolerant than too strict, since every problem holds an order: a missing house number is none, spaces and
/// hyphens in a postal code don't count, and a region may be a code or a name.
#[must_use]
pub fn problems(address: &Address) -> Vec<Problem> {
    let rules = address.country.and_then(rules);
    let required = rules.map_or("A", |(fields, _)| fields);
    let region = text(address.region.as_deref());
    let postal_code = text(address.postal_code.as_deref());
    let has_name = !address.name.trim().is_empty() || !text(address.company.as_deref()).is_empty();
    let has_lines = address.lines.iter().any(|line| !line.trim().is_empty());

    let checks = [
        ("country", "missing", address.country.is_none()),
        ("country", "no country that mail goes to", address.country.is_some() && rules.is_none()),
        ("name", "missing", !has_name),
        ("lines", "missing", required.contains('A') && !has_lines),
        ("city", "missing", required.contains('C') && address.city.trim().is_empty()),
        ("region", "missing", required.contains('S') && region.is_empty()),
        ("region", "none of the country's", !is_region(address.country, region)),
        ("postal_code", "missing", required.contains('Z') && postal_code.is_empty()),
        ("postal_code", "not of the country's form", !is_postal_code(address.country, postal_code)),
    ];
    let wrong = checks.into_iter().filter(|(_, _, is_wrong)| *is_wrong);
    wrong.map(|(field, problem, _)| Problem { field, problem }).collect()
}

fn text(field: Option<&str>) -> &str {
    field.unwrap_or_default().trim()
}

/// The required fields of a country and the pattern of its postal codes; none for a country that does not exist.
fn rules(country: Country) -> Option<(&'static str, &'static str)> {
    let found = countries::COUNTRIES.binary_search_by_key(&country.code(), |(code, _, _)| code);
    found.ok().map(|index| (countries::COUNTRIES[index].1, countries::COUNTRIES[index].2))
}

/// Whether it may be a region of the country: only where that can be told, and not when none is given.
fn is_region(country: Option<Country>, region: &str) -> bool {
    let known =
        countries::REGIONS.iter().find(|(code, _)| country.is_some_and(|it| it.code() == *code));
    let Some((code, regions)) = known.filter(|_| !region.is_empty()) else {
        return true;
    };
    let letters = region.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric());
    let folded: String = letters.map(without_accent).collect();
    // ISO 3166-2 writes the country before the region: `US-CA`.
    let without_country = folded.strip_prefix(&code.to_lowercase()).unwrap_or(&folded);
    regions.split(' ').any(|known| known == folded || known == without_country)
}

/// The plain letter of those that the names in [`countries::REGIONS`] have in their own languages.
fn without_accent(letter: char) -> char {
    match letter {
        'á' | 'à' | 'â' | 'ã' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' => 'e',
        'í' | 'î' => 'i',
        'ó' | 'ô' | 'õ' => 'o',
        'ú' | 'û' => 'u',
        plain => plain,
    }
}

/// Whether it may be a postal code of the country. One that is missing is not this check's matter.
fn is_postal_code(country: Option<Country>, postal_code: &str) -> bool {
    let Some((country, (_, pattern))) = country.and_then(|it| Some((it, rules(it)?))) else {
        return true;
    };
    if pattern.is_empty() || postal_code.is_empty() {
        return true;
    }
    let letters = postal_code.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}'));
    let code: String = letters.flat_map(char::to_uppercase).collect();
    // International mail has the country before the code, people leave it out where it is a part of it: `LV-1010`.
    let without_country = code.strip_prefix(country.code()).unwrap_or(&code);
    pattern::matches(pattern, &code)
        || pattern::matches(pattern, without_country)
        || pattern::matches(pattern, &format!("{country}{code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn munich() -> Address {
        Address {
            name: "Ada Lovelace".to_owned(),
            company: None,
            lines: vec!["Marienplatz 8".to_owned()],
            city: "München".to_owned(),
            region: None,
            postal_code: Some("80331".to_owned()),
            country: Some(country("DE")),
        }
    }

    fn country(code: &str) -> Country {
        Country::parse(code).unwrap()
    }

    fn abroad(code: &str, region: &str, postal_code: &str) -> Address {
        let given = |field: &str| (!field.is_empty()).then(|| field.to_owned());
        let (region, postal_code) = (given(region), given(postal_code));
        Address { region, postal_code, country: Some(country(code)), ..munich() }
    }

    fn check(address: &Address, expected: &[&str]) {
        let found: Vec<String> = problems(address).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected, "{address:?}");
    }

    #[test]
    fn every_field_is_asked_for_where_the_country_needs_it() {
        check(&munich(), &[]);
        check(&Address { country: None, ..munich() }, &["country: missing"]);
        check(&abroad("ZZ", "", "1"), &["country: no country that mail goes to"]);
        check(&Address { name: " ".to_owned(), ..munich() }, &["name: missing"]);
        let company = Some("Analytical Engines".to_owned());
        check(&Address { name: String::new(), company, ..munich() }, &[]);
        check(&Address { lines: vec![" ".to_owned()], ..munich() }, &["lines: missing"]);
        check(&Address { city: String::new(), ..munich() }, &["city: missing"]);
        check(&Address { city: String::new(), ..abroad("SG", "", "018989") }, &[]);
        check(
            &Address { postal_code: Some(" ".to_owned()), ..munich() },
            &["postal_code: missing"],
        );
        check(&abroad("US", "", "90210"), &["region: missing"]);
        check(&abroad("VI", "", "00801"), &[]);
        check(&abroad("HK", "Kowloon", ""), &[]);
        check(&abroad("AE", "Dubai", ""), &[]);
        check(&Address::default(), &["country: missing", "name: missing", "lines: missing"]);
    }

    #[test]
    fn a_missing_house_number_is_no_problem() {
        check(&Address { lines: vec!["Marienplatz".to_owned()], ..munich() }, &[]);
    }

    #[test]
    fn a_region_is_a_code_or_a_name() {
        for region in ["CA", "ca", "US-CA", "California", " california "] {
            check(&abroad("US", region, "90210"), &[]);
        }
        check(&abroad("US", "District of Columbia", "20500"), &[]);
        check(&abroad("CA", "Québec", "G1R 4S9"), &[]);
        check(&abroad("CA", "quebec", "g1r4s9"), &[]);
        check(&abroad("BR", "São Paulo", "01310-100"), &[]);
        check(&abroad("US", "Bavaria", "90210"), &["region: none of the country's"]);
        check(&abroad("DE", "Atlantis", "80331"), &[]);
    }

    #[test]
    fn a_postal_code_may_be_written_as_people_write_it() {
        for (code, region, postal_code) in [
            ("GB", "", "SW1A 1AA"),
            ("GB", "", "sw1a1aa"),
            ("NL", "", "1012jS"),
            ("PL", "", "00950"),
            ("SE", "", "SE-111 22"),
            ("LV", "", "1010"),
            ("US", "CA", "90210-1234"),
            ("IE", "", ""),
        ] {
            check(&abroad(code, region, postal_code), &[]);
        }
        check(&abroad("DE", "", "8033"), &["postal_code: not of the country's form"]);
        check(&abroad("DE", "", "SW1A 1AA"), &["postal_code: not of the country's form"]);
        check(&abroad("NL", "", "1012 SS"), &["postal_code: not of the country's form"]);
    }

    #[test]
    fn postal_codes_are_judged_as_by_the_source_of_their_patterns() {
        let mut count = 0;
        for line in include_str!("address/codes.tsv").lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [code, postal_code, verdict] = fields[..] else { panic!("three fields: {line}") };
            let is_accepted = is_postal_code(Some(country(code)), postal_code);
            assert_eq!(is_accepted, verdict == "yes", "{line}");
            count += 1;
        }
        assert!(count > 1000, "only {count} codes were compared");
    }

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(countries::COUNTRIES.is_sorted_by_key(|(code, _, _)| code));
    }
}
