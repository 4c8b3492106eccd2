//! What shows parcels in Shopify: its documents, and what their answers look like.

use serde::Deserialize;

use super::super::admin::{Document, Named, Nodes, UserError};

pub(super) const ORDER: Document = Document { name: "order", text: include_str!("order.graphql") };
pub(in crate::shopify) const FULFILLMENT_LINES: Document =
    Document { name: "fulfillment_lines", text: include_str!("fulfillment_lines.graphql") };
pub(super) const FULFILLMENT_ORDER_LINES: Document = Document {
    name: "fulfillment_order_lines",
    text: include_str!("fulfillment_order_lines.graphql"),
};
pub(super) const FULFILLMENT_CREATE: Document =
    Document { name: "fulfillment_create", text: include_str!("fulfillment_create.graphql") };
pub(super) const FULFILLMENT_EVENT_CREATE: Document = Document {
    name: "fulfillment_event_create",
    text: include_str!("fulfillment_event_create.graphql"),
};

pub(super) const TRACKING_UPDATE: Document =
    Document { name: "tracking_update", text: include_str!("tracking_update.graphql") };
pub(super) const ORDER_ANSWER: Document =
    Document { name: "order_answer", text: include_str!("order_answer.graphql") };

/// Answer of [`ORDER`].
#[derive(Deserialize)]
pub(super) struct OrderAnswer {
    pub(super) order: Option<ShopifyOrder>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShopifyOrder {
    pub(super) fulfillments: Vec<Fulfillment>,
    pub(super) fulfillment_orders: Nodes<FulfillmentOrder>,
}

/// A parcel, as Shopify shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fulfillment {
    pub(super) id: String,
    status: String,
    tracking_info: Vec<TrackingInfo>,
    events: Nodes<Event>,
}

impl Fulfillment {
    /// Whether it shows this number; cancelled and failed ones show nothing.
    pub(super) fn shows(&self, number: &str) -> bool {
        let stands = !matches!(self.status.as_str(), "CANCELLED" | "ERROR" | "FAILURE");
        stands && self.tracking_info.iter().any(|info| info.number.as_deref() == Some(number))
    }

    /// The event that says that it arrived.
    pub(super) fn delivery(&self) -> Option<&str> {
        let delivered = self.events.nodes.iter().find(|event| event.status == "DELIVERED");
        delivered.map(|event| event.id.as_str())
    }
}

#[derive(Deserialize)]
struct TrackingInfo {
    number: Option<String>,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    status: String,
}

/// What is to be fulfilled from one location.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FulfillmentOrder {
    pub(super) id: String,
    pub(super) status: String,
    supported_actions: Vec<SupportedAction>,
    assigned_location: AssignedLocation,
}

impl FulfillmentOrder {
    /// Whether anything may still be fulfilled of it.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.status.as_str(), "CANCELLED" | "CLOSED" | "INCOMPLETE")
    }

    /// Whether it may be fulfilled now; not while it is on hold, for instance.
    pub(super) fn takes_fulfillments(&self) -> bool {
        self.supported_actions.iter().any(|supported| supported.action == "CREATE_FULFILLMENT")
    }

    /// Where it is fulfilled; empty once that location was deleted.
    pub(super) fn location(&self) -> &str {
        self.assigned_location.location.as_ref().map_or("", |location| location.id.as_str())
    }
}

#[derive(Deserialize)]
struct SupportedAction {
    action: String,
}

#[derive(Deserialize)]
struct AssignedLocation {
    location: Option<Named>,
}

/// A line of a fulfillment or of a fulfillment order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::shopify) struct Line {
    pub(in crate::shopify) id: String,
    /// Units in the fulfillment; units that remain in the fulfillment order.
    #[serde(default)]
    pub(in crate::shopify) quantity: Option<u32>,
    /// The line of the order.
    pub(in crate::shopify) line_item: Named,
}

/// Answer of [`FULFILLMENT_CREATE`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FulfillmentCreated {
    pub(super) fulfillment_create: FulfillmentPayload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FulfillmentPayload {
    pub(super) fulfillment: Option<Named>,
    pub(super) user_errors: Vec<UserError>,
}

/// Answer of [`FULFILLMENT_EVENT_CREATE`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventCreated {
    pub(super) fulfillment_event_create: EventPayload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventPayload {
    pub(super) fulfillment_event: Option<Named>,
    pub(super) user_errors: Vec<UserError>,
}

/// Answer of [`TRACKING_UPDATE`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TrackingUpdated {
    pub(super) fulfillment_tracking_info_update: Outcome,
}

/// Answer of [`ORDER_ANSWER`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderAnswered {
    pub(super) tags_add: Outcome,
    pub(super) metafields_set: Outcome,
}

/// What a mutation that makes nothing new says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    pub(super) user_errors: Vec<UserError>,
}
