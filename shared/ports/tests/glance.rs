//! A glance may be out of date: nothing wrong is appended for it, and nothing is missed.

use anyhow::Result;
use domain::catalog::StockChange;
use domain::id::OrderId;
use domain::message::Message;
use domain::order::fact::Fact;
use domain::order::{Order, Recorded};
use jiff::{SignedDuration, Timestamp};
use ports::memory::World;
use ports::{Appended, Clock, Events, Queues, transact};

/// A world in which no glance shows the newest append.
struct Lagging(World);

impl Clock for Lagging {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl Queues for Lagging {
    async fn send(&self, messages: &[Message]) -> Result<()> {
        self.0.send(messages).await
    }

    async fn send_later(&self, message: &Message, delay: SignedDuration) -> Result<()> {
        self.0.send_later(message, delay).await
    }
}

impl Events for Lagging {
    async fn load(&self, order_id: &OrderId) -> Result<(Vec<Recorded>, u64)> {
        self.0.load(order_id).await
    }

    async fn glance(&self, order_id: &OrderId) -> Result<(Vec<Recorded>, u64)> {
        let (mut history, version) = self.0.load(order_id).await?;
        history.retain(|recorded| recorded.version < version);
        Ok((history, version.saturating_sub(1)))
    }

    async fn append(
        &self,
        order_id: &OrderId,
        version: u64,
        at: Timestamp,
        facts: &[Fact],
        stock: &[StockChange],
    ) -> Result<Appended> {
        self.0.append(order_id, version, at, facts, stock).await
    }
}

fn cancel_requested() -> Fact {
    Fact::CancelRequested { by: "shop".to_owned(), why: "customer".to_owned(), updated_at: None }
}

/// The names of an order's facts after a step, where someone had asked to cancel it just before.
fn facts_after(decide: impl Fn(&Order) -> Vec<Fact>) -> Result<Vec<&'static str>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let now = Timestamp::from_second(1_795_000_000)?;
        let (world, order_id) = (Lagging(World::new(now)), OrderId::parse("shop/1")?);
        world.append(&order_id, 0, now, &[cancel_requested()], &[]).await?;
        transact(&world, &order_id, async |order, _| Ok(decide(order))).await?;
        let (history, _) = world.load(&order_id).await?;
        Ok(history.iter().map(|recorded| recorded.fact.name()).collect())
    })
}

#[test]
fn what_a_glance_does_not_show_yet_is_not_done_twice() -> Result<()> {
    let once = |order: &Order| {
        if order.cancel_requested.is_none() { vec![cancel_requested()] } else { Vec::new() }
    };
    assert_eq!(facts_after(once)?, ["CancelRequested"]);
    Ok(())
}

#[test]
fn what_calls_for_a_step_is_seen_though_no_glance_shows_it() -> Result<()> {
    let answer = |order: &Order| {
        let updated_at = Timestamp::UNIX_EPOCH;
        let is_asked = order.cancel_requested.is_some();
        if is_asked { vec![Fact::Confirmed { updated_at }] } else { Vec::new() }
    };
    assert_eq!(facts_after(answer)?, ["CancelRequested", "Confirmed"]);
    Ok(())
}
