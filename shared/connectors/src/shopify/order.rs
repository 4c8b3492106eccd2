//! Shopify's REST order object, the body of its `orders/…` webhooks.
//!
//! Amounts are those in the shop's own currency. A subscription may ask for some fields only; what an order can't be
//! without is then refused by name.

use std::collections::BTreeMap;

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
    properties: Vec<(String, String)>,
    partly_fulfilled: bool,
}

/// Reads an order.
pub(crate) fn read(body: &[u8]) -> Result<ShopOrder> {
    let order = Field::body(body)?.object()?;
    let id = order_id(&order)?;
    let currency = order.field("currency").currency()?;
    let refunds = refunds(&order)?;
    let read_line = |field: &Field<'_>| line(field, currency, &refunds);
    let lines = lines::read(&order.field("line_items"), read_line, |line| &line.line)?;
    let created_at = order.field("created_at").instant()?;
    let processed_at = order.given("processed_at").map(|field| field.instant()).transpose()?;
    let (wishes, gift_note) = wishes(&order, &lines)?;
    let parcels = order.given("fulfillments").map(|field| parcels(&field)).transpose()?;
    let amount = |names: [&str; 2]| amount_of(&order, names, currency);
    Ok(ShopOrder {
        number: order.words("name")?.unwrap_or_else(|| id.clone()),
        order: id,
        placed_at: processed_at.unwrap_or(created_at),
        updated_at: order.field("updated_at").instant()?,
        test: order.flag("test")?,
        payment: payment(&order)?,
        cancelled: cancelled(&order)?,
        // It says so of each line.
        is_sent: false,
        currency,
        shipping: shipping(&order, currency)?,
        discount_minor: lines.iter().map(|line| line.discount_minor).sum(),
        tax_minor: amount(["current_total_tax", "total_tax"])?.unwrap_or(0),
        tax_included: order.flag("taxes_included")?,
        total_minor: amount(["current_total_price", "total_price"])?
            .ok_or_else(|| order.field("total_price").refuse("is missing"))?,
        wishes,
        risk_hints: risk_hints(&lines, parcels.is_some()),
        parcels,
        contact: contact(&order, &lines, gift_note)?,
        lines: lines.into_iter().map(|line| line.line).collect(),
    })
}

/// The id, seen to be that of an order: the topic, which is not signed, could name the body of anything else.
fn order_id(order: &Object<'_>) -> Result<String> {
    let id = order.field("id").digits()?;
    if let Some(global) = order.given("admin_graphql_api_id")
        && global.text()? != format!("gid://shopify/Order/{id}")
    {
        return Err(global.refuse("is not that of the order in `id`"));
    }
    Ok(id)
}

/// Of these two amounts the first that is there.
fn amount_of(order: &Object<'_>, names: [&str; 2], currency: Currency) -> Result<Option<i64>> {
    let given = names.into_iter().find_map(|name| order.given(name));
    given.map(|field| field.amount(currency)).transpose()
}

fn payment(order: &Object<'_>) -> Result<Payment> {
    let field = order.field("financial_status");
    payment_of(&field.text()?).ok_or_else(|| field.refuse("is no financial status that we know"))
}

/// What a financial status means; none if it is not one that we know.
pub(super) fn payment_of(status: &str) -> Option<Payment> {
    match status {
        // An authorisation that expired leaves nothing reserved; the order may still be paid.
        "pending" | "expired" => Some(Payment::Pending),
        "authorized" => Some(Payment::Authorized),
        "partially_paid" => Some(Payment::PartlyPaid),
        "paid" => Some(Payment::Paid),
        "partially_refunded" => Some(Payment::PartlyRefunded),
        "refunded" => Some(Payment::Refunded),
        "voided" => Some(Payment::Voided),
        _ => None,
    }
}

fn cancelled(order: &Object<'_>) -> Result<Option<String>> {
    let Some(cancelled_at) = order.given("cancelled_at") else { return Ok(None) };
    cancelled_at.instant()?;
    // The reason goes into a fact, so that it must be one of Shopify's own words.
    let reasons = ["customer", "declined", "fraud", "inventory", "staff"];
    let reason = order.words("cancel_reason")?.filter(|reason| reasons.contains(&reason.as_str()));
    Ok(Some(reason.unwrap_or_else(|| "other".to_owned())))
}

/// Units that were refunded, by the id of their line.
fn refunds(order: &Object<'_>) -> Result<Vec<(String, u32)>> {
    let mut refunds = Vec::new();
    for refund in order.list("refunds")? {
        for line in refund.object()?.list("refund_line_items")? {
            let line = line.object()?;
            refunds
                .push((line.field("line_item_id").digits()?, line.field("quantity").quantity()?));
        }
    }
    Ok(refunds)
}

