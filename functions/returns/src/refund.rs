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
use ports::{
    Catalog, Clock, Events, Http, Known, Queues, Secrets, begin_in, take_over, transact_from,
    while_reading_kept,
};

/// Has the shop pay a refund, once, under our key, and records what came of it.
///
/// # Errors
/// When the shop or the world says not now, or another delivery may be paying. The queue delivers again; after a day a person is asked.
pub async fn refund_order(
    world: &(impl Clock + Events + Catalog + Queues + Secrets + Http),
    order_id: &OrderId,
    refund_id: RefundId,
) -> Result<()> {
    // What could fail before anything is paid fails before the intent is on record.
    let till = RefCell::new(None);
    let begin = begin_in(world, Function::Returns, order_id, async |order, now| {
        let facts = refund::begin(order, refund_id, now);
        if !facts.is_empty() {
            till.replace(Some(find_till(world, order_id).await?));
        }
        Ok(facts)
    });
    let begun = while_reading_kept(world, begin).await?;
    let Some(intent) = refund::intent(&begun.order, refund_id) else {
        begun.remind(world, Some(Function::Returns), order_id).await?;
        return Ok(());
    };
    let planned = &begun.order.refunds[&refund_id].planned;
    let key = refund_id.key(order_id);
    let till = match till.into_inner() {
        Some(till) => till,
        None => find_till(world, order_id).await?,
    };
    let payment = Payment { world, order_id, till: &till, planned, key: &key };
    let mut outcome = None;
    if begun.facts.is_empty() {
        let look_up = async || payment.look_up().await;
        let renew = |order: &Order| refund::renewed(order, refund_id, intent);
        let function = Function::Returns;
        outcome = take_over(world, function, order_id, intent, look_up, renew).await?;
    }
    let outcome = match outcome {
        Some(outcome) => outcome,
        None => payment.pay().await?,
    };

    let known = Known { order: begun.order.clone(), version: begun.version };
    transact_from(world, Function::Returns, order_id, known, async |order: &Order, _| {
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

/// A refund at its till.
struct Payment<'a, W> {
    world: &'a W,
    order_id: &'a OrderId,
    till: &'a Till,
    planned: &'a Planned,
    key: &'a str,
}

impl<W: Clock + Http> Payment<'_, W> {
    /// Whether it was paid already; none if not, and where the shop finds that out by our key when it is to pay. A key
    /// alone would not do for two deliveries at once: what a shop refused to one of them it may pay to the other.
    async fn look_up(&self) -> Result<Option<RefundOutcome>> {
        match self.till.shop.kind {
            ShopKind::Shopify | ShopKind::Onward => return Ok(None),
            ShopKind::Woocommerce => {}
        }
        let (world, lines) = (self.world, self.lines());
        let refund = self.asked(&lines);
        let found = woocommerce::refund::look_up(world, self.access(), &refund);
        found.await.with_context(|| format!("failed to look up refund `{}`", self.key))
    }

    /// Tells the shop in its own language.
    async fn pay(&self) -> Result<RefundOutcome> {
        let (world, access, lines) = (self.world, self.access(), self.lines());
        let refund = self.asked(&lines);
        let outcome = match self.till.shop.kind {
            ShopKind::Shopify => shopify::refund::refund(world, access, &refund).await,
            ShopKind::Woocommerce => woocommerce::refund::refund(world, access, &refund).await,
            ShopKind::Onward => onward::refund::refund(world, access, &refund, world.now()).await,
        };
        outcome.with_context(|| format!("failed to pay refund `{}`", self.key))
    }

    fn access(&self) -> Access<'_> {
        Access { api: self.till.shop.api.trim_end_matches('/'), secrets: &self.till.secrets }
    }

    fn lines(&self) -> Vec<RefundLine> {
        let line = |line: &domain::order::refund::fact::RefundLine| RefundLine {
            line_id: line.line_id.clone(),
            quantity: line.quantity,
            amount_minor: line.amount_minor,
        };
        self.planned.lines.iter().map(line).collect()
    }

    fn asked<'l>(&'l self, lines: &'l [RefundLine]) -> Refund<'l> {
        Refund {
            order: self.order_id.order(),
            key: self.key,
            lines,
            shipping_minor: self.planned.shipping_minor,
            amount: self.planned.amount,
            why: &self.planned.why,
        }
    }
}
