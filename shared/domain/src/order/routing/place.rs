//! Who could ship: offers gathered by the place they ship from, and why the others can't.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::service::{self, Passage};
use super::{Choice, Job, Need};
use crate::address::crosses_customs;
use crate::catalog::{Offer, StockKey};
use crate::id::{ItemId, LocationId, SupplierId};
use crate::order::fact::{Candidate, Hold, Item, Planned};
use crate::settings::{Location, Ranking, Supplier};

/// The reason that [`super::hold_unshippable`] tells from the others.
pub(super) const NO_CUSTOMS_DATA: &str = "customs data are missing";
const OUT_OF_STOCK: &str = "out of stock";
/// The order may not be split, or what else it needs is with another.
const TOO_LITTLE: &str = "has not all of the order";

/// An offer that passed the filters for an item.
pub(super) struct Eligible<'a> {
    pub(super) offer: &'a Offer,
    pub(super) unit_cost_minor: i64,
    available: i64,
}

/// A supplier's location, with what it could ship of the order.
pub(super) struct Place<'a> {
    pub(super) supplier: &'a Supplier,
    pub(super) location: &'a Location,
    offers: BTreeMap<ItemId, Eligible<'a>>,
}

/// Everyone who was considered.
pub(super) struct Survey<'a> {
    places: Vec<Place<'a>>,
    candidates: Vec<(ItemId, Candidate)>,
}

/// What a place would ship, and how.
pub(super) struct Plan<'a> {
    pub(super) shares: Vec<(&'a Eligible<'a>, Need<'a>)>,
    pub(super) passage: Passage<'a>,
    priority: u32,
    score: u8,
}

/// What is still to be given to someone, and what was taken from which counter so far.
pub(super) struct Rest<'a> {
    needs: Vec<Need<'a>>,
    taken: BTreeMap<StockKey, i64>,
}

/// The counter of an offer.
pub(super) fn stock_key(offer: &Offer) -> StockKey {
    StockKey {
        supplier: offer.supplier.clone(),
        location: offer.location.clone(),
        supplier_sku: offer.supplier_sku.clone(),
    }
}

/// Puts every offer of every needed item through the filters.
pub(super) fn survey<'a>(job: &Job<'a>, needs: &[Need<'a>]) -> Survey<'a> {
    let mut survey = Survey { places: Vec::new(), candidates: Vec::new() };
    for need in needs {
        let article = job.supply.articles.get(&need.item.id.article);
        for offer in article.map_or(&[][..], |article| &article.offers) {
            survey.consider(job, *need, offer);
        }
    }
    survey
}

impl<'a> Survey<'a> {
    fn consider(&mut self, job: &Job<'a>, need: Need<'a>, offer: &'a Offer) {
        let settings = job.supply.settings;
        let available = job.supply.stock.get(&stock_key(offer)).map_or(0, |level| level.available);
        let unit_cost_minor = settings.convert(offer.unit_cost, job.received.currency);
        let eligible = filter(job, need, offer).and_then(|(supplier, location)| {
            let unit_cost_minor = unit_cost_minor.ok_or("no exchange rate for its currency")?;
            Ok((supplier, location, Eligible { offer, unit_cost_minor, available }))
        });
        let lost = match &eligible {
            Err(reason) => Some(*reason),
            Ok(_) if available <= 0 => Some(OUT_OF_STOCK),
            Ok(_) => None,
        };
        let candidate = Candidate {
            article: need.item.id.article.clone(),
            supplier: offer.supplier.clone(),
            location: offer.location.clone(),
            supplier_sku: offer.supplier_sku.clone(),
            available,
            unit_cost_minor,
            lost: lost.map(str::to_owned),
        };
        self.candidates.push((need.item.id.clone(), candidate));
        if let Ok((supplier, location, eligible)) = eligible {
            self.place(supplier, location).offers.insert(need.item.id.clone(), eligible);
        }
    }

    fn place(&mut self, supplier: &'a Supplier, location: &'a Location) -> &mut Place<'a> {
        let is_same = |place: &Place<'_>| {
            place.supplier.id == supplier.id && place.location.id == location.id
        };
        let found = self.places.iter().position(is_same);
        let index = found.unwrap_or_else(|| {
            self.places.push(Place { supplier, location, offers: BTreeMap::new() });
            self.places.len() - 1
        });
        &mut self.places[index]
    }

    /// Whether anyone may ship it, stock or not.
    pub(super) fn may_ship(&self, item: &Item) -> bool {
        self.places.iter().any(|place| place.offers.contains_key(&item.id))
    }

    /// Why nobody may.
    pub(super) fn reasons(&self, item: &Item) -> Vec<&str> {
        let of_item = self.candidates.iter().filter(|(of, _)| *of == item.id);
        of_item.filter_map(|(_, candidate)| candidate.lost.as_deref()).collect()
    }

    /// What each place can ship of the rest; places that can ship nothing of it are left out.
    pub(super) fn plans(
        &'a self,
        job: &Job<'a>,
        rest: &Rest<'a>,
    ) -> impl Iterator<Item = Choice<'a>> {
        self.places.iter().filter_map(|place| Some(Choice { place, plan: place.plan(job, rest)? }))
    }

    /// All candidates, those that were not chosen with the reason.
    pub(super) fn candidates(&self, planned: &[Planned]) -> Vec<Candidate> {
        let with_reason = |(item, candidate): &(ItemId, Candidate)| {
            let chosen =
                |planned: &&Planned| planned.shares.iter().any(|share| share.item == *item);
            let winners: Vec<&Planned> = planned.iter().filter(chosen).collect();
            let is_winner =
                winners.iter().any(|won| is_at(won, &candidate.supplier, &candidate.location));
            let behind = match winners.first() {
                Some(won) => format!("ranked behind {} at {}", won.supplier, won.location),
                None => TOO_LITTLE.to_owned(),
            };
            let lost = candidate.lost.clone().or((!is_winner).then_some(behind));
            Candidate { lost, ..candidate.clone() }
        };
        self.candidates.iter().map(with_reason).collect()
    }
}

