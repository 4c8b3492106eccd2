//! The customer's invoice, from the order's facts and the contact.
//!
//! The seam for what comes later: number series and tax law replace [`number`] and [`taxes`].

use anyhow::{Context, Result};
use domain::address::Address;
use domain::id::OrderId;
use domain::order::Order;
use domain::order::fact::Received;
use domain::settings::{Seller, Settings};
use domain::shop_order::{Contact, ShopLine};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use paper::{Invoice, Line, Party, Tax, Wording};
use ports::{Fonts, People};

use crate::Document;

/// Makes the invoice of an order.
pub(crate) async fn make(
    world: &(impl People + Fonts),
    settings: &Settings,
    order_id: &OrderId,
    order: &Order,
) -> Result<Document> {
    let received = order.received.as_ref().context("the order was never received")?;
    let (contact_ref, _) = order.contact.as_ref().context("the order has no contact")?;
    let contact = world.contact(order_id, contact_ref).await?.context("the contact was erased")?;
    let left_on = left_on(order)?;
    let invoice = invoice(order_id, received, &contact, &settings.seller, left_on);
    let bytes = paper::render(&invoice, || Ok(world.fallback_font()?))?;
    Ok(Document { media_type: "application/pdf", bytes, left_on })
}

/// The day on which the first parcel left, and the invoice is issued, so that it is the same whenever it is made.
fn left_on(order: &Order) -> Result<Date> {
    let shipped_at = order
        .parcels
        .values()
        .map(|parcel| parcel.shipped_at)
        .min()
        .context("nothing was shipped")?;
    Ok(shipped_at.to_zoned(TimeZone::UTC).date())
}

fn invoice(
    order_id: &OrderId,
    received: &Received,
    contact: &Contact,
    seller: &Seller,
    date: Date,
) -> Invoice {
    let taxes = taxes(received);
    let mut lines: Vec<Line> = received.lines.iter().map(line).collect();
    // Shops add what no field of an order has a word for: tips, cash rounding, fees. What the customer paid is right.
    let tax_minor = if received.tax_included { 0 } else { received.tax_minor };
    let stated = lines.iter().map(|line| line.total_minor).sum::<i64>()
        + received.shipping.price_minor
        - received.discount_minor
        + tax_minor;
    let other = received.total_minor - stated;
    if other != 0 {
        lines.push(plain("Other charges and adjustments", other));
    }
    let tax_number = seller.tax_number.iter().map(|number| format!("Tax number {number}"));
    Invoice {
        title: "Invoice".to_owned(),
        invoice_number: number(order_id),
        order_number: received.number.clone(),
        date,
        seller: Party { name: seller.name.clone(), address: seller.address.clone() },
        buyer: buyer(contact),
        currency: received.currency.code().to_owned(),
        currency_exponent: u8::try_from(received.currency.exponent()).unwrap_or_default(),
        lines,
        shipping_minor: received.shipping.price_minor,
        discount_minor: received.discount_minor,
        taxes,
        taxes_included: received.tax_included,
        total_minor: received.total_minor,
        paid: Some("Paid. Thank you for your order.".to_owned()),
        footer: tax_number.collect(),
        wording: Wording::ENGLISH,
    }
}

fn line(line: &ShopLine) -> Line {
    Line {
        description: if line.title.trim().is_empty() {
            line.sku.clone()
        } else {
            line.title.clone()
        },
        sku: line.sku.clone(),
        quantity: line.quantity,
        unit_price_minor: line.unit_price_minor,
        total_minor: line.unit_price_minor * i64::from(line.quantity),
    }
}

fn plain(description: &str, total_minor: i64) -> Line {
    let description = description.to_owned();
    Line {
        description,
        sku: String::new(),
        quantity: 1,
        unit_price_minor: total_minor,
        total_minor,
    }
}

fn number(order_id: &OrderId) -> String {
    order_id.to_string()
}

fn taxes(received: &Received) -> Vec<Tax> {
    if received.tax_minor == 0 {
        return Vec::new();
    }
    vec![Tax { label: "Tax".to_owned(), amount_minor: received.tax_minor }]
}

/// Who is billed; where the shop did not say, whoever gets the goods.
fn buyer(contact: &Contact) -> Party {
    let address = contact.billing.as_ref().or(contact.shipping.as_ref());
    let Some(address) = address else {
        return Party { name: "Customer".to_owned(), address: Vec::new() };
    };
    let person = Some(address.name.clone()).filter(|name| !name.trim().is_empty());
    let mut names = address.company.iter().cloned().chain(person);
    let name = names.next().unwrap_or_else(|| "Customer".to_owned());
    Party { name, address: names.chain(printed(address)).collect() }
}

fn printed(address: &Address) -> Vec<String> {
    let town =
        [address.postal_code.as_deref(), Some(address.city.as_str()), address.region.as_deref()];
    let town: Vec<&str> = town.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let country = address.country.map(|country| country.code().to_owned());
    address
        .lines
        .iter()
        .cloned()
        .chain([town.join(" ")])
        .chain(country)
        .filter(|line| !line.is_empty())
        .collect()
}
