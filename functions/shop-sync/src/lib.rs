//! Shop sync: the shop shows what we know of a parcel, and hears what came of what it asked for.

use anyhow::{Context, Error, Result, bail};
use connectors::shipment::{Access, Refused, Shipment, Shown};
use connectors::shop_answer::ShopAnswer;
use connectors::{onward, shopify, woocommerce};
use domain::id::{OrderId, ParcelId};
use domain::message::Function;
use domain::order::fact::Milestone;
use domain::order::push_back::{self, PushBack};
use domain::order::{Order, Parcel, amendment};
use domain::settings::{Shop, ShopKind};
use futures_util::future::try_join;
use ports::{
    Catalog, Clock, Events, Http, Known, Queues, Secrets, begin_in, transact_from,
    while_reading_kept,
};

/// Tells the shop the next that it does not show of a parcel: that it left, and under which number; that this was wrong;
/// later that it arrived. It is looked up in the shop before it is written there, so a delivery that died in between does
/// not show it twice. What the shop refuses for good is recorded: a person decides.
///
/// # Errors
/// When the shop or the world says not now; the queue tries again.
pub async fn update_shop(
    world: &(impl Clock + Events + Catalog + Queues + Secrets + Http),
    order_id: &OrderId,
    parcel_id: ParcelId,
) -> Result<()> {
    let find = |order: &Order| push_back::plan(order, parcel_id);
    let owed = find_owed(world, order_id, find);
    let Some((mut known, push_back)) = while_reading_kept(world, owed).await? else {
        return Ok(());
    };
    let milestone = push_back.milestone;
    let contact = Contact::of(world, order_id).await?;
    if contact.needs_intent(&push_back) {
        let begin = async |order: &Order, _| Ok(push_back::begin(order, parcel_id, milestone));
        let begun = begin_in(world, Function::ShopSync, order_id, begin).await?;
        // Whoever has shown it in between, or is at it right now: what is owed then is the clock's.
        let is_same = push_back::plan(&begun.order, parcel_id).as_ref() == Some(&push_back);
        let is_ours = push_back::may_show(&begun.order, parcel_id, milestone, begun.now);
        if !is_same || (begun.facts.is_empty() && !is_ours) {
            begun.remind(world, Some(Function::ShopSync), order_id).await?;
            return Ok(());
        }
        known = Known { order: begun.order, version: begun.version };
    }
    let order = known.order.clone();
    let shipment = shipment(order_id, parcel_id, &order.parcels[&parcel_id], &push_back);
    let shown = contact
        .twice(async |access| contact.show(world, access, &shipment).await)
        .await
        .with_context(|| format!("failed to show parcel {parcel_id} of order `{order_id}`"))?;
    let done = async |order: &Order, _| {
        Ok(match &shown {
            Ok(Shown { reference, found }) => {
                let number = shipment.number;
                let shown = push_back::Shown { shop_reference: reference, found: *found, number };
                push_back::done(order, parcel_id, milestone, shown)
            }
            Err(Refused(why)) => push_back::refused(order, parcel_id, milestone, why),
        })
    };
    transact_from(world, Function::ShopSync, order_id, known, done).await?;
    Ok(())
}

/// Tells the shop what came of a request to change the order, counted from 1, unless it knows.
///
/// # Errors
/// When the shop or the world says not now; the queue tries again.
pub async fn answer_shop(
    world: &(impl Clock + Events + Catalog + Queues + Secrets + Http),
    order_id: &OrderId,
    request: u16,
) -> Result<()> {
    let find = |order: &Order| {
        let asked = order.amendment(request)?;
        Some((asked.clone(), asked.owed(order)?))
    };
    let owed = find_owed(world, order_id, find);
    let Some((known, (asked, verdict))) = while_reading_kept(world, owed).await? else {
        return Ok(());
    };
    let contact = Contact::of(world, order_id).await?;
    let answer = ShopAnswer {
        order: order_id.order(),
        request,
        about: asked.name(),
        verdict,
        why: asked.answer(&known.order).why,
        asked_at: asked.at,
    };
    let told = contact
        .twice(async |access| contact.tell(world, access, &answer).await)
        .await
        .with_context(|| format!("failed to answer request {request} on order `{order_id}`"))?;
    let done = async |order: &Order, _| {
        Ok(match &told {
            Ok(Shown { reference, found }) => {
                amendment::told(order, request, verdict, reference, *found, None)
            }
            Err(Refused(why)) => {
                amendment::told(order, request, verdict, "-", false, Some(why.clone()))
            }
        })
    };
    transact_from(world, Function::ShopSync, order_id, known, done).await?;
    Ok(())
}

