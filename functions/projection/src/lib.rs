//! Projection: the rows of `Views`, from the facts; and word to endpoints and customers that there are new ones.

use std::collections::BTreeSet;
use std::slice::from_ref;

use anyhow::Result;
use domain::id::OrderId;
use domain::message::{Message, News};
use domain::order::announcement::announcements;
use domain::order::notice::notices;
use domain::order::phase::{Phase, phase};
use domain::order::{Order, Recorded};
use domain::settings::{Endpoint, Settings};
use domain::views;
use futures_util::future::try_join;
use ports::{Catalog, Events, Queues, Views};

/// Brings an order's rows up to its facts. Whatever was missed before is made good: it does not look at what changed,
/// only at what is. Endpoints and the customer are told of `versions`, the appends that are new, and only of those: a
/// rebuild tells nobody anything. Gives back the phase that they brought it to, if it is another.
///
/// # Errors
/// When the world says not now; the stream delivers again.
pub async fn project(
    world: &(impl Catalog + Events + Queues + Views),
    order_id: &OrderId,
    versions: &BTreeSet<u64>,
) -> Result<Option<Phase>> {
    let settings = async {
        // A rebuild tells nobody anything.
        if versions.is_empty() { Ok(None) } else { world.settings().await.map(Some) }
    };
    let ((mut history, mut version), settings) = try_join(world.glance(order_id), settings).await?;
    // A glance is good enough if it shows what is new: whatever is newer comes by itself.
    if versions.last().is_none_or(|last| version < *last) {
        (history, version) = world.load(order_id).await?;
    }
    let is_known =
        |recorded: &Recorded| versions.first().is_none_or(|first| recorded.version < *first);
    let (known, new) = history.split_at(history.partition_point(is_known));
    let before = Order::fold(known);
    let phase_before = (!known.is_empty()).then(|| phase(&before));
    let and_then = |order: Order, new: &Recorded| order.after(new.at, from_ref(&new.fact));
    let order = new.iter().fold(before, and_then);
    world.replace(&views::rows(order_id, &order, version)).await?;

    let (Some(first), Some(last), Some(settings)) = (versions.first(), versions.last(), settings)
    else {
        return Ok(None);
    };
    let mut messages = to_endpoints(&settings, order_id, &history, (*first, *last));
    messages.extend(to_customer(&settings, order_id, &history, (*first, *last)));
    if !messages.is_empty() {
        world.send(&messages).await?;
    }
    Ok(Some(phase(&order)).filter(|phase| Some(*phase) != phase_before))
}

fn to_endpoints(
    settings: &Settings,
    order_id: &OrderId,
    history: &[Recorded],
    (first, last): (u64, u64),
) -> Vec<Message> {
    if settings.endpoints.is_empty() {
        return Vec::new();
    }
    let told = announcements(history, first, last);
    let listening = settings.endpoints.iter().filter(|endpoint| {
        told.iter().any(|announcement| endpoint.wants(announcement.event.name()))
    });
    let message = |endpoint: &Endpoint| Message::TellEndpoint {
        endpoint_id: endpoint.id.clone(),
        news: News::Facts { order_id: order_id.clone(), first, last },
        retry: None,
    };
    listening.map(message).collect()
}

fn to_customer(
    settings: &Settings,
    order_id: &OrderId,
    history: &[Recorded],
    (first, last): (u64, u64),
) -> Option<Message> {
    let topics = settings.shop(&order_id.shop())?.notifications.as_ref()?.topics();
    let is_news = !notices(history, first, last, &topics).is_empty();
    is_news.then(|| Message::NotifyCustomer { order_id: order_id.clone(), first, last })
}
