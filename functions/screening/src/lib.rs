//! Screening: may this order be shipped to this person?

use anyhow::{Context, Result};
use domain::id::OrderId;
use domain::message::Function;
use domain::order::{Order, fact::Fact, screening};
use futures_util::future::try_join;
use ports::{Catalog, Clock, Events, People, Queues, transact_in};

/// Makes every check of an order for its present contact; what fails holds it.
///
/// # Errors
/// When the world says not now, or the contact was erased; the queue delivers again.
pub async fn screen_order(
    world: &(impl Clock + Events + People + Catalog + Queues),
    order_id: &OrderId,
) -> Result<()> {
    transact_in(world, Function::Screening, order_id, async |order, _| {
        decide(world, order_id, order).await
    })
    .await?;
    Ok(())
}

async fn decide(
    world: &(impl People + Catalog),
    order_id: &OrderId,
    order: &Order,
) -> Result<Vec<Fact>> {
    let Some(contact_ref) = screening::contact_to_screen(order) else {
        return Ok(Vec::new());
    };
    let (contact, settings) =
        try_join(world.contact(order_id, contact_ref), world.settings()).await?;
    let contact =
        contact.with_context(|| format!("the contact of order `{order_id}` was erased"))?;
    Ok(screening::screen(order, &contact, &settings))
}
