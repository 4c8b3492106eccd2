//! Tracking poll: asks 17TRACK where parcels are, up to 40 of any orders at a time.
//!
//! 17TRACK takes three calls a second. A message makes two calls at the most, one after the other, and the queue lets
//! two messages run at a time; where that is too fast, 17TRACK says so, and the message comes again later.

use std::collections::BTreeMap;

use anyhow::{Context, Error, Result, anyhow, bail};
use connectors::seventeen_track::{self, Access, Look, NUMBERS_MAX, Number, Registered};
use domain::message::{Function, ParcelRef};
use domain::order::Order;
use domain::order::fact::Fact;
use domain::order::tracking::{self, Ask};
use domain::settings::Tracking;
use ports::{Catalog, Clock, Events, Http, Queues, Secrets, transact_in};

/// The name of 17TRACK's key among the secrets.
const SECRET: &str = "tracking";

/// Asks where these parcels are and records what is new. `tracking_url` is [`seventeen_track::URL`], unless something
/// else stands in for it.
///
/// A parcel that can't be asked for stops none of the others.
///
/// # Errors
/// When the world says not now for any of them; the queue delivers all of them again.
pub async fn track_parcels(
    world: &(impl Clock + Events + Catalog + Queues + Secrets + Http),
    tracking_url: &str,
    parcels: &[ParcelRef],
) -> Result<()> {
    if parcels.len() > NUMBERS_MAX {
        bail!("{} parcels are more than one call takes", parcels.len());
    }
    let rules = world.settings().await?.tracking;
    let mut round = Round { world, failures: Vec::new() };
    let (looks, mut registrations) = round.ask(&rules, parcels).await;

    let access = Credentials { url: tracking_url, keys: world.secret(SECRET).await? };
    if !looks.is_empty() {
        let found = seventeen_track::look(world, access.get()?, &numbers(&looks)).await?;
        // A number that somebody deleted over there is watched again.
        registrations.extend(round.looked(looks, &found).await);
    }
    if !registrations.is_empty() {
        let found =
            seventeen_track::register(world, access.get()?, &numbers(&registrations)).await?;
        round.registered(&registrations, &found).await;
    }
    round.end()
}

struct Credentials<'a> {
    url: &'a str,
    keys: Vec<String>,
}

impl Credentials<'_> {
    fn get(&self) -> Result<Access<'_>> {
        let key = self.keys.first().with_context(|| format!("there is no secret `{SECRET}`"))?;
        Ok(Access { url: self.url, key })
    }
}

/// A parcel, and its order as it was loaded.
struct Asked<'a> {
    parcel_ref: &'a ParcelRef,
    order: Order,
    number: Number,
}

/// Each number once: parcels of several orders can be one box.
fn numbers(asked: &[Asked<'_>]) -> Vec<Number> {
    let by_number: BTreeMap<&str, &Number> =
        asked.iter().map(|asked| (asked.number.number.as_str(), &asked.number)).collect();
    by_number.into_values().cloned().collect()
}

/// One message's parcels, and what went wrong with single ones.
struct Round<'a, W> {
    world: &'a W,
    failures: Vec<Error>,
}

impl<W: Clock + Events + Queues> Round<'_, W> {
    /// Sorts parcels into those to look for and those to register; records those that nobody asks for any more.
    async fn ask<'p>(
        &mut self,
        rules: &Tracking,
        parcels: &'p [ParcelRef],
    ) -> (Vec<Asked<'p>>, Vec<Asked<'p>>) {
        let (mut looks, mut registrations) = (Vec::new(), Vec::new());
        for parcel_ref in parcels {
            let order = match self.world.load(&parcel_ref.order_id).await {
                Ok((history, _)) => Order::fold(&history),
                Err(err) => {
                    self.failures.push(err);
                    continue;
                }
            };
            let Some(parcel) = order.parcels.get(&parcel_ref.parcel_id) else { continue };
            let number = Number::new(&parcel.number, &parcel.carrier);
            match tracking::ask(parcel, rules, self.world.now()) {
                Ask::Nothing => {}
                Ask::Look => looks.push(Asked { parcel_ref, order, number }),
                Ask::Register => registrations.push(Asked { parcel_ref, order, number }),
                Ask::Stop => {
                    let why = format!("nothing was heard of it for {} days", rules.stop_after_days);
                    let stop = |order: &Order| tracking::stop(order, parcel_ref.parcel_id, &why);
                    self.append(&Asked { parcel_ref, order, number }, stop).await;
                }
            }
        }
        (looks, registrations)
    }

    /// Records what carriers said, and gives back the parcels whose numbers are not watched any more.
    async fn looked<'p>(
        &mut self,
        looks: Vec<Asked<'p>>,
        found: &BTreeMap<String, Look>,
    ) -> Vec<Asked<'p>> {
        let mut unwatched = Vec::new();
        for asked in looks {
            let parcel_id = asked.parcel_ref.parcel_id;
            match found.get(&asked.number.number) {
                Some(Look::Scans(scans)) => {
                    self.append(&asked, |order| tracking::record(order, parcel_id, scans)).await;
                }
                Some(Look::Never(code)) => self.stop(&asked, *code).await,
                Some(Look::NotRegistered) => unwatched.push(asked),
                Some(Look::NotNow(code)) => self.failed(&asked, &code.to_string()),
                None => self.failed(&asked, "no answer"),
            }
        }
        unwatched
    }

    async fn registered(
        &mut self,
        registrations: &[Asked<'_>],
        found: &BTreeMap<String, Registered>,
    ) {
        for asked in registrations {
            let parcel_id = asked.parcel_ref.parcel_id;
            match found.get(&asked.number.number) {
                Some(Registered::Yes) => {
                    self.append(asked, |order| tracking::register(order, parcel_id)).await;
                }
                Some(Registered::Never(code)) => self.stop(asked, *code).await,
                Some(Registered::NotNow(code)) => self.failed(asked, &code.to_string()),
                None => self.failed(asked, "no answer"),
            }
        }
    }

    async fn stop(&mut self, asked: &Asked<'_>, code: i64) {
        let why = format!("17TRACK refuses its number: {code}");
        self.append(asked, |order| tracking::stop(order, asked.parcel_ref.parcel_id, &why)).await;
    }

    fn failed(&mut self, asked: &Asked<'_>, why: &str) {
        let ParcelRef { order_id, parcel_id } = asked.parcel_ref;
        self.failures.push(anyhow!("17TRACK on parcel `{order_id}/{parcel_id}`: {why}"));
    }

    /// Loads the order again only if there is news: most looks bring none.
    async fn append(&mut self, asked: &Asked<'_>, decide: impl Fn(&Order) -> Vec<Fact>) {
        if decide(&asked.order).is_empty() {
            return;
        }
        let ParcelRef { order_id, .. } = asked.parcel_ref;
        let decide = async |order: &Order, _| Ok(decide(order));
        let appended = transact_in(self.world, Function::TrackingPoll, order_id, decide).await;
        self.failures.extend(appended.err());
    }

    fn end(self) -> Result<()> {
        let count = self.failures.len();
        match self.failures.into_iter().next() {
            None => Ok(()),
            Some(first) => Err(first.context(format!("failed to track {count} parcels"))),
        }
    }
}