fn is_at(planned: &Planned, supplier: &SupplierId, location: &LocationId) -> bool {
    planned.supplier == *supplier && planned.location == *location
}

/// The filters, in the order in which their reasons are given.
fn filter<'a>(
    job: &Job<'a>,
    need: Need<'_>,
    offer: &Offer,
) -> Result<(&'a Supplier, &'a Location), &'static str> {
    let settings = job.supply.settings;
    let supplier = settings.supplier(&offer.supplier).ok_or("supplier is not in the settings")?;
    let location = settings.location(&offer.location).ok_or("location is not in the settings")?;
    if supplier.paused {
        return Err("supplier is paused");
    }
    if has_returned(job, need, offer) {
        return Err("rejected this order before, or did not answer");
    }
    if !location.ships_to.is_empty() && !location.ships_to.contains(&job.country) {
        return Err("does not ship there");
    }
    let needs_customs_data = crosses_customs(location.country, job.country)
        && !job.order.overridden.contains(&Hold::CustomsData);
    if needs_customs_data && (need.item.hs_code.is_none() || need.item.origin.is_none()) {
        return Err(NO_CUSTOMS_DATA);
    }
    if service::choose(job, location, &[need]).is_none() {
        return Err("no carrier service for its weight, value and destination");
    }
    Ok((supplier, location))
}

fn has_returned(job: &Job<'_>, need: Need<'_>, offer: &Offer) -> bool {
    let of_supplier =
        job.order.fulfillment_orders.values().filter(|known| *known.supplier() == offer.supplier);
    let returned = |known: &crate::order::FulfillmentOrder| {
        known.units.get(&need.item.id).is_some_and(|progress| progress.returned > 0)
    };
    let mut of_supplier = of_supplier;
    of_supplier.any(returned)
}

impl<'a> Place<'a> {
    /// What it can ship of the rest from its stock, with the best service for that.
    fn plan(&'a self, job: &Job<'a>, rest: &Rest<'a>) -> Option<Plan<'a>> {
        // Two lines may need the same counter: what the first takes is gone for the second.
        let mut taken = rest.taken.clone();
        let mut shares = Vec::new();
        for need in &rest.needs {
            let Some(eligible) = self.offers.get(&need.item.id) else { continue };
            let taken = taken.entry(stock_key(eligible.offer)).or_default();
            let quantity =
                need.quantity.min(u32::try_from(eligible.available - *taken).unwrap_or(0));
            if quantity > 0 {
                *taken += i64::from(quantity);
                shares.push((eligible, Need { item: need.item, quantity }));
            }
        }
        let passage = loop {
            let needs: Vec<Need<'a>> = shares.iter().map(|(_, need)| *need).collect();
            if let Some(passage) = service::choose(job, self.location, &needs) {
                break passage;
            }
            // No service takes all of it at once: the last goes another way, if the order may be split.
            shares.pop()?;
        };
        Some(Plan { shares, passage, priority: self.location.priority, score: self.supplier.score })
    }
}

impl Plan<'_> {
    pub(super) fn unit_count(&self) -> u32 {
        self.shares.iter().map(|(_, need)| need.quantity).sum()
    }

    /// Smaller is better: the rankings in the order that the settings give them.
    pub(super) fn rank(&self, job: &Job<'_>) -> Vec<i64> {
        let goods = self
            .shares
            .iter()
            .map(|(offer, need)| offer.unit_cost_minor * i64::from(need.quantity));
        let cost_minor = goods.sum::<i64>() + self.passage.freight_minor;
        let value = |ranking: &Ranking| match ranking {
            Ranking::Priority => i64::from(self.priority),
            Ranking::Cost => cost_minor,
            Ranking::Speed => days_since_epoch(self.passage.arrives.1),
            Ranking::Score => -i64::from(self.score),
        };
        job.supply.settings.routing.rank.iter().map(value).collect()
    }
}

fn days_since_epoch(date: Date) -> i64 {
    let epoch = Date::constant(1970, 1, 1);
    i64::from(date.since(epoch).map_or(i32::MAX, |span| span.get_days()))
}

impl<'a> Rest<'a> {
    pub(super) fn of(needs: &[Need<'a>]) -> Self {
        Self { needs: needs.to_vec(), taken: BTreeMap::new() }
    }

    pub(super) fn is_covered_by(&self, plan: &Plan<'_>) -> bool {
        self.needs.iter().map(|need| need.quantity).sum::<u32>() == plan.unit_count()
    }

    pub(super) fn take(&mut self, plan: &Plan<'_>) {
        for (eligible, taken) in &plan.shares {
            let counter = stock_key(eligible.offer);
            *self.taken.entry(counter).or_default() += i64::from(taken.quantity);
            for need in &mut self.needs {
                if need.item.id == taken.item.id {
                    need.quantity -= taken.quantity;
                }
            }
        }
        self.needs.retain(|need| need.quantity > 0);
    }

    pub(super) fn needs(&self) -> impl Iterator<Item = Need<'a>> {
        self.needs.iter().copied()
    }
}
