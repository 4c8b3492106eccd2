//! Planning: mapping, screening and routing. Each has a function of its own, for what comes back to it; a new order that
//! nothing stops goes through all three in one append.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use domain::catalog::Article;
use domain::id::{ArticleId, OrderId};
use domain::order::fact::Fact;
use domain::order::mapping::Known;
use domain::order::routing::Supply;
use domain::order::{Order, mapping, routing, screening};
use domain::settings::Settings;
use domain::shop_order::Contact;
use futures_util::future::{try_join, try_join3};
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
    if order.is_mapped() {
        return Ok(Vec::new());
    }
    // Most orders are mapped, and then screened for the contact that they have now.
    let contact = async {
        let Some((contact_ref, _)) = &order.contact else { return Ok(None) };
        world.contact(order_id, contact_ref).await
    };
    let ((mut facts, articles), contact, settings) =
        try_join3(map(world, order_id, order), contact, world.settings()).await?;
    if facts.is_empty() {
        return Ok(facts);
    }
    let order = order.clone().after(now, &facts);
    let screened = screen_with(order_id, &order, contact.as_ref(), &settings)?;
    let order = order.after(now, &screened);
    facts.extend(screened);
    if may_route(&order) {
        facts.extend(route_among(world, &order, articles, now).await?);
    }
    Ok(facts)
}

/// What the catalogue knows of articles.
type Articles = BTreeMap<ArticleId, Article>;

async fn map(
    world: &impl Catalog,
    order_id: &OrderId,
    order: &Order,
) -> Result<(Vec<Fact>, Articles)> {
    let mappings = world.sku_mappings(&order_id.shop(), &mapping::skus(order)).await?;
    let named = mappings
        .values()
        .flat_map(|mapping| &mapping.components)
        .map(|component| component.article.clone());
    let articles = world.articles(&named.collect()).await?;
    let known = Known { mappings, articles };
    Ok((mapping::map(order, &known), known.articles))
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
    screen_with(order_id, order, contact.as_ref(), &settings)
}

fn screen_with(
    order_id: &OrderId,
    order: &Order,
    contact: Option<&Contact>,
    settings: &Settings,
) -> Result<Vec<Fact>> {
    if screening::contact_to_screen(order).is_none() {
        return Ok(Vec::new());
    }
    let contact =
        contact.with_context(|| format!("the contact of order `{order_id}` was erased"))?;
    Ok(screening::screen(order, contact, settings))
}

/// Gives every unit that nobody was asked to ship to the best supplier; what nobody has is backordered.
///
/// # Errors
/// When the world says not now.
pub async fn route(world: &impl Catalog, order: &Order, now: Timestamp) -> Result<Vec<Fact>> {
    if !may_route(order) {
        return Ok(Vec::new());
    }
    let articles = world.articles(&routing::articles(order)).await?;
    route_among(world, order, articles, now).await
}

fn may_route(order: &Order) -> bool {
    !routing::articles(order).is_empty() && order.holds.is_empty()
}

async fn route_among(
    world: &impl Catalog,
    order: &Order,
    mut articles: Articles,
    now: Timestamp,
) -> Result<Vec<Fact>> {
    let needed = routing::articles(order);
    articles.retain(|article, _| needed.contains(article));
    let keys = routing::stock_keys(&articles);
    let (stock, settings) = try_join(world.stock(&keys), world.settings()).await?;
    let supply = Supply { articles: &articles, stock: &stock, settings: &settings };
    Ok(routing::route(order, supply, now))
}
