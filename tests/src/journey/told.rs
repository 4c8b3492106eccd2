//! A journey in words: all that was stored and sent, to be read and compared.

use std::fmt::{self, Write as _};

use domain::order::fact::{Fact, LineQuantity, Units};
use domain::order::phase::phase;
use domain::order::refund::fact::RefundFact;
use domain::order::returns::fact::ReturnFact;
use domain::order::{Order, Recorded};
use jiff::Timestamp;

use super::Journey;

impl Journey {
    /// Everything that was stored and sent, in words. Checks on the way what must be true of every journey.
    ///
    /// # Panics
    /// When a message ended in the dead letters, the units or the stock do not add up, or the views are not what a
    /// rebuild makes of the facts.
    #[must_use]
    pub fn told(&mut self) -> String {
        self.check();
        let mut told = String::new();
        self.write(&mut told).expect("writing to a string can't fail");
        told
    }

    fn write(&self, told: &mut String) -> fmt::Result {
        for order_id in self.order_ids() {
            let (order, history) = self.system.order(&order_id);
            writeln!(told, "{order_id} is {}{}", phase(&order).name(), holds(&order))?;
            write_history(told, &history)?;
        }
        for line in self.sent().lines() {
            writeln!(told, "{line}")?;
        }
        for refusal in &self.refusals {
            writeln!(told, "we refuse {refusal}")?;
        }
        Ok(())
    }

    /// What others have of it: purchases, push-backs, mails, documents, stock that is not as it was counted.
    pub(super) fn sent(&self) -> String {
        let mut sent = String::new();
        self.write_sent(&mut sent).expect("writing to a string can't fail");
        sent
    }

    fn write_sent(&self, sent: &mut String) -> fmt::Result {
        let outside = self.outside.borrow();
        for (supplier, known) in outside.suppliers.all() {
            for (reference, order) in &known.orders {
                let units = order.accepted.iter().filter(|(_, units)| **units > 0);
                let units: Vec<String> =
                    units.map(|(sku, units)| format!("{units} {sku}")).collect();
                let (status, purchases) = (&order.status, order.purchases);
                let units = units.join(", ");
                writeln!(
                    sent,
                    "{supplier} has {reference} {status}, bought {purchases}×: {units}"
                )?;
            }
        }
        drop(outside);
        self.write_shown(sent)?;
        self.write_given_back(sent)?;
        for mail in self.system.world.mails.borrow().iter() {
            writeln!(sent, "mail to {}: {}", mail.to, mail.subject)?;
        }
        for key in self.system.world.documents.borrow().keys() {
            // Without the hash: it changes with every stroke of a pen. Endings compare it.
            let (name, rest) = key.rsplit_once('-').unwrap_or((key, ""));
            let extension = rest.rsplit_once('.').map_or("", |(_, extension)| extension);
            writeln!(sent, "document {name}.{extension}")?;
        }
        for (number, times) in &self.outside.borrow().tracking.registered {
            writeln!(sent, "17TRACK watches {number}, registered {times}×")?;
        }
        for (key, level) in self.system.world.stock.borrow().iter() {
            let (available, reserved) = (level.available, level.reserved);
            let counted = self.counted.get(key).map_or(0, |(_, on_hand)| *on_hand);
            if (available, reserved) != (counted, 0) {
                let sku = &key.supplier_sku;
                writeln!(
                    sent,
                    "stock {sku}: of {counted} {available} available, {reserved} reserved"
                )?;
            }
        }
        Ok(())
    }

    /// Money that shops paid back, and labels that were bought.
    fn write_given_back(&self, sent: &mut String) -> fmt::Result {
        let mut outside = self.outside.borrow_mut();
        for order_id in self.order_ids() {
            let shop = outside.shops.shop(order_id.shop().as_str());
            for refund in &shop.sale(order_id.order()).books.refunds {
                let lines: Vec<String> =
                    refund.lines.iter().map(|(line, units)| format!("{units} of {line}")).collect();
                let (minor, note, lines) = (refund.minor(), &refund.note, lines.join(", "));
                writeln!(sent, "the shop pays back {minor} for {order_id} [{lines}]: {note}")?;
            }
        }
        for (reference, times) in outside.labels.purchases() {
            writeln!(sent, "EasyPost sold {reference} {times}×")?;
        }
        Ok(())
    }

