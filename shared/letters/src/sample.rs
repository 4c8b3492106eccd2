//! An order of which everything can be told, so that every letter can be looked at before a customer gets one.

use anyhow::Result;
use domain::id::{FulfillmentOrderId, OrderId, ParcelId, RefundId, ReturnId};
use domain::order::notice::Notice;
use domain::order::{Order, Recorded};
use domain::settings::returns::Destination;
use domain::settings::{Notifications, Settings};
use jiff::Timestamp;

use crate::Links;

/// The order's facts, as they are stored.
const FACTS: &str = include_str!("../sample.json");

/// Where its returns go.
const PLACE: &str = r#"{"id": "sample", "address": {"name": "Returns", "lines": ["Am Alten Flughafen 3"],
    "city": "Leipzig", "postal_code": "04356", "country": "DE"}}"#;

/// Each notice that the order can bring about, once.
pub const NOTICES: [Notice; 20] = [
    Notice::Confirmed,
    Notice::Split { version: 1 },
    Notice::Backordered { version: 1 },
    Notice::Cancelled { version: 1 },
    Notice::PartCancelled { version: 1 },
    Notice::Shipped(ParcelId(1)),
    Notice::Corrected { parcel_id: ParcelId(1), version: 1 },
    Notice::Delayed(FulfillmentOrderId(2)),
    Notice::Delayed(FulfillmentOrderId(1)),
    Notice::Delivered(ParcelId(1)),
    Notice::ReturnRequested(ReturnId(1)),
    Notice::ReturnPhotosAsked(ReturnId(1)),
    Notice::ReturnApproved(ReturnId(1)),
    Notice::ReturnApproved(ReturnId(2)),
    Notice::ReturnApproved(ReturnId(3)),
    Notice::ReturnLabel(ReturnId(4)),
    Notice::ReturnDeclined(ReturnId(5)),
    Notice::ReturnCancelled(ReturnId(5)),
    Notice::ReturnReceived { return_id: ReturnId(1), version: 1 },
    Notice::Refunded(RefundId(1)),
];

/// The order.
///
/// # Errors
/// When its facts can't be read, which a test rules out.
pub fn order() -> Result<Order> {
    let facts: Vec<domain::order::fact::Fact> = serde_json::from_str(FACTS)?;
    let at: Timestamp = "2026-11-23T09:00:00Z".parse()?;
    let recorded = |fact| Recorded { version: 1, at, fact };
    let history: Vec<Recorded> = facts.into_iter().map(recorded).collect();
    Ok(Order::fold(&history))
}

/// Which order it is.
///
/// # Errors
/// When it is none, which a test rules out.
pub fn order_id() -> Result<OrderId> {
    Ok(OrderId::parse("alpenshop/1042")?)
}

/// As whom the shop writes, where the settings don't say.
///
/// # Errors
/// When it can't be read, which a test rules out.
pub fn sender() -> Result<Notifications> {
    Ok(serde_json::from_str(r#"{"name": "Alpenshop", "from": "hello@alpenshop.example"}"#)?)
}

/// The settings with the place that the sample's returns go to. The address is that of the shop's own first place, or a
/// made-up one.
///
/// # Errors
/// When it can't be read, which a test rules out.
pub fn furnish(settings: &Settings) -> Result<Settings> {
    let mut settings = settings.clone();
    let mut place: Destination = serde_json::from_str(PLACE)?;
    let destinations = &mut settings.returns.destinations;
    if let Some(known) = destinations.first() {
        place.address = known.address.clone();
    }
    destinations.retain(|known| known.id != place.id);
    destinations.push(place);
    Ok(settings)
}

/// A link that opens the returns portal, and leads nowhere.
pub const LINK: &str = "https://onward.example/returns/sample";

/// Links that lead nowhere.
#[must_use]
pub fn links() -> Links {
    Links {
        track: Some("https://onward.example/track/sample".to_owned()),
        returns: Some("https://onward.example/returns".to_owned()),
    }
}
