//! Suppliers that speak our own protocol, JSON over HTTPS, signed both ways: see `SUPPLIERS.md`.
//!
//! Calls to a supplier are here; [`answer`] reads what it sends us.

pub mod answer;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use domain::address::Address;
use domain::id::{LineId, OrderId, reference};
use domain::order::answer::{Answer, AnswerLine};
use domain::order::fact::{RejectReason, Share};
use domain::order::{FulfillmentOrder, Order};
use domain::shop_order::Contact;
use jiff::Timestamp;
use jiff::civil::Date;
use ports::{Http, Request, Response};
use serde::Serialize;
use serde_json::Value;

use crate::rest;
use crate::shipment::encode;
use crate::signature;

/// Characters of a supplier's own words that are kept: facts are for ever, and no place for letters.
const DETAIL_CHARS_MAX: usize = 200;

/// How a supplier is reached.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// Base URL of its API.
    pub url: &'a str,
    /// The `whsec_` secrets that are valid now, newest first; a call is signed with each.
    pub secrets: &'a [String],
}

/// What a supplier is asked to ship: everything it needs for that, and no prices. Personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Submission {
    /// Our name for it; the key under which nothing is bought twice.
    pub reference: String,
    /// When the customer bought.
    pub ordered_at: Timestamp,
    /// The carrier's service it is to travel with.
    pub service: String,
    /// The day it should leave.
    pub leaves_on: Date,
    /// What is in it. Two lines can be of one article, with other words on it.
    pub lines: Vec<Line>,
    /// Where it goes.
    pub ship_to: ShipTo,
    /// Wrap it.
    pub gift_wrap: bool,
    /// A note for the gift card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gift_note: Option<String>,
    /// What is put in: there is no price on it.
    pub packing: &'static str,
}

/// A line of a [`Submission`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The supplier's number.
    pub sku: String,
    /// How many.
    pub quantity: u32,
    /// What it is.
    pub title: String,
    /// Harmonized System code, for customs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hs_code: Option<String>,
    /// What is to be written on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub personalisation: Vec<Personalisation>,
}

/// What is to be written on a line's goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Personalisation {
    /// What it is: "Engraving".
    pub name: String,
    /// The text.
    pub value: String,
}

/// Where it goes, and how the courier reaches the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShipTo {
    /// The address.
    #[serde(flatten)]
    pub address: Address,
    /// For the courier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl ShipTo {
    /// Where a contact's parcels go.
    ///
    /// # Errors
    /// When the contact has no address to ship to.
    pub fn new(contact: &Contact) -> Result<Self> {
        let address = contact.shipping.clone().context("its contact has no shipping address")?;
        Ok(Self { address, phone: contact.phone.clone() })
    }
}

impl Submission {
    /// What is left of a fulfillment order, for the supplier.
    ///
    /// # Errors
    /// When the contact has no address to ship to.
    pub fn new(
        order_id: &OrderId,
        order: &Order,
        fulfillment_order: &FulfillmentOrder,
        contact: &Contact,
    ) -> Result<Self> {
        let received = order.received.as_ref().context("it was never received")?;
        let ship_to = ShipTo::new(contact)?;
        let planned = &fulfillment_order.planned;
        let line = |share| line(order, fulfillment_order, contact, share);
        Ok(Self {
            reference: reference(order_id, planned.fulfillment_order_id),
            ordered_at: received.placed_at,
            service: planned.service.to_string(),
            leaves_on: planned.leaves_on,
            lines: planned.shares.iter().map(line).filter(|line| line.quantity > 0).collect(),
            ship_to,
            gift_wrap: received.wishes.gift_wrap,
            gift_note: contact.gift_note.clone(),
            packing: "no_prices",
        })
    }
}

