//! Tracking: where an order is, for whoever has its link. It shows what was bought and where it is, and nobody's name or
//! address.

use anyhow::Result;
use askama::Template;
use connectors::customer_link::{self, Purpose};
use connectors::form;
use domain::id::{ItemId, ParcelId};
use domain::order::fact::ScanStatus;
use domain::order::phase::{Phase, phase};
use domain::order::{Order, Parcel, tracking};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ports::{Clock, Events, Inbound, Queues, Reply, Secrets, transact};

use crate::access::standing;
use crate::page::{Page, redirect};

#[derive(Template)]
#[template(path = "track.html")]
struct Track<'a> {
    page: &'a Page,
    number: String,
    heading: String,
    ordered_on: String,
    is_cancelled: bool,
    parcels_heading: String,
    parcels: Vec<Box>,
    to_come: Vec<Coming>,
    lines: Vec<Line>,
}

/// A parcel.
struct Box {
    parcel_id: String,
    carrier: String,
    number: String,
    status: String,
    /// How far it is: `moving`, `arrived` or `stuck`; what the page shows it with.
    mood: &'static str,
    expected: String,
    contents: Vec<Line>,
    journey: Vec<Stop>,
    may_confirm: bool,
}

/// A scan.
struct Stop {
    on: String,
    status: String,
}

/// Units of something.
struct Line {
    title: String,
    units: String,
}

/// What has not left.
struct Coming {
    title: String,
    units: String,
    when: String,
}

/// Shows where the order is; the form on the page says that a parcel has arrived.
pub(crate) async fn track(
    world: &(impl Clock + Events + Queues + Secrets),
    inbound: &Inbound,
    page: &Page,
) -> Result<Reply> {
    let secrets = world.secret(customer_link::SECRET).await?;
    let now = world.now();
    let token = inbound.parameter("token");
    let link = customer_link::read_token(&secrets, Purpose::Track, token, now);
    let Some(link) = link else { return page.gone("../returns") };
    let Some(order) = standing(world, &link).await? else { return page.gone("../returns") };
    if inbound.method == "POST" {
        let fields = form::fields(&inbound.body).unwrap_or_default();
        let parcel_id = fields.get("arrived").and_then(|id| id.parse::<ParcelId>().ok());
        if let Some(parcel_id) = parcel_id {
            transact(world, &link.order_id, async |order, _| {
                Ok(tracking::confirm_arrival(order, parcel_id))
            })
            .await?;
        }
        return Ok(redirect(token, None));
    }
    page.reply(200, &track_of(page, &order, now))
}

fn track_of<'a>(page: &'a Page, order: &Order, now: Timestamp) -> Track<'a> {
    let received = order.received.as_ref();
    let number = received.map_or(String::new(), |received| received.number.clone());
    let placed_at = received.map_or(now, |received| received.placed_at);
    let today = now.to_zoned(TimeZone::UTC).date();
    let parcels = order.parcels.iter();
    let lines = received.iter().flat_map(|received| &received.lines);
    let lines = lines.filter(|line| order.wanted.get(&line.line_id).is_none_or(|units| *units > 0));
    Track {
        page,
        heading: page.say_with("track-heading", "number", number.clone()),
        number: number.trim_start_matches('#').to_owned(),
        ordered_on: page.say_with("ordered-on", "date", day(page, placed_at)),
        is_cancelled: phase(order) == Phase::Cancelled,
        parcels_heading: page.say_with("parcels", "count", order.parcels.len()),
        parcels: parcels.map(|(id, parcel)| boxed(page, order, *id, parcel, today)).collect(),
        to_come: to_come(page, order),
        lines: lines
            .map(|line| Line {
                title: line.title.clone(),
                units: page.say_with(
                    "units",
                    "count",
                    order.wanted.get(&line.line_id).copied().unwrap_or(line.quantity),
                ),
            })
            .collect(),
    }
}

fn day(page: &Page, at: Timestamp) -> String {
    page.texts.date(at.to_zoned(TimeZone::UTC).date())
}

