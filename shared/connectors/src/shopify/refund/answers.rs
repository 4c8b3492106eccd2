//! What pays back in Shopify: its documents, and what their answers look like.

use serde::Deserialize;

use super::super::admin::{Document, Named, Nodes, UserError};

pub(super) const REFUNDS: Document =
    Document { name: "refunds", text: include_str!("refunds.graphql") };
pub(super) const REFUND_CREATE: Document =
    Document { name: "refund_create", text: include_str!("refund_create.graphql") };

/// Answer of [`REFUNDS`].
#[derive(Deserialize)]
pub(super) struct OrderAnswer {
    pub(super) order: Option<Sale>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sale {
    /// The shop's.
    pub(super) currency_code: String,
    /// The customer's.
    pub(super) presentment_currency_code: String,
    pub(super) refunds: Vec<ShopifyRefund>,
    /// None when nothing can be paid back.
    pub(super) suggested_refund: Option<SuggestedRefund>,
}

/// A refund, as Shopify keeps it.
#[derive(Deserialize)]
pub(super) struct ShopifyRefund {
    pub(super) id: String,
    #[serde(default)]
    pub(super) note: Option<String>,
    pub(super) transactions: Nodes<Transaction>,
}

#[derive(Deserialize)]
pub(super) struct Transaction {
    pub(super) status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SuggestedRefund {
    pub(super) maximum_refundable_set: MoneyBag,
    pub(super) suggested_transactions: Vec<SuggestedTransaction>,
}

/// An amount in the shop's currency and in the customer's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MoneyBag {
    pub(super) shop_money: Amount,
    pub(super) presentment_money: Amount,
}

#[derive(Deserialize)]
pub(super) struct Amount {
    pub(super) amount: String,
}

/// A payment that can be paid back.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SuggestedTransaction {
    pub(super) gateway: Option<String>,
    pub(super) maximum_refundable_set: Option<Presentment>,
    pub(super) parent_transaction: Option<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Presentment {
    pub(super) presentment_money: Amount,
}

/// Answer of [`REFUND_CREATE`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundCreated {
    pub(super) refund_create: RefundPayload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundPayload {
    pub(super) refund: Option<ShopifyRefund>,
    pub(super) user_errors: Vec<UserError>,
}
