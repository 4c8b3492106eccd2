//! One order of a shop's list: do we know it, as it is, and does the shop show what we told it?

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use connectors::listing::{self, Brief, Entry};
use connectors::shipment::Access;
use connectors::webhook::BODY_BYTES_MAX;
use domain::id::OrderId;
use domain::order::{Order, intake, push_back};
use domain::settings::Shop;
use jiff::Timestamp;
use ports::intake::{keep_refused, take_in};
use ports::{Archive, Clock, Events, Http, People, Queues, remind, transact};

/// The orders of a shop.
pub(crate) struct Orders<'a> {
    pub(crate) shop: &'a Shop,
    pub(crate) access: Access<'a>,
    /// The latest change that an earlier look saw; none before the first look.
    pub(crate) seen_before: Option<Timestamp>,
}

impl Orders<'_> {
    /// Takes in an order, unless we know it as it is; and looks whether it shows our parcels.
    ///
    /// # Errors
    /// When the shop or the world says not now.
    pub(crate) async fn take(
        &self,
        world: &(impl Clock + Events + People + Queues + Archive + Http),
        entry: &Entry,
    ) -> Result<()> {
        let brief = match entry {
            Entry::Brief(brief) => brief.clone(),
            Entry::Whole(stated) => stated.brief(),
            Entry::Unreadable { payload, .. } => return self.refuse(world, payload).await,
        };
        let order_id = OrderId::new(&self.shop.id, &brief.order)?;
        let mut order = world.load_order(&order_id).await?.order;
        // What an earlier look came to the end of, in this state, is done.
        let is_seen = self.seen_before.is_some_and(|seen| brief.updated_at <= seen);
        if intake::is_news(&order, brief.updated_at, brief.payment, brief.is_cancelled) {
            order = self.take_in(world, &order_id, entry, order).await?;
        } else if is_seen {
            return Ok(());
        } else {
            // A look that died before this one may have recorded something and sent nothing.
            remind(world, None, &order_id, &order).await?;
        }
        self.compare(world, &order_id, &order, &brief).await
    }

    /// Takes it in as if the shop had told us of it.
    async fn take_in(
        &self,
        world: &(impl Clock + Events + People + Queues + Archive + Http),
        order_id: &OrderId,
        entry: &Entry,
        order: Order,
    ) -> Result<Order> {
        let asked;
        let entry = match entry {
            Entry::Brief(brief) => {
                asked = listing::order(world, self.access, &brief.order)
                    .await
                    .with_context(|| format!("failed to ask for order `{order_id}`"))?;
                // Gone between the two calls.
                let Some(entry) = &asked else { return Ok(order) };
                entry
            }
            known => known,
        };
        match entry {
            Entry::Whole(stated) => {
                let taken = take_in(world, &self.shop.id, &stated.order, &stated.payload).await;
                let (_, transacted) =
                    taken.with_context(|| format!("failed to take in order `{order_id}`"))?;
                Ok(transacted.order)
            }
            Entry::Unreadable { payload, .. } => {
                self.refuse(world, payload).await?;
                Ok(order)
            }
            Entry::Brief(_) => Ok(order),
        }
    }

    /// Looks whether the shop still knows the parcels that it showed; those that it does not are shown again.
    async fn compare(
        &self,
        world: &(impl Clock + Events + Queues + Http),
        order_id: &OrderId,
        order: &Order,
        brief: &Brief,
    ) -> Result<()> {
        let shown: BTreeSet<&str> = push_back::shown(order).collect();
        if shown.is_empty() {
            return Ok(());
        }
        let asked_at = world.now();
        let known =
            listing::known_numbers(world, self.shop.kind, self.access, &brief.order, &shown)
                .await
                .with_context(|| format!("failed to ask what order `{order_id}` shows"))?;
        let Some(known) = known else { return Ok(()) };
        if shown.iter().all(|number| known.contains(*number)) {
            return Ok(());
        }
        let lost = async |order: &Order, _| Ok(push_back::lost(order, &known, asked_at));
        transact(world, order_id, lost).await?;
        Ok(())
    }

    /// Keeps what we can't read for a person to look at, as a webhook that we can't read is kept.
    async fn refuse(&self, world: &impl Archive, payload: &[u8]) -> Result<()> {
        keep_refused(world, Some(&self.shop.id), payload, BODY_BYTES_MAX).await
    }
}