/// What a shop is owed, and the order at a glance; loaded if that does not show yet what called for it.
async fn find_owed<T>(
    world: &impl Events,
    order_id: &OrderId,
    find: impl Fn(&Order) -> Option<T>,
) -> Result<Option<(Known, T)>> {
    let mut known = world.glance_at_order(order_id).await?;
    let mut owed = find(&known.order);
    if owed.is_none() {
        known = world.load_order(order_id).await?;
        owed = find(&known.order);
    }
    Ok(owed.map(|owed| (known, owed)))
}

/// How an order's shop is reached.
struct Contact {
    shop: Shop,
    secrets: Vec<String>,
}

impl Contact {
    async fn of(world: &(impl Catalog + Secrets), order_id: &OrderId) -> Result<Self> {
        let shop_id = order_id.shop();
        let name = format!("shops/{shop_id}/api");
        let (settings, secrets) = try_join(world.settings(), world.secret(&name)).await?;
        let shop = settings.shop(&shop_id);
        let shop = shop.with_context(|| format!("settings name no shop `{shop_id}`"))?.clone();
        if secrets.is_empty() {
            bail!("there is no secret `{name}`");
        }
        Ok(Self { shop, secrets })
    }

    /// Whether two deliveries at the same time could show it twice, and no look afterwards could tell: Shopify takes a
    /// parcel's units off what remains of the lines, and would take as many again.
    fn needs_intent(&self, push_back: &PushBack) -> bool {
        self.shop.kind == ShopKind::Shopify
            && push_back.milestone == Milestone::Shipped
            && !push_back.is_rest
    }

    /// Calls, and once more if it is refused: someone in the shop may have changed the order between look and act. What
    /// is refused twice is refused for good.
    async fn twice(
        &self,
        call: impl AsyncFn(Access<'_>) -> Result<Shown>,
    ) -> Result<Result<Shown, Refused>> {
        let access = Access { api: self.shop.api.trim_end_matches('/'), secrets: &self.secrets };
        let first = call(access).await;
        let told = match first {
            Err(error) if error.is::<Refused>() => call(access).await,
            told => told,
        };
        told.map(Ok).or_else(|error: Error| error.downcast::<Refused>().map(Err))
    }

    /// Shows a parcel, in the shop's own language.
    async fn show(
        &self,
        world: &(impl Clock + Http),
        access: Access<'_>,
        shipment: &Shipment<'_>,
    ) -> Result<Shown> {
        match self.shop.kind {
            ShopKind::Shopify => shopify::fulfillment::show(world, access, shipment).await,
            ShopKind::Woocommerce => woocommerce::fulfillment::show(world, access, shipment).await,
            ShopKind::Onward => onward::shipment::show(world, access, shipment, world.now()).await,
        }
    }

    /// Tells an answer, in the shop's own language.
    async fn tell(
        &self,
        world: &(impl Clock + Http),
        access: Access<'_>,
        answer: &ShopAnswer<'_>,
    ) -> Result<Shown> {
        match self.shop.kind {
            ShopKind::Shopify => shopify::fulfillment::answer::tell(world, access, answer).await,
            ShopKind::Woocommerce => woocommerce::fulfillment::tell(world, access, answer).await,
            ShopKind::Onward => onward::answer::tell(world, access, answer, world.now()).await,
        }
    }
}

fn shipment<'a>(
    order_id: &'a OrderId,
    parcel_id: ParcelId,
    parcel: &'a Parcel,
    push_back: &'a PushBack,
) -> Shipment<'a> {
    Shipment {
        order: order_id.order(),
        parcel_id,
        milestone: push_back.milestone,
        lines: &push_back.lines,
        is_last: push_back.is_last,
        carrier: &parcel.carrier,
        number: &parcel.number,
        ship_date: parcel.ship_date,
        replaces: push_back.replaces.as_deref(),
        delivered_at: parcel.delivered_at(),
        is_news: !parcel.lost,
    }
}
