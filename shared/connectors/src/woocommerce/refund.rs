//! WooCommerce: money back to a customer, through the gateway that took it.
//!
//! It knows no idempotency keys, so we look first: a refund's `reason` ends with our key. `wc_create_refund` keeps the
//! refund, then calls the gateway, then marks it `refunded_payment`, and deletes it again on any error: so one that is not
//! marked, and an error on the way, both leave open whether the money moved.

use anyhow::{Context, Result, bail};
use domain::money::Currency;
use ports::{Http, Response};
use serde_json::{Value, json};

use super::{code, request};
use crate::json::{self, Field, Object, Unreadable};
use crate::refund::{Refund, RefundOutcome};
use crate::shipment::{Access, encode};

/// What WooCommerce answers whatever went wrong while it made the refund, with status 500.
const FAILED_ON_THE_WAY: &str = "woocommerce_rest_cannot_create_order_refund";

/// Has the shop pay back, unless it did already. The secret is `consumer key:consumer secret` of the REST API. Nothing is
/// put back into the shop's stock.
///
/// # Errors
/// When the shop can't be reached, or says not now; the queue tries again.
pub async fn refund(
    http: &impl Http,
    access: Access<'_>,
    refund: &Refund<'_>,
) -> Result<RefundOutcome> {
    if let Some(problem) = refund.problem() {
        return Ok(problem);
    }
    let order = match look(http, access, refund).await? {
        Ok(outcome) => return Ok(outcome),
        Err(order) => order,
    };
    if let Some(refusal) = order.refuses(refund) {
        return Ok(refusal);
    }

    let body = json!({
        "amount": refund.amount.currency.format_minor(refund.amount.minor),
        "reason": refund.note(),
        "api_refund": true,
        "api_restock": false,
        "line_items": order.items,
    });
    let path = format!("{}/refunds", path(refund));
    let create = request(access, "POST", &path, Some(&body))?;
    let response = http.call(create).await.context("no answer to the refund")?;
    match response.status {
        200..300 => paid(&response.body, false).context("failed to read the shop's refund"),
        status => refused(status, &response),
    }
}

/// Whether it was paid already; none if not. Pays nothing.
///
/// # Errors
/// As [`refund`].
pub async fn look_up(
    http: &impl Http,
    access: Access<'_>,
    refund: &Refund<'_>,
) -> Result<Option<RefundOutcome>> {
    Ok(look(http, access, refund).await?.ok())
}

/// What came of it before; or, if nothing did, the shop's order.
async fn look(
    http: &impl Http,
    access: Access<'_>,
    refund: &Refund<'_>,
) -> Result<Result<RefundOutcome, Sale>> {
    let path = path(refund);
    let body = get(http, access, &path).await?;
    let order = Sale::read(&body, refund).context("failed to read the shop's order")?;
    let Some(reference) = &order.found else { return Ok(Err(order)) };
    let known = get(http, access, &format!("{path}/refunds/{reference}")).await?;
    paid(&known, true).map(Ok).context("failed to read the shop's refund")
}

fn path(refund: &Refund<'_>) -> String {
    format!("wc/v3/orders/{}", encode(refund.order))
}

async fn get(http: &impl Http, access: Access<'_>, path: &str) -> Result<Vec<u8>> {
    let request = request(access, "GET", path, None::<&()>)?;
    let what = format!("GET {}", request.url);
    let response = http.call(request).await.with_context(|| format!("no answer to `{what}`"))?;
    if !(200..300).contains(&response.status) {
        bail!("`{what}` was answered with status {}", response.status);
    }
    Ok(response.body)
}

/// What a refund says of itself.
fn paid(body: &[u8], found: bool) -> json::Result<RefundOutcome> {
    let refund = Field::body(body)?.object()?;
    let reference = refund.field("id").digits()?;
    if refund.flag("refunded_payment")? {
        return Ok(RefundOutcome::Refunded { reference, found });
    }
    Ok(RefundOutcome::doubted(format!(
        "refund {reference} is in the shop, which does not say that its payment gateway paid it"
    )))
}

/// What a refusal means.
fn refused(status: u16, response: &Response) -> Result<RefundOutcome> {
    let said: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let message = said["message"].as_str().unwrap_or("no message");
    let code = code(&response.body).unwrap_or_else(|| "no code".to_owned());
    match status {
        500 if code == FAILED_ON_THE_WAY => Ok(RefundOutcome::doubted(format!(
            "the shop or its payment gateway failed on the way: {message}"
        ))),
        400 | 404 | 422 => Ok(RefundOutcome::refused(format!("{message} ({code})"))),
        _ => bail!("the refund was answered with status {status} ({code})"),
    }
}

