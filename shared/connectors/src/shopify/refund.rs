//! Shopify: money back to a customer, the way it came.
//!
//! `refundCreate` takes an idempotency key, which Shopify remembers for a while only; so the refund's note ends with our
//! key as well, and we look first. That a refund is there does not mean that its money moved: its transactions say so.

mod answers;

use anyhow::{Context, Result, bail};
use domain::money::Currency;
use ports::Http;
use serde_json::{Value, json};

use super::admin::{call, listed};
use crate::refund::{Refund, RefundLine, RefundOutcome};
use crate::shipment::Access;
use answers::{
    MoneyBag, OrderAnswer, REFUND_CREATE, REFUNDS, RefundCreated, Sale, ShopifyRefund,
    SuggestedTransaction,
};

/// Refunds of an order that an answer has at the most; ours could be beyond them.
const REFUNDS_MAX: usize = 50;

/// Has the shop pay back, unless it did already. The secret is an access token of the Admin API. Nothing is put back into
/// the shop's stock, and Shopify sends no mail of its own.
///
/// # Errors
/// When the shop can't be reached, throttles us, or still works on the same refund; the queue tries again.
pub async fn refund(
    http: &impl Http,
    access: Access<'_>,
    refund: &Refund<'_>,
) -> Result<RefundOutcome> {
    if let Some(problem) = refund.problem() {
        return Ok(problem);
    }
    let variables = json!({ "id": format!("gid://shopify/Order/{}", refund.order) });
    let answer: OrderAnswer = call(http, access, REFUNDS, &variables).await?;
    let Some(sale) = answer.order else {
        return Ok(RefundOutcome::refused(format!("Shopify knows no order `{}`", refund.order)));
    };
    let is_ours =
        |known: &&ShopifyRefund| known.note.as_deref().is_some_and(|note| refund.is_noted(note));
    if let Some(known) = sale.refunds.iter().find(is_ours) {
        return Ok(outcome(known, true));
    }
    if sale.refunds.len() >= REFUNDS_MAX {
        return Ok(RefundOutcome::refused("the order has too many refunds to look through"));
    }
    let left = Left::read(&sale)?;
    if let Some(refusal) = left.refuses(refund) {
        return Ok(refusal);
    }
    let Some(transactions) = left.spread(refund) else {
        let problem = "no payment of the order can be paid back so much";
        return Ok(RefundOutcome::refused(problem));
    };
    create(http, access, refund, &input(refund, &left, &transactions)).await
}

async fn create(
    http: &impl Http,
    access: Access<'_>,
    refund: &Refund<'_>,
    input: &Value,
) -> Result<RefundOutcome> {
    let variables = json!({ "input": input, "key": refund.key });
    let answer: RefundCreated = call(http, access, REFUND_CREATE, &variables).await?;
    let payload = answer.refund_create;
    let said = listed(&payload.user_errors);
    if is_about_the_key(&said) {
        bail!("Shopify does not repeat `refund_create` now: {said}");
    }
    if !said.is_empty() {
        return Ok(RefundOutcome::refused(said));
    }
    let created = payload.refund.context("Shopify created no refund")?;
    Ok(outcome(&created, false))
}

/// Whether Shopify speaks of another try of the same refund: one on its way, or one with other amounts. Its `UserError`
/// has no code; these are the messages of `IDEMPOTENCY_CONCURRENT_REQUEST` and `IDEMPOTENCY_KEY_PARAMETER_MISMATCH`.
fn is_about_the_key(said: &str) -> bool {
    said.contains("currently in progress") || said.contains("idempotency key")
}

/// What a refund's transactions say.
fn outcome(refund: &ShopifyRefund, found: bool) -> RefundOutcome {
    let reference = refund.id.clone();
    let statuses = || refund.transactions.nodes.iter().map(|known| known.status.as_str());
    let is_paid = |status| matches!(status, "SUCCESS" | "PENDING" | "AWAITING_RESPONSE");
    let is_refused = |status| matches!(status, "FAILURE" | "ERROR");
    if statuses().next().is_none() {
        return RefundOutcome::doubted(format!("`{reference}` has no transactions"));
    }
    if statuses().all(is_paid) {
        return RefundOutcome::Refunded { reference, found };
    }
    if statuses().all(is_refused) {
        return RefundOutcome::refused(format!("the payment gateway refused `{reference}`"));
    }
    let statuses = statuses().collect::<Vec<_>>().join(", ");
    RefundOutcome::doubted(format!("the transactions of `{reference}` are {statuses}"))
}

