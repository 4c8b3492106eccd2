//! Planning: mapping, screening and routing. Each has a function of its own, for what comes back to it; a new order that
//! nothing stops goes through all three in one append.

use anyhow::{Context, Result};
use domain::id::OrderId;
use domain::order::fact::Fact;
use domain::order::mapping::Known;
use domain::order::routing::Supply;
use domain::order::{Order, mapping, routing, screening};
use futures_util::future::try_join;
use jiff::Timestamp;

use crate::{Catalog, People};

/// Maps an order; and screens and routes it, as far as nothing stops it. An order that is mapped needs nothing more: what
/// follows was decided with that, or was sent on.
///
/// # Errors
/// When the world says not now, or the contact was erased.
pub async fn plan(
    world: &(impl Catalog + People),
    order_id: &OrderId,
    order: &Order,
    now: Timestamp,
) -> Result<Vec<Fact>> {
    let mut facts = map(world, order_id, order).await?;
    if facts.is_empty() {
        return Ok(facts);
    }
    let order = order.clone().after(now, &facts);
    let screened = screen(world, order_id, &order).await?;
    let order = order.after(now, &screened);
    facts.extend(screened);
    facts.extend(route(world, &order, now).await?);
    Ok(facts)
}

async fn map(world: &impl Catalog, order_id: &OrderId, order: &Order) -> Result<Vec<Fact>> {
    if order.is_mapped() {
        return Ok(Vec::new());
    }
    let mappings = world.sku_mappings(&order_id.shop(), &mapping::skus(order)).await?;
    let named = mappings
        .values()
        .flat_map(|mapping| &mapping.components)
        .map(|component| component.article.clone());
    let articles = world.articles(&named.collect()).await?;
    Ok(mapping::map(order, &Known { mappings, articles }))
}

/// Makes every check of an order for its present contact, if that was not done.
///
/// # Errors
/// When the world says not now, or the contact was erased.
pub async fn screen(
    world: &(impl Catalog + People),
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

/// Gives every unit that nobody was asked to ship to the best supplier; what nobody has is backordered.
///
/// # Errors
/// When the world says not now.
pub async fn route(world: &impl Catalog, order: &Order, now: Timestamp) -> Result<Vec<Fact>> {
    let articles = routing::articles(order);
    if articles.is_empty() || !order.holds.is_empty() {
        return Ok(Vec::new());
    }
    let (articles, settings) = try_join(world.articles(&articles), world.settings()).await?;
    let stock = world.stock(&routing::stock_keys(&articles)).await?;
    let supply = Supply { articles: &articles, stock: &stock, settings: &settings };
    Ok(routing::route(order, supply, now))
}
