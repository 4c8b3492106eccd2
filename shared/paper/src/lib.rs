//! Renders an invoice as a PDF: A4, archival (PDF/A-3b), and the same bytes whenever the same build renders the
//! same invoice.
//!
//! Nothing here knows tax law, number series or languages: the title, the number, the tax lines and the
//! [`Wording`] come in with the [`Invoice`], and what comes in is checked for one thing, that it adds up.
//! E-invoice XML has its place in the PDF's attachments, which PDF/A-3 exists for.
//!
//! # Characters
//!
//! Latin (Vietnamese included), Greek and Cyrillic are set in Inter. Chinese, Japanese and Korean fall back to
//! Droid Sans Fallback: every Hangul syllable and every ideograph of GB 2312, JIS X 0208 and Big5 level 1, in
//! its mainland-Chinese form where countries differ. That font is as large as all the rest, so it lies beside the
//! binary and not in it (`layer/`), and is asked for only by an invoice that needs it.
//!
//! A character that neither font has (rare ideographs, Arabic, Hebrew, Thai, Indic scripts) prints as `□`, and
//! keeps its own identity in the text of the PDF, so that search, copying and screen readers still find it.
//! [`missing`] tells beforehand. Emoji and other pictographs are decoration and are left out; control
//! characters and line breaks count as spaces.

mod balance;
mod cmap;
mod content;
mod face;
mod figures;
mod layout;
mod pdf;
mod text;
mod wording;
mod xmp;

use jiff::civil::Date;

use crate::text::Fonts;

pub use wording::Wording;

/// What stands on the paper. All money is in minor units of `currency`.
#[derive(Clone, Debug)]
pub struct Invoice {
    /// What the document calls itself: "Invoice", "Tax invoice", "Credit note".
    pub title: String,
    /// The number in the seller's series.
    pub invoice_number: String,
    /// The shop's number for the order.
    pub order_number: String,
    /// The day the document was issued.
    pub date: Date,
    /// Who sold.
    pub seller: Party,
    /// Who bought.
    pub buyer: Party,
    /// The ISO 4217 code.
    pub currency: String,
    /// How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD.
    pub currency_exponent: u8,
    /// What was bought; at least one.
    pub lines: Vec<Line>,
    /// What shipping cost; not printed if zero.
    pub shipping_minor: i64,
    /// What was taken off, as a positive amount; not printed if zero.
    pub discount_minor: i64,
    /// One per rate, as the tax rules in force worded them.
    pub taxes: Vec<Tax>,
    /// Whether the amounts above contain the taxes already (then they are printed as "of which") or the taxes
    /// are added to them.
    pub taxes_included: bool,
    /// What the buyer pays.
    pub total_minor: i64,
    /// How and when it was paid ("Paid by card on 2026-03-14"), if it was.
    pub paid: Option<String>,
    /// Small print on every page: tax numbers, registration, bank account.
    pub footer: Vec<String>,
    /// The words around the figures.
    pub wording: Wording,
}

/// The seller or the buyer.
#[derive(Clone, Debug)]
pub struct Party {
    /// A person or a company.
    pub name: String,
    /// Street, town, country, tax number: one per line.
    pub address: Vec<String>,
}

/// One line of the invoice.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is, in the buyer's words.
    pub description: String,
    /// The shop's article number; may be empty.
    pub sku: String,
    /// How many units.
    pub quantity: u32,
    /// What one unit costs, rounded to the minor unit.
    pub unit_price_minor: i64,
    /// What they cost together.
    pub total_minor: i64,
}

/// The tax at one rate.
#[derive(Clone, Debug)]
pub struct Tax {
    /// For example "VAT 19 %".
    pub label: String,
    /// How much.
    pub amount_minor: i64,
}

/// Why an invoice can't be put on paper.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An invoice isn't one without this field.
    #[error("`{field}` is empty")]
    Empty {
        /// The field, as named in [`Invoice`].
        field: &'static str,
    },
    /// A stated amount isn't the sum of its parts.
    #[error("`{field}` is {stated}, but its parts make {computed}")]
    Unbalanced {
        /// The field, as named in [`Invoice`]: `total_minor`, `lines[2].total_minor`.
        field: String,
        /// What the invoice says.
        stated: i64,
        /// What it should say.
        computed: i128,
    },
    /// A block that must stay in one piece doesn't leave room for the rest of the page.
    #[error("`{field}` takes {lines} printed lines, more than the {lines_max} there is room for")]
    TooLong {
        /// The field, as named in [`Invoice`].
        field: &'static str,
        /// How many it takes.
        lines: usize,
        /// How many fit.
        lines_max: usize,
    },
    /// There are characters that Inter does not have, and the font that may have them could not be had.
    #[error("failed to get the font for what is neither Latin nor Greek nor Cyrillic")]
    Font(#[source] Unavailable),
    /// A font is damaged.
    #[error("failed to take what the invoice needs out of a font")]
    Damaged(#[source] subsetter::Error),
}

/// Why a font could not be had.
pub type Unavailable = Box<dyn std::error::Error + Send + Sync>;

/// Puts an invoice on paper. `fallback` gets the TrueType font for characters that Inter does not have; it is called
/// only if there are any. Errs if the invoice is incomplete or does not add up, or if it needs that font and there is
/// none; the same invoice always gives the same bytes, so a redelivery archives nothing new.
pub fn render(
    invoice: &Invoice,
    fallback: impl Fn() -> Result<&'static [u8], Unavailable>,
) -> Result<Vec<u8>, Error> {
    balance::check(invoice)?;
    let fonts = Fonts::new(&fallback);
    let pages = layout::pages(&fonts, invoice)?;
    let fonts = fonts.checked().map_err(Error::Font)?;
    pdf::write(&fonts, invoice, &pages).map_err(Error::Damaged)
}

/// The characters of a text that would print as `□`. Errs as [`render`] if there is no second font to look into.
pub fn missing(
    text: &str,
    fallback: impl Fn() -> Result<&'static [u8], Unavailable>,
) -> Result<Vec<char>, Error> {
    let fonts = Fonts::new(&fallback);
    let missing = fonts.missing(text);
    fonts.checked().map_err(Error::Font)?;
    Ok(missing)
}
