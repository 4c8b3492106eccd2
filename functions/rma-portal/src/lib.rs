//! The returns portal: what customers see and do, on pages that need no script.
//!
//! | path | |
//! | --- | --- |
//! | `/returns` | asks for an order number and an e-mail address or postal code; whatever was typed, the answer is the same |
//! | `/returns/{token}` | the link that was mailed; its button begins a session, once |
//! | `/order/returns` | what can be returned and what can't, and the returns that there are |
//! | `/order/returns/{id}` | where a return stands, and what to do next: photos are uploaded from here, past us |
//! | `/order/photos.js` | looks at photos before they are sent |
//! | `/track/{token}` | where the order is |
//!
//! A session is a signed cookie for one order, see [`connectors::customer_link`]; no address holds anything secret but
//! the two links. Forms carry a token made from the session, and links between pages are relative, since the API may lie
//! below some path.

mod access;
mod ask;
mod choose;
mod page;
mod photos;
mod show;
mod track;

#[cfg(test)]
mod tests;

use anyhow::Result;
use ports::{
    Attempts, Catalog, Clock, Events, Inbound, Notes, Photos, Queues, Reply, Secrets,
    while_reading_kept,
};

use access::Access;
use page::Page;

/// Answers a customer. `public_url` is where customers reach us, without a slash at its end; empty for the host that they
/// called.
///
/// # Errors
/// When the world says not now; the customer is asked to try again.
pub async fn answer_customer(
    world: &(impl Attempts + Catalog + Clock + Events + Notes + Photos + Queues + Secrets),
    public_url: &str,
    inbound: &Inbound,
) -> Result<Reply> {
    let settings = while_reading_kept(world, world.settings()).await?;
    let page = Page::new(&settings, inbound);
    let is_post = inbound.method == "POST";
    match inbound.route.as_str() {
        "/returns" if is_post => return ask::asked(world, inbound, &page).await,
        "/returns" => return ask::ask(inbound, &page),
        "/order/photos.js" => return Ok(photos::script()),
        "/returns/{token}" => return access::open(world, inbound, &page).await,
        "/track/{token}" => return track::track(world, inbound, &page).await,
        _ => {}
    }
    let Some(access) = Access::of_session(world, inbound).await? else {
        return page.gone("../returns");
    };
    match inbound.route.as_str() {
        "/order/returns" if is_post => {
            choose::request(world, inbound, &page, &access, &settings).await
        }
        "/order/returns" => choose::choose(world, &page, &access, &settings),
        "/order/returns/{id}" => {
            show::show(world, public_url, inbound, &page, access, &settings).await
        }
        "/order/returns/{id}/photos" => {
            photos::go_on(world, inbound, &page, &access, &settings).await
        }
        "/order/returns/{id}/cancellations" => show::cancel(world, inbound, &page, &access).await,
        _ => page.gone("../returns"),
    }
}