fn line(
    order: &Order,
    fulfillment_order: &FulfillmentOrder,
    contact: &Contact,
    share: &Share,
) -> Line {
    let item = order.items().find(|item| item.id == share.item);
    let active = fulfillment_order.units.get(&share.item).map_or(0, |progress| progress.active());
    Line {
        sku: share.supplier_sku.clone(),
        // Less than planned, where the customer changed their mind before it was submitted.
        quantity: share.quantity.min(active),
        title: item.map_or_else(String::new, |item| item.title.clone()),
        hs_code: item.and_then(|item| item.hs_code.clone()),
        personalisation: personalisation(contact, &share.item.line),
    }
}

fn personalisation(contact: &Contact, line_id: &LineId) -> Vec<Personalisation> {
    let of_line = contact.personalisation.iter().filter(|known| known.line_id == *line_id);
    let as_words = |known: &domain::shop_order::Personalisation| Personalisation {
        name: known.name.clone(),
        value: known.value.clone(),
    };
    of_line.map(as_words).collect()
}

/// What a supplier said at once to what it was asked to ship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its own name for it.
    pub supplier_reference: Option<String>,
    /// What it will ship and what it won't, as far as it said.
    pub answers: Vec<Answer>,
}

/// Asks a supplier to ship. Asking again under the same reference buys nothing more.
///
/// # Errors
/// When it does not answer, or in no way that we know; whether it bought is then open, and the same call is made again.
pub async fn submit(
    http: &impl Http,
    access: Access<'_>,
    submission: &Submission,
    now: Timestamp,
) -> Result<Taken> {
    let body = serde_json::to_vec(submission).context("failed to write the order")?;
    let url = format!("{}/orders", access.url.trim_end_matches('/'));
    let mut request = signed("POST", url, &access, &submission.reference, "submit", now, body)?;
    request.headers.push(("idempotency-key".to_owned(), submission.reference.clone()));
    let response = call(http, request).await?;
    match response.status {
        200 | 201 | 409 | 422 => read_taken(&response),
        status => bail!("the supplier answered the order with status {status}"),
    }
}

/// What a supplier knows of a reference; none if it knows nothing of it.
///
/// # Errors
/// When it does not answer, or in no way that we know.
pub async fn look_up(
    http: &impl Http,
    access: Access<'_>,
    reference: &str,
    now: Timestamp,
) -> Result<Option<Taken>> {
    let url = order_url(&access, reference);
    let request = signed("GET", url, &access, reference, "look-up", now, Vec::new())?;
    let response = call(http, request).await?;
    match response.status {
        200 => read_taken(&response).map(Some),
        404 => Ok(None),
        status => bail!("the supplier answered the look-up with status {status}"),
    }
}

/// Why a supplier is to let go of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The customer does not want it any more.
    Cancelled,
    /// The supplier did not answer in time; it was, or will be, bought elsewhere.
    TimedOut,
}

/// What a supplier said to a cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelReply {
    /// It will not ship what it has not shipped yet.
    Cancelled,
    /// It will answer later.
    Pending,
    /// It ships all the same.
    Refused {
        /// In its own words.
        why: String,
    },
}

/// Asks a supplier to let go of an order, one that it may never have received included: it is to refuse that should it
/// come later.
///
/// # Errors
/// When it does not answer, or in no way that we know.
pub async fn cancel(
    http: &impl Http,
    access: Access<'_>,
    reference: &str,
    reason: CancelReason,
    now: Timestamp,
) -> Result<CancelReply> {
    #[derive(Serialize)]
    struct Body<'a> {
        reference: &'a str,
        reason: CancelReason,
    }
    let body = serde_json::to_vec(&Body { reference, reason })?;
    let url = format!("{}/cancel", order_url(&access, reference));
    // It may have said no to the one and be asked the other: not a repetition.
    let what = match reason {
        CancelReason::Cancelled => "cancel",
        CancelReason::TimedOut => "withdraw",
    };
    let request = signed("POST", url, &access, reference, what, now, body)?;
    let response = call(http, request).await?;
    if !matches!(response.status, 200 | 202 | 409) {
        bail!("the supplier answered the cancellation with status {}", response.status);
    }
    let reply = read(&response)?;
    match text(&reply, "status") {
        Some("cancelled") => Ok(CancelReply::Cancelled),
        Some("pending") => Ok(CancelReply::Pending),
        Some("refused") => Ok(CancelReply::Refused { why: shorten(text(&reply, "detail")) }),
        _ => bail!("the supplier's answer to the cancellation has a `status` that we don't know"),
    }
}

