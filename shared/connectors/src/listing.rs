//! What shops list of their orders: those that changed since some time, the oldest change first. It finds what a webhook
//! should have told us.

use std::collections::BTreeSet;

use anyhow::Result;
use domain::settings::ShopKind;
use domain::shop_order::{Payment, ShopOrder};
use jiff::Timestamp;
use ports::Http;

pub use crate::rest::Throttled;
use crate::shipment::Access;
use crate::webhook::Unreadable;
use crate::{onward, shopify, woocommerce};

/// A place in a shop's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Orders that were changed then or later, by the shop's clock.
    pub from: Timestamp,
    /// Which page of those, in the shop's own words; the first when none.
    pub page: Option<String>,
}

/// A part of a shop's list.
#[derive(Debug)]
pub struct Page {
    /// Its orders. One that changes meanwhile goes to the end of the list, and may be on two pages.
    pub entries: Vec<Entry>,
    /// Where the list goes on; none at its end.
    pub next: Option<Place>,
}

/// An order in a shop's list.
#[derive(Debug)]
pub enum Entry {
    /// As much of it as tells whether we know it as it is; [`order`] gives the rest.
    Brief(Brief),
    /// All of it.
    Whole(Stated),
    /// Something that we can't read.
    Unreadable {
        /// What the shop sent.
        payload: Vec<u8>,
        /// Why not.
        unreadable: Unreadable,
    },
}

impl Entry {
    /// When the shop last changed it, where that could be read.
    #[must_use]
    pub fn updated_at(&self) -> Option<Timestamp> {
        match self {
            Self::Brief(brief) => Some(brief.updated_at),
            Self::Whole(stated) => Some(stated.order.updated_at),
            Self::Unreadable { .. } => None,
        }
    }
}

/// As much of an order as tells whether we know it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// The shop's own id of it.
    pub order: String,
    /// When the shop last changed it.
    pub updated_at: Timestamp,
    /// Whether it is paid.
    pub payment: Payment,
    /// Whether the shop cancelled it.
    pub is_cancelled: bool,
}

/// An order as a shop states it, with what its webhook would have carried.
#[derive(Debug)]
pub struct Stated {
    /// What the shop says.
    pub order: Box<ShopOrder>,
    /// The body of the webhook that would say so.
    pub payload: Vec<u8>,
}

impl Stated {
    /// Reads a webhook's body.
    pub(crate) fn entry(
        payload: Vec<u8>,
        read: impl Fn(&[u8]) -> Result<ShopOrder, Unreadable>,
    ) -> Entry {
        match read(&payload) {
            Ok(order) => Entry::Whole(Self { order: Box::new(order), payload }),
            Err(unreadable) => Entry::Unreadable { payload, unreadable },
        }
    }

    /// The same in brief.
    #[must_use]
    pub fn brief(&self) -> Brief {
        Brief {
            order: self.order.order.clone(),
            updated_at: self.order.updated_at,
            payment: self.order.payment,
            is_cancelled: self.order.cancelled.is_some(),
        }
    }
}

/// Asks a shop for a part of its list. `now` signs the call to a shop that speaks our own JSON.
///
/// # Errors
/// When the shop can't be reached or refuses. [`Throttled`] is among the causes when it only asks us to come later.
pub async fn page(
    http: &impl Http,
    kind: ShopKind,
    access: Access<'_>,
    place: &Place,
    now: Timestamp,
) -> Result<Page> {
    match kind {
        ShopKind::Shopify => shopify::listing::page(http, access, place).await,
        ShopKind::Woocommerce => woocommerce::listing::page(http, access, place).await,
        ShopKind::Onward => onward::listing::page(http, access, place, now).await,
    }
}

/// Asks for all of an order of which the list has only [`Brief`]; none if it is gone.
///
/// # Errors
/// As [`page`].
pub async fn order(http: &impl Http, access: Access<'_>, order: &str) -> Result<Option<Entry>> {
    shopify::listing::order(http, access, order).await
}

/// Which of these tracking numbers the shop knows for an order, whatever it says of them; none where it can't be asked.
///
/// # Errors
/// As [`page`].
pub async fn known_numbers(
    http: &impl Http,
    kind: ShopKind,
    access: Access<'_>,
    order: &str,
    numbers: &BTreeSet<&str>,
) -> Result<Option<BTreeSet<String>>> {
    match kind {
        ShopKind::Shopify => shopify::listing::known_numbers(http, access, order).await.map(Some),
        ShopKind::Woocommerce => {
            woocommerce::fulfillment::known_numbers(http, access, order, numbers).await.map(Some)
        }
        ShopKind::Onward => Ok(None),
    }
}

/// Where the list goes on behind a page whose last order was changed then: at that change, since what changes while we
/// read moves, and pages with it. Only orders of one and the same moment are read page by page.
pub(crate) fn behind(place: &Place, last: Option<Timestamp>, next_page: String) -> Place {
    match last {
        Some(last) if last > place.from => Place { from: last, page: None },
        _ => Place { from: place.from, page: Some(next_page) },
    }
}

/// The latest change of these orders.
#[must_use]
pub fn last(entries: &[Entry]) -> Option<Timestamp> {
    entries.iter().filter_map(Entry::updated_at).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_at_the_last_change_and_by_pages_only_within_one_moment() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let place = Place { from: at(10), page: None };
        let next = behind(&place, Some(at(12)), "2".to_owned());
        assert_eq!(next, Place { from: at(12), page: None });
        let next = behind(&next, Some(at(12)), "2".to_owned());
        assert_eq!(next, Place { from: at(12), page: Some("2".to_owned()) });
        let next = behind(&next, Some(at(12)), "3".to_owned());
        assert_eq!(next, Place { from: at(12), page: Some("3".to_owned()) });
        assert_eq!(behind(&next, Some(at(13)), "4".to_owned()), Place { from: at(13), page: None });
        assert_eq!(behind(&place, None, "2".to_owned()).page.as_deref(), Some("2"));
    }
}
