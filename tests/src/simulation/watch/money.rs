//! What an order earns and what its parts cost, by sums of our own, to the cent.

use domain::money::{Currency, Money};
use domain::order::fact::{Planned, Received, Routed};
use domain::order::{Order, Stage};
use domain::settings::Settings;

/// What is wrong with the money in a routing.
pub(super) fn of_routed(settings: &Settings, before: &Order, routed: &Routed) -> Option<String> {
    let received = before.received.as_ref()?;
    if let Some(what) = wrong_total(received) {
        return Some(what);
    }
    for planned in &routed.fulfillment_orders {
        let freight_minor = freight_minor(settings, before, planned)?;
        if planned.freight_minor != freight_minor {
            let stated = planned.freight_minor;
            return Some(format!("freight is {stated} and should be {freight_minor}"));
        }
    }
    let margin_minor = revenue_minor(before, received) - cost_minor(before, routed);
    let stated = routed.margin_minor?;
    (stated != margin_minor).then(|| format!("the margin is {stated} and should be {margin_minor}"))
}

/// Customers of this world pay what their lines and the shipping cost.
fn wrong_total(received: &Received) -> Option<String> {
    let lines = received.lines.iter();
    let goods: i64 = lines.map(|line| line.unit_price_minor * i64::from(line.quantity)).sum();
    // Lines that were added later are not in what was paid at first.
    let paid = goods + received.shipping.price_minor;
    (received.total_minor > paid).then(|| format!("{} were paid for {paid}", received.total_minor))
}

fn revenue_minor(order: &Order, received: &Received) -> i64 {
    let wanted =
        |line: &domain::shop_order::ShopLine| order.wanted.get(&line.line_id).copied().unwrap_or(0);
    let lines = received.lines.iter();
    lines.map(|line| line.unit_price_minor * i64::from(wanted(line))).sum::<i64>()
        + received.shipping.price_minor
}

fn cost_minor(before: &Order, routed: &Routed) -> i64 {
    let mut cost_minor = 0;
    for known in before.fulfillment_orders.values().filter(|known| known.stage != Stage::Closed) {
        cost_minor += known.planned.freight_minor;
        for share in &known.planned.shares {
            let units = known
                .units
                .get(&share.item)
                .map_or(0, |units| units.quantity - units.returned - units.cancelled);
            cost_minor += share.unit_cost_minor * i64::from(units);
        }
    }
    for planned in &routed.fulfillment_orders {
        cost_minor += planned.freight_minor;
        let shares = planned.shares.iter();
        cost_minor +=
            shares.map(|share| share.unit_cost_minor * i64::from(share.quantity)).sum::<i64>();
    }
    cost_minor
}

/// The price list's first kilogram, and each further one that was begun; in euros, rounded up.
fn freight_minor(settings: &Settings, order: &Order, planned: &Planned) -> Option<i64> {
    let service = settings.services.iter().find(|service| service.id == planned.service)?;
    let grams = |share: &domain::order::fact::Share| {
        let item = order.items().find(|item| item.id == share.item);
        item.map_or(0, |item| i64::from(item.weight_g) * i64::from(share.quantity))
    };
    let grams: i64 = planned.shares.iter().map(grams).sum();
    let further = ((grams + 999) / 1000 - 1).max(0);
    let price =
        Money { minor: service.base.minor + further * service.per_kg_minor, ..service.base };
    in_euros(settings, price)
}

fn in_euros(settings: &Settings, price: Money) -> Option<i64> {
    let euro = Currency::parse("EUR").ok()?;
    if price.currency == euro {
        return Some(price.minor);
    }
    let rate = settings.rates.iter().find(|rate| rate.from == price.currency && rate.to == euro)?;
    Some((price.minor * rate.millionths + 999_999) / 1_000_000)
}