/// What a supplier said to another address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressReply {
    /// What it has not shipped yet goes there.
    Changed,
    /// It will answer later.
    Pending,
    /// It ships to the address that it had before.
    Refused {
        /// In its own words.
        why: String,
    },
}

/// Tells a supplier another address for what it has not shipped. `change` counts the addresses of the order; the same may
/// come again.
///
/// # Errors
/// When it does not answer, or in no way that we know.
pub async fn change_address(
    http: &impl Http,
    access: Access<'_>,
    reference: &str,
    change: u32,
    ship_to: &ShipTo,
    now: Timestamp,
) -> Result<AddressReply> {
    #[derive(Serialize)]
    struct Body<'a> {
        reference: &'a str,
        change: u32,
        ship_to: &'a ShipTo,
    }
    let body = serde_json::to_vec(&Body { reference, change, ship_to })?;
    let url = format!("{}/address", order_url(&access, reference));
    let what = format!("address-{change}");
    let request = signed("POST", url, &access, reference, &what, now, body)?;
    let response = call(http, request).await?;
    // Who has no such call, or no such order any more, ships where it was told first.
    if matches!(response.status, 404 | 405 | 501) {
        return Ok(AddressReply::Refused { why: "it takes no changes of the address".to_owned() });
    }
    if !matches!(response.status, 200 | 202 | 409) {
        bail!("the supplier answered the change of address with status {}", response.status);
    }
    let reply = read(&response)?;
    match text(&reply, "status") {
        Some("changed") => Ok(AddressReply::Changed),
        Some("pending") => Ok(AddressReply::Pending),
        Some("refused") => Ok(AddressReply::Refused { why: shorten(text(&reply, "detail")) }),
        _ => bail!(
            "the supplier's answer to the change of address has a `status` that we don't know"
        ),
    }
}

fn order_url(access: &Access<'_>, reference: &str) -> String {
    format!("{}/orders/{}", access.url.trim_end_matches('/'), encode(reference))
}

/// A call as Standard Webhooks signs it. Its id is the same for each try of the same thing.
fn signed(
    method: &'static str,
    url: String,
    access: &Access<'_>,
    reference: &str,
    what: &str,
    now: Timestamp,
    body: Vec<u8>,
) -> Result<Request> {
    let id = format!("{what}_{}", encode(reference));
    let sign = |secret: &String| signature::sign_standard(secret, &id, now, &body);
    let signatures: Vec<String> = access
        .secrets
        .iter()
        .map(sign)
        .collect::<Result<_, _>>()
        .context("the supplier's secret")?;
    if signatures.is_empty() {
        bail!("there is no secret for the supplier");
    }
    let headers = vec![
        ("accept".to_owned(), "application/json".to_owned()),
        ("content-type".to_owned(), "application/json".to_owned()),
        ("webhook-timestamp".to_owned(), now.as_second().to_string()),
        ("webhook-signature".to_owned(), signatures.join(" ")),
        ("webhook-id".to_owned(), id),
    ];
    Ok(Request { method, url, headers, body })
}

async fn call(http: &impl Http, request: Request) -> Result<Response> {
    let what = format!("{} {}", request.method, request.url);
    http.call(request).await.with_context(|| format!("no answer to `{what}`"))
}

