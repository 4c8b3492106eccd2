//! Shop sync: the shop shows what we know of a parcel.

use anyhow::{Context, Result, bail};
use connectors::shipment::{Access, Shipment, Shown};
use connectors::{onward, shopify, woocommerce};
use domain::id::{OrderId, ParcelId};
use domain::message::Function;
use domain::order::push_back::{self, PushBack};
use domain::order::{Order, Parcel};
use domain::settings::ShopKind;
use ports::{Catalog, Clock, Events, Http, Queues, Secrets, transact_in};

/// Tells the shop the next that it does not show of a parcel: that it left, and under which number; later that it
/// arrived. It is looked up in the shop before it is written there, so a delivery that died in between does not show it
/// twice.
///
/// # Errors
/// When the shop or the world says not now, or the shop refuses; the queue tries again, and a person sees the rest.
pub async fn update_shop(
    world: &(impl Clock + Events + Catalog + Queues + Secrets + Http),
    order_id: &OrderId,
    parcel_id: ParcelId,
) -> Result<()> {
    let (history, _) = world.load(order_id).await?;
    let order = Order::fold(&history);
    let Some(push_back) = push_back::plan(&order, parcel_id) else {
        return Ok(());
    };
    let Shown { reference, found } =
        show(world, order_id, parcel_id, &order.parcels[&parcel_id], &push_back)
            .await
            .with_context(|| format!("failed to show parcel {parcel_id} of order `{order_id}`"))?;
    let done = async |order: &Order, _| {
        Ok(push_back::done(order, parcel_id, push_back.milestone, &reference, found))
    };
    transact_in(world, Function::ShopSync, order_id, done).await?;
    Ok(())
}

/// Tells the shop in its own language.
async fn show(
    world: &(impl Clock + Catalog + Secrets + Http),
    order_id: &OrderId,
    parcel_id: ParcelId,
    parcel: &Parcel,
    push_back: &PushBack,
) -> Result<Shown> {
    let settings = world.settings().await?;
    let shop_id = order_id.shop();
    let shop =
        settings.shop(&shop_id).with_context(|| format!("settings name no shop `{shop_id}`"))?;
    let name = format!("shops/{shop_id}/api");
    let secrets = world.secret(&name).await?;
    if secrets.is_empty() {
        bail!("there is no secret `{name}`");
    }

    let access = Access { api: shop.api.trim_end_matches('/'), secrets: &secrets };
    let shipment = Shipment {
        order: order_id.order(),
        parcel_id,
        milestone: push_back.milestone,
        lines: &push_back.lines,
        is_last: push_back.is_last,
        carrier: &parcel.carrier,
        number: &parcel.number,
        ship_date: parcel.ship_date,
        delivered_at: parcel.delivered_at(),
    };
    match shop.kind {
        ShopKind::Shopify => shopify::fulfillment::show(world, access, &shipment).await,
        ShopKind::Woocommerce => woocommerce::fulfillment::show(world, access, &shipment).await,
        ShopKind::Onward => onward::shipment::show(world, access, &shipment, world.now()).await,
    }
}