/// What we need of an order.
struct Sale {
    currency: Currency,
    /// Of what was paid, not paid back.
    left_minor: i64,
    /// The refund that is ours already.
    found: Option<String>,
    /// What is paid back of each line, as WooCommerce takes it.
    items: Vec<Value>,
    /// What is asked for and is not in the order.
    unknown: Option<&'static str>,
}

impl Sale {
    fn read(body: &[u8], refund: &Refund<'_>) -> json::Result<Self> {
        let order = Field::body(body)?.object()?;
        let currency = order.field("currency").currency()?;
        let mut left_minor = order.field("total").rounded_amount(currency)?;
        let mut found = None;
        for known in order.list("refunds")? {
            let known = known.object()?;
            // They are negative here.
            left_minor -= known.field("total").rounded_amount(currency)?.abs();
            if known.words("reason")?.is_some_and(|reason| refund.is_noted(&reason)) {
                found = Some(known.field("id").digits()?);
            }
        }
        let mut sale = Self { currency, left_minor, found, items: Vec::new(), unknown: None };
        sale.take_lines(&order, refund)?;
        sale.take_freight(&order, refund)?;
        Ok(sale)
    }

    fn take_lines(&mut self, order: &Object<'_>, refund: &Refund<'_>) -> json::Result<()> {
        let known = order.list("line_items")?;
        let charges: Vec<Charge> =
            known.iter().map(|line| Charge::read(line, self.currency)).collect::<Result<_, _>>()?;
        for line in refund.lines {
            match charges.iter().find(|charge| charge.id == line.line_id.as_str()) {
                Some(charge) => self.items.push(charge.share(line.quantity, line.amount_minor)),
                None => self.unknown = Some("`lines` name one that is not in the shop's order"),
            }
        }
        Ok(())
    }

    /// Takes freight off the order's shipping lines, one after the other.
    fn take_freight(&mut self, order: &Object<'_>, refund: &Refund<'_>) -> json::Result<()> {
        let mut missing = refund.shipping_minor;
        for line in order.list("shipping_lines")? {
            let charge = Charge::read(&line, self.currency)?;
            let share = missing.min(charge.gross_minor());
            if share > 0 {
                self.items.push(charge.share(0, share));
                missing -= share;
            }
        }
        if missing > 0 {
            self.unknown = Some("`shipping` is more than the order's freight");
        }
        Ok(())
    }

    fn refuses(&self, refund: &Refund<'_>) -> Option<RefundOutcome> {
        if self.currency != refund.amount.currency {
            let problem = format!("`currency` of the shop's order is {}", self.currency);
            return Some(RefundOutcome::refused(problem));
        }
        if let Some(problem) = self.unknown {
            return Some(RefundOutcome::refused(problem));
        }
        (refund.amount.minor > self.left_minor).then(|| refund.too_much(self.left_minor))
    }
}

/// What a line of an order was sold for.
struct Charge {
    id: String,
    currency: Currency,
    net_minor: i64,
    /// By the id of each tax.
    taxes: Vec<(String, i64)>,
}

impl Charge {
    fn read(field: &Field<'_>, currency: Currency) -> json::Result<Self> {
        let line = field.object()?;
        let tax = |tax: &Field<'_>| {
            let tax = tax.object()?;
            // A tax that does not apply has an empty total.
            let total = tax.words("total")?.map(|_| tax.field("total").rounded_amount(currency));
            Ok((tax.field("id").digits()?, total.unwrap_or(Ok(0))?))
        };
        Ok(Self {
            id: line.field("id").digits()?,
            currency,
            net_minor: line.field("total").rounded_amount(currency)?,
            taxes: line.list("taxes")?.iter().map(tax).collect::<Result<_, Unreadable>>()?,
        })
    }

    fn gross_minor(&self) -> i64 {
        self.net_minor + self.taxes.iter().map(|(_, minor)| minor).sum::<i64>()
    }

    /// An amount with tax, split as the line's own price is: what is rounded off a tax stays with the net amount.
    fn share(&self, quantity: u32, gross_minor: i64) -> Value {
        let whole = i128::from(self.gross_minor().max(1));
        let part = |minor: i64| {
            let part = i128::from(minor) * i128::from(gross_minor) / whole;
            i64::try_from(part).unwrap_or(0)
        };
        let taxes: Vec<(&str, i64)> =
            self.taxes.iter().map(|(id, minor)| (id.as_str(), part(*minor))).collect();
        let net_minor = gross_minor - taxes.iter().map(|(_, minor)| minor).sum::<i64>();
        let written = |minor| self.currency.format_minor(minor);
        let taxes: Vec<Value> = taxes
            .into_iter()
            .map(|(id, minor)| json!({ "id": id, "refund_total": written(minor) }))
            .collect();
        json!({
            "id": self.id,
            "quantity": quantity,
            "refund_total": written(net_minor),
            "refund_tax": taxes,
        })
    }
}