    /// What shops show of parcels.
    fn write_shown(&self, sent: &mut String) -> fmt::Result {
        let mut outside = self.outside.borrow_mut();
        for order_id in self.order_ids() {
            let order = order_id.order().to_owned();
            let sale = outside.shops.shop(order_id.shop().as_str()).sale(&order);
            for parcel in &sale.parcels {
                let lines: Vec<String> =
                    parcel.lines.iter().map(|(line, units)| format!("{units} of {line}")).collect();
                let (number, carrier, deliveries) =
                    (&parcel.number, &parcel.carrier, parcel.deliveries);
                let lines = lines.join(", ");
                writeln!(
                    sent,
                    "the shop shows {order_id} {number} by {carrier} [{lines}], arrived {deliveries}×"
                )?;
            }
            for answer in sale.answers.values() {
                writeln!(sent, "the shop of {order_id} hears: {answer}")?;
            }
            for note in &sale.notes {
                writeln!(sent, "the shop notes on {order_id}: {}", note.note)?;
            }
        }
        Ok(())
    }
}

fn holds(order: &Order) -> String {
    let holds: Vec<String> = order
        .holds
        .iter()
        .map(|(hold, standing)| format!("{} ({})", hold.name(), standing.detail))
        .collect();
    if holds.is_empty() { String::new() } else { format!(": {}", holds.join(", ")) }
}

/// One line for all facts of one moment.
fn write_history(told: &mut String, history: &[Recorded]) -> fmt::Result {
    let mut last: Option<Timestamp> = None;
    for Recorded { at, fact, .. } in history {
        if last != Some(*at) {
            let newline = if last.is_some() { "\n" } else { "" };
            write!(told, "{newline}  {}", at.strftime("%d. %H:%M"))?;
            last = Some(*at);
        }
        write!(told, " {}", named(fact))?;
    }
    writeln!(told)
}

/// A fact's name, and as much of it as tells one from another.
fn named(fact: &Fact) -> String {
    let units = |units: &[Units]| units.iter().map(|units| units.quantity).sum::<u32>();
    let name = fact.name();
    match fact {
        Fact::PaymentChanged { payment, .. } => format!("{name}({payment:?})"),
        Fact::EditRequested { lines, added, .. } => {
            let to: Vec<String> = lines
                .iter()
                .map(|LineQuantity { quantity, .. }| format!("to {quantity}"))
                .collect();
            let added: Vec<String> = added.iter().map(|line| format!("+{}", line.sku)).collect();
            format!("{name}({})", [to, added].concat().join(" "))
        }
        Fact::EditRefused { quantity, .. } => format!("{name}({quantity})"),
        Fact::Held { hold, .. } | Fact::Released { hold } | Fact::Overridden { hold, .. } => {
            format!("{name}({})", hold.name())
        }
        Fact::Routed(routed) => {
            let planned = routed.fulfillment_orders.iter().map(|planned| {
                let quantity: u32 = planned.shares.iter().map(|share| share.quantity).sum();
                format!("{quantity} {} {}", planned.location, planned.service)
            });
            let waiting = routed.backorders.iter();
            let waiting = waiting.map(|it| format!("{} on {}", it.quantity, it.expected_on));
            format!("{name}({})", planned.chain(waiting).collect::<Vec<_>>().join(", "))
        }
        Fact::Cancelled { units: of, .. } => format!("{name}({})", units(of)),
        Fact::Archived(archived) => format!("{name}({})", archived.document),
        Fact::Return(_) | Fact::Refund(_) => named_back(fact),
        _ => named_part(fact),
    }
}

