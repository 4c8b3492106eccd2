//! WooCommerce's REST v3 order, the body of its `order.…` webhooks.
//!
//! Numbers come as strings and strings as numbers, depending on the shop's plugins. Amounts of lines never contain tax,
//! whatever `prices_include_tax` says: that is how prices are typed in.

use domain::address::{Address, Country};
use domain::money::Currency;
use domain::shop_order::{
    Contact, Payment, Personalisation, ShippingChoice, ShopLine, ShopOrder, ShopParcel, Wishes,
};

use crate::json::{Field, Object, Result};
use crate::{lines, locale, wishes};

/// A line, and what of it does not belong into a [`ShopLine`].
struct Line {
    line: ShopLine,
    discount_minor: i64,
    meta: Vec<(String, String)>,
}

/// Reads an order.
pub(crate) fn read(body: &[u8]) -> Result<ShopOrder> {
    let order = Field::body(body)?.object()?;
    let id = order.field("id").digits()?;
    let status = order.field("status").text()?;
    let currency = order.field("currency").currency()?;
    // An order that "needs no processing" has nothing that travels.
    let travels = order.given("needs_processing").map_or(Ok(true), |f| yes(&f))?;
    let read_line = |field: &Field<'_>| line(field, currency, travels);
    let lines = lines::read(&order.field("line_items"), read_line, |line| &line.line)?;
    let refunds = order.list("refunds")?;
    let parcels = parcels(&order, &status, &lines)?;
    let (wishes, gift_note) = wishes(&order, &lines)?;
    let of_lines: i64 = lines.iter().map(|line| line.discount_minor).sum();
    Ok(ShopOrder {
        number: order.words("number")?.unwrap_or_else(|| id.clone()),
        order: id,
        placed_at: order.field("date_created_gmt").instant_in_utc()?,
        updated_at: order.field("date_modified_gmt").instant_in_utc()?,
        test: false,
        payment: payment(&status, !refunds.is_empty()),
        cancelled: matches!(status.as_str(), "cancelled" | "trash").then(|| status.clone()),
        // Our own push-back completes it, too: a line that is added then has not been sent.
        is_sent: status == "completed",
        currency,
        shipping: shipping(&order, currency)?,
        discount_minor: of_lines + fee_discount(&order, currency)?,
        tax_minor: order.given("total_tax").map_or(Ok(0), |f| f.rounded_amount(currency))?,
        tax_included: false,
        total_minor: order.field("total").rounded_amount(currency)?.max(0),
        wishes,
        risk_hints: if refunds.is_empty() {
            Vec::new()
        } else {
            vec!["refunded_in_part".to_owned()]
        },
        parcels: Some(parcels),
        contact: contact(&order, &lines, gift_note)?,
        lines: lines.into_iter().map(|line| line.line).collect(),
    })
}

/// Only `processing` says that the goods may go out, cash on delivery included; `completed` that they have. Any other
/// status, those of plugins among them, waits. `failed` waits too, since the customer may try again.
fn payment(status: &str, is_refunded_in_part: bool) -> Payment {
    match status {
        "processing" | "completed" if is_refunded_in_part => Payment::PartlyRefunded,
        "processing" | "completed" => Payment::Paid,
        "refunded" => Payment::Refunded,
        _ => Payment::Pending,
    }
}

fn line(field: &Field<'_>, currency: Currency, travels: bool) -> Result<Line> {
    let line = field.object()?;
    let id = line.field("id").digits()?;
    let quantity = line.field("quantity").quantity()?;
    let total = line.field("total").rounded_amount(currency)?;
    let spread = lines::spread(total, quantity, quantity);
    let is = |name| line.given(name).map_or(Ok(false), |field| yes(&field));
    let is_virtual = is("virtual")? || is("is_virtual")? || is("downloadable")?;
    // The parts of a bundle are lines of their own.
    let is_container =
        !line.list("bundled_items")?.is_empty() || !line.list("composite_children")?.is_empty();
    Ok(Line {
        line: ShopLine {
            line_id: lines::line_id(&line.field("id"), &id)?,
            sku: lines::sku(line.given("sku"))?,
            title: lines::title(line.words("name")?),
            quantity,
            unit_price_minor: spread.unit_price_minor,
            ships: travels && !is_virtual && !is_container,
        },
        discount_minor: spread.discount_minor,
        meta: meta(&line)?,
    })
}

/// A flag, in any of the forms that plugins write one in.
fn yes(field: &Field<'_>) -> Result<bool> {
    field.flag().or_else(|_| Ok(wishes::is_yes(&field.text_or_number()?)))
}

/// Free fields, as name and value. A value may be any JSON; only texts and numbers say something to people.
fn meta(object: &Object<'_>) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for entry in object.list("meta_data")? {
        let entry = entry.object()?;
        let name = entry.words("key")?;
        let value = entry.given("value").and_then(|field| field.text_or_number().ok());
        if let (Some(name), Some(value)) = (name, value.filter(|value| !value.is_empty())) {
            pairs.push((name, value));
        }
    }
    Ok(pairs)
}

