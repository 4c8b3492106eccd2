//! The four beats of every step: load, decide, append, emit.

use anyhow::{Result, bail};
use domain::id::OrderId;
use domain::message::{Function, Message};
use domain::order::fact::Fact;
use domain::order::next::{LOOK_AGAIN_END, Owed, next, stock_changes};
use domain::order::{Order, Recorded, invariant};
use jiff::Timestamp;

use crate::{Appended, Clock, Events, Queues};

/// How often a decision is made anew when someone else appended first. After that the queue tries again later.
const ATTEMPTS_MAX: u32 = 3;

/// An order as someone knows it: at this version.
#[derive(Debug, Clone)]
pub struct Known {
    /// The order.
    pub order: Order,
    /// The version of its stream.
    pub version: u64,
}

impl Known {
    /// What a load, or a glance, came to.
    #[must_use]
    pub fn of((history, version): (Vec<Recorded>, u64)) -> Self {
        Self { order: Order::fold(&history), version }
    }
}

/// An order after a step.
#[derive(Debug)]
pub struct Transacted {
    /// The order as it is now.
    pub order: Order,
    /// The version of its stream.
    pub version: u64,
    /// What this step appended; empty if everything was on record already.
    pub facts: Vec<Fact>,
    /// When the step decided.
    pub now: Timestamp,
}

impl Transacted {
    /// Ends a step: if it had nothing to append, what the order's last facts call for is sent, see [`remind`].
    ///
    /// # Errors
    /// When the world says not now.
    pub async fn remind(
        self,
        world: &(impl Clock + Queues),
        function: Option<Function>,
        order_id: &OrderId,
    ) -> Result<Self> {
        if self.facts.is_empty() {
            remind(world, function, order_id, &self.order).await?;
        }
        Ok(self)
    }
}

/// Loads an order, decides, appends what was decided, and sends what the order's state now calls for.
///
/// A step that appended sends what its facts *newly* called for: the rest was sent by whoever caused it. A step that
/// had nothing to append sends *all* that the order's last facts call for: it is a redelivery, and the delivery before
/// may have died between append and emit. What has come due since then is the clock's.
///
/// # Errors
/// When the world says not now, or others appended first three times in a row; nothing is half done.
pub async fn transact<W, D>(world: &W, order_id: &OrderId, decide: D) -> Result<Transacted>
where
    W: Clock + Events + Queues,
    D: AsyncFn(&Order, Timestamp) -> Result<Vec<Fact>>,
{
    let done = run(world, order_id, None, None, decide).await?;
    done.remind(world, None, order_id).await
}

/// [`transact`] for a step that is itself what the state calls for, until it succeeds: it sends its own function nothing
/// that the state called for before. Else a step whose outside call fails would send itself a message with every try.
///
/// # Errors
/// As [`transact`].
pub async fn transact_in<W, D>(
    world: &W,
    function: Function,
    order_id: &OrderId,
    decide: D,
) -> Result<Transacted>
where
    W: Clock + Events + Queues,
    D: AsyncFn(&Order, Timestamp) -> Result<Vec<Fact>>,
{
    let done = begin_in(world, function, order_id, decide).await?;
    done.remind(world, Some(function), order_id).await
}

/// [`transact_in`] for the half of a step that comes before a call to the outside: if it has nothing to append, it sends
/// nothing either. The call may fail, and the next delivery find nothing to append again; if each of those sent what else
/// the order calls for, two steps of one order that both fail would send each other more and more. Who then finds that
/// there is no call to make ends with [`Transacted::remind`].
///
/// # Errors
/// As [`transact`].
pub async fn begin_in<W, D>(
    world: &W,
    function: Function,
    order_id: &OrderId,
    decide: D,
) -> Result<Transacted>
where
    W: Clock + Events + Queues,
    D: AsyncFn(&Order, Timestamp) -> Result<Vec<Fact>>,
{
    run(world, order_id, Some(function), None, decide).await
}

/// [`transact_in`] for a step that knows the order as it was a moment ago, and need not load it again: if anyone has
/// appended since, it is loaded, and decided anew.
///
/// # Errors
/// As [`transact`].
pub async fn transact_from<W, D>(
    world: &W,
    function: Function,
    order_id: &OrderId,
    known: Known,
    decide: D,
) -> Result<Transacted>
where
    W: Clock + Events + Queues,
    D: AsyncFn(&Order, Timestamp) -> Result<Vec<Fact>>,
{
    let done = run(world, order_id, Some(function), Some(known), decide).await?;
    done.remind(world, Some(function), order_id).await
}

