//! Our own order JSON. `schemas/order.schema.json` is its contract; what a schema can't say is said here.

use domain::address::{Address, Country};
use domain::id::{OrderId, ShopId};
use domain::money::Currency;
use domain::shop_order::{
    Contact, Payment, Personalisation, ShippingChoice, ShopLine, ShopOrder, Wishes,
};

use crate::json::{Field, Object, Result};
use crate::{lines, locale};

const ORDER: [&str; 18] = [
    "id",
    "number",
    "placed_at",
    "updated_at",
    "test",
    "payment",
    "cancelled",
    "currency",
    "lines",
    "shipping",
    "discount",
    "tax",
    "tax_included",
    "total",
    "wishes",
    "risk_hints",
    "customer",
    "addresses",
];
const LINE: [&str; 7] =
    ["id", "sku", "title", "quantity", "unit_price", "ships", "personalisation"];
const ADDRESS: [&str; 7] = ["name", "company", "lines", "city", "region", "postal_code", "country"];

/// A line and what is to be written on it.
type Line = (ShopLine, Vec<Personalisation>);

/// Reads an order.
pub(crate) fn read(body: &[u8]) -> Result<ShopOrder> {
    let order = Field::body(body)?.object()?;
    order.only(&ORDER)?;
    let id = order_id(&order.field("id"))?;
    let currency = order.field("currency").currency()?;
    let read_line = |field: &Field<'_>| line(field, currency);
    let lines = lines::read(&order.field("lines"), read_line, |(line, _)| line)?;
    if lines.is_empty() {
        return Err(order.field("lines").refuse("is empty"));
    }
    let amount = |name| order.given(name).map_or(Ok(0), |field| price(&field, currency));
    let (wishes, gift_note) = wishes(&order)?;
    let (lines, personalisation): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
    let personalisation = personalisation.into_iter().flatten().collect();
    Ok(ShopOrder {
        number: words(&order, "number")?.unwrap_or_else(|| id.clone()),
        order: id,
        placed_at: order.field("placed_at").instant()?,
        updated_at: order.field("updated_at").instant()?,
        test: order.flag("test")?,
        payment: payment(&order.field("payment"))?,
        cancelled: order.given("cancelled").map(|field| code(&field)).transpose()?,
        is_sent: false,
        currency,
        lines,
        shipping: shipping(&order, currency)?,
        discount_minor: amount("discount")?,
        tax_minor: amount("tax")?,
        tax_included: order.flag("tax_included")?,
        total_minor: price(&order.field("total"), currency)?,
        wishes,
        risk_hints: order.list("risk_hints")?.iter().map(code).collect::<Result<_>>()?,
        parcels: None,
        contact: Contact { gift_note, personalisation, ..contact(&order)? },
    })
}

/// The shop's own id, which becomes half of ours.
fn order_id(field: &Field<'_>) -> Result<String> {
    let id = field.text()?;
    let shop = ShopId::parse("shop").expect("a plain word");
    match OrderId::new(&shop, &id) {
        Ok(_) => Ok(id),
        Err(_) => Err(field
            .refuse("is not 1 to 128 characters without a space, a control character, `/` or `#`")),
    }
}

fn payment(field: &Field<'_>) -> Result<Payment> {
    match field.text()?.as_str() {
        "pending" => Ok(Payment::Pending),
        "authorized" => Ok(Payment::Authorized),
        "partly_paid" => Ok(Payment::PartlyPaid),
        "paid" => Ok(Payment::Paid),
        "partly_refunded" => Ok(Payment::PartlyRefunded),
        "refunded" => Ok(Payment::Refunded),
        "voided" => Ok(Payment::Voided),
        _ => Err(field.refuse("is none of the words in the schema")),
    }
}

/// A code: it goes into facts, so that it must not be anything that a person wrote.
fn code(field: &Field<'_>) -> Result<String> {
    let code = field.text()?;
    let is_code = (1..=64).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_code { Ok(code) } else { Err(field.refuse("is not a code of 1 to 64 of `a-z0-9_`")) }
}

