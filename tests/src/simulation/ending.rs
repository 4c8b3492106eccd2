//! What must be true when all is said and done: nothing is lost, nothing is there twice, everything adds up.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{FulfillmentOrderId, OrderId, reference};
use domain::order::fact::{Milestone, ScanStatus};
use domain::order::returns::Stage as Back;
use domain::order::{Cancellation, FulfillmentOrder, Order, Recorded, Stage, refund};
use domain::settings::ShopKind;
use domain::shop_order::Payment;
use domain::views::{self, Row};
use jiff::Timestamp;

use super::Simulation;
use super::returns::is_for;
use super::shops::Customer;
use super::suppliers::{Commission, Lot, Standing};
use super::watch::{Known, is_before};
use crate::outside::shop::books::PaidBack;

impl Simulation {
    /// Checks what must be true at the end; what is not is reported.
    pub(super) fn check_ending(&mut self) {
        let wrong = self.wrong_ending();
        if let Some((order_id, what)) = wrong {
            self.site.watch.borrow_mut().report(order_id.as_ref(), what);
        }
    }

    fn wrong_ending(&self) -> Option<(Option<OrderId>, String)> {
        if let Some((message, why)) = self.dead_letters.first() {
            return Some((
                message.order_id().cloned(),
                format!("{message:?} ended in the dead letters: {why}"),
            ));
        }
        if !self.tasks.is_empty() || !self.site.memory.queue.borrow().is_empty() {
            return Some((None, "something is still under way".to_owned()));
        }
        let mut rows = self.rows_by_order();
        let watch = self.site.watch.borrow();
        for customer in self.customers.values() {
            let order_id = customer.purchase.order_id();
            let Some(known) = watch.orders.get(&order_id) else {
                return Some((Some(order_id), "it was never received".to_owned()));
            };
            let rows = rows.remove(&order_id).unwrap_or_default();
            let what = self.wrong_record(&order_id, known, &rows);
            let what = what.or_else(|| self.wrong_shop(customer, known));
            let what = what.or_else(|| wrong_units(&known.order));
            let what = what.or_else(|| self.wrong_purchases(&order_id, &known.order));
            let what = what.or_else(|| self.wrong_parcels(&known.order));
            let what = what.or_else(|| self.wrong_push_backs(customer, &known.order));
            let what = what.or_else(|| self.wrong_money(&order_id, &known.order));
            let what = what.or_else(|| self.wrong_returns(&order_id, &known.order));
            if let Some(what) = what {
                return Some((Some(order_id), what));
            }
        }
        rows.into_iter()
            .next()
            .map(|(order_id, _)| (Some(order_id), "rows of no order are left".to_owned()))
    }

    fn rows_by_order(&self) -> BTreeMap<OrderId, BTreeSet<String>> {
        let mut rows: BTreeMap<OrderId, BTreeSet<String>> = BTreeMap::new();
        for row in self.site.memory.rows.borrow().values() {
            let own = row.pk.strip_prefix(views::ORDER_PREFIX).unwrap_or(&row.sk);
            if let Ok(order_id) = OrderId::parse(own) {
                rows.entry(order_id).or_default().insert(shown(row));
            }
        }
        rows
    }

    /// The facts amount to what was watched, and the rows are what they make of it.
    fn wrong_record(
        &self,
        order_id: &OrderId,
        known: &Known,
        rows: &BTreeSet<String>,
    ) -> Option<String> {
        let streams = self.site.memory.streams.borrow();
        let appends = streams.get(order_id)?;
        let recorded = |((at, facts), version): (&ports::memory::Append, u64)| {
            let at = *at;
            let facts = facts.iter().cloned();
            facts.map(move |fact| Recorded { version, at, fact }).collect::<Vec<_>>()
        };
        let history: Vec<Recorded> = appends.iter().zip(1..).flat_map(recorded).collect();
        let order = Order::fold(&history);
        if order != known.order || appends.len() as u64 != known.version {
            return Some("its facts are not those that were appended".to_owned());
        }
        let rebuilt = views::rows(order_id, &order, known.version);
        let rebuilt: BTreeSet<String> = rebuilt.iter().map(shown).collect();
        let mut odd = rebuilt.symmetric_difference(rows);
        odd.next().map(|row| format!("its rows are not what its facts make of them: {row}"))
    }

