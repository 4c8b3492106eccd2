//! Holds: a person lets one pass, and says why.

use crate::order::Order;
use crate::order::fact::{Fact, Hold};

/// Why a hold can't be overridden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It does not stand.
    #[error("the order is not held for this")]
    NotHeld,
    /// Nobody can ship what the catalogue does not know.
    #[error(
        "an unmapped SKU can't be overridden; add it to the catalogue and the order goes on by itself"
    )]
    Unmapped,
}

/// Lets a hold pass for this order, for good. One that was overridden before changes nothing.
///
/// # Errors
/// When the hold does not stand, or is one that nobody can decide away.
pub fn override_hold(order: &Order, hold: Hold, by: &str, why: &str) -> Result<Vec<Fact>, Refusal> {
    if order.overridden.contains(&hold) {
        return Ok(Vec::new());
    }
    if !order.holds.contains_key(&hold) {
        return Err(Refusal::NotHeld);
    }
    if hold == Hold::UnmappedSku {
        return Err(Refusal::Unmapped);
    }
    Ok(vec![Fact::Overridden { hold, by: by.to_owned(), why: why.to_owned() }])
}
