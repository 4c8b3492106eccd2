//! Reconciliation: what a shop should have told us and did not is found by asking it; and what it should show of our
//! parcels and does not is shown again.

mod look;
mod order;

use anyhow::{Result, bail};
use connectors::listing::Throttled;
use domain::settings::Shop;
use jiff::{SignedDuration, Timestamp};
use ports::{Archive, Bookmarks, Catalog, Clock, Events, Http, People, Queues, Secrets};

/// How long one run goes on asking. What is left is the next run's. A call that began in time may take ten seconds more,
/// and all of it has to fit into what a function may take.
const RUN_MAX: SignedDuration = SignedDuration::from_secs(8);

/// Asks each shop for the orders that it changed since the last look, and takes in what is missing, newer, or not shown.
/// One shop's troubles are not another's.
///
/// # Errors
/// When a shop or the world says not now, or a shop refuses us; names each such shop. Nothing is lost: the next run looks
/// from the same place again. A shop that only asks us to come later is no error.
pub async fn reconcile(
    world: &(impl Clock + Events + People + Catalog + Bookmarks + Queues + Archive + Secrets + Http),
) -> Result<()> {
    let settings = world.settings().await?;
    let began_at = world.now();
    let mut failures = Vec::new();
    for shop in in_turn(&settings.shops, began_at) {
        match look::look_into(world, shop, began_at + RUN_MAX).await {
            Err(error) if !error.is::<Throttled>() => {
                failures.push(format!("`{}`: {error:#}", shop.id))
            }
            _ => {}
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    bail!("failed to reconcile {}", failures.join("; "))
}

/// The shops, beginning with another one each minute, so that no shop always comes when the time is over.
fn in_turn(shops: &[Shop], now: Timestamp) -> impl Iterator<Item = &Shop> {
    let count = i64::try_from(shops.len().max(1)).unwrap_or(i64::MAX);
    let first = now.as_second().div_euclid(60).rem_euclid(count);
    let first = usize::try_from(first).unwrap_or_default();
    shops.iter().cycle().skip(first).take(shops.len())
}
