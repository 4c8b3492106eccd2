//! What stands for a customer's address wherever that must not be: a keyed hash of it.

use anyhow::Result;
use connectors::signature;
use ports::{Notices, Secrets};

/// The name of the secret that keys the hashes by which addresses are known that nobody writes to any more.
pub const SECRET: &str = "notifications";

/// One address, as it is known where it must not be.
pub(crate) struct Recipient {
    /// Its hash under the newest secret; none where there is no secret.
    pub(crate) hash: Option<String>,
    /// Whether nobody writes there any more: a mail bounced, or its reader complained.
    pub(crate) is_suppressed: bool,
}

/// Looks an address up.
pub(crate) async fn recipient(
    world: &(impl Notices + Secrets),
    address: &str,
) -> Result<Recipient> {
    let address = address.trim().to_lowercase();
    let mut recipient = Recipient { hash: None, is_suppressed: false };
    // Two while the secret is being replaced, the newest first.
    for secret in world.secret(SECRET).await? {
        let hash = signature::sign_hex(&secret, &[address.as_bytes()]);
        recipient.is_suppressed |= world.is_suppressed(&hash).await?;
        recipient.hash.get_or_insert(hash);
    }
    Ok(recipient)
}
