//! What tracking services tell by themselves.

use anyhow::{Context as _, Result};
use domain::id::{FulfillmentOrderId, OrderId, reference};
use domain::order::phase::{Phase, phase};
use domain::order::{Order, Stage};
use domain::settings::TrackingService;
use ports::Inbound;
use serde_json::{Value, json};
use tests::outside::aftership::push;
use tests::outside::tracking::Tracking;
use tests::stack::company::SHOPS;
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;
use crate::changes::wait_until;
use crate::ending::sha256;

#[test]
fn a_parcel_has_arrived_as_soon_as_either_service_says_so() -> Result<()> {
    on_the_stack(async |stack| {
        for service in TrackingService::ALL {
            let order_id = stack.buy(&stack.purchase(SHOPS[2], &[PLENTY[2]])).await?;
            let number = ship(stack, &order_id).await?;
            // The service that we would ask knows nothing of it: only by being told can we know.
            let mut told = Tracking::default();
            told.deliver(&number, stack.now());
            let push = signed(stack, service, &told.told(service, &number).to_string());
            let what = format!("{} tells us of {number}", service.name());
            stack
                .wait_for(&what, async || {
                    let answer = stack.call_patiently(&push).await?;
                    let answer: Value = serde_json::from_slice(&answer.body)?;
                    // Parcels are found through the views, which are a moment behind.
                    Ok((answer["status"] == "taken").then_some(()))
                })
                .await?;
            let (order, _) = stack.order(&order_id).await?;
            assert_eq!(phase(&order), Phase::Delivered, "{}", service.name());
        }
        Ok(())
    })
}

#[test]
fn what_a_tracking_service_says_and_nobody_can_read_is_kept() -> Result<()> {
    on_the_stack(async |stack| {
        let body = format!(r#"{{"event":"SHRUG","at":{}}}"#, stack.now().as_nanosecond());
        let shrug = signed(stack, TrackingService::SeventeenTrack, &body);
        assert_eq!(stack.call_patiently(&shrug).await?.status, 400);
        let key = format!("tracking/seventeen_track/{}", sha256(body.as_bytes()));
        let kept = stack.object("Refused", &key).await?.context("it was not kept")?;
        assert_eq!(kept.body, body.as_bytes());
        Ok(())
    })
}

fn signed(stack: &Stack, service: TrackingService, body: &str) -> Inbound {
    let secret = stack.secret(&format!("tracking/{}", service.name()));
    push(service, secret, body.as_bytes().to_vec())
}

/// The order's supplier ships it, and its shop shows the parcel, so that what is told of it later is news for the shop;
/// gives its number.
async fn ship(stack: &Stack, order_id: &OrderId) -> Result<String> {
    let is_accepted = "is accepted";
    let order = wait_until(stack, order_id, is_accepted, |order| {
        order.fulfillment_orders.values().any(|it| it.stage == Stage::Accepted)
    })
    .await?;
    let supplier = order.fulfillment_orders.values().next().context("it is routed")?.supplier();
    let shipment = json!({
        "reference": reference(order_id, FulfillmentOrderId(1)), "carrier": "DHL"
    });
    stack.direct("POST", &format!("suppliers/{supplier}/ship"), &shipment).await?;
    let is_shown = |order: &Order| {
        order.parcels.values().next().is_some_and(|parcel| !parcel.pushed.is_empty())
    };
    let order = wait_until(stack, order_id, "is shown in its shop", is_shown).await?;
    let parcel = order.parcels.into_values().next().context("it has a parcel")?;
    Ok(parcel.number)
}