fn line(field: &Field<'_>, currency: Currency, refunds: &[(String, u32)]) -> Result<Line> {
    let line = field.object()?;
    let id = line.field("id").digits()?;
    let ordered = line.field("quantity").quantity()?;
    let quantity = current_quantity(&line, ordered, &id, refunds)?;
    let price = line.field("price").amount(currency)?;
    let discount = discount(&line, currency)?;
    let total = price
        .checked_mul(i64::from(ordered))
        .and_then(|total| total.checked_sub(discount))
        .ok_or_else(|| line.field("price").refuse("is more than can be counted"))?;
    let spread = lines::spread(total, ordered, quantity);
    let status = line.words("fulfillment_status")?.unwrap_or_default();
    // What was sent before we first heard of the order is not sent again. Later on nobody looks at `ships` again.
    let is_sent = status == "fulfilled";
    let travels = line.given("requires_shipping").map_or(Ok(true), |field| field.flag())?;
    let fulfillable =
        line.given("fulfillable_quantity").map(|field| field.quantity()).transpose()?;
    let ships = travels && !line.flag("gift_card")? && !is_sent;
    let title = line.words("title")?.or(line.words("name")?);
    Ok(Line {
        line: ShopLine {
            line_id: lines::line_id(&line.field("id"), &id)?,
            sku: lines::sku(line.given("sku"))?,
            title: lines::title(title),
            quantity,
            unit_price_minor: spread.unit_price_minor,
            ships,
        },
        discount_minor: spread.discount_minor,
        properties: properties(&line)?,
        partly_fulfilled: ships && fulfillable.is_some_and(|fulfillable| fulfillable < quantity),
    })
}

/// Units that the customer still wants, whether or not they are on their way: after edits and refunds.
fn current_quantity(
    line: &Object<'_>,
    ordered: u32,
    id: &str,
    refunds: &[(String, u32)],
) -> Result<u32> {
    if let Some(current) = line.given("current_quantity") {
        return current.quantity();
    }
    let refunded = refunds.iter().filter(|(line, _)| line == id).map(|(_, quantity)| quantity);
    Ok(refunded.fold(ordered, |left, refunded| left.saturating_sub(*refunded)))
}

/// What all discounts together take off a line. `total_discount` is one of them, or older than the list of them.
fn discount(line: &Object<'_>, currency: Currency) -> Result<i64> {
    let allocations = line.list("discount_allocations")?;
    if allocations.is_empty() {
        return line.given("total_discount").map_or(Ok(0), |field| field.amount(currency));
    }
    let mut discount = 0;
    for allocation in allocations {
        discount += allocation.object()?.field("amount").amount(currency)?;
    }
    Ok(discount)
}

/// What the customer had written on the goods, as name and value. Names that start with `_` are the theme's own, and
/// may hold whatever it likes.
fn properties(line: &Object<'_>) -> Result<Vec<(String, String)>> {
    let mut pairs = attributes(line.given("properties"), |name| !name.starts_with('_'))?;
    pairs.retain(|(name, value)| !name.is_empty() && !value.is_empty());
    Ok(pairs)
}

/// The names and values that are wanted of a list of both, or of an object.
fn attributes(
    field: Option<Field<'_>>,
    is_wanted: fn(&str) -> bool,
) -> Result<Vec<(String, String)>> {
    let Some(field) = field else { return Ok(Vec::new()) };
    let mut pairs = Vec::new();
    if field.is_object() {
        for (name, value) in field.object()?.fields().filter(|(name, _)| is_wanted(name)) {
            pairs.push((name.to_owned(), free_text(value)?));
        }
        return Ok(pairs);
    }
    for attribute in field.list()? {
        let attribute = attribute.object()?;
        let name = attribute.words("name")?.unwrap_or_default();
        if is_wanted(&name) {
            pairs.push((name, free_text(attribute.field("value"))?));
        }
    }
    Ok(pairs)
}

fn free_text(field: Field<'_>) -> Result<String> {
    let Some(field) = field.given() else { return Ok(String::new()) };
    field.flag().map(|flag| flag.to_string()).or_else(|_| field.text_or_number())
}

/// The shipping lines as one choice: named after the first, priced as all.
fn shipping(order: &Object<'_>, currency: Currency) -> Result<ShippingChoice> {
    let mut choice = ShippingChoice::default();
    for line in order.list("shipping_lines")? {
        let line = line.object()?;
        if line.flag("is_removed")? {
            continue;
        }
        let title = line.words("title")?.unwrap_or_default();
        let code = line.words("code")?.unwrap_or_default();
        choice.express |= wishes::is_express([title.as_str(), code.as_str()]);
        choice.price_minor += match line.given("discounted_price") {
            Some(price) => price.amount(currency)?,
            None => line.field("price").amount(currency)? - discount(&line, currency)?,
        };
        if choice.title.is_empty() {
            choice.title = lines::title(Some(title));
        }
    }
    Ok(choice)
}

