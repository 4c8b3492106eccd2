//! One look into one shop: its list, page by page, and the bookmark in it.

use anyhow::{Error, Result, ensure};
use connectors::listing::{self, Entry, Place, Throttled};
use connectors::shipment::Access;
use domain::settings::Shop;
use futures_util::future::try_join;
use jiff::{SignedDuration, Timestamp};
use ports::{Archive, Bookmark, Bookmarks, Clock, Events, Http, People, Queues, Secrets};

use crate::order::Orders;

/// How far back the first look into a shop goes: far enough for what got lost while it was being connected, and not so
/// far that what was bought before then, and is someone else's, is shipped by us.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(1);

/// How far a look goes back behind the last one: shops list some orders only a while after the time at which these claim
/// to have changed.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// Pages that one look takes at the most.
const PAGES_MAX: u32 = 20;

/// Looks into a shop until its list ends, or `until`, or the pages of a look are used up. The bookmark follows page by
/// page, and only over what was taken in.
///
/// # Errors
/// When the shop or the world says not now, or an order could not be taken in. Then the bookmark stays before it, and
/// what follows is taken in all the same.
pub(crate) async fn look_into(
    world: &(impl Clock + Events + People + Bookmarks + Queues + Archive + Secrets + Http),
    shop: &Shop,
    until: Timestamp,
) -> Result<()> {
    let name = format!("shops/{}/api", shop.id);
    let (secrets, mut known) = try_join(world.secret(&name), world.bookmark(&shop.id)).await?;
    ensure!(!secrets.is_empty(), "there is no secret `{name}`");
    let access = Access { api: shop.api.trim_end_matches('/'), secrets: &secrets };

    let seen_before = known.as_ref().map(|known| known.seen_until);
    let mut bookmark = known.clone().unwrap_or_else(|| first(world.now()));
    let orders = Orders { shop, access, seen_before };
    let mut failure: Option<Error> = None;
    for _ in 0..PAGES_MAX {
        if world.now() >= until {
            break;
        }
        let place = Place { from: bookmark.from, page: bookmark.page.clone() };
        let page = listing::page(world, shop.kind, access, &place, world.now()).await?;
        if !take_each(world, &orders, &page.entries, until, &mut failure).await {
            break;
        }
        let is_end = page.next.is_none();
        bookmark = behind(&bookmark, page.next, listing::last(&page.entries));
        if failure.is_none() && known.as_ref() != Some(&bookmark) {
            world.put_bookmark(&shop.id, &bookmark).await?;
            known = Some(bookmark.clone());
        }
        if is_end {
            break;
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Takes in each order of a page, and keeps the first failure. Whether it came to the end of the page: it does not when
/// the time is over, or the shop has enough of our calls.
async fn take_each(
    world: &(impl Clock + Events + People + Queues + Archive + Http),
    orders: &Orders<'_>,
    entries: &[Entry],
    until: Timestamp,
    failure: &mut Option<Error>,
) -> bool {
    for entry in entries {
        if world.now() >= until {
            return false;
        }
        let Err(error) = orders.take(world, entry).await else { continue };
        let is_enough = error.is::<Throttled>();
        failure.get_or_insert(error);
        if is_enough {
            return false;
        }
    }
    true
}

fn first(now: Timestamp) -> Bookmark {
    Bookmark { from: now - FIRST_LOOK, page: None, seen_until: now - FIRST_LOOK }
}

/// Where the bookmark is behind a page: where the list goes on, or, at its end, a little before the latest change.
fn behind(bookmark: &Bookmark, next: Option<Place>, last: Option<Timestamp>) -> Bookmark {
    let seen_until = last.map_or(bookmark.seen_until, |last| last.max(bookmark.seen_until));
    match next {
        Some(Place { from, page }) => Bookmark { from, page, seen_until },
        None => Bookmark { from: seen_until - OVERLAP, page: None, seen_until },
    }
}
