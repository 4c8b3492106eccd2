//! What comes back: customers who return goods or complain, people who unpack and decide, and money that goes back.
//!
//! Everyone acts by what they see, at their own pace: goods arrive unannounced, are told of twice, or never sent.

use domain::id::{OrderId, RefundId, ReturnId};
use domain::order::returns::fact::{RequestedLine, Resolution};
use domain::order::returns::{Label, Return, Stage};
use domain::order::{Order, refund};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::company;
use super::dice::Dice;
use super::disturbance::Disturbance;
use super::people::{Decision, Matter};
use super::{Event, Simulation};

/// Why customers send things back, and why they complain.
const REASONS: [&str; 8] = [
    "changed_mind",
    "too_small",
    "too_large",
    "not_as_described",
    "defective",
    "damaged",
    "wrong_item",
    "missing",
];

/// A customer thinks about it for so long.
const THINKS_FOR_SECONDS: i64 = 5 * 24 * 3600;

/// What someone does with a return or a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Back {
    /// The customer asks.
    Ask,
    /// The merchant gives money back by hand.
    Goodwill,
    /// The customer shows photos.
    Photos(ReturnId),
    /// An operator decides.
    Review(ReturnId),
    /// The customer sends it, or thinks better of it, or forgets about it.
    Send(ReturnId),
    /// It arrives, or the rest of it.
    Arrive(ReturnId),
    /// Someone looks at what arrived.
    Inspect(ReturnId),
    /// Nobody knows whether a label was bought.
    Label(ReturnId),
    /// Nobody knows whether money went back.
    Money(RefundId),
}

impl Simulation {
    /// A parcel of the order arrived: some customers are not happy.
    pub(super) fn arrived(&mut self, order_id: &OrderId) {
        let mut dice = self.dice(&format!("{order_id} back")).clone();
        for (matter, per_mille) in [(Back::Ask, 250), (Back::Ask, 100), (Back::Goodwill, 50)] {
            let time = SignedDuration::from_secs(dice.spread(THINKS_FOR_SECONDS));
            if dice.happens(per_mille) && self.plan.has(Disturbance::Returns) {
                self.after(time, Event::Person(order_id.clone(), Matter::Back(matter)));
            }
        }
        self.chance.insert(format!("{order_id} back"), dice);
    }

    /// What someone does now, if anything.
    pub(super) fn looks_back(&mut self, order_id: &OrderId, matter: Back) -> Option<Decision> {
        let name = format!("{order_id} back");
        let mut dice = self.dice(&name).clone();
        let order = self.site.watch.borrow().orders.get(order_id).map(|known| known.order.clone());
        let known = |id: ReturnId| order.as_ref()?.returns.get(&id);
        let decision = match matter {
            Back::Ask => self.asks(order.as_ref()?, &mut dice),
            Back::Goodwill => self.gives(&mut dice),
            Back::Photos(id) => photos(id, known(id)?),
            Back::Review(id) => Some(reviews(id, &mut dice)),
            Back::Send(id) => self.sends(order_id, id, &mut dice),
            Back::Arrive(id) => self.arrives(order_id, id, known(id)?, &mut dice),
            Back::Inspect(id) => Some(self.inspects(order_id, id, order.as_ref()?)),
            Back::Label(id) => Some(self.knows_label(order_id, id)),
            Back::Money(id) => Some(self.knows_money(order_id, id)),
        };
        self.chance.insert(name, dice);
        decision
    }

    /// Asks for some units of a line; that they are there, and not asked for before, is not looked at.
    fn asks(&mut self, order: &Order, dice: &mut Dice) -> Option<Decision> {
        let lines = &order.received.as_ref()?.lines;
        let line = dice.pick(lines);
        let (quantity, reason) = (dice.units(1, line.quantity.clamp(1, 3)), *dice.pick(&REASONS));
        let photos = u32::from(dice.happens(700));
        let key = format!("request {}", dice.below(1_000_000_000));
        let line = json!({"line_id": line.line_id, "quantity": quantity, "reason": reason, "photos": photos});
        Some(Decision::new("returns", json!({"lines": [line], "key": key})))
    }

    fn gives(&mut self, dice: &mut Dice) -> Option<Decision> {
        let key = format!("goodwill {}", dice.below(1_000_000_000));
        let body = json!({"amount_minor": dice.between(100, 3_000), "key": key});
        Some(Decision::new("refunds", body))
    }

    /// Most send it; some call it off, and some forget about it: it ends by itself.
    fn sends(&mut self, order_id: &OrderId, id: ReturnId, dice: &mut Dice) -> Option<Decision> {
        let is_sent = dice.happens(850);
        let travels = SignedDuration::from_secs(dice.spread(48 * 3600));
        if is_sent {
            self.after(travels, Event::Person(order_id.clone(), Matter::Back(Back::Arrive(id))));
            let number = format!("BACK{:09}", dice.below(1_000_000_000));
            let is_told = dice.happens(800);
            let body = json!({"carrier": "DHL", "number": number});
            return is_told.then(|| Decision::of("returns/{id}/shipments", id, body));
        }
        let calls_off = dice.happens(500);
        let body = json!({"for_customer": true});
        calls_off.then(|| Decision::of("returns/{id}/cancellations", id, body))
    }

