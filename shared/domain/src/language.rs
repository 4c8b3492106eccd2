//! The languages that we speak to customers, and which of them a customer gets.

use serde::{Deserialize, Serialize};

/// A language that we speak to customers.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum Language {
    /// English, and what whoever gets who speaks none of them.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
    /// French.
    #[serde(rename = "fr")]
    French,
    /// Chinese, in simplified characters.
    #[serde(rename = "zh")]
    Chinese,
}

impl Language {
    /// All of them, in the order in which people may choose.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Chinese];

    /// Its code by ISO 639-1: `de`. What pages say of themselves, too.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Chinese => "zh",
        }
    }

    /// What its speakers call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Chinese => "中文",
        }
    }

    /// The language of a shop's or browser's name for a language and place: `de-DE`, `zh_CN`, `fr`. None if we don't
    /// speak it.
    #[must_use]
    pub fn of_locale(locale: &str) -> Option<Self> {
        let spoken = locale.trim().split(['-', '_', '.', '@']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(spoken))
    }

    /// The one of our languages that a browser's `Accept-Language` likes best (RFC 9110, 12.5.4); English if none.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Self {
        let mut best = None;
        for range in accept_language.split(',') {
            let (locale, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let thousandths = weight.trim().strip_prefix("q=").and_then(thousandths).unwrap_or(0);
            let Some(language) = Self::of_locale(locale).filter(|_| thousandths > 0) else {
                continue;
            };
            // Of two that are liked alike, the one that is named first.
            if best.is_none_or(|(_, most)| thousandths > most) {
                best = Some((language, thousandths));
            }
        }
        best.map_or_else(Self::default, |(language, _)| language)
    }
}

/// A weight of `Accept-Language`: 0 to 1 with three decimals at most.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let known: u16 = format!("{whole}{decimals:0<3}").parse().ok()?;
    (decimals.len() <= 3 && known <= 1000).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_what_it_likes_best_of_what_we_speak() {
        let check = |accepted: &str, language| {
            assert_eq!(Language::negotiate(accepted), language, "{accepted}");
        };
        check("", Language::English);
        check("de", Language::German);
        check("de-CH,de;q=0.9,en;q=0.8,fr;q=0.7", Language::German);
        check("it-IT,it;q=0.9,fr;q=0.5,en;q=0.4", Language::French);
        check("en;q=0.2, zh-Hans-CN;q=0.8", Language::Chinese);
        check("ja, *;q=0.5", Language::English);
        check("de;q=0, fr;q=0.001", Language::French);
        check("fr;q=2, de;q=abc, zh;q=0.1", Language::Chinese);
        check(&",".repeat(10_000), Language::English);
    }

    #[test]
    fn a_shops_locale_names_a_language() {
        assert_eq!(Language::of_locale("de-DE"), Some(Language::German));
        assert_eq!(Language::of_locale("zh_CN"), Some(Language::Chinese));
        assert_eq!(Language::of_locale("FR"), Some(Language::French));
        assert_eq!(Language::of_locale("en_US.UTF-8"), Some(Language::English));
        assert_eq!(Language::of_locale("den"), None);
        assert_eq!(Language::of_locale(""), None);
    }

    #[test]
    fn a_language_is_stored_by_its_code() {
        for language in Language::ALL {
            let stored = format!("\"{}\"", language.code());
            assert_eq!(serde_json::to_string(&language).unwrap(), stored);
            assert_eq!(serde_json::from_str::<Language>(&stored).unwrap(), language);
        }
    }
}
