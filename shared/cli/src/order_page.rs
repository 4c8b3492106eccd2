//! An order on a screen: its phase and its facts, and nothing of the person.

use std::io::Write;

use anyhow::Result;
use domain::id::OrderId;
use domain::order::Order;
use domain::order::fact::{Fact, Routed};
use domain::order::phase::phase;
use ports::Events;

/// Shows an order. Whether there is one.
///
/// # Errors
/// When the world says not now.
pub async fn show(world: &impl Events, order_id: &OrderId, out: &mut impl Write) -> Result<bool> {
    let (history, version) = world.load(order_id).await?;
    if history.is_empty() {
        writeln!(out, "there is no order `{order_id}`")?;
        return Ok(false);
    }
    let order = Order::fold(&history);
    writeln!(out, "{order_id}  {}  version {version}", phase(&order).name())?;
    for (hold, standing) in &order.holds {
        writeln!(out, "held: {}: {}", hold.name(), standing.detail)?;
    }
    for (number, amendment) in order.numbered_amendments() {
        let answer = amendment.answer(&order);
        let notes = answer.notes.join(", ");
        let line =
            format!("request {number}: {}: {} {notes}", amendment.name(), answer.verdict.name());
        writeln!(out, "{}", line.trim_end())?;
    }
    for recorded in &history {
        let line = format!(
            "{}  {:18} {}",
            recorded.at,
            recorded.fact.name(),
            about(order_id, &recorded.fact)
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(true)
}

/// What a line has room for.
fn about(order_id: &OrderId, fact: &Fact) -> String {
    match fact {
        Fact::Received(received) => format!("{} lines", received.lines.len()),
        Fact::Mapped { items } => format!("{} items", items.len()),
        Fact::Held { hold, detail } => format!("{}: {detail}", hold.name()),
        Fact::Released { hold } => hold.name().to_owned(),
        Fact::Overridden { hold, by, .. } => format!("{} by {by}", hold.name()),
        Fact::CancelRequested { by, .. } | Fact::ContactChanged { by, .. } => format!("by {by}"),
        Fact::Routed(routed) => shares(routed),
        Fact::SubmissionStarted { fulfillment_order_id }
        | Fact::Submitted { fulfillment_order_id, .. }
        | Fact::Accepted { fulfillment_order_id, .. }
        | Fact::Rejected { fulfillment_order_id, .. }
        | Fact::TimedOut { fulfillment_order_id, .. }
        | Fact::InDoubt { fulfillment_order_id, .. }
        | Fact::Resolved { fulfillment_order_id, .. }
        | Fact::Overdue { fulfillment_order_id }
        | Fact::Delayed { fulfillment_order_id, .. }
        | Fact::CancelWanted { fulfillment_order_id }
        | Fact::CancelAsked { fulfillment_order_id }
        | Fact::CancelRejected { fulfillment_order_id, .. }
        | Fact::Withdrawn { fulfillment_order_id, .. } => fulfillment_order_id.to_string(),
        Fact::AddressAsked { fulfillment_order_id, change }
        | Fact::AddressChanged { fulfillment_order_id, change }
        | Fact::AddressRefused { fulfillment_order_id, change, .. } => {
            format!("{fulfillment_order_id} address {change}")
        }
        Fact::ShopAnswered { request, verdict, .. } => {
            format!("request {request}: {}", verdict.name())
        }
        Fact::Shipped { parcel_id, carrier, number, .. }
        | Fact::NumberCorrected { parcel_id, carrier, number, .. } => {
            format!("{parcel_id} {carrier} {number}")
        }
        Fact::TrackingRegistered { parcel_id } | Fact::TrackingStopped { parcel_id, .. } => {
            parcel_id.to_string()
        }
        Fact::Tracked { parcel_id, scans } => format!("{parcel_id} {} scans", scans.len()),
        Fact::ShopUpdateStarted { parcel_id, milestone }
        | Fact::ShopUpdateRefused { parcel_id, milestone, .. }
        | Fact::ShopUpdateResolved { parcel_id, milestone, .. }
        | Fact::ShopUpdated { parcel_id, milestone, .. } => {
            format!("{parcel_id} {}", milestone.name())
        }
        Fact::Archived(archived) => {
            format!("{} in {}", archived.document, archived.place(order_id))
        }
        _ => String::new(),
    }
}

fn shares(routed: &Routed) -> String {
    let planned = routed.fulfillment_orders.iter().map(|planned| {
        let (id, supplier, location) =
            (planned.fulfillment_order_id, &planned.supplier, &planned.location);
        format!("{id} {supplier} at {location} by {}", planned.service)
    });
    let waiting = routed.backorders.iter().map(|waiting| {
        format!("{} of {} on {}", waiting.quantity, waiting.item, waiting.expected_on)
    });
    planned.chain(waiting).collect::<Vec<_>>().join(", ")
}
