//! What suppliers send us: answers on what they were asked to ship, and reports of their stock.

use domain::id::{FulfillmentOrderId, LocationId, OrderId, parse_reference};
use domain::order::answer::{Answer, AnswerLine};
use domain::order::fact::Label;
use jiff::Timestamp;
use jiff::civil::Date;
use ports::Inbound;

use super::{reject_reason, shorten};
pub use crate::json::Unreadable;
use crate::json::{Field, Object};
use crate::signature;

/// Articles that one report of stock names at the most: each is a write, and all of them are made before we answer.
pub const STOCK_LINES_MAX: usize = 500;

/// Characters that an article number has at the most, as all names of ours.
const SKU_CHARS_MAX: usize = 128;

/// One message of a supplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// An answer on a fulfillment order.
    Answer {
        /// Whose.
        order_id: OrderId,
        /// Which.
        fulfillment_order_id: FulfillmentOrderId,
        /// What it says.
        answer: Answer,
    },
    /// What it has in stock.
    Stock {
        /// Where.
        location: LocationId,
        /// Each article that it speaks of. What it does not name stays as it was.
        lines: Vec<StockLine>,
    },
}

/// A supplier's stock of one article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLine {
    /// The supplier's number.
    pub supplier_sku: String,
    /// Units on the shelf, those that it promised us and has not shipped included.
    pub on_hand: u32,
}

/// Whether one of the supplier's secrets signed the call, as Standard Webhooks.
#[must_use]
pub fn is_signed(secrets: &[String], inbound: &Inbound, now: Timestamp) -> bool {
    let header = |name| inbound.header(name).unwrap_or_default();
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp"));
    let signatures = header("webhook-signature");
    signature::verify_standard(secrets, id, timestamp, signatures, &inbound.body, now)
}

/// Reads a message.
///
/// # Errors
/// When it is none of ours; names the field.
pub fn parse(body: &[u8]) -> Result<Message, Unreadable> {
    let object = Field::body(body)?.object()?;
    object.only(&[
        "type",
        "reference",
        "lines",
        "reason",
        "detail",
        "carrier",
        "number",
        "ship_date",
        "label_url",
        "location",
        "replaces",
        "change",
    ])?;
    let kind = object.field("type");
    let kind_text = kind.text()?;
    if kind_text == "stock" {
        return stock(&object);
    }
    let reference = object.field("reference");
    let (order_id, fulfillment_order_id) = parse_reference(&reference.text()?)
        .map_err(|_| reference.refuse("is no reference that we give"))?;
    let detail = || Ok(shorten(object.words("detail")?.as_deref()));
    let change = || object.field("change").quantity();
    let answer = match kind_text.as_str() {
        "accepted" => Answer::Accepted { lines: lines(&object)? },
        "rejected" => Answer::Rejected {
            lines: lines(&object)?,
            reason: reject_reason(&object.words("reason")?.unwrap_or_default()),
            detail: detail()?,
        },
        "shipped" => shipped(&object)?,
        "address_changed" => Answer::AddressChanged { change: change()? },
        "address_refused" => Answer::AddressRefused { change: change()?, why: detail()? },
        "cancel_accepted" => Answer::CancelAccepted,
        "cancel_rejected" => Answer::CancelRejected { why: detail()? },
        _ => return Err(kind.refuse("is no type that we know")),
    };
    Ok(Message::Answer { order_id, fulfillment_order_id, answer })
}

fn shipped(object: &Object<'_>) -> Result<Answer, Unreadable> {
    let required = |name: &str| {
        let field = object.field(name);
        let text = field.text()?;
        if text.is_empty() { Err(field.refuse("is empty")) } else { Ok(text) }
    };
    let number = object.field("number");
    let ship_date = object.field("ship_date");
    let label_url = object.given("label_url").map(|field| label(&field)).transpose()?;
    let read_number =
        |field: &Field<'_>| tracking_number(&field.text()?).ok_or_else(|| field.refuse(NO_NUMBER));
    let (lines, carrier) = (lines(object)?, required("carrier")?);
    let number = read_number(&number)?;
    let ship_date =
        ship_date.text()?.parse::<Date>().map_err(|_| ship_date.refuse("is no date"))?;
    Ok(match object.given("replaces") {
        None => Answer::Shipped { lines, carrier, number, ship_date, label: label_url },
        Some(wrong) => {
            let replaces = read_number(&wrong)?;
            Answer::Corrected { replaces, lines, carrier, number, ship_date }
        }
    })
}

const NO_NUMBER: &str = "is no tracking number of 5 to 50 letters and digits";

/// A tracking number as carriers print it, however it was typed: 5 to 50 letters, digits and hyphens, which is what
/// 17TRACK takes.
#[must_use]
pub fn tracking_number(typed: &str) -> Option<String> {
    let number: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let is_number = (5..=50).contains(&number.len())
        && number.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_number.then(|| number.to_ascii_uppercase())
}

fn label(field: &Field<'_>) -> Result<Label, Unreadable> {
    let url = field.text()?;
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if is_web { Ok(Label { url }) } else { Err(field.refuse("is no web address")) }
}

fn lines(object: &Object<'_>) -> Result<Vec<AnswerLine>, Unreadable> {
    let line = |field: Field<'_>| {
        let line = field.object()?;
        let quantity = line.field("quantity");
        let supplier_sku = sku(&line)?;
        match quantity.quantity()? {
            0 => Err(quantity.refuse("is 0")),
            quantity => Ok(AnswerLine { supplier_sku, quantity }),
        }
    };
    object.list("lines")?.into_iter().map(line).collect()
}

/// A supplier's article number; it becomes a part of a key.
fn sku(line: &Object<'_>) -> Result<String, Unreadable> {
    let field = line.field("sku");
    let sku = field.text_or_number()?;
    match sku.chars().count() {
        0 => Err(field.refuse("is empty")),
        1..=SKU_CHARS_MAX => Ok(sku),
        _ => Err(field.refuse(format!("is longer than {SKU_CHARS_MAX} characters"))),
    }
}

fn stock(object: &Object<'_>) -> Result<Message, Unreadable> {
    let location = object.field("location");
    let line = |field: Field<'_>| {
        let line = field.object()?;
        let supplier_sku = sku(&line)?;
        Ok(StockLine { supplier_sku, on_hand: line.field("on_hand").quantity()? })
    };
    let lines = object.field("lines");
    let articles = lines.list()?;
    if articles.len() > STOCK_LINES_MAX {
        return Err(lines.refuse(format!("are more than {STOCK_LINES_MAX}")));
    }
    let lines = articles.into_iter().map(line).collect::<Result<_, _>>()?;
    let location = LocationId::parse(&location.text()?)
        .map_err(|_| location.refuse("is no name of a location"))?;
    Ok(Message::Stock { location, lines })
}