fn input(refund: &Refund<'_>, left: &Left<'_>, transactions: &[Value]) -> Value {
    let line = |line: &RefundLine| {
        json!({
            "lineItemId": format!("gid://shopify/LineItem/{}", line.line_id),
            "quantity": line.quantity,
            "restockType": "NO_RESTOCK",
        })
    };
    let freight = left.presented(refund.shipping_minor);
    let shipping = (freight > 0).then(|| json!({ "amount": left.currency.format_minor(freight) }));
    json!({
        "orderId": format!("gid://shopify/Order/{}", refund.order),
        "currency": left.currency,
        "note": refund.note(),
        "notify": false,
        "refundLineItems": refund.lines.iter().map(line).collect::<Vec<_>>(),
        "shipping": shipping,
        "transactions": transactions,
    })
}

/// What is left of what was paid.
struct Left<'a> {
    /// The shop's currency, which is ours.
    shop_currency: Currency,
    shop_minor: i64,
    /// The customer's currency.
    currency: Currency,
    minor: i64,
    payments: &'a [SuggestedTransaction],
}

impl<'a> Left<'a> {
    fn read(sale: &'a Sale) -> Result<Self> {
        let mut left = Self {
            shop_currency: Currency::parse(&sale.currency_code)?,
            shop_minor: 0,
            currency: Currency::parse(&sale.presentment_currency_code)?,
            minor: 0,
            payments: &[],
        };
        if let Some(suggested) = &sale.suggested_refund {
            let MoneyBag { shop_money, presentment_money } = &suggested.maximum_refundable_set;
            left.shop_minor = left.shop_currency.parse_minor(&shop_money.amount)?;
            left.minor = left.currency.parse_minor(&presentment_money.amount)?;
            left.payments = &suggested.suggested_transactions;
        }
        Ok(left)
    }

    fn refuses(&self, refund: &Refund<'_>) -> Option<RefundOutcome> {
        if self.shop_currency != refund.amount.currency {
            let problem = format!("`currency` of the shop's order is {}", self.shop_currency);
            return Some(RefundOutcome::refused(problem));
        }
        (refund.amount.minor > self.shop_minor).then(|| refund.too_much(self.shop_minor))
    }

    /// An amount in the customer's currency, at the rate of what is left: all of it is all of it, to the last cent.
    fn presented(&self, shop_minor: i64) -> i64 {
        let (part, whole) = (i128::from(shop_minor), i128::from(self.shop_minor.max(1)));
        let presented = (2 * part * i128::from(self.minor) + whole).div_euclid(2 * whole);
        i64::try_from(presented).unwrap_or(self.minor).min(self.minor)
    }

    /// The amount, over the payments that it came by; none when they don't have so much left.
    fn spread(&self, refund: &Refund<'_>) -> Option<Vec<Value>> {
        let mut missing = self.presented(refund.amount.minor);
        let mut transactions = Vec::new();
        for payment in self.payments {
            let Some(gateway) = &payment.gateway else { continue };
            let left = payment.maximum_refundable_set.as_ref();
            let left = left.map(|left| self.currency.parse_minor(&left.presentment_money.amount));
            let share = left.and_then(Result::ok).unwrap_or(0).min(missing);
            if share > 0 {
                transactions.push(json!({
                    "orderId": format!("gid://shopify/Order/{}", refund.order),
                    "parentId": payment.parent_transaction.as_ref().map(|parent| &parent.id),
                    "gateway": gateway,
                    "kind": "REFUND",
                    "amount": self.currency.format_minor(share),
                }));
                missing -= share;
            }
        }
        (missing == 0).then_some(transactions)
    }
}