    /// What the shop said last is what we know.
    fn wrong_shop(&self, customer: &Customer, known: &Known) -> Option<String> {
        let (purchase, order) = (&customer.purchase, &known.order);
        if order.updated_at != Some(purchase.updated_at) {
            return Some(format!(
                "the shop's last word is of {}, ours of {:?}",
                purchase.updated_at, order.updated_at
            ));
        }
        // WooCommerce has one word for both, and that of a cancelled order says nothing of payment.
        let is_unsaid = purchase.kind == ShopKind::Woocommerce && purchase.is_cancelled;
        let is_paid = purchase.is_paid && !is_unsaid;
        let payment = if is_paid { Payment::Paid } else { Payment::Pending };
        if order.payment != Some(payment) {
            return Some("whether it is paid is not what the shop says".to_owned());
        }
        let is_off = order.cancel_requested.is_some();
        let is_asked =
            order.fulfillment_orders.values().any(|it| it.cancellation != Cancellation::None);
        let is_by_shop = order.cancelled_by.as_deref() == Some("shop");
        if purchase.is_cancelled && !is_off || !purchase.is_cancelled && is_by_shop && !is_asked {
            return Some("whether it is cancelled is not what the shop says".to_owned());
        }
        let wanted = purchase.lines.iter().map(|line| line.quantity);
        let is_as_wanted = order.wanted.len() == purchase.lines.len()
            && wanted.enumerate().all(|(line, quantity)| {
                let line_id = purchase.line_id(line);
                order.wanted.iter().any(|(id, units)| id.as_str() == line_id && *units == quantity)
            });
        if !is_off && !is_as_wanted {
            return Some(format!("what is wanted is not what the shop says: {:?}", order.wanted));
        }
        let people = self.site.memory.people.borrow();
        let contact_ref = order.shop_contact.clone()?;
        let (contact, _) = people.get(&(purchase.order_id(), contact_ref))?;
        let street = contact.shipping.as_ref().and_then(|address| address.lines.first().cloned());
        let postal_code = contact.shipping.as_ref().and_then(|address| address.postal_code.clone());
        let is_there = street.as_deref() == Some(purchase.to.street)
            && postal_code.unwrap_or_default() == purchase.to.postal_code;
        (!is_there).then(|| "where it goes is not what the shop says".to_owned())
    }

    /// Every supplier holds, and has shipped, what our record says, and nothing was bought twice.
    fn wrong_purchases(&self, order_id: &OrderId, order: &Order) -> Option<String> {
        let outside = self.outside.borrow();
        let books = &outside.suppliers.books;
        for (id, known) in &order.fulfillment_orders {
            let reference = reference(order_id, *id);
            let Some(commission) = books.get(&reference) else {
                // A mail that never arrived: it was silent, and is off.
                let is_off = known.active().is_empty() || known.stage == Stage::Planned;
                if !is_off {
                    return Some(format!("{id} is with a supplier who never heard of it"));
                }
                continue;
            };
            if commission.purchases > 1 {
                return Some(format!("{id} was bought {} times", commission.purchases));
            }
            let is_by_system = super::company::BY_API.contains(&commission.supplier);
            let is_newest = known.destination == order.address_changes && is_by_system;
            if is_newest
                && known.stage == Stage::Accepted
                && self.goes_elsewhere(order_id, order, commission)
            {
                return Some(format!(
                    "{id} goes to `{}`, and we believe elsewhere",
                    commission.address.0
                ));
            }
            if let Some(what) = wrong_commission(*id, known, commission) {
                return Some(what);
            }
        }
        let prefix = format!("{order_id}/");
        let of_order =
            books.range(prefix.clone()..).take_while(|(name, _)| name.starts_with(&prefix));
        for (name, _) in of_order {
            let id = name.rsplit('/').next().and_then(|id| id.parse::<FulfillmentOrderId>().ok());
            if id.is_none_or(|id| !order.fulfillment_orders.contains_key(&id)) {
                return Some(format!("`{name}` was bought, and we know nothing of it"));
            }
        }
        None
    }

