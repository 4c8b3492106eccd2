//! All of Onward in one process: every step, on the world in memory, with the outside world beside it.

use std::collections::BTreeSet;

use anyhow::Result;
use domain::id::OrderId;
use domain::message::Message;
use domain::order::{Order, Recorded};
use jiff::SignedDuration;
use ports::memory::World;
use ports::{Clock as _, Events as _, Inbound, Reply};

/// Where suppliers reach us, and where 17TRACK is, in this world.
pub const PUBLIC_URL: &str = "https://onward.example";
/// The tracking service of this world.
pub const TRACKING_URL: &str = "https://outside.example";

/// How often a message is delivered before it lies in the dead letters.
const DELIVERIES_MAX: u32 = 5;

/// The functions and the world they run in.
pub struct System {
    /// Everything that is stored, queued or sent.
    pub world: World,
    /// Messages that failed every time, with the last reason.
    pub dead_letters: Vec<(Message, String)>,
}

impl System {
    /// The functions in a world.
    #[must_use]
    pub fn new(world: World) -> Self {
        Self { world, dead_letters: Vec::new() }
    }

    /// Calls one of our HTTP functions by its route.
    ///
    /// # Errors
    /// What the function could not do now; the API would answer 500.
    pub async fn call(&self, inbound: &Inbound) -> Result<Reply> {
        match inbound.route.split('/').nth(1) {
            Some("webhooks") => order_intake::take_webhook(&self.world, inbound).await,
            Some("suppliers" | "answers") => {
                supplier_inbox::take_answer(&self.world, inbound).await
            }
            Some("orders") => console::answer_operator(&self.world, inbound).await,
            _ => Ok(Reply::json(404, String::new())),
        }
    }

    /// Delivers one message to its function.
    ///
    /// # Errors
    /// What the function could not do now; the queue would deliver again.
    pub async fn deliver(&self, message: &Message) -> Result<()> {
        let world = &self.world;
        match message {
            Message::MapSkus { order_id } => sku_mapping::map_order(world, order_id).await,
            Message::ScreenOrder { order_id } => screening::screen_order(world, order_id).await,
            Message::RouteOrder { order_id } => routing::route_order(world, order_id).await,
            Message::ForwardOrder { order_id, fulfillment_order_id } => {
                supplier_forwarding::forward_order(
                    world,
                    PUBLIC_URL,
                    order_id,
                    *fulfillment_order_id,
                )
                .await
            }
            Message::TrackParcels { parcels } => {
                let parcels = parcels.iter().cloned().collect();
                let failed = tracking_poll::track_parcels(world, TRACKING_URL, &parcels).await?;
                failed.into_values().next().map_or(Ok(()), Err)
            }
            Message::UpdateShop { order_id, parcel_id } => {
                shop_sync::update_shop(world, order_id, *parcel_id).await
            }
            Message::ArchiveDocument { order_id, document } => {
                documents::archive_document(world, order_id, *document).await
            }
        }
    }

    /// Delivers messages until none are left; one that fails is delivered again, and lies in the dead letters after
    /// the fifth time. Then brings the views up to date.
    pub async fn settle(&mut self) {
        while let Some(message) = self.world.take() {
            for delivery in 1..=DELIVERIES_MAX {
                match self.deliver(&message).await {
                    Ok(()) => break,
                    Err(error) if delivery == DELIVERIES_MAX => {
                        self.dead_letters.push((message.clone(), format!("{error:#}")));
                    }
                    Err(_) => {}
                }
            }
        }
        self.project().await;
    }

    /// Lets time pass, minute by minute, with all that the clock sends.
    pub async fn pass(&mut self, time: SignedDuration) {
        let until = self.world.now() + time;
        while self.world.now() < until {
            self.world.now.set(until.min(self.world.now() + SignedDuration::from_mins(1)));
            clock::tick(&self.world).await.expect("the world in memory has no faults planned");
            self.settle().await;
        }
    }

    /// Brings the views of every order up to its facts.
    pub async fn project(&self) {
        let order_ids: BTreeSet<OrderId> = self.world.streams.borrow().keys().cloned().collect();
        for order_id in order_ids {
            let projected = projection::project(&self.world, &order_id).await;
            projected.expect("the world in memory has no faults planned");
        }
    }

    /// An order and its facts, as they are now.
    pub async fn order(&self, order_id: &OrderId) -> (Order, Vec<Recorded>) {
        let (history, _) =
            self.world.load(order_id).await.expect("the world in memory has no faults planned");
        (Order::fold(&history), history)
    }
}