fn wishes(order: &Object<'_>, lines: &[Line]) -> Result<(Wishes, Option<String>)> {
    let mut fields = attributes(order.given("note_attributes"), wishes::is_wish)?;
    fields.extend(lines.iter().flat_map(|line| line.properties.iter().cloned()));
    let titles: Vec<_> = lines.iter().map(|line| line.line.title.as_str()).collect();
    let (wishes, gift_note) = wishes::read(&fields, &titles, || order.words("note"))?;
    // Tags are set by the shop and its apps, never by a customer.
    let tags = order.words("tags")?.unwrap_or_default().to_lowercase();
    let age_verified =
        tags.split(',').any(|tag| matches!(tag.trim(), "age-verified" | "age_verified"));
    Ok((Wishes { age_verified, ..wishes }, gift_note))
}

/// Units are on their way from somewhere else, or about to be: a person has to see what is left for us. Where the shop
/// says what they are, [`parcels`] does.
fn risk_hints(lines: &[Line], says_parcels: bool) -> Vec<String> {
    let is_partly = lines.iter().any(|line| line.partly_fulfilled);
    if is_partly && !says_parcels { vec!["fulfilled_in_part".to_owned()] } else { Vec::new() }
}

/// What was sent, by us or by others.
fn parcels(fulfillments: &Field<'_>) -> Result<Vec<ShopParcel>> {
    let mut parcels = Vec::new();
    for fulfillment in fulfillments.list()? {
        let fulfillment = fulfillment.object()?;
        let mut numbers = Vec::new();
        for number in fulfillment.list("tracking_numbers")? {
            numbers.extend(number.given().map(|number| number.text_or_number()).transpose()?);
        }
        if numbers.is_empty() {
            numbers.extend(fulfillment.words("tracking_number")?);
        }
        let mut units = BTreeMap::new();
        for line in fulfillment.list("line_items")? {
            let line = line.object()?;
            let line_id = lines::line_id(&line.field("id"), &line.field("id").digits()?)?;
            *units.entry(line_id).or_default() += line.field("quantity").quantity()?;
        }
        let status = fulfillment.words("status")?.unwrap_or_default();
        let stands = !matches!(status.as_str(), "cancelled" | "error" | "failure");
        parcels.push(ShopParcel { numbers, lines: Some(units), stands });
    }
    Ok(parcels)
}

fn contact(order: &Object<'_>, lines: &[Line], gift_note: Option<String>) -> Result<Contact> {
    let of = |name: &str| order.given(name).map(|field| field.object()).transpose();
    let (customer, shipping, billing) =
        (of("customer")?, of("shipping_address")?, of("billing_address")?);
    let words = |object: &Option<Object<'_>>, name: &str| match object {
        Some(object) => object.words(name),
        None => Ok(None),
    };
    let email = order.words("email")?.or(order.words("contact_email")?);
    let phone = words(&shipping, "phone")?.or(order.words("phone")?);
    let personalisation = lines.iter().flat_map(|line| {
        let line_id = &line.line.line_id;
        line.properties.iter().map(|(name, value)| Personalisation {
            line_id: line_id.clone(),
            name: name.clone(),
            value: value.clone(),
        })
    });
    Ok(Contact {
        email: email.or(words(&customer, "email")?),
        language: locale::read(order.words("customer_locale")?),
        phone: phone.or(words(&customer, "phone")?).or(words(&billing, "phone")?),
        shipping: shipping.as_ref().map_or(Ok(None), address)?,
        billing: billing.as_ref().map_or(Ok(None), address)?,
        gift_note,
        personalisation: personalisation.collect(),
    })
}

/// An address; none where every field was kept from us.
fn address(address: &Object<'_>) -> Result<Option<Address>> {
    let words = |name| address.words(name);
    let names = [words("first_name")?, words("last_name")?];
    let person = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let lines = [words("address1")?, words("address2")?];
    let country = words("country_code")?.and_then(|code| Country::parse(&code).ok());
    let read = Address {
        name: words("name")?.unwrap_or(person),
        company: words("company")?,
        lines: lines.into_iter().flatten().collect(),
        city: words("city")?.unwrap_or_default(),
        region: words("province_code")?.or(words("province")?),
        postal_code: words("zip")?,
        country,
    };
    Ok((read != Address::default()).then_some(read))
}
