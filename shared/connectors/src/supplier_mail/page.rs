//! The page behind a supplier's link: plain HTML that needs no script, and shows nothing of the customer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::order::address_change::Readdress;
use domain::order::answer::{Answer, AnswerLine};
use domain::order::{Cancellation, FulfillmentOrder, Order, Parcel, Progress, Stage};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use crate::form::fields;
use crate::json::Unreadable;
use crate::supplier::answer::tracking_number;
use crate::supplier::{reject_reason, shorten};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:1.5rem auto;padding:0 1rem;\
    color:#1b1b2f;background:#fff}h1{font-size:1.4rem;line-height:1.25;overflow-wrap:anywhere}h2{font-size:1.1rem}\
    table{border-collapse:collapse;width:100%;font-size:.9rem}\
    td,th{padding:.4rem .5rem .4rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #ddd}\
    form{border:1px solid #bbb;border-radius:.5rem;padding:0 1rem 1rem;margin-top:1.5rem}\
    label{display:block;margin:.75rem 0}button{margin:.25rem .5rem .25rem 0}\
    input,select,button{font:inherit;padding:.5rem .6rem;max-width:100%;box-sizing:border-box}";

/// Headers of every page: nothing may be loaded, framed, stored or passed on.
#[must_use]
pub fn headers() -> Vec<(String, String)> {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", &policy),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// What everyone sees who has no good link, whatever is wrong with it.
#[must_use]
pub fn not_found() -> String {
    html(
        "Not found",
        "<p>There is nothing here. If you followed a link of ours, it has expired.</p>",
    )
}

/// One sentence above a fulfillment order as it is now.
#[must_use]
pub fn show(
    order: &Order,
    reference: &str,
    fulfillment_order: &FulfillmentOrder,
    today: Date,
    note: &str,
) -> String {
    let mut body = String::new();
    if !note.is_empty() {
        write(&mut body, format_args!("<p role=\"status\"><strong>{}</strong></p>", escape(note)));
    }
    let rows = rows(order, fulfillment_order);
    write(&mut body, format_args!("<p>{}</p>", standing(fulfillment_order)));
    body += "<table><tr><th>Article<th>Title<th>Units<th>Accepted<th>Shipped";
    for Row { sku, title, units } in &rows {
        let (sku, title) = (escape(sku), escape(title));
        let Progress { accepted, shipped, .. } = *units;
        let active = units.active();
        write(
            &mut body,
            format_args!("<tr><td>{sku}<td>{title}<td>{active}<td>{accepted}<td>{shipped}"),
        );
    }
    body += "</table>";
    if fulfillment_order.stage != Stage::Closed && fulfillment_order.stage != Stage::Planned {
        let change = order.address_changes;
        if fulfillment_order.readdress(change) == Readdress::Asked {
            address_form(&mut body, change);
        }
        forms(&mut body, &rows, fulfillment_order, today);
        let reference = fulfillment_order.planned.fulfillment_order_id;
        let parcels = order.parcels.values();
        let parcels: Vec<&Parcel> =
            parcels.filter(|parcel| parcel.fulfillment_order_id == reference).collect();
        number_form(&mut body, &parcels, today);
    }
    html(&format!("Order {reference}"), &body)
}

/// A supplier's article in a fulfillment order, summed over the lines that it is in.
struct Row {
    sku: String,
    title: String,
    units: Progress,
}

fn rows(order: &Order, fulfillment_order: &FulfillmentOrder) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for share in &fulfillment_order.planned.shares {
        let units = fulfillment_order.units.get(&share.item).copied().unwrap_or_default();
        if let Some(row) = rows.iter_mut().find(|row| row.sku == share.supplier_sku) {
            row.units = sum(row.units, units);
            continue;
        }
        let title = order.items().find(|item| item.id == share.item).map(|item| item.title.clone());
        let sku = share.supplier_sku.clone();
        rows.push(Row { sku, title: title.unwrap_or_default(), units });
    }
    rows
}

fn sum(one: Progress, other: Progress) -> Progress {
    Progress {
        quantity: one.quantity + other.quantity,
        returned: one.returned + other.returned,
        cancelled: one.cancelled + other.cancelled,
        accepted: one.accepted + other.accepted,
        shipped: one.shipped + other.shipped,
    }
}

fn standing(fulfillment_order: &FulfillmentOrder) -> &'static str {
    match (fulfillment_order.stage, fulfillment_order.cancellation) {
        (Stage::Closed, _) => {
            "This order is withdrawn or rejected. <strong>Do not ship it.</strong>"
        }
        (Stage::Planned, _) => "This order is not ready. Do not ship it yet.",
        (_, Cancellation::Requested | Cancellation::Asked) => {
            "The customer wants to cancel this order. If you have not shipped it, please do not."
        }
        (Stage::Accepted, _) => "You accepted this order. Please tell us when it has left.",
        (Stage::Submitting | Stage::Submitted | Stage::InDoubt, _) => {
            "Please tell us whether you ship this order."
        }
    }
}

fn forms(body: &mut String, rows: &[Row], fulfillment_order: &FulfillmentOrder, today: Date) {
    let is_asked =
        matches!(fulfillment_order.cancellation, Cancellation::Requested | Cancellation::Asked);
    if is_asked {
        *body += "<form method=\"post\"><h2>Cancellation</h2>\
            <button name=\"action\" value=\"cancel_accept\">Cancelled, not shipped</button>\
            <label>Why not <input name=\"detail\" maxlength=\"200\"></label>\
            <button name=\"action\" value=\"cancel_reject\">It can't be cancelled</button></form>";
    }
    if fulfillment_order.stage != Stage::Accepted {
        *body += "<form method=\"post\"><h2>Will you ship it?</h2>";
        quantities(body, rows, "will be shipped", |units| units.quantity - units.cancelled);
        *body += "<label>If not all, why <select name=\"reason\">\
            <option value=\"out_of_stock\">Out of stock<option value=\"discontinued\">Discontinued\
            <option value=\"destination\">We don't ship there<option value=\"other\">Other</select></label>\
            <label>Details <input name=\"detail\" maxlength=\"200\"></label>\
            <button name=\"action\" value=\"answer\">Answer</button> \
            <button name=\"action\" value=\"reject\">Reject all of it</button></form>";
    }
    if rows.iter().any(|row| row.units.unshipped() > 0) {
        *body += "<form method=\"post\"><h2>It has left</h2>";
        quantities(body, rows, "in this parcel", Progress::unshipped);
        write(
            body,
            format_args!(
                "<label>Carrier <input name=\"carrier\" required maxlength=\"100\"></label>\
             <label>Tracking number <input name=\"number\" required maxlength=\"60\"></label>\
             <label>Day it left <input name=\"ship_date\" type=\"date\" value=\"{today}\"></label>\
             <button name=\"action\" value=\"ship\">Shipped</button></form>"
            ),
        );
    }
}

fn address_form(body: &mut String, change: u32) {
    write(
        body,
        format_args!(
            "<form method=\"post\"><h2>New address</h2><p>You have it by mail.</p>\
             <input type=\"hidden\" name=\"change\" value=\"{change}\">\
             <button name=\"action\" value=\"address_change\">It goes to the new address</button>\
             <label>Why not <input name=\"detail\" maxlength=\"200\"></label>\
             <button name=\"action\" value=\"address_refuse\">It can't be changed</button></form>"
        ),
    );
}

fn number_form(body: &mut String, parcels: &[&Parcel], today: Date) {
    if parcels.is_empty() {
        return;
    }
    *body += "<form method=\"post\"><h2>A tracking number was wrong</h2>\
        <label>Wrong number <select name=\"replaces\">";
    for parcel in parcels {
        let number = escape(&parcel.number);
        write(body, format_args!("<option value=\"{number}\">{number}"));
    }
    write(
        body,
        format_args!(
            "</select></label>\
             <label>Carrier <input name=\"carrier\" required maxlength=\"100\"></label>\
             <label>Right number <input name=\"number\" required maxlength=\"60\"></label>\
             <label>Day it left <input name=\"ship_date\" type=\"date\" value=\"{today}\"></label>\
             <button name=\"action\" value=\"correct\">Correct it</button></form>"
        ),
    );
}

fn quantities(body: &mut String, rows: &[Row], label: &str, count: fn(Progress) -> u32) {
    for row in rows.iter().filter(|row| count(row.units) > 0) {
        let (sku, most) = (escape(&row.sku), count(row.units));
        write(
            body,
            format_args!(
                "<label>{sku}: <input type=\"number\" name=\"quantity:{sku}\" min=\"0\" max=\"{most}\" \
             value=\"{most}\"> of {most} {label}</label>"
            ),
        );
    }
}

/// Reads a form that was sent from the page; several answers where some of it is accepted and some rejected.
///
/// # Errors
/// When a field is missing or no such thing; names the field.
pub fn parse_form(
    body: &[u8],
    fulfillment_order: &FulfillmentOrder,
    today: Date,
) -> Result<Vec<Answer>, Unreadable> {
    let fields = fields(body)?;
    let field =
        |name: &str| fields.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let required = |name: &str| field(name).ok_or_else(|| refuse(name, "is missing"));
    let reason = reject_reason(field("reason").unwrap_or_default());
    let detail = shorten(field("detail"));
    match required("action")? {
        "answer" => answered(&fields, fulfillment_order, |lines| Answer::Rejected {
            lines,
            reason,
            detail: detail.clone(),
        }),
        "reject" => Ok(vec![Answer::Rejected { lines: Vec::new(), reason, detail }]),
        action @ ("ship" | "correct") => {
            let number = |name: &str| {
                tracking_number(required(name)?)
                    .ok_or_else(|| refuse(name, "is no tracking number"))
            };
            let lines = quantities_of(&fields)?;
            let lines = lines.into_iter().filter(|line| line.quantity > 0).collect();
            let carrier = shorten(Some(required("carrier")?));
            let ship_date = field("ship_date").map_or(Ok(today), str::parse);
            let ship_date = ship_date.map_err(|_| refuse("ship_date", "is no date"))?;
            let (label, number_now) = (None, number("number")?);
            Ok(vec![if action == "ship" {
                Answer::Shipped { lines, carrier, number: number_now, ship_date, label }
            } else {
                let replaces = number("replaces")?;
                Answer::Corrected { replaces, lines, carrier, number: number_now, ship_date }
            }])
        }
        action @ ("address_change" | "address_refuse") => {
            let change = required("change")?.parse();
            let change = change.map_err(|_| refuse("change", "is no whole number"))?;
            Ok(vec![match action {
                "address_change" => Answer::AddressChanged { change },
                _ => Answer::AddressRefused { change, why: detail },
            }])
        }
        "cancel_accept" => Ok(vec![Answer::CancelAccepted]),
        "cancel_reject" => Ok(vec![Answer::CancelRejected { why: detail }]),
        _ => Err(refuse("action", "is none that we know")),
    }
}

/// What will be shipped of each article, and what follows for the rest of it.
fn answered(
    fields: &BTreeMap<String, String>,
    fulfillment_order: &FulfillmentOrder,
    reject: impl Fn(Vec<AnswerLine>) -> Answer,
) -> Result<Vec<Answer>, Unreadable> {
    let mut wanted: BTreeMap<&str, u32> = BTreeMap::new();
    for share in &fulfillment_order.planned.shares {
        let units = fulfillment_order.units.get(&share.item).copied().unwrap_or_default();
        *wanted.entry(&share.supplier_sku).or_default() += units.quantity - units.cancelled;
    }
    let given = quantities_of(fields)?;
    let rest = |line: &AnswerLine| AnswerLine {
        supplier_sku: line.supplier_sku.clone(),
        quantity: wanted
            .get(line.supplier_sku.as_str())
            .map_or(0, |all| all.saturating_sub(line.quantity)),
    };
    let some = |lines: Vec<AnswerLine>| -> Vec<AnswerLine> {
        lines.into_iter().filter(|line| line.quantity > 0).collect()
    };
    let rejected = some(given.iter().map(rest).collect());
    let is_whole = given.is_empty();
    let accepted = some(given);
    let mut answers = Vec::new();
    if is_whole || !accepted.is_empty() {
        answers.push(Answer::Accepted { lines: accepted });
    }
    if !rejected.is_empty() {
        answers.push(reject(rejected));
    }
    Ok(answers)
}

fn quantities_of(fields: &BTreeMap<String, String>) -> Result<Vec<AnswerLine>, Unreadable> {
    let quantities =
        fields.iter().filter_map(|(name, value)| Some((name.strip_prefix("quantity:")?, value)));
    let line = |(sku, value): (&str, &String)| {
        let quantity =
            value.trim().parse().map_err(|_| refuse("quantity", "is no whole number"))?;
        Ok(AnswerLine { supplier_sku: sku.to_owned(), quantity })
    };
    quantities.map(line).collect()
}

fn refuse(field: &str, problem: &str) -> Unreadable {
    Unreadable { field: field.to_owned(), problem: problem.to_owned() }
}

fn html(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style><h1>{title}</h1>{body}</html>\n"
    )
}

/// Text as HTML, inside an element or a quoted attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            c => escaped.push(c),
        }
    }
    escaped
}

fn write(body: &mut String, text: std::fmt::Arguments<'_>) {
    body.write_fmt(text).expect("writing to a string can't fail");
}
