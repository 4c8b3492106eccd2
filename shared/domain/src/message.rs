//! What the functions send each other: imperatives, each safe to receive twice.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{
    EndpointId, FulfillmentOrderId, LocationId, OrderId, ParcelId, RefundId, ReturnId, SupplierId,
};
use crate::language::Language;
use crate::order::documents::DocumentId;

/// How many one [`Message::TrackParcels`] names at the most: 17TRACK takes 40 numbers a call, and nearly every order has
/// one parcel.
pub const PARCELS_PER_MESSAGE_MAX: usize = 40;

/// A message on a queue. This is a wire format between versions of the functions: never rename, only add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Message {
    /// To `sku-mapping`.
    MapSkus { order_id: OrderId },
    /// To `screening`.
    ScreenOrder { order_id: OrderId },
    /// To `routing`.
    RouteOrder { order_id: OrderId },
    /// To `supplier-forwarding`: submit, withdraw, cancel or chase, whatever the fulfillment order calls for.
    ForwardOrder { order_id: OrderId, fulfillment_order_id: FulfillmentOrderId },
    /// To `tracking-poll`: at most [`PARCELS_PER_MESSAGE_MAX`], of any orders.
    TrackParcels { parcels: Vec<ParcelRef> },
    /// To `shop-sync`: bring the shop up to what we know of the parcel.
    UpdateShop { order_id: OrderId, parcel_id: ParcelId },
    /// To `shop-sync`: tell the shop what came of a request to change the order, counted from 1.
    AnswerShop { order_id: OrderId, request: u16 },
    /// To `documents`.
    ArchiveDocument { order_id: OrderId, document: DocumentId },
    /// To `returns`: the photos are there that it waited for.
    DecideReturn { order_id: OrderId, return_id: ReturnId },
    /// To `returns`.
    BuyReturnLabel { order_id: OrderId, return_id: ReturnId },
    /// To `returns`: what was approved and never sent comes to its end.
    ExpireReturn { order_id: OrderId, return_id: ReturnId },
    /// To `returns`.
    RefundOrder { order_id: OrderId, refund_id: RefundId },
    /// To `notifications`: the day on which it should have arrived has passed.
    NoteDelay { order_id: OrderId, fulfillment_order_id: FulfillmentOrderId },
    /// To `notifications`: tell the customer what these appends of the order mean, counted from 1.
    NotifyCustomer { order_id: OrderId, first: u64, last: u64 },
    /// To `notifications`: nobody writes to these any more. Keyed hashes of addresses; a mail bounced, or its reader
    /// complained.
    SuppressRecipients { recipients: Vec<String> },
    /// To `notifications`: someone says that they bought something, and wants a link to the returns portal. Sent for
    /// whatever was typed, so that whoever types learns nothing from it; an order that has the number, and a contact
    /// that the evidence fits, gets the link by mail, and all else ends there without a trace.
    MailLink {
        /// The order number as people see it, see [`crate::views::order_number`].
        number: String,
        /// What `connectors::customer_link::evidence` made of the e-mail address or postal code that was typed: nothing
        /// personal, and nothing that can be turned back into it.
        evidence: String,
        /// What they speak.
        language: Language,
    },
    /// To `status-webhooks`.
    TellEndpoint {
        endpoint_id: EndpointId,
        news: News,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry: Option<Retry>,
    },
}

/// What an endpoint is to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// What these appends of an order's facts mean.
    Facts {
        order_id: OrderId,
        /// The first append, counted from 1.
        first: u64,
        /// The last.
        last: u64,
    },
    /// What a supplier counted.
    Stock {
        supplier: SupplierId,
        location: LocationId,
        /// When it told us.
        reported_at: Timestamp,
        /// What it has of each of its article numbers.
        on_hand: BTreeMap<String, u32>,
    },
}

