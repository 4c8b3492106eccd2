//! Tracking inbox: what tracking services tell by themselves, `POST /tracking/{service}`. It changes what the poll would
//! find a little later; nothing is lost where it fails.

use anyhow::Result;
use connectors::supplier::answer::tracking_number;
use connectors::tracking::{self as service, Push};
use connectors::webhook::{BODY_BYTES_MAX, Unwelcome};
use domain::order::Order;
use domain::order::fact::{Fact, Scan};
use domain::order::tracking::{self, Ask};
use domain::settings::{Tracking, TrackingService};
use domain::views::number_pk;
use jiff::Timestamp;
use ports::{
    Archive, Catalog, Clock, Events, Inbound, Queues, Reply, Secrets, Views, transact,
    while_reading_kept,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// Takes what a service says of a number, for every order that has a parcel of that number on its way.
///
/// # Errors
/// When the world says not now; the service sends again, or the poll asks.
pub async fn take_push(
    world: &(impl Clock + Events + Catalog + Queues + Secrets + Archive + Views),
    inbound: &Inbound,
) -> Result<Reply> {
    let name = inbound.parameter("service");
    let unsigned = || problem(401, "signature", "is not by a secret of this service");
    let Some(service) = TrackingService::ALL.into_iter().find(|known| known.name() == name) else {
        return Ok(unsigned());
    };
    let known_as = format!("tracking/{name}");
    let secrets = while_reading_kept(world, world.secret(&known_as)).await?;
    match service::receive(service, &secrets, inbound) {
        Ok(push) => take(world, &push).await,
        Err(Unwelcome::Unsigned) => Ok(unsigned()),
        Err(Unwelcome::TooLarge) => {
            Ok(problem(413, "body", &format!("is larger than {BODY_BYTES_MAX} bytes")))
        }
        Err(Unwelcome::Unreadable(unreadable)) => {
            let digest = Sha256::digest(&inbound.body);
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            world.refuse(&format!("tracking/{name}/{digest}"), &inbound.body).await?;
            Ok(problem(400, &unreadable.field, &unreadable.problem))
        }
    }
}

/// Records the news. A number that is nobody's, or whose parcels have all arrived, is none of ours.
async fn take(
    world: &(impl Clock + Events + Catalog + Queues + Views),
    push: &Push,
) -> Result<Reply> {
    let reply = |status| Ok(Reply::json(200, json!({ "status": status }).to_string()));
    // Written as suppliers' answers have it, which is how we know it.
    let Some(number) = tracking_number(&push.number) else { return reply("ignored") };
    let order_ids = world.lookup(&number_pk(&number)).await?;
    if order_ids.is_empty() {
        return reply("ignored");
    }
    let settings = world.settings().await?;
    let rules = &settings.tracking;
    for order_id in &order_ids {
        let record = async |order: &Order, now| Ok(news(order, &number, &push.scans, rules, now));
        transact(world, order_id, record).await?;
    }
    reply("taken")
}

/// What is new of the parcels that the poll would ask for, too: numbers are used again, and a box that arrived months ago
/// is not the one that moves now.
fn news(
    order: &Order,
    number: &str,
    scans: &[Scan],
    rules: &Tracking,
    now: Timestamp,
) -> Vec<Fact> {
    let is_asked_for = |ask: Ask| matches!(ask, Ask::Look | Ask::Register);
    let parcels = order.parcels.iter().filter(|(_, parcel)| {
        parcel.number == number && is_asked_for(tracking::ask(parcel, false, rules, now))
    });
    parcels.flat_map(|(parcel_id, _)| tracking::record(order, *parcel_id, number, scans)).collect()
}

fn problem(status: u16, field: &str, problem: &str) -> Reply {
    Reply::json(status, json!({"field": field, "problem": problem}).to_string())
}
