//! Routing: who ships what, from where, how; and why they and not another.
//!
//! Filters first (may this offer ship this at all?), then rankings (which of those is best?), then the split policy
//! (from one place, or several?). Every candidate ends up in the fact with the reason why it lost.

mod place;
mod service;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::catalog::{Article, StockKey, StockLevel};
use crate::id::{ArticleId, ItemId};
use crate::order::fact::{Backorder, Fact, Hold, Item, Planned, Received, Routed, Share};
use crate::order::{Order, Stage};
use crate::settings::{Settings, Split};

use place::{Place, Rest};

/// What a routing decision looks at besides the order.
#[derive(Debug, Clone, Copy)]
pub struct Supply<'a> {
    /// The articles of the order's items.
    pub articles: &'a BTreeMap<ArticleId, Article>,
    /// Stock of every offer of these articles; a counter that does not exist is none in stock.
    pub stock: &'a BTreeMap<StockKey, StockLevel>,
    /// The rules.
    pub settings: &'a Settings,
}

/// The articles that still have to be routed.
#[must_use]
pub fn articles(order: &Order) -> BTreeSet<ArticleId> {
    needs(order).into_iter().map(|need| need.item.id.article.clone()).collect()
}

/// Every counter that a decision on these articles looks at.
#[must_use]
pub fn stock_keys(articles: &BTreeMap<ArticleId, Article>) -> BTreeSet<StockKey> {
    articles.values().flat_map(|article| article.offers.iter().map(place::stock_key)).collect()
}

/// Plans a share for every unit that nobody was asked to ship: whole if one place has it all, split if the rules
/// allow, backordered where nobody has it. Holds the order when nobody may ship it, or when it would earn too little.
#[must_use]
pub fn route(order: &Order, supply: Supply<'_>, now: Timestamp) -> Vec<Fact> {
    let needs = needs(order);
    let is_wanted = order.is_live() && order.cancel_requested.is_none() && order.holds.is_empty();
    let (Some(received), Some((_, Some(country)))) = (&order.received, &order.contact) else {
        return Vec::new();
    };
    if needs.is_empty() || !is_wanted || !order.is_mapped() || !order.is_screened() {
        return Vec::new();
    }
    let job = Job { order, received, country: *country, supply, now };
    let places = place::survey(&job, &needs);
    if let Some(held) = hold_unshippable(order, &needs, &places) {
        return vec![held];
    }
    let mut rest = Rest::of(&needs);
    let chosen = choose(&job, &places, &mut rest);
    let planned: Vec<Planned> =
        chosen.iter().zip(order.next_fulfillment_order_id().0..).map(as_planned).collect();
    let backorders = backorders(&job, &rest);
    let is_still_waiting = planned.is_empty() && is_known(order, &backorders);
    if is_still_waiting {
        return Vec::new();
    }
    let margin_minor = backorders.is_empty().then(|| margin_minor(&job, &planned));
    if let Some(held) = margin_minor.and_then(|margin_minor| hold_thin(&job, margin_minor)) {
        return vec![held];
    }
    let routed = Routed {
        candidates: places.candidates(&planned),
        fulfillment_orders: planned,
        backorders,
        margin_minor,
        settings_version: supply.settings.version,
    };
    vec![Fact::Routed(routed)]
}

/// What one decision is about.
struct Job<'a> {
    order: &'a Order,
    received: &'a Received,
    country: crate::address::Country,
    supply: Supply<'a>,
    now: Timestamp,
}

impl Job<'_> {
    /// When a share that is planned now may go to its supplier. The order rests once, to the end of its first cooling-off,
    /// and not again for every new try.
    fn submit_at(&self) -> Timestamp {
        let cooling_off =
            SignedDuration::from_secs(self.supply.settings.routing.cooling_off_seconds.into());
        let planned = self.order.fulfillment_orders.values();
        let rests_until = planned.map(|known| known.planned.submit_at).min();
        rests_until.map_or(self.now + cooling_off, |until| until.max(self.now))
    }
}

/// Units of one item that somebody has to ship.
#[derive(Clone, Copy)]
struct Need<'a> {
    item: &'a Item,
    quantity: u32,
}

fn needs(order: &Order) -> Vec<Need<'_>> {
    let need = |item| Need { item, quantity: order.unallocated(item) };
    order.items().map(need).filter(|need| need.quantity > 0).collect()
}

/// A place, what it ships, and how.
struct Choice<'a> {
    place: &'a Place<'a>,
    plan: place::Plan<'a>,
}

/// Takes the best single place that has it all; else, if the rules allow, the place that has most of what is left,
/// again and again. What nobody has stays in `rest`.
fn choose<'a>(
    job: &Job<'a>,
    places: &'a place::Survey<'a>,
    rest: &mut Rest<'a>,
) -> Vec<Choice<'a>> {
    let whole = places.plans(job, rest).filter(|choice| rest.is_covered_by(&choice.plan));
    if let Some(best) = whole.min_by_key(|choice| choice.plan.rank(job)) {
        rest.take(&best.plan);
        return vec![best];
    }
    let mut chosen = Vec::new();
    if job.supply.settings.routing.split == Split::Never {
        return chosen;
    }
    loop {
        let most = |choice: &Choice<'_>| {
            (std::cmp::Reverse(choice.plan.unit_count()), choice.plan.rank(job))
        };
        let Some(best) = places.plans(job, rest).min_by_key(most) else { return chosen };
        rest.take(&best.plan);
        chosen.push(best);
    }
}

