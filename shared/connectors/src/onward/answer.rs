//! Any other shop: it is told in our own JSON what came of a request to change an order.
//!
//! `PUT {api}/orders/{order}/answers/{request}`, signed as Standard Webhooks, with the answer as it is now:
//!
//! ```json
//! {
//!   "request": 2,
//!   "about": "cancellation",
//!   "asked_at": "2026-11-23T08:05:00Z",
//!   "answer": "too_late",
//!   "why": "it has been shipped already",
//!   "text": "Request 2 (cancellation): too late. It has been shipped already."
//! }
//! ```
//!
//! - `request` counts the requests to change the order, from 1.
//! - `about` is `cancellation`, `edit` or `address`; `answer` is `done`, `asked`, `too_late` or `partly`, and `asked` is
//!   followed by another one later.
//! - `text` is for the customer.
//!
//! The same answer may come again: putting it twice is putting it once. The shop answers as to parcels.

use anyhow::Result;
use domain::order::amendment::Verdict;
use jiff::Timestamp;
use ports::Http;
use serde::Serialize;

use crate::shipment::{Access, Shown, encode};
use crate::shop_answer::ShopAnswer;

#[derive(Serialize)]
struct Body<'a> {
    request: u16,
    about: &'a str,
    asked_at: Timestamp,
    answer: Verdict,
    #[serde(skip_serializing_if = "str::is_empty")]
    why: &'a str,
    text: String,
}

/// Tells the shop. The secrets are `whsec_` ones; each signs.
///
/// # Errors
/// When the shop can't be reached or refuses.
pub async fn tell(
    http: &impl Http,
    access: Access<'_>,
    answer: &ShopAnswer<'_>,
    now: Timestamp,
) -> Result<Shown> {
    let ShopAnswer { request, about, asked_at, verdict, why, .. } = *answer;
    let reference = format!("orders/{}/answers/{request}", encode(answer.order));
    let body = Body { request, about, asked_at, answer: verdict, why, text: answer.sentence() };
    let id = format!("{}_{}", verdict.name(), encode(&reference));
    let request = super::put(access, &reference, id, &body, now)?;
    super::shipment::tell(http, request, reference).await
}
