//! Shopify's refunds.

use std::collections::BTreeMap;

use domain::money::{Currency, Money};
use serde_json::{Value, json};

use super::super::books::{Gateway, PaidBack};
use super::super::{Sale, Shop};
use super::{gid, id};

pub(super) fn refunds(shop: &Shop, variables: &Value) -> Value {
    let Some(sale) = shop.sales.get(id(&variables["id"])) else {
        return json!({ "order": null });
    };
    let books = &sale.books;
    let presented = books.presented();
    let refunds: Vec<Value> = books.refunds.iter().map(shown).collect();
    let payment = |(gateway, minor): (String, i64)| {
        json!({
            "gateway": gateway,
            "maximumRefundableSet": { "presentmentMoney": amount(presented.currency, minor) },
            "parentTransaction": { "id": gid("OrderTransaction", 7_001) },
        })
    };
    let payments: Vec<Value> = books.payments_left().into_iter().map(payment).collect();
    json!({ "order": {
        "currencyCode": books.currency(),
        "presentmentCurrencyCode": presented.currency,
        "refunds": refunds,
        "suggestedRefund": {
            "maximumRefundableSet": {
                "shopMoney": amount(books.currency(), in_shop_currency(sale)),
                "presentmentMoney": amount(presented.currency, books.left_minor()),
            },
            "suggestedTransactions": payments,
        },
    }})
}

/// What is left, at the rate of the sale.
fn in_shop_currency(sale: &Sale) -> i64 {
    let paid = sale.books.paid.map_or(0, |paid| paid.minor);
    let presented = sale.books.presented().minor.max(1);
    paid * sale.books.left_minor() / presented
}

fn amount(currency: Currency, minor: i64) -> Value {
    // Shopify writes at least one decimal, also of yen.
    let text = currency.format_minor(minor);
    let text = if text.contains('.') { text } else { format!("{text}.0") };
    json!({ "amount": text })
}

fn shown(refund: &PaidBack) -> Value {
    let status = if refund.is_paid { "SUCCESS" } else { "UNKNOWN" };
    json!({
        "id": gid("Refund", &refund.reference),
        "note": refund.note,
        "transactions": { "nodes": [{ "status": status }] },
    })
}

pub(super) fn refund_create(shop: &mut Shop, variables: &Value) -> Value {
    let (input, key) = (&variables["input"], variables["key"].as_str().unwrap_or_default());
    if key.trim().is_empty() {
        return refused("The idempotency key can't be blank.");
    }
    let gateway = shop.gateway;
    let Some(sale) = shop.sales.get_mut(id(&input["orderId"])) else {
        return refused("Order does not exist");
    };
    // What the key was used for first, whatever became of it since.
    let asked = json!({ "key": key, "input": input });
    if let Some(known) = sale.books.refunds.iter().find(|known| known.asked["key"] == key) {
        if known.asked != asked {
            let message =
                "The same idempotency key cannot be used with different operation parameters.";
            return refused(message);
        }
        return created(known);
    }
    let minor_by_gateway = match take(sale, input) {
        Ok(taken) => taken,
        Err(message) => return refused(message),
    };
    if gateway == Gateway::Refuses {
        return refused("The payment provider declined the refund.");
    }
    let lines = input["refundLineItems"].as_array().into_iter().flatten().map(|line| {
        let quantity = line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok());
        (id(&line["lineItemId"]).to_owned(), quantity.unwrap_or(0))
    });
    let refund = PaidBack {
        reference: sale.books.next_reference(),
        note: input["note"].as_str().unwrap_or_default().to_owned(),
        minor_by_gateway,
        lines: lines.collect(),
        is_paid: gateway == Gateway::Pays,
        asked,
    };
    let answer = created(&refund);
    sale.books.refunds.push(refund);
    shop.loses_answer();
    answer
}

/// What the transactions ask for, if it is there.
fn take(sale: &Sale, input: &Value) -> Result<BTreeMap<String, i64>, &'static str> {
    let Money { currency, .. } = sale.books.presented();
    if input["currency"] != json!(currency) {
        return Err("Currency must be the presentment currency of the order");
    }
    let left: BTreeMap<String, i64> = sale.books.payments_left().into_iter().collect();
    let mut taken: BTreeMap<String, i64> = BTreeMap::new();
    for transaction in input["transactions"].as_array().into_iter().flatten() {
        let gateway = transaction["gateway"].as_str().unwrap_or_default().to_owned();
        let amount = transaction["amount"].as_str().unwrap_or_default();
        let minor = currency.parse_minor(amount).map_err(|_| "Amount is not a number")?;
        *taken.entry(gateway).or_default() += minor;
    }
    let is_there = |(gateway, minor): (&String, &i64)| {
        left.get(gateway).is_some_and(|left| (1..=*left).contains(minor))
    };
    if taken.is_empty() || !taken.iter().all(is_there) {
        return Err("Refund amount cannot be more than the amount available to refund");
    }
    Ok(taken)
}

fn created(refund: &PaidBack) -> Value {
    let mut refund = shown(refund);
    refund.as_object_mut().expect("it is one").remove("note");
    json!({ "refundCreate": { "refund": refund, "userErrors": [] } })
}

fn refused(message: &str) -> Value {
    json!({ "refundCreate": {
        "refund": null,
        "userErrors": [{ "field": ["input"], "message": message }],
    }})
}