    fn goes_elsewhere(&self, order_id: &OrderId, order: &Order, commission: &Commission) -> bool {
        let people = self.site.memory.people.borrow();
        let contact = order.contact.as_ref().and_then(|(contact_ref, _)| {
            people.get(&(order_id.clone(), contact_ref.clone())).map(|(contact, _)| contact)
        });
        let address = contact.and_then(|contact| contact.shipping.as_ref());
        address.is_some_and(|address| address.lines.first() != Some(&commission.address.0))
    }

    /// What carriers know, we know.
    fn wrong_parcels(&self, order: &Order) -> Option<String> {
        let outside = self.outside.borrow();
        for parcel in order.parcels.values() {
            let number = &parcel.number;
            let is_refused = outside.world.tracking.refused.contains_key(number);
            if let Some(why) = parcel.stopped.as_ref().filter(|_| !is_refused) {
                let journey = outside.world.tracking.journeys.get(number);
                // What the number was used for before arrived long ago.
                let is_its = |at: Timestamp| !is_before(parcel, at);
                let arrived = journey.is_some_and(|it| {
                    let mut events = it.events.iter();
                    events.any(|(at, code)| code.starts_with("Delivered") && is_its(*at))
                });
                if arrived {
                    return Some(format!(
                        "parcel `{number}` arrived, and nobody asks for it any more: {why}"
                    ));
                }
                continue;
            }
            if !matches!(parcel.status(), ScanStatus::Delivered | ScanStatus::Returned) {
                return Some(format!("parcel `{number}` is {:?} for ever", parcel.status()));
            }
        }
        None
    }

    /// The shop shows every parcel, once, and knows which of them arrived; every document is archived.
    fn wrong_push_backs(&self, customer: &Customer, order: &Order) -> Option<String> {
        let purchase = &customer.purchase;
        for (id, parcel) in &order.parcels {
            let is_told = |milestone| parcel.pushed.contains_key(&milestone);
            let has_arrived = parcel.status() == ScanStatus::Delivered;
            if !parcel.refused.is_empty() {
                continue;
            }
            if parcel.shown_number.as_ref() != Some(&parcel.number) {
                return Some(format!("the shop was never told the right number of parcel {id}"));
            }
            if !is_told(Milestone::Shipped) || (has_arrived && !is_told(Milestone::Delivered)) {
                return Some(format!("the shop was never told how parcel {id} fares"));
            }
        }
        if order.numbered_amendments().any(|(_, request)| request.owed(order).is_some()) {
            return Some("the shop was never told what came of a request".to_owned());
        }
        if !domain::order::documents::owed(order).is_empty() {
            return Some("a document is missing".to_owned());
        }
        // A stand-in has no hash.
        let real = order.documents.values().filter(|archived| !archived.sha256.is_empty());
        if let Some(Err(error)) =
            real.map(|archived| self.site.memory.archived(archived)).find(Result::is_err)
        {
            return Some(format!("a document can't be read again: {error:#}"));
        }
        if self.overlapped.contains(&purchase.order_id()) {
            return None;
        }
        let outside = self.outside.borrow();
        let sale = outside.world.shops.known(purchase.shop)?.known(&purchase.order.to_string())?;
        // A number that its carrier used again may be that of two parcels of one order.
        let borne = |number: &str| order.parcels.values().filter(|it| it.number == number).count();
        let numbers = sale.numbers();
        let shown = |number: &str| numbers.iter().filter(|shown| **shown == number).count();
        if numbers.iter().any(|number| shown(number) > borne(number).max(1)) {
            return Some("the shop shows a parcel twice".to_owned());
        }
        if sale.parcels.iter().any(|parcel| parcel.deliveries > 1) {
            return Some("the shop was told twice that a parcel arrived".to_owned());
        }
        let notes = sale.notes.iter().map(|note| &note.note).collect::<BTreeSet<_>>();
        (notes.len() != sale.notes.len()).then(|| "the shop has a note twice".to_owned())
    }
}

