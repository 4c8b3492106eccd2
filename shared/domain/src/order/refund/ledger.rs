//! The ledger: what was paid for each unit of an order, its share of discounts, taxes and charges included. Shares are
//! whole minor units and always come to the whole again, in however many parts it is given back.

use std::collections::BTreeMap;

use crate::id::LineId;
use crate::order::Order;
use crate::order::fact::LineQuantity;
use crate::shop_order::Payment;

use super::fact::RefundLine;

/// What was paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    lines: BTreeMap<LineId, Share>,
    shipping_minor: i64,
    billed_minor: i64,
}

/// What was paid for all units of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Share {
    units: u32,
    amount_minor: i64,
}

impl Ledger {
    /// The ledger of an order. Tax that prices don't contain is spread over goods and shipping; discounts on the whole
    /// order, fees and roundings over the goods, by what each line costs.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        let Some(received) = &order.received else {
            return Self { lines: BTreeMap::new(), shipping_minor: 0, billed_minor: 0 };
        };
        let units = |line_id: &LineId| order.peaks.get(line_id).copied().unwrap_or(0);
        let prices: Vec<i64> = received
            .lines
            .iter()
            .map(|line| line.unit_price_minor * i64::from(units(&line.line_id)))
            .collect();
        let goods_minor: i64 = prices.iter().sum();
        let shipping_minor = received.shipping.price_minor;
        let billed_minor = order.billed_minor;
        let tax_minor = if received.tax_included { 0 } else { received.tax_minor };

        let others = billed_minor - goods_minor - shipping_minor - tax_minor;
        // More than the goods cost can't be taken off them: the rest is off the shipping.
        let off_goods = others.max(-goods_minor);
        let others = split(off_goods, &prices);
        let mut amounts: Vec<i64> = prices.iter().zip(&others).map(|(it, off)| it + off).collect();
        amounts.push(shipping_minor);
        let taxes = split(tax_minor, &amounts);
        let mut amounts: Vec<i64> = amounts.iter().zip(&taxes).map(|(it, tax)| it + tax).collect();
        amounts.pop();

        let of_goods: i64 = amounts.iter().sum();
        let share = |line_id: &LineId, amount_minor| Share { units: units(line_id), amount_minor };
        let lines = received.lines.iter().zip(amounts);
        Self {
            lines: lines
                .map(|(line, amount)| (line.line_id.clone(), share(&line.line_id, amount)))
                .collect(),
            shipping_minor: billed_minor - of_goods,
            billed_minor,
        }
    }

    /// What the customer was billed in all, minor units.
    #[must_use]
    pub fn billed_minor(&self) -> i64 {
        self.billed_minor
    }

    /// Units of a line that were billed.
    #[must_use]
    pub fn units(&self, line_id: &LineId) -> u32 {
        self.lines.get(line_id).map_or(0, |share| share.units)
    }

    /// Units of a line that were paid for and not given back, by us or by the shop itself.
    #[must_use]
    pub fn units_left(&self, order: &Order, line_id: &LineId) -> u32 {
        self.units(line_id).saturating_sub(self.units_back(order, line_id))
    }

    fn units_back(&self, order: &Order, line_id: &LineId) -> u32 {
        self.units_back_in_shop(order, line_id) + order.refunded_units(line_id)
    }

    /// Units that the shop's own edits took out of the order: it gave the money for them back itself.
    fn units_back_in_shop(&self, order: &Order, line_id: &LineId) -> u32 {
        let of = |units: &BTreeMap<LineId, u32>| units.get(line_id).copied().unwrap_or(0);
        self.units(line_id).saturating_sub(of(&order.wanted) + of(&order.given_back))
    }

    /// What the next so many units of a line come to, minor units.
    #[must_use]
    pub fn amount_minor(&self, order: &Order, line_id: &LineId, quantity: u32) -> i64 {
        let before = self.units_back(order, line_id);
        self.first_minor(line_id, before + quantity) - self.first_minor(line_id, before)
    }

    /// What so many units of a line cost the customer, whether or not they were given back.
    #[must_use]
    pub fn value_minor(&self, line_id: &LineId, quantity: u32) -> i64 {
        self.first_minor(line_id, quantity)
    }

    /// What the first so many units of a line come to.
    fn first_minor(&self, line_id: &LineId, units: u32) -> i64 {
        let share = self.lines.get(line_id).copied().unwrap_or_default();
        part(share.amount_minor, i64::from(units.min(share.units)), i64::from(share.units))
    }

    /// What of the shipping goes back with these units: all that is left of it with the last unit of the order, else
    /// the share of those for which the customer is not to blame.
    #[must_use]
    pub fn shipping_back_minor(
        &self,
        order: &Order,
        lines: &[RefundLine],
        at_fault: &[LineQuantity],
    ) -> i64 {
        if lines.is_empty() {
            return 0;
        }
        let counted = order.refunds.values().filter(|known| known.counts());
        let back = counted.map(|known| known.planned.shipping_minor).sum::<i64>();
        let left = (self.shipping_minor - back).max(0);
        let travels = order.received.iter().flat_map(|received| &received.lines);
        let is_last = travels.filter(|line| line.ships).all(|line| {
            let now = lines.iter().find(|now| now.line_id == line.line_id);
            let now = now.map_or(0, |now| now.quantity);
            self.units_left(order, &line.line_id) <= now
        });
        if is_last {
            return left;
        }
        let goods: i64 = self.lines.values().map(|share| share.amount_minor).sum();
        let priced = |line: &LineQuantity| self.first_minor(&line.line_id, line.quantity);
        part(self.shipping_minor, at_fault.iter().map(priced).sum(), goods).clamp(0, left)
    }

    /// What is left of what was paid, minor units: less our refunds, and less what the shop gave back itself as far as
    /// its edits tell.
    #[must_use]
    pub fn left_minor(&self, order: &Order) -> i64 {
        let is_paid = order.payment.is_some_and(Payment::allows_shipping);
        if !is_paid {
            return 0;
        }
        let in_shop = self
            .lines
            .keys()
            .map(|line_id| self.first_minor(line_id, self.units_back_in_shop(order, line_id)));
        (self.billed_minor - in_shop.sum::<i64>() - refunded_minor(order)).max(0)
    }
}

/// What our refunds come to, minor units: those that were paid and those that may be.
#[must_use]
pub fn refunded_minor(order: &Order) -> i64 {
    let counted = order.refunds.values().filter(|known| known.counts());
    counted.map(|known| known.planned.amount.minor).sum()
}

/// Spreads a sum by weights, so that the parts come to the sum. All of it is kept back when there is no weight.
pub(in crate::order) fn split(sum: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i64 = weights.iter().sum();
    let mut before = 0;
    let mut given = 0;
    let each = weights.iter().map(|weight| {
        before += weight;
        let until = part(sum, before, whole);
        let own = until - given;
        given = until;
        own
    });
    each.collect()
}

/// `sum × of / whole`, rounded down; nothing of nothing.
fn part(sum: i64, of: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    let exact = i128::from(sum) * i128::from(of);
    i64::try_from(exact.div_euclid(i128::from(whole))).unwrap_or_default()
}
