//! Notifications: tells customers what became of their orders, by mail and SMS, each thing once.

mod delay;

pub use delay::note_delay;

use anyhow::Result;
use ports::{Clock, Notices};

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