fn boxed(page: &Page, order: &Order, parcel_id: ParcelId, parcel: &Parcel, today: Date) -> Box {
    let status = parcel.status();
    let contents = parcel.units.iter().map(|units| Line {
        title: title(order, &units.item),
        units: page.say_with("units", "count", units.quantity),
    });
    let mut journey: Vec<Stop> = Vec::new();
    for scan in parcel.scans.iter().rev() {
        let stop = Stop { on: day(page, scan.at), status: status_text(page, scan.status) };
        // Carriers scan at every door; the customer wants to see it move.
        if journey.last().is_none_or(|last| last.status != stop.status || last.on != stop.on) {
            journey.push(stop);
        }
    }
    Box {
        parcel_id: parcel_id.to_string(),
        carrier: parcel.carrier.clone(),
        number: parcel.number.clone(),
        status: status_text(page, status),
        mood: match status {
            ScanStatus::Delivered => "arrived",
            ScanStatus::Exception
            | ScanStatus::AttemptFailed
            | ScanStatus::Returning
            | ScanStatus::Returned => "stuck",
            _ => "moving",
        },
        expected: expected(page, order, parcel, today),
        contents: contents.collect(),
        journey,
        may_confirm: !tracking::confirm_arrival(order, parcel_id).is_empty(),
    }
}

/// When a parcel arrived, or is expected to.
fn expected(page: &Page, order: &Order, parcel: &Parcel, today: Date) -> String {
    if let Some(at) = parcel.delivered_at() {
        return page.say_with("arrived-on", "date", day(page, at));
    }
    let planned = order.fulfillment_orders.get(&parcel.fulfillment_order_id);
    match planned.map(|known| known.planned.arrives) {
        _ if !parcel.is_moving() => String::new(),
        Some((_, until)) if until < today => {
            page.say_with("expected-past", "date", page.texts.date(until))
        }
        Some(arrives) => between(page, arrives),
        None => String::new(),
    }
}

fn between(page: &Page, (from, until): (Date, Date)) -> String {
    if from == until {
        return page.say_with("expected-on", "date", page.texts.weekday(from));
    }
    let (from, until) = (page.texts.weekday(from), page.texts.weekday(until));
    page.texts.with("expected-between", &[("from", from.into()), ("until", until.into())])
}

fn status_text(page: &Page, status: ScanStatus) -> String {
    page.say(match status {
        ScanStatus::LabelCreated => "status-label_created",
        ScanStatus::InTransit => "status-in_transit",
        ScanStatus::Exception => "status-exception",
        ScanStatus::ReadyForPickup => "status-ready_for_pickup",
        ScanStatus::OutForDelivery => "status-out_for_delivery",
        ScanStatus::AttemptFailed => "status-attempt_failed",
        ScanStatus::Returning => "status-returning",
        ScanStatus::Returned => "status-returned",
        ScanStatus::Delivered => "status-delivered",
    })
}

/// What the customer read when buying; of a bundle, which of its parts it is.
fn title(order: &Order, item: &ItemId) -> String {
    let parts = order.items().filter(|known| known.id.line == item.line).count();
    let mut lines = order.received.iter().flat_map(|received| &received.lines);
    let line = lines.find(|line| line.line_id == item.line).map(|line| line.title.clone());
    let part = order.items().find(|known| known.id == *item).map(|known| known.title.clone());
    if parts > 1 { part.or(line) } else { line.or(part) }.unwrap_or_default()
}

/// What has not left, and when it is expected.
fn to_come(page: &Page, order: &Order) -> Vec<Coming> {
    let mut to_come = Vec::new();
    for item in order.items() {
        let gone = order.shipped(&item.id) + order.cancelled.get(&item.id).copied().unwrap_or(0);
        let mut left = order.ordered(item).saturating_sub(gone);
        let mut add = |units: u32, when: String| {
            let units = units.min(left);
            left -= units;
            if units > 0 {
                let (title, units) =
                    (title(order, &item.id), page.say_with("units", "count", units));
                to_come.push(Coming { title, units, when });
            }
        };
        for known in order.fulfillment_orders.values() {
            let units = known.units.get(&item.id).map_or(0, |progress| progress.unshipped());
            add(units, between(page, known.planned.arrives));
        }
        if let Some(waiting) = order.backorders.get(&item.id) {
            let date = page.texts.date(waiting.expected_on);
            add(waiting.quantity, page.say_with("to-come-backorder", "date", date));
        }
        let key = if order.holds.is_empty() { "to-come-unknown" } else { "to-come-held" };
        add(u32::MAX, page.say(key));
    }
    to_come
}