/// The same of a fact of one return or one refund.
fn named_back(fact: &Fact) -> String {
    let name = fact.name();
    match fact {
        Fact::Return(fact) => {
            let about = match fact {
                ReturnFact::ReturnApproved(approved) => {
                    let freight = format!("{:?}", approved.freight).to_lowercase();
                    let destination = approved.destination.as_ref().map(|it| format!(" to {it}"));
                    let (resolution, to) = (approved.resolution, destination.unwrap_or_default());
                    format!(" {resolution:?}{to}, freight {freight}")
                }
                ReturnFact::ReturnReceived { lines, .. } => {
                    format!(" {}", lines.iter().map(|line| line.quantity).sum::<u32>())
                }
                ReturnFact::ReturnInspected { findings, .. } => {
                    let each =
                        findings.iter().map(|it| format!(" {} {:?}", it.quantity, it.disposition));
                    each.collect()
                }
                _ => String::new(),
            };
            format!("{name}({}{about})", fact.return_id())
        }
        Fact::Refund(RefundFact::RefundPlanned(planned)) => {
            format!("{name}({} {})", planned.refund_id, planned.amount)
        }
        Fact::Refund(fact) => format!("{name}({})", fact.refund_id()),
        _ => name.to_owned(),
    }
}

/// The same of a fact of one fulfillment order or one parcel.
fn named_part(fact: &Fact) -> String {
    let units = |units: &[Units]| units.iter().map(|units| units.quantity).sum::<u32>();
    let name = fact.name();
    match fact {
        Fact::Accepted { units: of, fulfillment_order_id: id, .. }
        | Fact::Rejected { units: of, fulfillment_order_id: id, .. }
        | Fact::TimedOut { units: of, fulfillment_order_id: id }
        | Fact::Withdrawn { units: of, fulfillment_order_id: id }
        | Fact::Shipped { units: of, fulfillment_order_id: id, .. } => {
            format!("{name}({id} {})", units(of))
        }
        Fact::SubmissionStarted { fulfillment_order_id: id }
        | Fact::Submitted { fulfillment_order_id: id, .. }
        | Fact::InDoubt { fulfillment_order_id: id, .. }
        | Fact::Overdue { fulfillment_order_id: id }
        | Fact::Delayed { fulfillment_order_id: id, .. }
        | Fact::CancelWanted { fulfillment_order_id: id }
        | Fact::CancelAsked { fulfillment_order_id: id }
        | Fact::CancelRejected { fulfillment_order_id: id, .. } => format!("{name}({id})"),
        Fact::AddressAsked { fulfillment_order_id: id, change }
        | Fact::AddressChanged { fulfillment_order_id: id, change }
        | Fact::AddressRefused { fulfillment_order_id: id, change, .. } => {
            format!("{name}({id} {change})")
        }
        Fact::ShopAnswered { request, verdict, .. } => {
            format!("{name}({request} {})", verdict.name())
        }
        Fact::NumberCorrected { parcel_id, number, .. } => format!("{name}({parcel_id} {number})"),
        Fact::ShopUpdateRefused { parcel_id, milestone, .. }
        | Fact::ShopUpdateResolved { parcel_id, milestone, .. } => {
            format!("{name}({parcel_id} {})", milestone.name())
        }
        Fact::Resolved { fulfillment_order_id: id, bought, .. } => {
            format!("{name}({id} {})", if *bought { "bought" } else { "not bought" })
        }
        Fact::TrackingRegistered { parcel_id } | Fact::TrackingStopped { parcel_id, .. } => {
            format!("{name}({parcel_id})")
        }
        Fact::Tracked { parcel_id, scans } => format!("{name}({parcel_id} {})", scans.len()),
        Fact::ShopUpdated { parcel_id, milestone, .. } => {
            format!("{name}({parcel_id} {})", milestone.name())
        }
        _ => name.to_owned(),
    }
}
