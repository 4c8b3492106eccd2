//! Notifications: tells customers what became of their orders, by mail and SMS, each thing once.

mod delay;
mod link;
mod notify;
mod recipient;

pub use delay::note_delay;
pub use link::mail_link;
pub use notify::notify_customer;
pub use recipient::SECRET;

use anyhow::Result;
use domain::message::Message;
use ports::{Catalog, Clock, Events, Notices, People, Post, Queues, Secrets, Views};

/// Takes a message, and gives back one that is for another function. `public_url` is where customers reach us, without a
/// slash at its end.
///
/// # Errors
/// When the world says not now; the queue delivers again.
pub async fn take(
    world: &(impl Catalog + Clock + Events + Notices + People + Post + Queues + Secrets + Views),
    public_url: &str,
    message: Message,
) -> Result<Option<Message>> {
    match message {
        Message::NoteDelay { order_id, fulfillment_order_id } => {
            note_delay(world, &order_id, fulfillment_order_id).await?;
        }
        Message::NotifyCustomer { order_id, first, last } => {
            notify_customer(world, public_url, &order_id, first, last).await?;
        }
        Message::SuppressRecipients { recipients } => {
            suppress_recipients(world, &recipients).await?;
        }
        Message::MailLink { number, evidence, language } => {
            mail_link(world, public_url, &number, &evidence, language).await?;
        }
        other => return Ok(Some(other)),
    }
    Ok(None)
}

/// Nobody writes to these any more, keyed hashes of addresses: a mail bounced, or its reader complained.
///
/// # Errors
/// When the world says not now.
pub async fn suppress_recipients(
    world: &(impl Clock + Notices),
    recipients: &[String],
) -> Result<()> {
    for recipient in recipients {
        world.suppress(recipient, world.now()).await?;
    }
    Ok(())
}