impl Simulation {
    /// Whatever the shop gave back is a refund of ours, paid once; and the other way round.
    fn wrong_money(&self, order_id: &OrderId, order: &Order) -> Option<String> {
        let outside = self.outside.borrow();
        let shop = outside.world.shops.known(order_id.shop().as_str())?;
        let books = &shop.known(order_id.order())?.books;
        let paid_minor = books.paid.map_or(0, |paid| paid.minor);
        if books.paid_back_minor() > paid_minor {
            return Some(format!("{} of {paid_minor} went back", books.paid_back_minor()));
        }
        for (id, known) in &order.refunds {
            let key = id.key(order_id);
            let paid = books.refunds.iter().filter(|it| is_for(&it.note, &key));
            let sums: Vec<i64> = paid.map(PaidBack::minor).collect();
            let expected = match &known.stage {
                refund::Stage::Succeeded { .. } => vec![known.planned.amount.minor],
                refund::Stage::Failed { .. } => Vec::new(),
                stage => return Some(format!("{id} is {} for ever", stage.name())),
            };
            if sums != expected {
                let name = known.stage.name();
                return Some(format!(
                    "{id} is {name}, {expected:?} should be paid and {sums:?} were"
                ));
            }
        }
        let is_ours =
            |it: &PaidBack| order.refunds.keys().any(|id| is_for(&it.note, &id.key(order_id)));
        let other = books.refunds.iter().find(|it| !is_ours(it))?;
        Some(format!("`{}` was paid, and we know nothing of it", other.note))
    }

    /// Every return came to its end, or waits for the customer's photos; and no label was bought twice.
    fn wrong_returns(&self, order_id: &OrderId, order: &Order) -> Option<String> {
        let outside = self.outside.borrow();
        for (id, known) in &order.returns {
            if !matches!(
                known.stage,
                Back::PhotosAsked | Back::Closed | Back::Declined | Back::Cancelled
            ) {
                return Some(format!("{id} is {} for ever", known.stage.name()));
            }
            let bought = outside.world.labels.purchases().get(id.rma(order_id).as_str()).copied();
            let expected = u32::from(known.label.number().is_some());
            if bought.unwrap_or(0) != expected {
                return Some(format!("{bought:?} labels were bought for {id}, {:?}", known.label));
            }
        }
        None
    }
}

/// All but its version: a row that shows the same is not written again.
fn shown(row: &Row) -> String {
    format!("{:?}", Row { version: 0, ..row.clone() })
}

/// Every unit that is paid for arrived, was cancelled, or waits for a reason that has a name.
fn wrong_units(order: &Order) -> Option<String> {
    if !order.is_live() {
        return None;
    }
    let is_off = order.cancel_requested.is_some();
    for item in order.items() {
        let open = order.unallocated(item);
        let waits = !order.holds.is_empty() || order.backorders.contains_key(&item.id);
        if open > 0 && (is_off || !waits) {
            return Some(format!("{open} of {} wait for nobody", item.id));
        }
    }
    for (id, known) in &order.fulfillment_orders {
        let is_held = known.stage == Stage::Planned && !order.holds.is_empty();
        if !known.unshipped().is_empty() && !is_held {
            return Some(format!(
                "{id} at `{}` is {:?}, {:?}, and is never shipped",
                known.supplier(),
                known.stage,
                known.cancellation
            ));
        }
    }
    let is_waiting = order.unmapped_lines().next().is_some() && !is_off && order.holds.is_empty();
    is_waiting.then(|| "a line is never mapped".to_owned())
}

/// What a supplier's books say of a fulfillment order that ours don't.
fn wrong_commission(
    id: FulfillmentOrderId,
    known: &FulfillmentOrder,
    commission: &Commission,
) -> Option<String> {
    let mut ours: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for share in &known.planned.shares {
        let progress = known.units.get(&share.item).copied().unwrap_or_default();
        // Two items of one number share an entry.
        let (shipped, open) = ours.entry(&share.supplier_sku).or_default();
        *shipped += progress.shipped;
        *open += progress.unshipped();
    }
    for (sku, (shipped, open)) in ours {
        let lot = commission.lots.get(sku).copied().unwrap_or_default();
        let Lot { promised, shipped: left, .. } = lot;
        let held = if commission.standing == Standing::Promised { promised - left } else { 0 };
        if (shipped, open) != (left, held) {
            return Some(format!(
                "{id}: `{}` has shipped {left} of `{sku}` and holds {held}, and we believe {shipped} and {open}",
                commission.supplier
            ));
        }
    }
    None
}