/// Reads how an order stands at the supplier. What counts is the state that it returns, not the status of the call:
/// an order that was cancelled before must not be taken for one that was bought.
fn read_taken(response: &Response) -> Result<Taken> {
    let reply = read(response)?;
    let status = match text(&reply, "status") {
        None if response.status == 422 => "rejected",
        None => bail!("the supplier's answer has no `status`"),
        Some(status) => status,
    };
    let answers = match status {
        "received" => Vec::new(),
        // What it has shipped it has accepted; its parcels come by themselves.
        "accepted" | "shipped" => vec![Answer::Accepted { lines: Vec::new() }],
        "partly_accepted" => partly(&reply)?,
        "rejected" => vec![rejected(&reply, Vec::new())],
        "cancelled" => vec![Answer::Rejected {
            lines: Vec::new(),
            reason: RejectReason::Other,
            detail: "the supplier has it as cancelled".to_owned(),
        }],
        _ => bail!("the supplier's answer has a `status` that we don't know"),
    };
    let supplier_reference = text(&reply, "reference").map(|name| name.chars().take(128).collect());
    Ok(Taken { supplier_reference, answers })
}

/// What of it a supplier takes, and what not, each reason by itself.
fn partly(reply: &Value) -> Result<Vec<Answer>> {
    let lines = reply["lines"].as_array().context("the supplier's answer has no `lines`")?;
    let mut accepted = Vec::new();
    let mut rejected: BTreeMap<&str, Vec<AnswerLine>> = BTreeMap::new();
    for line in lines {
        let supplier_sku = text(line, "sku").context("a line of the answer has no `sku`")?;
        let of = |quantity| AnswerLine { supplier_sku: supplier_sku.to_owned(), quantity };
        let quantity = |name| match &line[name] {
            Value::Null => Ok(0),
            given => given
                .as_u64()
                .and_then(|quantity| u32::try_from(quantity).ok())
                .with_context(|| format!("`lines[].{name}` of the answer is no quantity")),
        };
        accepted.push(of(quantity("accepted")?));
        rejected
            .entry(text(line, "reason").unwrap_or_default())
            .or_default()
            .push(of(quantity("rejected")?));
    }
    let some = |lines: Vec<AnswerLine>| -> Vec<AnswerLine> {
        lines.into_iter().filter(|line| line.quantity > 0).collect()
    };
    let accepted = some(accepted);
    let accepted = (!accepted.is_empty()).then_some(Answer::Accepted { lines: accepted });
    let detail = shorten(text(reply, "detail"));
    let rejected = rejected.into_iter().map(|(reason, lines)| (reason, some(lines)));
    let rejected = rejected.filter(|(_, lines)| !lines.is_empty()).map(|(reason, lines)| {
        Answer::Rejected { lines, reason: reject_reason(reason), detail: detail.clone() }
    });
    Ok(accepted.into_iter().chain(rejected).collect())
}

/// A rejection of these lines; its reason is the answer's own, or else its first line's.
fn rejected(reply: &Value, lines: Vec<AnswerLine>) -> Answer {
    let reason = text(reply, "reason").or_else(|| text(&reply["lines"][0], "reason"));
    Answer::Rejected {
        lines,
        reason: reject_reason(reason.unwrap_or_default()),
        detail: shorten(text(reply, "detail")),
    }
}

/// The reason of that name; any other is `other`.
pub(crate) fn reject_reason(name: &str) -> RejectReason {
    match name {
        "out_of_stock" => RejectReason::OutOfStock,
        "discontinued" => RejectReason::Discontinued,
        "destination" => RejectReason::Destination,
        _ => RejectReason::Other,
    }
}

/// A supplier's own words, as far as they are kept.
pub(crate) fn shorten(words: Option<&str>) -> String {
    let words = words.unwrap_or_default().chars().filter(|c| !c.is_control());
    words.take(DETAIL_CHARS_MAX).collect::<String>().trim().to_owned()
}

fn read(response: &Response) -> Result<Value> {
    rest::parsed(&response.body).with_context(|| {
        format!("the supplier's answer with status {} is no JSON", response.status)
    })
}

fn text<'a>(reply: &'a Value, name: &str) -> Option<&'a str> {
    reply[name].as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
