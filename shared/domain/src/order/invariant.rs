//! What can never be, whatever was decided: the last check before facts are appended. One that is broken is a mistake of
//! ours, or of a person, and nothing is stored.

use crate::order::{Order, refund, returns};

/// What of an order can't be; none if all is well.
#[must_use]
pub fn broken(order: &Order) -> Option<String> {
    if order.returns.is_empty() && order.refunds.is_empty() {
        return None;
    }
    returns::broken(order).or_else(|| refund::broken(order))
}
