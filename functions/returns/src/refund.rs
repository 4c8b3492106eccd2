//! Money back, through the shop that took it.

use std::cell::RefCell;

use anyhow::{Context, Result, bail};
use connectors::refund::{Refund, RefundLine, RefundOutcome};
use connectors::shipment::Access;
use connectors::{onward, shopify, woocommerce};
use domain::id::{OrderId, RefundId};
use domain::message::Function;
use domain::order::refund::fact::Planned;
use domain::order::{Order, refund};
use domain::settings::{Shop, ShopKind};
use ports::{Catalog, Clock, Events, Http, Queues, Secrets, transact_in};

/// Has the shop pay a refund, once, under our key, and records what came of it.
///
/// # Errors
/// When the shop or the world says not now. The queue delivers again; after a day a person is asked.
pub async fn refund_order(
    world: &(impl Clock + Events + Catalog + Queues + Secrets + Http),
    order_id: &OrderId,
    refund_id: RefundId,
) -> Result<()> {
    // What could fail before anything is paid fails before the intent is on record.
    let till = RefCell::new(None);
    let begun = transact_in(world, Function::Returns, order_id, async |order, now| {
        let facts = refund::begin(order, refund_id, now);
        if !facts.is_empty() {
            till.replace(Some(find_till(world, order_id).await?));
        }
        Ok(facts)
    })
    .await?;
    let planned = begun.order.refunds.get(&refund_id).map(|known| &known.planned);
    let Some(planned) = planned.filter(|_| refund::is_submitted(&begun.order, refund_id)) else {
        return Ok(());
    };
    let till = match till.into_inner() {
        Some(till) => till,
        None => find_till(world, order_id).await?,
    };

    let key = refund_id.key(order_id);
    let outcome = pay(world, order_id, &till, planned, &key).await;
    let outcome = outcome.with_context(|| format!("failed to pay refund `{key}`"))?;

    transact_in(world, Function::Returns, order_id, async |order: &Order, _| {
        Ok(match &outcome {
            RefundOutcome::Refunded { reference, found } => {
                refund::succeeded(order, refund_id, reference, *found)
            }
            RefundOutcome::Refused { why } => refund::failed(order, refund_id, why),
            RefundOutcome::Doubted { why } => refund::doubted(order, refund_id, why),
        })
    })
    .await?;
    Ok(())
}

/// The shop that took the money, and what opens it.
struct Till {
    shop: Shop,
    secrets: Vec<String>,
}

async fn find_till(world: &(impl Catalog + Secrets), order_id: &OrderId) -> Result<Till> {
    let settings = world.settings().await?;
    let shop_id = order_id.shop();
    let shop = settings.shop(&shop_id).cloned();
    let shop = shop.with_context(|| format!("settings name no shop `{shop_id}`"))?;
    let name = format!("shops/{shop_id}/api");
    let secrets = world.secret(&name).await?;
    if secrets.is_empty() {
        bail!("there is no secret `{name}`");
    }
    Ok(Till { shop, secrets })
}

/// Tells the shop in its own language.
async fn pay(
    world: &(impl Clock + Http),
    order_id: &OrderId,
    till: &Till,
    planned: &Planned,
    key: &str,
) -> Result<RefundOutcome> {
    let access = Access { api: till.shop.api.trim_end_matches('/'), secrets: &till.secrets };
    let line = |line: &domain::order::refund::fact::RefundLine| RefundLine {
        line_id: line.line_id.clone(),
        quantity: line.quantity,
        amount_minor: line.amount_minor,
    };
    let lines: Vec<RefundLine> = planned.lines.iter().map(line).collect();
    let refund = Refund {
        order: order_id.order(),
        key,
        lines: &lines,
        shipping_minor: planned.shipping_minor,
        amount: planned.amount,
        why: &planned.why,
    };
    match till.shop.kind {
        ShopKind::Shopify => shopify::refund::refund(world, access, &refund).await,
        ShopKind::Woocommerce => woocommerce::refund::refund(world, access, &refund).await,
        ShopKind::Onward => onward::refund::refund(world, access, &refund, world.now()).await,
    }
}