fn as_planned((choice, sequence): (&Choice<'_>, u16)) -> Planned {
    let plan = &choice.plan;
    let share = |(offer, need): &(&place::Eligible<'_>, Need<'_>)| Share {
        item: need.item.id.clone(),
        supplier_sku: offer.offer.supplier_sku.clone(),
        quantity: need.quantity,
        unit_cost_minor: offer.unit_cost_minor,
    };
    Planned {
        fulfillment_order_id: crate::id::FulfillmentOrderId(sequence),
        supplier: choice.place.supplier.id.clone(),
        location: choice.place.location.id.clone(),
        service: plan.passage.service.id.clone(),
        shares: plan.shares.iter().map(share).collect(),
        freight_minor: plan.passage.freight_minor,
        submit_at: plan.passage.submit_at,
        leaves_on: plan.passage.leaves_on,
        arrives: plan.passage.arrives,
    }
}

/// An item that no place may ship at all holds the order, unless a person said to wait for one all the same.
fn hold_unshippable(order: &Order, needs: &[Need<'_>], places: &place::Survey<'_>) -> Option<Fact> {
    if order.overridden.contains(&Hold::NoSupplier) {
        return None;
    }
    let stranded = needs.iter().find(|need| !places.may_ship(need.item))?;
    let reasons = places.reasons(stranded.item);
    let only_customs =
        !reasons.is_empty() && reasons.iter().all(|reason| *reason == place::NO_CUSTOMS_DATA);
    let hold = if only_customs { Hold::CustomsData } else { Hold::NoSupplier };
    let reasons =
        if reasons.is_empty() { "nobody offers it".to_owned() } else { reasons.join(", ") };
    Some(Fact::Held { hold, detail: format!("`{}`: {reasons}", stranded.item.id.article) })
}

fn backorders(job: &Job<'_>, rest: &Rest<'_>) -> Vec<Backorder> {
    let today = job.now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let fallback =
        today.saturating_add(i32::from(job.supply.settings.routing.backorder_days).days());
    // What no supplier dated stays expected on the day that was said first: a promise that moves every day is none.
    let expected_on = |item: &ItemId| {
        let article = job.supply.articles.get(&item.article);
        let restocks = article.map_or(&[][..], |article| &article.offers).iter();
        let restock_on =
            restocks.filter_map(|offer| offer.restock_on).filter(|on| *on >= today).min();
        let said = job.order.backorders.get(item).map(|known| known.expected_on);
        restock_on.or(said.filter(|on| *on >= today)).unwrap_or(fallback)
    };
    let backorder = |need: Need<'_>| Backorder {
        item: need.item.id.clone(),
        quantity: need.quantity,
        expected_on: expected_on(&need.item.id),
    };
    rest.needs().map(backorder).collect()
}

fn is_known(order: &Order, backorders: &[Backorder]) -> bool {
    let is_same = |waiting: &Backorder| {
        order.backorders.get(&waiting.item).is_some_and(|known| {
            known.quantity == waiting.quantity && known.expected_on == waiting.expected_on
        })
    };
    backorders.len() == order.backorders.len() && backorders.iter().all(is_same)
}

/// What the customer pays for goods and their shipping, less tax, less what goods and freight cost us.
fn margin_minor(job: &Job<'_>, planned: &[Planned]) -> i64 {
    let live = job.order.fulfillment_orders.values().filter(|known| known.stage != Stage::Closed);
    // Of a fulfillment order that gave some units back only the others cost us anything.
    let known = live.map(|known| {
        let active = |share: &Share| known.units.get(&share.item).map_or(0, |units| units.active());
        cost_minor(&known.planned, active)
    });
    let new = planned.iter().map(|planned| cost_minor(planned, |share| share.quantity));
    revenue_minor(job) - known.chain(new).sum::<i64>()
}

fn cost_minor(planned: &Planned, units: impl Fn(&Share) -> u32) -> i64 {
    let goods = planned.shares.iter().map(|share| share.unit_cost_minor * i64::from(units(share)));
    goods.sum::<i64>() + planned.freight_minor
}

fn revenue_minor(job: &Job<'_>) -> i64 {
    let received = job.received;
    let lines = received.lines.iter().filter(|line| line.ships);
    let wanted = |line: &crate::shop_order::ShopLine| {
        job.order.wanted.get(&line.line_id).copied().unwrap_or(0)
    };
    let goods: i64 = lines.map(|line| line.unit_price_minor * i64::from(wanted(line))).sum();
    let tax_minor = if received.tax_included { received.tax_minor } else { 0 };
    goods + received.shipping.price_minor - received.discount_minor - tax_minor
}

fn hold_thin(job: &Job<'_>, margin_minor: i64) -> Option<Fact> {
    let floor_percent = job.supply.settings.routing.margin_floor_percent;
    let revenue_minor = revenue_minor(job);
    let is_thin = margin_minor * 100 < revenue_minor * floor_percent;
    // What is sent again was promised to the customer, whatever it costs.
    let is_promised = !job.order.replaced.is_empty();
    if !is_thin || is_promised || job.order.overridden.contains(&Hold::Margin) {
        return None;
    }
    let amount = |minor| job.received.currency.format_minor(minor);
    let currency = job.received.currency;
    let detail = format!(
        "earns {} of {} {currency}, less than {floor_percent} %",
        amount(margin_minor),
        amount(revenue_minor),
    );
    Some(Fact::Held { hold: Hold::Margin, detail })
}
