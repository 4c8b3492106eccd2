//! Money in figures.

use crate::Wording;

/// An amount with its decimals and grouped thousands, as in `−1,234.50`.
pub(crate) fn amount(minor: i128, exponent: u8, wording: &Wording) -> String {
    let exponent = usize::from(exponent);
    // Padded so that five cents are `005`: there is always a digit before the mark.
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = exponent + 1);
    let (whole, decimals) = digits.split_at(digits.len() - exponent);
    let mut figures = String::from(if minor < 0 { "\u{2212}" } else { "" });
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            figures.push(wording.group_mark);
        }
        figures.push(digit);
    }
    if exponent > 0 {
        figures.push(wording.decimal_mark);
        figures.push_str(decimals);
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(minor: i128, exponent: u8, figures: &str) {
        assert_eq!(amount(minor, exponent, &Wording::ENGLISH), figures);
    }

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        check(0, 2, "0.00");
        check(5, 2, "0.05");
        check(-5, 2, "\u{2212}0.05");
        check(123_456, 2, "1,234.56");
        check(100_000, 0, "100,000");
        check(1_234_567, 3, "1,234.567");
        check(i128::from(i64::MIN), 2, "\u{2212}92,233,720,368,547,758.08");
    }
}
