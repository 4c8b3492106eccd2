//! Dead letters: what failed five times, of which orders and why; and back into its queue, once it was mended.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::{Context, Result};
use aws::DeadLetter;
use domain::id::OrderId;
use domain::message::{Function, Message};
use domain::order::Order;
use domain::order::phase::phase;
use jiff::Timestamp;
use ports::{Clock, Events};

#[cfg(test)]
mod tests;

/// How many are shown one by one: a screen's worth, and each is a search in the logs.
const SHOWN_MAX: usize = 25;

/// The dead letters of every queue.
pub trait DeadLetters {
    /// Those of a function that nobody else is looking at. They are hidden from others until they are put back, or left.
    async fn dead_letters(&self, function: Function) -> Result<Vec<DeadLetter>>;

    /// Why it failed last, as its function said it; none if the logs don't say.
    async fn reason(&self, letter: &DeadLetter) -> Result<Option<String>>;

    /// Sends the message to its function again, and only then takes it from the dead letters.
    async fn put_back(&self, function: Function, letter: &DeadLetter) -> Result<()>;

    /// Leaves them where they are, for the next who looks.
    async fn leave(&self, function: Function, letters: &[DeadLetter]) -> Result<()>;
}

impl DeadLetters for aws::World {
    async fn dead_letters(&self, function: Function) -> Result<Vec<DeadLetter>> {
        self.dead_letters(function).await
    }

    async fn reason(&self, letter: &DeadLetter) -> Result<Option<String>> {
        self.reason(letter).await
    }

    async fn put_back(&self, function: Function, letter: &DeadLetter) -> Result<()> {
        self.put_back(function, letter).await
    }

    async fn leave(&self, function: Function, letters: &[DeadLetter]) -> Result<()> {
        self.leave(function, letters).await
    }
}

/// Shows a function's dead letters and, if that is confirmed, puts them back into its queue.
///
/// # Errors
/// When the world says not now. Nothing is lost: what was not put back is still among the dead letters.
pub async fn redrive(
    world: &(impl Clock + DeadLetters + Events),
    function: Function,
    is_confirmed: bool,
    out: &mut impl Write,
) -> Result<()> {
    let letters = world.dead_letters(function).await?;
    let shown = show(world, function, &letters, out).await;
    if letters.is_empty() || shown.is_err() || !is_confirmed {
        world.leave(function, &letters).await?;
        shown?;
        if !letters.is_empty() {
            writeln!(out, "to send them again: onward redrive {} --yes", function.name())?;
        }
        return Ok(());
    }
    for (done, letter) in letters.iter().enumerate() {
        if let Err(error) = world.put_back(function, letter).await {
            // Those that are left show themselves after a while in any case.
            world.leave(function, &letters[done..]).await.ok();
            return Err(error).with_context(|| format!("{done} of {} were sent", letters.len()));
        }
    }
    writeln!(out, "sent again: {}", letters.len())?;
    Ok(())
}

async fn show(
    world: &(impl Clock + DeadLetters + Events),
    function: Function,
    letters: &[DeadLetter],
    out: &mut impl Write,
) -> Result<()> {
    let orders: BTreeSet<OrderId> = letters.iter().flat_map(order_ids).collect();
    let (name, count, orders) = (function.name(), letters.len(), orders.len());
    writeln!(out, "{name}: {count} dead letters of {orders} orders")?;
    let now = world.now();
    for letter in letters.iter().take(SHOWN_MAX) {
        let reason = world.reason(letter).await?;
        let reason = reason.as_deref().unwrap_or("the logs don't say why");
        let about = about(world, letter).await?;
        writeln!(out, "  {about}  {}  {reason}", age(letter.sent_at, now))?;
    }
    if count > SHOWN_MAX {
        writeln!(out, "  and {} more", count - SHOWN_MAX)?;
    }
    Ok(())
}

fn message(letter: &DeadLetter) -> Option<Message> {
    serde_json::from_str(&letter.body).ok()
}

fn order_ids(letter: &DeadLetter) -> Vec<OrderId> {
    match message(letter) {
        Some(Message::TrackParcels { parcels }) => {
            parcels.into_iter().map(|parcel| parcel.order_id).collect()
        }
        Some(message) => message.order_id().cloned().into_iter().collect(),
        None => Vec::new(),
    }
}

/// The order and how it stands. What nobody can read may hold anything, and is not shown.
async fn about(world: &impl Events, letter: &DeadLetter) -> Result<String> {
    match order_ids(letter).as_slice() {
        [] => Ok(format!("unreadable {}", letter.message_id)),
        [order_id] => {
            let (history, _) = world.load(order_id).await?;
            Ok(format!("{order_id}  {}", phase(&Order::fold(&history)).name()))
        }
        [order_id, others @ ..] => Ok(format!("{order_id} and {} others", others.len())),
    }
}

/// `4 min`, `3 h 12 min`, `2 d 3 h`.
fn age(from: Timestamp, to: Timestamp) -> String {
    let minutes = to.duration_since(from).as_mins().max(0);
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}