    /// So many in all are here: of some, only one at first.
    fn arrives(
        &mut self,
        order_id: &OrderId,
        id: ReturnId,
        known: &Return,
        dice: &mut Dice,
    ) -> Option<Decision> {
        let has_come = known.custody.values().any(|custody| custody.received > 0);
        let in_parts = dice.happens(250) && !has_come;
        let rest_in = SignedDuration::from_secs(dice.spread(24 * 3600));
        if in_parts {
            self.after(rest_in, Event::Person(order_id.clone(), Matter::Back(Back::Arrive(id))));
        }
        let units = |line: &RequestedLine| if in_parts { 1 } else { line.quantity };
        let line = |line: &RequestedLine| json!({"line_id": line.line_id, "quantity": units(line)});
        let lines: Vec<Value> = known.requested.lines.iter().map(line).collect();
        Some(Decision::of("returns/{id}/receipts", id, json!({"lines": lines})))
    }

    /// All of a line fares alike, however often it is looked at.
    fn inspects(&self, order_id: &OrderId, id: ReturnId, order: &Order) -> Decision {
        let mut dice = Dice::new(self.plan.seed, "inspection", &id.rma(order_id));
        let known = &order.returns[&id];
        let place = known.approved.as_ref().and_then(|approved| approved.destination.as_ref());
        let location = place.and_then(|place| company::location_of(place.as_str()));
        let mut finding = |line: &RequestedLine| {
            let mut items = order.items().filter(|item| item.id.line == line.line_id);
            let is_sold = location.is_some_and(|location| {
                items.all(|item| company::is_sold(item.id.article.as_str(), location))
            });
            let disposition = if is_sold && dice.happens(700) { "restock" } else { "scrap" };
            json!({"line_id": line.line_id, "disposition": disposition,
                "quantity": known.received(&line.line_id), "refund": dice.happens(900)})
        };
        let findings: Vec<Value> = known.requested.lines.iter().map(&mut finding).collect();
        Decision::of("returns/{id}/inspections", id, json!({"findings": findings}))
    }

    /// Asks EasyPost.
    fn knows_label(&self, order_id: &OrderId, id: ReturnId) -> Decision {
        let outside = self.outside.borrow();
        let rma = id.rma(order_id);
        let mut shipments = outside.world.labels.shipments.iter();
        let bought = shipments.find(|it| it.reference == rma && it.number.is_some());
        let number = bought.and_then(|shipment| shipment.number.clone());
        let body = match number {
            Some(number) => json!({"bought": true, "carrier": "UPS", "number": number}),
            None => json!({"bought": false}),
        };
        Decision::of("returns/{id}/labels", id, body)
    }

    /// Asks the bank.
    fn knows_money(&self, order_id: &OrderId, id: RefundId) -> Decision {
        let outside = self.outside.borrow();
        let key = id.key(order_id);
        let sale = outside.world.shops.known(order_id.shop().as_str());
        let sale = sale.and_then(|shop| shop.known(order_id.order()));
        let is_paid =
            sale.is_some_and(|sale| sale.books.refunds.iter().any(|it| is_for(&it.note, &key)));
        let path = "refunds/{id}/decisions";
        Decision { id: Some(id.to_string()), ..Decision::new(path, json!({"refunded": is_paid})) }
    }

    /// What waits in the returns of an order when people get round to everything.
    pub(super) fn waits_back(order: &Order) -> Vec<Back> {
        let mut waits = Vec::new();
        for (id, known) in &order.returns {
            match known.stage {
                Stage::InReview => waits.push(Back::Review(*id)),
                Stage::Received => waits.push(Back::Inspect(*id)),
                _ => {}
            }
            if matches!(known.label, Label::InDoubt { .. }) {
                waits.push(Back::Label(*id));
            }
        }
        let doubts = order.refunds.iter();
        let doubts = doubts.filter(|(_, it)| matches!(it.stage, refund::Stage::InDoubt { .. }));
        waits.extend(doubts.map(|(id, _)| Back::Money(*id)));
        waits
    }
}

/// Whether what a shop keeps with a refund is this key of ours.
pub(crate) fn is_for(note: &str, key: &str) -> bool {
    // A shop of our own kind keeps it as it comes in a path.
    let note = percent_encoding::percent_decode_str(note).decode_utf8_lossy();
    note.split(['[', ']', ' ']).any(|word| word == key)
}

fn photos(id: ReturnId, known: &Return) -> Option<Decision> {
    let line = known.requested.lines.first()?;
    let body = json!({"line_id": line.line_id, "photos": 2});
    Some(Decision::of("returns/{id}/photos", id, body))
}

fn reviews(id: ReturnId, dice: &mut Dice) -> Decision {
    if dice.happens(300) {
        return Decision::of("returns/{id}/declines", id, json!({}));
    }
    let resolution =
        *dice.pick(&[Some(Resolution::Refund), Some(Resolution::RefundWithoutReturn), None]);
    let body = resolution.map_or(json!({}), |resolution| json!({"resolution": resolution}));
    Decision::of("returns/{id}/approvals", id, body)
}
