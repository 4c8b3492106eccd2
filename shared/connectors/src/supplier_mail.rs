//! Suppliers that are reached by e-mail: a mail with a CSV, and one signed link per fulfillment order, under which they
//! answer. [`page`] is what they see there.
//!
//! The link is the key: whoever has it may answer, for one fulfillment order, until it expires. It does nothing when it
//! is opened, since mail scanners open links before people do.

pub mod page;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::address::Address;
use domain::id::{FulfillmentOrderId, OrderId, parse_reference, reference};
use jiff::{SignedDuration, Timestamp};
use ports::OutgoingMail;

use crate::signature;
use crate::supplier::{Line, ShipTo, Submission};

/// How long a link is good: time to accept and to ship, with room for an article that was late.
const LINK_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 60);

/// What a signature of ours is for, so that one made for something else opens nothing here.
const PURPOSE: &[u8] = b"supplier-answer\n";

/// Makes the token of a link.
#[must_use]
pub fn token(
    secret: &str,
    order_id: &OrderId,
    fulfillment_order_id: FulfillmentOrderId,
    now: Timestamp,
) -> String {
    let expires_at = (now + LINK_LIFETIME).as_second();
    let claim = format!("{expires_at}/{}", reference(order_id, fulfillment_order_id));
    let signature = signature::sign_hex(secret, &[PURPOSE, claim.as_bytes()]);
    format!("{}.{signature}", URL_SAFE_NO_PAD.encode(claim))
}

/// Reads a token; none if none of the secrets made it, or if it has expired.
#[must_use]
pub fn read_token(
    secrets: &[String],
    token: &str,
    now: Timestamp,
) -> Option<(OrderId, FulfillmentOrderId)> {
    let (claim, signature) = token.split_once('.')?;
    let claim = URL_SAFE_NO_PAD.decode(claim).ok()?;
    if !signature::verify_hex(secrets, &[PURPOSE, &claim], signature) {
        return None;
    }
    let claim = String::from_utf8(claim).ok()?;
    let (expires_at, reference) = claim.split_once('/')?;
    let is_good = now.as_second() < expires_at.parse().ok()?;
    parse_reference(reference).ok().filter(|_| is_good)
}

/// Asks a supplier to ship.
///
/// # Errors
/// When the CSV can't be written.
pub fn order_mail(to: &str, submission: &Submission, link: &str) -> Result<OutgoingMail> {
    let Submission { reference, service, leaves_on, .. } = submission;
    let lines: String = submission.lines.iter().map(as_text).collect();
    let text = format!(
        "Please ship this order. The attached file has everything you need; put no prices in.\n\n\
         {lines}\nReference: {reference}\nService: {service}\nTo leave on: {leaves_on}\n\n\
         Please say here whether you ship it, and later with which tracking number:\n{link}\n"
    );
    let name = format!("{}.csv", reference.replace('/', "-"));
    let attachment = (name, "text/csv; charset=utf-8".to_owned(), csv(submission)?);
    Ok(mail(to, format!("Order {reference}"), text, vec![attachment]))
}

fn as_text(line: &Line) -> String {
    format!("  {} x {}  {}\n", line.quantity, line.sku, line.title)
}

/// Tells a supplier that it is off, since it did not answer.
#[must_use]
pub fn withdrawal_mail(to: &str, reference: &str) -> OutgoingMail {
    let text = format!(
        "We had no answer from you on this order, so it is off. Please do not ship it.\n\n\
         Reference: {reference}\n"
    );
    mail(to, format!("Order {reference} is withdrawn"), text, Vec::new())
}

/// Asks a supplier to let go of an order.
#[must_use]
pub fn cancellation_mail(to: &str, reference: &str, link: &str) -> OutgoingMail {
    let text = format!(
        "The customer wants to cancel this order. If you have not shipped it, please do not.\n\n\
         Reference: {reference}\n\nPlease say here whether it can be cancelled:\n{link}\n"
    );
    mail(to, format!("Please cancel order {reference}"), text, Vec::new())
}

/// Tells a supplier another address for what it has not shipped.
#[must_use]
pub fn address_mail(to: &str, reference: &str, ship_to: &ShipTo, link: &str) -> OutgoingMail {
    let Address { name, company, lines, city, region, postal_code, country } = &ship_to.address;
    let country = country.map(|country| country.to_string());
    let place = [postal_code.clone(), Some(city.clone()), region.clone()];
    let place: Vec<String> = place.into_iter().flatten().collect();
    let mut written = vec![Some(name.clone()), company.clone()];
    written.extend(lines.iter().cloned().map(Some));
    written.extend([Some(place.join(" ")), country, ship_to.phone.clone()]);
    let written: String = written.into_iter().flatten().map(|line| format!("  {line}\n")).collect();
    let text = format!(
        "The customer wants this order sent to another address. If you have not shipped it, please send it here:\n\n\
         {written}\nReference: {reference}\n\nPlease say here whether it goes there:\n{link}\n"
    );
    mail(to, format!("New address for order {reference}"), text, Vec::new())
}

fn mail(
    to: &str,
    subject: String,
    text: String,
    attachments: Vec<(String, String, Vec<u8>)>,
) -> OutgoingMail {
    OutgoingMail { to: to.to_owned(), subject, text, attachments }
}

const COLUMNS: [&str; 19] = [
    "reference",
    "ordered_at",
    "service",
    "leaves_on",
    "sku",
    "quantity",
    "title",
    "hs_code",
    "personalisation",
    "gift_wrap",
    "gift_note",
    "name",
    "company",
    "street",
    "city",
    "region",
    "postal_code",
    "country",
    "phone",
];

/// The order as a table, one row per line.
fn csv(submission: &Submission) -> Result<Vec<u8>> {
    // With the mark at the start, spreadsheets read it as the UTF-8 that it is.
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(COLUMNS)?;
    let Submission { ship_to, .. } = submission;
    let address = &ship_to.address;
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    for line in &submission.lines {
        let words =
            line.personalisation.iter().map(|words| format!("{}: {}", words.name, words.value));
        let cells = [
            submission.reference.clone(),
            submission.ordered_at.to_string(),
            submission.service.clone(),
            submission.leaves_on.to_string(),
            line.sku.clone(),
            line.quantity.to_string(),
            line.title.clone(),
            or_empty(&line.hs_code),
            words.collect::<Vec<_>>().join("; "),
            if submission.gift_wrap { "yes" } else { "no" }.to_owned(),
            or_empty(&submission.gift_note),
            address.name.clone(),
            or_empty(&address.company),
            address.lines.join(", "),
            address.city.clone(),
            or_empty(&address.region),
            or_empty(&address.postal_code),
            address.country.map(|country| country.to_string()).unwrap_or_default(),
            or_empty(&ship_to.phone),
        ];
        writer.write_record(cells.map(harmless))?;
    }
    writer.into_inner().map_err(|err| err.into_error()).context("failed to write the CSV")
}

/// A cell that no spreadsheet takes for a formula, whoever typed it: OWASP's "CSV injection".
fn harmless(cell: String) -> String {
    let is_formula = cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || cell.starts_with(['\t', '\r', '\n']);
    if is_formula { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests;
