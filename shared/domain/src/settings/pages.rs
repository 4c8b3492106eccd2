//! What customers' pages and mails look like: the merchant's name, colour and logo.

use serde::{Deserialize, Serialize};

use super::Settings;
use super::check::{Findings, is_safe_url};

/// What customers' pages and mails look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pages {
    /// What customers call the merchant; the seller's legal name where it is missing.
    pub name: Option<String>,
    /// The colour of buttons and links, `#rrggbb`; dark enough to be read on white, and white on it.
    pub accent: String,
    /// Address of the logo, shown 40 pixels high: PNG or JPEG, since many mail programs show no SVG.
    pub logo: Option<String>,
}

impl Default for Pages {
    fn default() -> Self {
        Self { name: None, accent: "#1f4f46".to_owned(), logo: None }
    }
}

/// Everything that is wrong with it, under its path.
pub(super) fn check(settings: &Settings, findings: &mut Findings) {
    let pages = &settings.pages;
    let is_dark = luminance(&pages.accent).map(|luminance| luminance <= LUMINANCE_MAX);
    findings.add(is_dark.is_none(), "pages.accent", "is no colour like `#1f4f46`");
    let problem = "is too light to be read on white (WCAG 2.2 asks for a contrast of 4.5)";
    findings.add(is_dark == Some(false), "pages.accent", problem);
    let is_unsafe = pages.logo.as_ref().is_some_and(|logo| !is_safe_url(logo));
    findings.add(is_unsafe, "pages.logo", "is no `https://` address");
    let is_empty = pages.name.as_ref().is_some_and(|name| name.trim().is_empty());
    findings.add(is_empty, "pages.name", "is empty");
}

/// Relative luminance of the lightest colour that has a contrast of 4.5 to white, 1.05 / 4.5 − 0.05, in millionths.
const LUMINANCE_MAX: u64 = 183_333;

/// How light a colour is, in millionths of white; a little more than WCAG's formula says, since the square of a channel
/// stands for its power of 2.2. None if it is no colour.
fn luminance(colour: &str) -> Option<u64> {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(digits)?;
    let channel = |at: usize| u64::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let (red, green, blue) = (channel(0)?, channel(2)?, channel(4)?);
    let weighed = 2126 * red * red + 7152 * green * green + 722 * blue * blue;
    Some(weighed * 100 / (255 * 255))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_and_its_lightness_is_about_what_wcag_says() {
        assert_eq!(luminance("#000000"), Some(0));
        assert_eq!(luminance("#ffffff"), Some(1_000_000));
        for no_colour in ["", "#fff", "1f4f46", "#1f4f4g", "#1f4f46;x", "#+1+2+3", "#éaaaa"] {
            assert_eq!(luminance(no_colour), None, "{no_colour}");
        }
        let is_dark = |colour: &str| luminance(colour).unwrap() <= LUMINANCE_MAX;
        assert!(is_dark(&Pages::default().accent) && is_dark("#0050b3"));
        // 4.48 to white.
        assert!(!is_dark("#777777") && !is_dark("#ff6600"));
    }
}
