//! Whose turn it is where an intent has no outcome: of all deliveries, alive or dead, one alone buys.

use anyhow::{Result, bail};
use domain::id::OrderId;
use domain::message::Function;
use domain::order::Order;
use domain::order::fact::Fact;
use domain::order::intent::Intent;

use crate::{Clock, Events, Queues, begin_in};

/// For a delivery that found an intent without an outcome, where what comes twice is bought twice. Gives what `look_up`
/// found, or none: then nothing was bought, and this delivery alone is to buy, under the intent that `renew` put on
/// record. `renew` decides nothing if the intent is not the one that was seen any more.
///
/// # Errors
/// While another delivery may be at it, or if one was faster. The queue delivers again, later than that.
pub async fn take_over<W, T>(
    world: &W,
    function: Function,
    order_id: &OrderId,
    seen: Intent,
    look_up: impl AsyncFnOnce() -> Result<Option<T>>,
    renew: impl Fn(&Order) -> Vec<Fact>,
) -> Result<Option<T>>
where
    W: Clock + Events + Queues,
{
    if seen.may_be_under_way(world.now(), world.patience()) {
        bail!("order `{order_id}`: another delivery may be at it");
    }
    if let Some(found) = look_up().await? {
        return Ok(Some(found));
    }
    let renewed = begin_in(world, function, order_id, async |order, _| Ok(renew(order))).await?;
    if renewed.facts.is_empty() {
        bail!("order `{order_id}`: another delivery has taken it over");
    }
    Ok(None)
}
