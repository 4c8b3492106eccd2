//! Projection: the rows of `Views`, from the facts; and word to the endpoints that there are new ones.

use std::collections::BTreeSet;

use anyhow::Result;
use domain::id::OrderId;
use domain::message::{Message, News};
use domain::order::Order;
use domain::order::announcement::announcements;
use domain::views;
use ports::{Catalog, Events, Queues, Views};

/// Brings an order's rows up to its facts. Whatever was missed before is made good: it does not look at what changed,
/// only at what is. Endpoints are told of `versions`, the appends that are new, and only of those.
///
/// # Errors
/// When the world says not now; the stream delivers again.
pub async fn project(
    world: &(impl Catalog + Events + Queues + Views),
    order_id: &OrderId,
    versions: &BTreeSet<u64>,
) -> Result<()> {
    let (mut history, mut version) = world.glance(order_id).await?;
    // A glance is good enough if it shows what is new: whatever is newer comes by itself.
    if versions.last().is_none_or(|last| version < *last) {
        (history, version) = world.load(order_id).await?;
    }
    world.replace(&views::rows(order_id, &Order::fold(&history), version)).await?;

    let (Some(first), Some(last)) = (versions.first(), versions.last()) else { return Ok(()) };
    let settings = world.settings().await?;
    if settings.endpoints.is_empty() {
        return Ok(());
    }
    let told = announcements(&history, *first, *last);
    let listening = settings.endpoints.iter().filter(|endpoint| {
        told.iter().any(|announcement| endpoint.wants(announcement.event.name()))
    });
    let messages: Vec<Message> = listening
        .map(|endpoint| Message::TellEndpoint {
            endpoint_id: endpoint.id.clone(),
            news: News::Facts { order_id: order_id.clone(), first: *first, last: *last },
            retry: None,
        })
        .collect();
    if messages.is_empty() { Ok(()) } else { world.send(&messages).await }
}
