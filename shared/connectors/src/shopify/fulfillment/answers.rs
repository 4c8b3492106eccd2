//! What shows parcels in Shopify: its documents, and what their answers look like.

use anyhow::{Context, Result, bail};
use ports::Http;
use serde::Deserialize;
use serde_json::json;

use super::super::admin::{Document, Named, Nodes, UserError, call};
use crate::shipment::Access;

pub(super) const ORDER: Document = Document { name: "order", text: include_str!("order.graphql") };
pub(super) const FULFILLMENT_LINES: Document =
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

/// Pages of lines that are read at the most. A page has 200 lines, and no order more than 500.
const PAGES_MAX: usize = 10;

/// All lines of a fulfillment, or of a fulfillment order.
///
/// # Errors
/// When a call fails, or there is always one more page.
pub(super) async fn lines(
    http: &impl Http,
    access: Access<'_>,
    document: Document,
    id: &str,
) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let variables = json!({ "id": id, "after": after });
        let page: LinesPage = call(http, access, document, &variables).await?;
        let owner = page.owner.with_context(|| format!("Shopify knows no `{id}`"))?;
        lines.extend(owner.lines.nodes);
        after = owner.lines.page_info.end_cursor;
        if !owner.lines.page_info.has_next_page {
            return Ok(lines);
        }
    }
    bail!("Shopify answered `{}` with more than {PAGES_MAX} pages", document.name)
}

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

#[derive(Deserialize)]
struct LinesPage {
    owner: Option<Owner>,
}

#[derive(Deserialize)]
struct Owner {
    lines: Lines,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lines {
    nodes: Vec<Line>,
    page_info: PageInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

/// A line of a fulfillment or of a fulfillment order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    pub(super) id: String,
    /// Units in the fulfillment; units that remain in the fulfillment order.
    #[serde(default)]
    pub(super) quantity: Option<u32>,
    /// The line of the order.
    pub(super) line_item: Named,
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
