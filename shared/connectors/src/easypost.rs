//! EasyPost: labels of about a hundred carriers.
//!
//! Wire format: <https://docs.easypost.com>. It knows no idempotency keys. A shipment costs nothing until it is bought,
//! and can be bought once only; so a label is bought twice only if a second shipment takes the place of the first. We
//! look for our reference before, among all shipments and, since EasyPost does not promise that references are unique,
//! among those that were bought since the label was asked for.

mod wire;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::money::Money;
use jiff::SignedDuration;
use ports::{Http, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::label::{Access, Label, LabelOutcome, LabelRequest, Party};
use crate::rest;
use crate::shipment::encode;
use wire::{Created, Page, Place, Problem, Rate, Shipment};

/// Where it is.
pub const URL: &str = "https://api.easypost.com";

/// Pages of bought shipments that are looked through; each has [`PAGE_SIZE`].
const PAGES_MAX: usize = 5;

/// Shipments on a page, as many as EasyPost gives.
const PAGE_SIZE: usize = 100;

/// How far EasyPost's clock may be behind ours.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(10);

/// Characters that are kept of what EasyPost says.
const WHY_CHARS_MAX: usize = 300;

/// Buys a label, unless it was bought already. The same reference must always be the same box between the same places.
///
/// # Errors
/// When EasyPost can't be reached, says not now, or does not know us; the queue tries again.
pub async fn buy_label(
    http: &impl Http,
    access: Access<'_>,
    request: &LabelRequest<'_>,
) -> Result<LabelOutcome> {
    let known = match look(http, access, request).await? {
        Ok(outcome) => return Ok(outcome),
        Err(known) => known,
    };
    let shipment = match known.filter(|shipment| !shipment.rates.is_empty()) {
        Some(shipment) => shipment,
        None => match create(http, access, request).await? {
            Ok(shipment) => shipment,
            Err(refusal) => return Ok(refusal),
        },
    };
    match choose(&shipment.rates, request.services) {
        Some(rate) => buy(http, access, &shipment, rate).await,
        None => Ok(refused(shipment.why_no_rate(request.services))),
    }
}

/// Whether a label was bought already; none if not. Buys nothing.
///
/// # Errors
/// As [`buy_label`].
pub async fn look_up(
    http: &impl Http,
    access: Access<'_>,
    request: &LabelRequest<'_>,
) -> Result<Option<LabelOutcome>> {
    Ok(look(http, access, request).await?.ok())
}

/// What came of it before; or, if nothing did, the shipment that was made for it.
async fn look(
    http: &impl Http,
    access: Access<'_>,
    request: &LabelRequest<'_>,
) -> Result<Result<LabelOutcome, Option<Shipment>>> {
    let known: Option<Shipment> = find(http, access, request.reference).await?;
    if let Some(shipment) = known.as_ref().filter(|shipment| shipment.is_bought()) {
        return Ok(Ok(bought(shipment, true)));
    }
    Ok(match look_through(http, access, request).await? {
        Looked::Found(shipment) => Ok(bought(&shipment, true)),
        Looked::TooMany => {
            let why = "too many labels were bought since to look for this one among them";
            Ok(LabelOutcome::Doubted { why: why.to_owned() })
        }
        Looked::Nothing => Err(known),
    })
}

/// The shipment of a reference, bought or not.
async fn find(http: &impl Http, access: Access<'_>, reference: &str) -> Result<Option<Shipment>> {
    let path = format!("shipments/{}", encode(reference));
    let response = call(http, access, "GET", &path, None::<&()>).await?;
    if response.status == 404 {
        return Ok(None);
    }
    let shipment: Shipment = rest::read("GET shipments", &response)?;
    Ok((shipment.reference.as_deref() == Some(reference)).then_some(shipment))
}

/// What came of a look through the shipments that were bought.
enum Looked {
    Found(Box<Shipment>),
    Nothing,
    TooMany,
}

async fn look_through(
    http: &impl Http,
    access: Access<'_>,
    request: &LabelRequest<'_>,
) -> Result<Looked> {
    let since = encode(&(request.asked_at - CLOCKS_APART).to_string());
    let mut before = String::new();
    for _ in 0..PAGES_MAX {
        let path = format!(
            "shipments?purchased=true&page_size={PAGE_SIZE}&start_datetime={since}{before}"
        );
        let response = call(http, access, "GET", &path, None::<&()>).await?;
        let page: Page = rest::read("GET shipments", &response)?;
        let last = page.shipments.last().map(|shipment| shipment.id.clone());
        let is_ours = |shipment: &Shipment| {
            shipment.reference.as_deref() == Some(request.reference) && shipment.is_bought()
        };
        if let Some(shipment) = page.shipments.into_iter().find(is_ours) {
            return Ok(Looked::Found(Box::new(shipment)));
        }
        match last {
            Some(last) if page.has_more => before = format!("&before_id={}", encode(&last)),
            _ => return Ok(Looked::Nothing),
        }
    }
    Ok(Looked::TooMany)
}

/// Makes a shipment, which gets its rates and costs nothing. The customer's address is verified before.
async fn create(
    http: &impl Http,
    access: Access<'_>,
    request: &LabelRequest<'_>,
) -> Result<Result<Shipment, LabelOutcome>> {
    // EasyPost swaps the two of a return: it wants them as they were on the way out.
    let (customer, merchant) =
        if request.is_return { (request.from, request.to) } else { (request.to, request.from) };
    let customer = match verified(http, access, customer).await? {
        Ok(place) => place,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let body = wire::shipment(request, customer, Place::of(merchant));
    let response = call(http, access, "POST", "shipments", Some(&body)).await?;
    answer(&response, "POST shipments")
}

/// The address by EasyPost's id of it; as it is in countries where EasyPost does not know better.
async fn verified(
    http: &impl Http,
    access: Access<'_>,
    party: Party<'_>,
) -> Result<Result<Place, LabelOutcome>> {
    let body = json!({ "address": Place::of(party), "verify_strict": true });
    let response = call(http, access, "POST", "addresses", Some(&body)).await?;
    if Problem::read(&response.body).is_some_and(|problem| problem.is_country_unsupported()) {
        return Ok(Ok(Place::of(party)));
    }
    let created: Result<Created, LabelOutcome> = answer(&response, "POST addresses")?;
    Ok(created.map(|created| Place::Known { id: created.id }))
}

/// The most welcome rate: of the first service that is offered, or of all where none is named, the cheapest. Rates in
/// another currency than the first can't be compared with it.
fn choose<'a>(rates: &'a [Rate], services: &[String]) -> Option<&'a Rate> {
    let currency = rates.iter().find_map(Rate::cost)?.currency;
    let cheapest = |service: Option<&String>| {
        let fits = |rate: &&Rate| service.is_none_or(|service| rate.is_of(service));
        let cost = |rate: &'a Rate| Some((rate.cost()?, rate));
        let costs = rates.iter().filter(fits).filter_map(cost);
        let comparable = costs.filter(|(cost, _)| cost.currency == currency);
        comparable.min_by_key(|(cost, _)| cost.minor).map(|(_, rate)| rate)
    };
    if services.is_empty() {
        return cheapest(None);
    }
    services.iter().find_map(|service| cheapest(Some(service)))
}