fn line(field: &Field<'_>, currency: Currency) -> Result<Line> {
    let line = field.object()?;
    line.only(&LINE)?;
    let line_id = lines::line_id(&line.field("id"), &line.field("id").text()?)?;
    let mut personalisation = Vec::new();
    for text in line.list("personalisation")? {
        let text = text.object()?;
        text.only(&["name", "value"])?;
        let (name, value) = (text.field("name").text()?, text.field("value").text()?);
        personalisation.push(Personalisation { line_id: line_id.clone(), name, value });
    }
    let line = ShopLine {
        line_id,
        sku: sku(&line.field("sku"))?,
        title: lines::title(Some(line.field("title").text()?)),
        quantity: quantity(&line.field("quantity"))?,
        unit_price_minor: price(&line.field("unit_price"), currency)?,
        ships: line.given("ships").map_or(Ok(true), |field| field.flag())?,
    };
    Ok((line, personalisation))
}

fn shipping(order: &Object<'_>, currency: Currency) -> Result<ShippingChoice> {
    let Some(field) = order.given("shipping") else { return Ok(ShippingChoice::default()) };
    let shipping = field.object()?;
    shipping.only(&["title", "express", "price"])?;
    Ok(ShippingChoice {
        title: lines::title(words(&shipping, "title")?),
        express: shipping.flag("express")?,
        price_minor: shipping.given("price").map_or(Ok(0), |field| price(&field, currency))?,
    })
}

fn wishes(order: &Object<'_>) -> Result<(Wishes, Option<String>)> {
    let Some(field) = order.given("wishes") else { return Ok((Wishes::default(), None)) };
    let wishes = field.object()?;
    wishes.only(&["gift_wrap", "gift_note", "invoice", "age_verified"])?;
    let read = Wishes {
        gift_wrap: wishes.flag("gift_wrap")?,
        invoice: wishes.flag("invoice")?,
        age_verified: wishes.flag("age_verified")?,
    };
    Ok((read, words(&wishes, "gift_note")?))
}

fn contact(order: &Object<'_>) -> Result<Contact> {
    let mut contact = Contact::default();
    if let Some(customer) = order.given("customer") {
        let customer = customer.object()?;
        customer.only(&["email", "phone", "language"])?;
        contact.email = words(&customer, "email")?;
        contact.phone = words(&customer, "phone")?;
        contact.language = locale::read(words(&customer, "language")?);
    }
    if let Some(addresses) = order.given("addresses") {
        let addresses = addresses.object()?;
        addresses.only(&["shipping", "billing"])?;
        contact.shipping = addresses.given("shipping").map(|f| address(&f)).transpose()?;
        contact.billing = addresses.given("billing").map(|f| address(&f)).transpose()?;
    }
    Ok(contact)
}

fn address(field: &Field<'_>) -> Result<Address> {
    let address = field.object()?;
    address.only(&ADDRESS)?;
    let country = address.field("country");
    let lines = address.field("lines").list()?;
    Ok(Address {
        name: address.field("name").text()?,
        company: words(&address, "company")?,
        lines: lines.iter().map(Field::text).collect::<Result<_>>()?,
        city: address.field("city").text()?,
        region: words(&address, "region")?,
        postal_code: words(&address, "postal_code")?,
        country: Some(
            Country::parse(&country.text()?)
                .map_err(|_| country.refuse("is not an ISO 3166-1 alpha-2 country code"))?,
        ),
    })
}

fn sku(field: &Field<'_>) -> Result<String> {
    field.text()?;
    lines::sku(Some(field.clone()))
}

/// An amount, and no number in its place: too many programs read those as floats.
fn price(field: &Field<'_>, currency: Currency) -> Result<i64> {
    field.text()?;
    field.amount(currency)
}

/// A number of units, and no string in its place.
fn quantity(field: &Field<'_>) -> Result<u32> {
    if field.is_number() { field.quantity() } else { Err(field.refuse("is not a number")) }
}

/// A text, and no number in its place; none when it is absent, null or empty.
fn words(object: &Object<'_>, name: &str) -> Result<Option<String>> {
    let text = object.given(name).map(|field| field.text()).transpose()?;
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}
