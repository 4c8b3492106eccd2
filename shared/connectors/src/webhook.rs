//! The front door, whatever the shop speaks: verifies the bytes, then parses them once.

use domain::settings::{Shop, ShopKind};
use domain::shop_order::ShopOrder;
use jiff::Timestamp;
use ports::Inbound;

pub use crate::json::Unreadable;
use crate::{onward, shopify, woocommerce};

/// Larger bodies are refused unread: 1 MiB. The largest orders that shops allow, of 500 lines, have about half of it.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What a shop delivered, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// An order as it is now. Only [`parse`] makes one, of a body that is signed.
    #[non_exhaustive]
    Order {
        /// What the shop says of it.
        order: Box<ShopOrder>,
    },
    /// A test whether we are there. It is not signed and says nothing.
    Ping,
    /// Something signed that we have no use for.
    Unneeded {
        /// What it is about: `orders/edited`.
        topic: String,
    },
}

/// Why a call is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwelcome {
    /// Not signed, or not by this shop, or not just now.
    #[error("the signature is not valid")]
    Unsigned,
    /// Signed, and not to be understood.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Larger than [`BODY_BYTES_MAX`].
    #[error("the body is larger than {BODY_BYTES_MAX} bytes")]
    TooLarge,
}

/// Verifies and reads what came in for a shop. `secrets` are those that are valid now, two while one replaces the
/// other.
///
/// # Errors
/// When it is not to be taken, see [`Unwelcome`]. Nothing of a body is looked at before its signature was verified.
pub fn parse(
    shop: &Shop,
    secrets: &[String],
    inbound: &Inbound,
    now: Timestamp,
) -> Result<Delivery, Unwelcome> {
    if inbound.body.len() > BODY_BYTES_MAX {
        return Err(Unwelcome::TooLarge);
    }
    match shop.kind {
        ShopKind::Shopify => shopify::receive(shop, secrets, inbound),
        ShopKind::Woocommerce => woocommerce::receive(secrets, inbound),
        ShopKind::Onward => onward::receive(secrets, inbound, now),
    }
}

/// A signed call on a topic that is needed becomes an order; on any other it is only acknowledged.
pub(crate) fn by_topic(
    inbound: &Inbound,
    topic_header: &str,
    topics: &[&str],
    read: impl Fn(&[u8]) -> Result<ShopOrder, Unreadable>,
) -> Result<Delivery, Unwelcome> {
    let missing =
        || Unreadable { field: topic_header.to_owned(), problem: "is missing".to_owned() };
    let topic = inbound.header(topic_header).ok_or_else(missing)?;
    if topics.contains(&topic) {
        return Ok(Delivery::Order { order: Box::new(read(&inbound.body)?) });
    }
    Ok(Delivery::Unneeded { topic: topic.chars().take(64).collect() })
}