/// How often an endpoint could not be told, and when to try again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// When it was tried first.
    pub since: Timestamp,
    /// How often it failed.
    pub failures: u32,
    /// Not before this.
    pub not_before: Timestamp,
}

/// A parcel, or all of an order that are on their way, wherever they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ParcelRef {
    /// Its order.
    pub order_id: OrderId,
    /// Which of the order's parcels; none for each that is on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parcel_id: Option<ParcelId>,
}

/// The functions that take messages; each has the queue of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// `sku-mapping`
    SkuMapping,
    /// `screening`
    Screening,
    /// `routing`
    Routing,
    /// `supplier-forwarding`
    SupplierForwarding,
    /// `tracking-poll`
    TrackingPoll,
    /// `shop-sync`
    ShopSync,
    /// `documents`
    Documents,
    /// `returns`
    Returns,
    /// `notifications`
    Notifications,
    /// `status-webhooks`
    StatusWebhooks,
}

impl Function {
    /// All of them, in the order of an order's life.
    pub const ALL: [Self; 10] = [
        Self::SkuMapping,
        Self::Screening,
        Self::Routing,
        Self::SupplierForwarding,
        Self::TrackingPoll,
        Self::ShopSync,
        Self::Documents,
        Self::Returns,
        Self::Notifications,
        Self::StatusWebhooks,
    ];

    /// Its directory, package, binary and queue.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SkuMapping => "sku-mapping",
            Self::Screening => "screening",
            Self::Routing => "routing",
            Self::SupplierForwarding => "supplier-forwarding",
            Self::TrackingPoll => "tracking-poll",
            Self::ShopSync => "shop-sync",
            Self::Documents => "documents",
            Self::Returns => "returns",
            Self::Notifications => "notifications",
            Self::StatusWebhooks => "status-webhooks",
        }
    }
}

impl Message {
    /// The order it is about; none when it is about several.
    #[must_use]
    pub fn order_id(&self) -> Option<&OrderId> {
        match self {
            Self::MapSkus { order_id }
            | Self::ScreenOrder { order_id }
            | Self::RouteOrder { order_id }
            | Self::ForwardOrder { order_id, .. }
            | Self::UpdateShop { order_id, .. }
            | Self::AnswerShop { order_id, .. }
            | Self::ArchiveDocument { order_id, .. }
            | Self::DecideReturn { order_id, .. }
            | Self::BuyReturnLabel { order_id, .. }
            | Self::ExpireReturn { order_id, .. }
            | Self::RefundOrder { order_id, .. }
            | Self::NoteDelay { order_id, .. }
            | Self::NotifyCustomer { order_id, .. }
            | Self::TellEndpoint { news: News::Facts { order_id, .. }, .. } => Some(order_id),
            Self::TrackParcels { .. }
            | Self::SuppressRecipients { .. }
            | Self::MailLink { .. }
            | Self::TellEndpoint { .. } => None,
        }
    }

    /// Who takes it.
    #[must_use]
    pub fn function(&self) -> Function {
        match self {
            Self::MapSkus { .. } => Function::SkuMapping,
            Self::ScreenOrder { .. } => Function::Screening,
            Self::RouteOrder { .. } => Function::Routing,
            Self::ForwardOrder { .. } => Function::SupplierForwarding,
            Self::TrackParcels { .. } => Function::TrackingPoll,
            Self::UpdateShop { .. } | Self::AnswerShop { .. } => Function::ShopSync,
            Self::ArchiveDocument { .. } => Function::Documents,
            Self::DecideReturn { .. }
            | Self::BuyReturnLabel { .. }
            | Self::ExpireReturn { .. }
            | Self::RefundOrder { .. } => Function::Returns,
            Self::NoteDelay { .. }
            | Self::NotifyCustomer { .. }
            | Self::SuppressRecipients { .. }
            | Self::MailLink { .. } => Function::Notifications,
            Self::TellEndpoint { .. } => Function::StatusWebhooks,
        }
    }
}