/// The shipping lines as one choice: named after the first, priced as all.
fn shipping(order: &Object<'_>, currency: Currency) -> Result<ShippingChoice> {
    let mut choice = ShippingChoice::default();
    for line in order.list("shipping_lines")? {
        let line = line.object()?;
        let title = line.words("method_title")?.unwrap_or_default();
        let code = line.words("method_id")?.unwrap_or_default();
        choice.express |= wishes::is_express([title.as_str(), code.as_str()]);
        choice.price_minor += line.field("total").rounded_amount(currency)?;
        if choice.title.is_empty() {
            choice.title = lines::title(Some(title));
        }
    }
    Ok(choice)
}

/// Fees below zero are discounts. Others are in the total only.
fn fee_discount(order: &Object<'_>, currency: Currency) -> Result<i64> {
    let mut discount = 0;
    for fee in order.list("fee_lines")? {
        let total = fee.object()?.field("total").rounded_amount(currency)?;
        discount += (-total).max(0);
    }
    Ok(discount)
}

fn wishes(order: &Object<'_>, lines: &[Line]) -> Result<(Wishes, Option<String>)> {
    let mut fields = meta(order)?;
    // Fields that start with `_` are written by plugins, never by a customer.
    let age_verified =
        fields.iter().any(|(name, value)| name == "_age_verified" && wishes::is_yes(value));
    fields.extend(lines.iter().flat_map(|line| line.meta.iter().cloned()));
    let titles: Vec<_> = lines.iter().map(|line| line.line.title.as_str()).collect();
    let (wishes, gift_note) = wishes::read(&fields, &titles, || order.words("customer_note"))?;
    Ok((Wishes { age_verified, ..wishes }, gift_note))
}

/// What was sent: the numbers of the extension "Shipment Tracking", which does not say what is in a parcel, and all of an
/// order that someone completed.
fn parcels(order: &Object<'_>, status: &str, lines: &[Line]) -> Result<Vec<ShopParcel>> {
    let mut parcels = Vec::new();
    for entry in order.list("meta_data")? {
        let entry = entry.object()?;
        if entry.words("key").ok().flatten().as_deref() != Some("_wc_shipment_tracking_items") {
            continue;
        }
        // Plugins write what they like.
        for item in entry.list("value").unwrap_or_default() {
            let number = item.object().and_then(|item| item.words("tracking_number"));
            let numbers: Vec<String> = number.ok().flatten().into_iter().collect();
            if !numbers.is_empty() {
                parcels.push(ShopParcel { numbers, lines: None, stands: true });
            }
        }
    }
    if status == "completed" {
        let units = lines.iter().map(|line| (line.line.line_id.clone(), line.line.quantity));
        parcels.push(ShopParcel {
            numbers: Vec::new(),
            lines: Some(units.collect()),
            stands: true,
        });
    }
    Ok(parcels)
}

fn contact(order: &Object<'_>, lines: &[Line], gift_note: Option<String>) -> Result<Contact> {
    let of = |name: &str| order.given(name).map(|field| field.object()).transpose();
    let (billing, shipping) = (of("billing")?, of("shipping")?);
    let words = |object: &Option<Object<'_>>, name| match object {
        Some(object) => object.words(name),
        None => Ok(None),
    };
    let to_bill = billing.as_ref().map_or(Ok(None), address)?;
    let to_ship = shipping.as_ref().map_or(Ok(None), address)?;
    let personalisation = lines.iter().flat_map(|line| {
        let is_text =
            |(name, _): &&(String, String)| !name.starts_with('_') && !name.starts_with("pa_");
        line.meta.iter().filter(is_text).map(|(name, value)| Personalisation {
            line_id: line.line.line_id.clone(),
            name: name.clone(),
            value: value.clone(),
        })
    });
    Ok(Contact {
        email: words(&billing, "email")?,
        language: language(order)?,
        phone: words(&shipping, "phone")?.or(words(&billing, "phone")?),
        // Shops without a second address on their form leave it empty.
        shipping: to_ship.or_else(|| to_bill.clone()),
        billing: to_bill,
        gift_note,
        personalisation: personalisation.collect(),
    })
}

/// The language of the shop that the customer saw: WooCommerce knows one alone, the plugins WPML and Polylang more.
fn language(order: &Object<'_>) -> Result<Option<String>> {
    let mut language = None;
    for entry in order.list("meta_data")? {
        let entry = entry.object()?;
        let key = entry.words("key").ok().flatten();
        if matches!(key.as_deref(), Some("wpml_language" | "_pll_language")) {
            language = language.or(entry.words("value").ok().flatten());
        }
    }
    Ok(locale::read(language))
}

/// An address; none when nothing but a country stands in it, which is filled in beforehand.
fn address(address: &Object<'_>) -> Result<Option<Address>> {
    let words = |name| address.words(name);
    let names = [words("first_name")?, words("last_name")?];
    let lines = [words("address_1")?, words("address_2")?];
    let read = Address {
        name: names.into_iter().flatten().collect::<Vec<_>>().join(" "),
        company: words("company")?,
        lines: lines.into_iter().flatten().collect(),
        city: words("city")?.unwrap_or_default(),
        region: words("state")?,
        postal_code: words("postcode")?,
        country: words("country")?.and_then(|code| Country::parse(&code).ok()),
    };
    let is_empty = read.name.is_empty() && read.lines.is_empty() && read.city.is_empty();
    Ok((!is_empty).then_some(read))
}
