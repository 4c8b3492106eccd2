//! Amounts of money in figures.

use domain::language::Language;
use domain::money::Money;
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_locale_core::Locale;

/// Between a figure and its currency, which stay on one line.
const NO_BREAK: char = '\u{a0}';

/// An amount with its currency, where and how the language has it.
pub(crate) fn money(language: Language, locale: &Locale, money: Money) -> String {
    let Money { minor, currency } = money;
    let written = currency.format_minor(minor);
    let digits = written.trim_start_matches('-');
    let digits: Decimal = digits.parse().expect("`format_minor` writes plain decimals");
    let formatter = DecimalFormatter::try_new(
        locale.into(),
        icu_decimal::options::DecimalFormatterOptions::default(),
    );
    let figure = formatter.expect("all our languages are compiled in").format(&digits).to_string();
    let sign = if minor < 0 { "\u{2212}" } else { "" };
    match (language, symbol(currency.code())) {
        (Language::German | Language::French, symbol) => {
            format!("{sign}{figure}{NO_BREAK}{}", symbol.unwrap_or(currency.code()))
        }
        (Language::English | Language::Chinese, Some(symbol)) => format!("{sign}{symbol}{figure}"),
        (Language::English | Language::Chinese, None) => {
            format!("{sign}{}{NO_BREAK}{figure}", currency.code())
        }
    }
}

/// Signs that everyone takes for one currency; a dollar that is not American is written as `AUD`.
fn symbol(code: &str) -> Option<&'static str> {
    match code {
        "EUR" => Some("€"),
        "GBP" => Some("£"),
        "USD" => Some("$"),
        _ => None,
    }
}
