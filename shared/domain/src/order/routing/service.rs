//! How a share travels: the carrier's service by destination, weight, value and promise, and when it arrives.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{Job, Need};
use crate::address::Country;
use crate::money::Money;
use crate::settings::{Location, Service};

/// A chosen service with its price and its days.
pub(super) struct Passage<'a> {
    pub(super) service: &'a Service,
    pub(super) freight_minor: i64,
    pub(super) submit_at: Timestamp,
    pub(super) leaves_on: Date,
    pub(super) arrives: (Date, Date),
}

/// The cheapest service that takes these goods there; for a customer who paid for speed, the fastest. None for no goods.
pub(super) fn choose<'a>(
    job: &Job<'a>,
    location: &'a Location,
    needs: &[Need<'_>],
) -> Option<Passage<'a>> {
    if needs.is_empty() {
        return None;
    }
    let weight_g: u64 =
        needs.iter().map(|need| u64::from(need.item.weight_g) * u64::from(need.quantity)).sum();
    let value_minor = needs.iter().map(|need| value_minor(job, *need)).sum();
    let is_hazmat = needs.iter().any(|need| need.item.hazmat);
    let submit_at = job.submit_at();
    let leaves_on = departure(location, submit_at)?;
    let passage = |service: &'a Service| {
        let fits = goes(service, location.country, job.country)
            && weight_g <= u64::from(service.weight_max_g)
            && (service.hazmat || !is_hazmat)
            && takes_value(job, service, value_minor);
        let freight_minor = fits.then(|| freight_minor(job, service, weight_g))??;
        let day = |days: u16| leaves_on.saturating_add(i32::from(days).days());
        Some(Passage {
            service,
            freight_minor,
            submit_at,
            leaves_on,
            arrives: (day(service.days.0), day(service.days.1)),
        })
    };
    let is_urgent = job.received.shipping.express;
    let rank = |passage: &Passage<'_>| {
        let service = passage.service;
        let (price, days) = (passage.freight_minor, i64::from(service.days.1));
        // Who paid for speed gets it; who did not gets an express service only where nothing else goes.
        if is_urgent { (!service.express, days, price) } else { (service.express, price, days) }
    };
    job.supply.settings.services.iter().filter_map(passage).min_by_key(rank)
}

fn goes(service: &Service, from: Country, to: Country) -> bool {
    let is_in = |list: &[Country], country| list.is_empty() || list.contains(&country);
    is_in(&service.from, from) && is_in(&service.to, to) && !service.not_to.contains(&to)
}

fn takes_value(job: &Job<'_>, service: &Service, value_minor: i64) -> bool {
    let limit = |money: Money| job.supply.settings.convert(money, job.received.currency);
    let is_enough =
        service.value_min.is_none_or(|min| limit(min).is_some_and(|min| value_minor >= min));
    is_enough
        && service.value_max.is_none_or(|max| limit(max).is_some_and(|max| value_minor <= max))
}

fn freight_minor(job: &Job<'_>, service: &Service, weight_g: u64) -> Option<i64> {
    let kilograms = i64::try_from(weight_g.div_ceil(1000)).ok()?;
    let further = service.per_kg_minor * (kilograms - 1).max(0);
    let price = Money { minor: service.base.minor + further, currency: service.base.currency };
    job.supply.settings.convert(price, job.received.currency)
}

/// What the customer paid for these units. A bundle's price counts once per bundle, with its first component's share.
fn value_minor(job: &Job<'_>, need: Need<'_>) -> i64 {
    let line = job.received.lines.iter().find(|line| line.line_id == need.item.id.line);
    let parts: u32 = job
        .order
        .items()
        .filter(|item| item.id.line == need.item.id.line)
        .map(|item| item.per_unit)
        .sum();
    line.map_or(0, |line| {
        line.unit_price_minor * i64::from(need.quantity) / i64::from(parts.max(1))
    })
}

/// The day on which something submitted at that moment leaves: the same day before the cut-off, local time, else the
/// next; always a working day. None for a time zone that does not exist, or a location that never works.
fn departure(location: &Location, submit_at: Timestamp) -> Option<Date> {
    let local = submit_at.to_zoned(TimeZone::get(&location.time_zone).ok()?);
    let is_late = local.time() >= location.cut_off;
    let first = if is_late { local.date().tomorrow().ok()? } else { local.date() };
    let is_working = |day: &Date| location.working_days.contains(&day.weekday());
    first.series(1.day()).take(7).find(is_working)
}
