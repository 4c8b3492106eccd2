//! Money: a whole number of a currency's smallest unit. No floats, no mixing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// An amount or a currency that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoney {
    /// Not three letters that ISO 4217 lists.
    #[error("`{0}` is not an ISO 4217 currency")]
    Currency(String),
    /// Not a plain decimal number with at most as many decimals as the currency has.
    #[error("`{amount}` is not an amount of {currency}")]
    Amount {
        /// What was read.
        amount: String,
        /// The currency it should be of.
        currency: Currency,
    },
}

impl Currency {
    /// Takes a three-letter code.
    ///
    /// # Errors
    /// When ISO 4217 does not list it.
    pub fn parse(code: &str) -> Result<Self, InvalidMoney> {
        let refused = || InvalidMoney::Currency(code.chars().take(16).collect());
        let currency = iso_currency::Currency::from_code(code).ok_or_else(refused)?;
        Ok(Self(currency.code().as_bytes().try_into().map_err(|_| refused())?))
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("made of ISO 4217 letters")
    }

    /// How many decimals an amount has: 2 for EUR, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn exponent(self) -> u32 {
        let known =
            iso_currency::Currency::from_code(self.code()).and_then(|currency| currency.exponent());
        u32::from(known.unwrap_or(0))
    }

    /// Reads a decimal amount, such as `"19.90"`, as minor units. Decimals past the currency's own must be zeros,
    /// since shops write `"100.00"` for yen too.
    ///
    /// # Errors
    /// When it is no plain decimal number, has too many decimals, or does not fit.
    pub fn parse_minor(self, amount: &str) -> Result<i64, InvalidMoney> {
        let refused =
            || InvalidMoney::Amount { amount: amount.chars().take(32).collect(), currency: self };
        let (sign, digits) = match amount.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, amount),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let exponent = self.exponent() as usize;
        let (kept, dropped) = fraction.split_at_checked(exponent).unwrap_or((fraction, ""));
        let is_number = !whole.is_empty()
            && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        if !is_number || digits.ends_with('.') || dropped.bytes().any(|byte| byte != b'0') {
            return Err(refused());
        }
        let minor: i64 = format!("{whole}{kept:0<exponent$}").parse().map_err(|_| refused())?;
        Ok(sign * minor)
    }

    /// Writes minor units as a decimal amount: `1990` of EUR is `"19.90"`.
    #[must_use]
    pub fn format_minor(self, minor: i64) -> String {
        let exponent = self.exponent() as usize;
        let digits = format!("{:0>width$}", minor.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        let sign = if minor < 0 { "-" } else { "" };
        if fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidMoney;

    fn try_from(code: String) -> Result<Self, InvalidMoney> {
        Self::parse(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of a currency, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: cents for EUR, yen for JPY.
    pub minor: i64,
    /// What they are units of.
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency.format_minor(self.minor), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_and_written_in_the_currencys_own_decimals() {
        let check = |code: &str, text: &str, minor: i64, written: &str| {
            let currency = Currency::parse(code).unwrap();
            assert_eq!(currency.parse_minor(text), Ok(minor), "{text} {code}");
            assert_eq!(currency.format_minor(minor), written, "{minor} {code}");
        };
        check("EUR", "19.90", 1990, "19.90");
        check("EUR", "19.9", 1990, "19.90");
        check("EUR", "0.05", 5, "0.05");
        check("EUR", "-3.00", -300, "-3.00");
        check("EUR", "19.9000", 1990, "19.90");
        check("JPY", "1200", 1200, "1200");
        check("JPY", "1200.00", 1200, "1200");
        check("KWD", "1.234", 1234, "1.234");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        let euro = Currency::parse("EUR").unwrap();
        for text in [
            "",
            "-",
            ".5",
            "1.",
            "1,00",
            "1e3",
            "NaN",
            "0.005",
            "1.2.3",
            "--1",
            "99999999999999999999",
        ] {
            assert!(euro.parse_minor(text).is_err(), "{text:?}");
        }
        assert!(Currency::parse("EURO").is_err());
        assert!(Currency::parse("eur").is_err());
    }
}
