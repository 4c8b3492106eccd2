//! Supplier inbox: what suppliers answer, by a signed call of their systems or through the link in a mail.

mod link;
mod webhook;

use anyhow::Result;
use domain::id::{FulfillmentOrderId, OrderId};
use domain::order::answer::{self, Answer, Refusal};
use domain::settings::Supplier;
use ports::{
    Archive, Catalog, Clock, Events, Inbound, Queues, Reply, Secrets, Transacted, Views, transact,
};

/// What takes a supplier's answer needs of the world.
pub trait World: Clock + Events + Catalog + Queues + Secrets + Archive + Views {}

impl<W: Clock + Events + Catalog + Queues + Secrets + Archive + Views> World for W {}

/// Takes a supplier's answer or stock report, or shows the page where it can answer.
///
/// # Errors
/// When the world says not now; the supplier sends again.
pub async fn take_answer(world: &impl World, inbound: &Inbound) -> Result<Reply> {
    match inbound.route.as_str() {
        "/answers/{token}" => link::answer(world, inbound).await,
        _ => webhook::take(world, inbound).await,
    }
}

/// Records answers, one after the other, all or none of them.
///
/// # Errors
/// When the world says not now. A refusal is a value.
async fn record(
    world: &(impl Clock + Events + Queues),
    order_id: &OrderId,
    fulfillment_order_id: FulfillmentOrderId,
    supplier: &Supplier,
    answers: &[Answer],
) -> Result<Result<Transacted, Refusal>> {
    let transacted = transact(world, order_id, async |order, now| {
        let mut order = order.clone();
        let mut facts = Vec::new();
        for answer in answers {
            let more = answer::record(&order, fulfillment_order_id, supplier, answer, now)?;
            order = order.after(now, &more);
            facts.extend(more);
        }
        Ok(facts)
    })
    .await;
    match transacted {
        Ok(transacted) => Ok(Ok(transacted)),
        Err(err) => err.downcast::<Refusal>().map(Err),
    }
}