async fn buy(
    http: &impl Http,
    access: Access<'_>,
    shipment: &Shipment,
    rate: &Rate,
) -> Result<LabelOutcome> {
    let path = format!("shipments/{}", encode(&shipment.id));
    let body = json!({ "rate": { "id": rate.id } });
    let response = call(http, access, "POST", &format!("{path}/buy"), Some(&body)).await?;
    let code = Problem::read(&response.body).map(|problem| problem.code).unwrap_or_default();
    match code.as_str() {
        "SHIPMENT.POSTAGE.EXISTS" => {
            let response = call(http, access, "GET", &path, None::<&()>).await?;
            Ok(bought(&rest::read("GET shipments", &response)?, true))
        }
        "SHIPMENT.PURCHASE.IN_PROGRESS" => bail!("EasyPost still buys shipment `{}`", shipment.id),
        // The carrier did not answer EasyPost, which so does not know either.
        "SHIPMENT.POSTAGE.TIMED_OUT" | "SHIPMENT.POSTAGE.NO_RESPONSE" => {
            let why = format!("the carrier did not answer EasyPost about `{}`", shipment.id);
            Ok(LabelOutcome::Doubted { why })
        }
        _ => Ok(match answer::<Shipment>(&response, "POST buy")? {
            Ok(shipment) => bought(&shipment, false),
            Err(refusal) => refusal,
        }),
    }
}

/// What a shipment that was bought is to us.
fn bought(shipment: &Shipment, found: bool) -> LabelOutcome {
    let Shipment { id, .. } = shipment;
    // EasyPost still has a label that was given back, and so does whoever printed it.
    if let Some(status @ ("submitted" | "refunded")) = shipment.refund_status.as_deref() {
        return refused(format!(
            "the label of `{id}` was given back (`{status}`): ask for another"
        ));
    }
    let Some((number, label_url, carrier, cost)) = shipment.label() else {
        return LabelOutcome::Doubted { why: format!("`{id}` is bought and has no label") };
    };
    let text = str::to_owned;
    LabelOutcome::Bought(Label {
        shipment_id: id.clone(),
        carrier: text(carrier),
        number: text(number),
        label_url: text(label_url),
        cost,
        found,
    })
}

/// An answer, or what was refused: 402 is about money, 422 about what we said. All else is an error.
fn answer<T: DeserializeOwned>(response: &Response, what: &str) -> Result<Result<T, LabelOutcome>> {
    match (response.status, Problem::read(&response.body)) {
        (402, problem) => {
            let said = problem.map(|problem| problem.to_string()).unwrap_or_default();
            Ok(Err(refused(format!("EasyPost wants to be paid first: {said}"))))
        }
        (400 | 404 | 422, Some(problem)) => Ok(Err(refused(problem.to_string()))),
        _ => Ok(Ok(rest::read(what, response)?)),
    }
}

fn refused(why: String) -> LabelOutcome {
    LabelOutcome::Refused { why: why.chars().take(WHY_CHARS_MAX).collect() }
}

async fn call(
    http: &impl Http,
    access: Access<'_>,
    method: &'static str,
    path: &str,
    body: Option<&impl Serialize>,
) -> Result<Response> {
    let url = format!("{}/v2/{path}", access.api.trim_end_matches('/'));
    // The key is the user's name; there is no password.
    let authorization = format!("Basic {}", STANDARD.encode(format!("{}:", access.key)));
    let request: Request = rest::request(method, url, ("authorization", authorization), body)?;
    http.call(request).await.with_context(|| format!("no answer to `{method} {path}` of EasyPost"))
}

impl Rate {
    /// None when it is in no currency or amount that we know.
    fn cost(&self) -> Option<Money> {
        let currency = self.currency?;
        Some(Money { minor: currency.parse_minor(&self.rate).ok()?, currency })
    }

    /// Whether it is of a service: `USPS/GroundAdvantage`, or of a carrier's any: `USPS`.
    fn is_of(&self, service: &str) -> bool {
        match service.split_once('/') {
            Some((carrier, name)) => self.carrier == carrier && self.service == name,
            None => self.carrier == service,
        }
    }
}

#[cfg(test)]
mod tests;
