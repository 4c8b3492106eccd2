//! Any other shop: it pays back what our own JSON asks for.
//!
//! `PUT {api}/orders/{order}/refunds/{key}`, signed as Standard Webhooks:
//!
//! ```json
//! {
//!   "amount_minor": 4490,
//!   "currency": "EUR",
//!   "lines": [{"line_id": "1", "quantity": 2, "amount_minor": 4000}],
//!   "shipping_minor": 490,
//!   "reason": "returned: damaged"
//! }
//! ```
//!
//! `amount_minor` is what moves; it may be less than lines and freight say. The same key may come again: putting it twice
//! is paying once. The shop answers 201 when this was new to it and any other 2xx when it had it, both with its own
//! `{"reference": "…"}` where it has one; 409 or 422 with `{"problem": "…"}` when it will not pay; 202 with `{"problem": "…"}` when it
//! does not know whether the money moved.

use anyhow::{Context, Result, bail};
use domain::money::Currency;
use jiff::Timestamp;
use ports::Http;
use serde::{Deserialize, Serialize};

use crate::refund::{Refund, RefundLine, RefundOutcome};
use crate::shipment::{Access, encode};

#[derive(Serialize)]
struct Body<'a> {
    amount_minor: i64,
    currency: Currency,
    lines: Vec<Line<'a>>,
    shipping_minor: i64,
    reason: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    line_id: &'a str,
    quantity: u32,
    amount_minor: i64,
}

#[derive(Default, Deserialize)]
struct Answer {
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    problem: Option<String>,
}

/// Has the shop pay back. The secrets are `whsec_` ones; each signs.
///
/// # Errors
/// When the shop can't be reached, or says not now; the queue tries again.
pub async fn refund(
    http: &impl Http,
    access: Access<'_>,
    refund: &Refund<'_>,
    now: Timestamp,
) -> Result<RefundOutcome> {
    if let Some(problem) = refund.problem() {
        return Ok(problem);
    }
    let path = format!("orders/{}/refunds/{}", encode(refund.order), encode(refund.key));
    let request =
        super::put(access, &path, format!("refund_{}", encode(&path)), &body(refund), now)?;
    let response =
        http.call(request).await.with_context(|| format!("no answer to `PUT {path}`"))?;
    let answer: Answer = serde_json::from_slice(&response.body).unwrap_or_default();
    let reference = answer.reference.unwrap_or_else(|| path.clone());
    let said = answer.problem.unwrap_or_else(|| "the shop gave no reason".to_owned());
    Ok(match response.status {
        201 => RefundOutcome::Refunded { reference, found: false },
        202 => RefundOutcome::doubted(said),
        200..300 => RefundOutcome::Refunded { reference, found: true },
        409 | 422 => RefundOutcome::refused(said),
        status => bail!("`PUT {path}` was answered with status {status}"),
    })
}

fn body<'a>(refund: &Refund<'a>) -> Body<'a> {
    let line = |line: &'a RefundLine| Line {
        line_id: line.line_id.as_str(),
        quantity: line.quantity,
        amount_minor: line.amount_minor,
    };
    Body {
        amount_minor: refund.amount.minor,
        currency: refund.amount.currency,
        lines: refund.lines.iter().map(line).collect(),
        shipping_minor: refund.shipping_minor,
        reason: refund.why,
    }
}