/// [`transact`] for an order that is most likely new: nothing is loaded until it turns out that it is not.
///
/// # Errors
/// As [`transact`].
pub async fn transact_new<W, D>(world: &W, order_id: &OrderId, decide: D) -> Result<Transacted>
where
    W: Clock + Events + Queues,
    D: AsyncFn(&Order, Timestamp) -> Result<Vec<Fact>>,
{
    let nothing = Known { order: Order::default(), version: 0 };
    let done = run(world, order_id, None, Some(nothing), decide).await?;
    done.remind(world, None, order_id).await
}

async fn run<W, D>(
    world: &W,
    order_id: &OrderId,
    function: Option<Function>,
    mut known: Option<Known>,
    decide: D,
) -> Result<Transacted>
where
    W: Clock + Events + Queues,
    D: AsyncFn(&Order, Timestamp) -> Result<Vec<Fact>>,
{
    for attempt in 1..=ATTEMPTS_MAX {
        let is_fresh = attempt > 1;
        let Known { order, version } = match known.take() {
            Some(known) => known,
            None if is_fresh => world.load_order(order_id).await?,
            None => world.glance_at_order(order_id).await?,
        };
        let now = world.now();

        let facts = decide(&order, now).await?;
        if facts.is_empty() {
            // A glance may not show yet what called for this step.
            if !is_fresh {
                let loaded = world.load_order(order_id).await?;
                if loaded.version != version {
                    known = Some(loaded);
                    continue;
                }
            }
            return Ok(Transacted { order, version, facts, now });
        }

        let (before, changed_at) = (next(order_id, &order), order.changed_at);
        let stock = stock_changes(&order, &facts);
        let order = order.after(now, &facts);
        if let Some(broken) = invariant::broken(&order) {
            bail!("order `{order_id}` would be what can't be: {broken}");
        }
        if world.append(order_id, version, now, &facts, &stock).await? == Appended::Conflict {
            continue;
        }
        // What had come due by the last change was sent by whoever made it. What has come due since may not have been
        // sent by the clock yet, which now looks at the order later; only this very step need not be called again.
        let was_sent = |known: &Owed| {
            let is_own = Some(known.message.function()) == function;
            Some(known.not_before) <= changed_at || (is_own && known.not_before <= now)
        };
        let is_new =
            |owed: &Owed| !before.iter().any(|known| is_same(known, owed) && was_sent(known));
        let new = next(order_id, &order).into_iter().filter(is_new).collect();
        emit(world, due(new, now)).await?;
        return Ok(Transacted { order, version: version + 1, facts, now });
    }
    bail!("order `{order_id}`: others appended first {ATTEMPTS_MAX} times in a row")
}

/// Sends all that the order's last facts call for, but to `function`: whoever appended them may have died before it
/// sent anything.
///
/// # Errors
/// When the world says not now.
pub async fn remind(
    world: &(impl Clock + Queues),
    function: Option<Function>,
    order_id: &OrderId,
    order: &Order,
) -> Result<()> {
    let now = world.now();
    let mut owed = next(order_id, order);
    // Else two steps that both find nothing to do would call each other for ever.
    owed.retain(|owed| Some(owed.message.function()) != function && owed.end != LOOK_AGAIN_END);
    emit(world, due(owed, order.changed_at.unwrap_or(now).min(now))).await
}

/// Sends all that is due, but to `function`, to whoever looks at the order now and then: nobody else looks whether anything
/// came of what was sent at once.
///
/// # Errors
/// When the world says not now.
pub async fn send_due(
    world: &(impl Clock + Queues),
    function: Function,
    order_id: &OrderId,
    order: &Order,
) -> Result<()> {
    let now = world.now();
    let mut owed = next(order_id, order);
    owed.retain(|owed| owed.message.function() != function);
    emit(world, due(owed, now)).await
}

/// Whether both are the same message to the same end.
fn is_same(one: &Owed, other: &Owed) -> bool {
    one.end == other.end && one.message == other.message
}

fn due(owed: Vec<Owed>, now: Timestamp) -> Vec<Message> {
    owed.into_iter().filter(|owed| owed.not_before <= now).map(|owed| owed.message).collect()
}

async fn emit(world: &impl Queues, messages: Vec<Message>) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    world.send(&messages).await
}
