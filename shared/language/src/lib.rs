//! What we say to customers, in each of their languages: texts with plurals, dates and money.
//!
//! The texts are in `texts/<language>/`, in the syntax of [Fluent](https://projectfluent.org): `pages.ftl` for the pages
//! of the portal, `mails.ftl` for mails. All languages have the same texts with the same arguments; a test sees to it.
//! Fluent brings the plurals of each language, ICU4X its dates and figures.
//!
//! ```
//! use language::{Language, Texts};
//!
//! let texts = Texts::new(Language::German);
//! assert_eq!(texts.with("units", &[("count", 2.into())]), "2 Stück");
//! assert_eq!(texts.date(jiff::civil::date(2026, 11, 24)), "24. November 2026");
//! ```
//!
//! What a text is put into has to escape it: an argument can be anything that a customer typed.

mod figures;

use domain::money::Money;
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{MDE, YMD};
use icu_datetime::input::Date as IcuDate;
use icu_locale_core::Locale;
use jiff::civil::Date;

pub use domain::language::Language;
pub use fluent_bundle::FluentValue;

/// The texts of a language, by file.
const fn sources(language: Language) -> [&'static str; 2] {
    match language {
        Language::English => {
            [include_str!("../texts/en/pages.ftl"), include_str!("../texts/en/mails.ftl")]
        }
        Language::German => {
            [include_str!("../texts/de/pages.ftl"), include_str!("../texts/de/mails.ftl")]
        }
        Language::French => {
            [include_str!("../texts/fr/pages.ftl"), include_str!("../texts/fr/mails.ftl")]
        }
        Language::Chinese => {
            [include_str!("../texts/zh/pages.ftl"), include_str!("../texts/zh/mails.ftl")]
        }
    }
}

/// All that we say in one language. Making one reads its texts, which takes less than a millisecond.
pub struct Texts {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The texts of a language.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let tag = language.code().parse().expect("our languages have tags");
        let mut bundle = FluentBundle::new(vec![tag]);
        // Marks around each argument would be seen where a page is copied; none of our languages runs the other way.
        bundle.set_use_isolating(false);
        for source in sources(language) {
            let texts = FluentResource::try_new(source.to_owned());
            let texts = texts.expect("a test reads the texts of each language");
            bundle.add_resource(texts).expect("a test finds no text twice");
        }
        Self { language, bundle }
    }

    /// Which language it is.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// A text without arguments; the key itself where there is no such text, which a test of each page rules out.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A text with its arguments: numbers choose among plurals.
    #[must_use]
    pub fn with(&self, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        self.find(key, arguments).unwrap_or_else(|| key.to_owned())
    }

    /// A text, if there is one.
    #[must_use]
    pub fn find(&self, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut given = FluentArgs::new();
        for (name, value) in arguments {
            given.set(*name, value.clone());
        }
        // What is missing stays visible in the text, `{$count}`: better than no text.
        Some(self.bundle.format_pattern(pattern, Some(&given), &mut Vec::new()).into_owned())
    }

    /// Whether there is such a text.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// A day: `24 November 2026`.
    #[must_use]
    pub fn date(&self, date: Date) -> String {
        let (year, month, day) = parts(date);
        let date = IcuDate::try_new_gregorian(year, month, day).expect(ONE_CALENDAR);
        let written = FixedCalendarDateTimeFormatter::try_new(self.locale().into(), YMD::long());
        written.expect(COMPILED_IN).format(&date).to_string()
    }

    /// A day close to now: `Tuesday 24 November`.
    #[must_use]
    pub fn weekday(&self, date: Date) -> String {
        let (year, month, day) = parts(date);
        let date = IcuDate::try_new_gregorian(year, month, day).expect(ONE_CALENDAR);
        let written = FixedCalendarDateTimeFormatter::try_new(self.locale().into(), MDE::long());
        written.expect(COMPILED_IN).format(&date).to_string()
    }

    /// An amount: `€12.50`, `12,50 €`, `CHF 12.50`.
    #[must_use]
    pub fn money(&self, money: Money) -> String {
        figures::money(self.language, &self.locale(), money)
    }

    /// Days and figures as most of those expect them who speak the language; British days are written by most of the
    /// world's English.
    fn locale(&self) -> Locale {
        let tag = match self.language {
            Language::English => "en-GB",
            other => other.code(),
        };
        tag.parse().expect("our languages have tags")
    }
}

const ONE_CALENDAR: &str = "a day of one Gregorian calendar is one of the other";
const COMPILED_IN: &str = "all our languages are compiled in";

fn parts(date: Date) -> (i32, u8, u8) {
    (date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
}

#[cfg(test)]
mod tests;
