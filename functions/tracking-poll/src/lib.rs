//! Tracking poll: asks the tracking service where parcels are, up to 40 of any orders at a time.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Error, Result, anyhow};
use connectors::tracking::{self as service, Access, Look, NUMBERS_MAX, Number, Registered};
use domain::id::{OrderId, ParcelId};
use domain::message::{Function, ParcelRef};
use domain::order::fact::Fact;
use domain::order::tracking::{self, Ask};
use domain::order::{Order, Parcel};
use domain::settings::{Tracking, TrackingService};
use ports::{Catalog, Clock, Events, Http, Known, Pace, Queues, Secrets, send_due, transact_from};

/// The name of the service's key among the secrets.
const SECRET: &str = "tracking";

/// Asks where these parcels are and records what is new: all that several messages name, in as few calls as it takes.
/// Gives back what could not be done now, and why. `tracking_url` is empty, unless something stands in for the service.
///
/// A parcel that can't be asked for stops none of the others. After a call that failed there is no other: it would do no
/// better, and can take longer than the function may.
///
/// # Errors
/// When the world says not now to all of them.
pub async fn track_parcels(
    world: &(impl Clock + Events + Catalog + Queues + Secrets + Http + Pace),
    tracking_url: &str,
    parcels: &BTreeSet<ParcelRef>,
) -> Result<BTreeMap<ParcelRef, Error>> {
    let settings = world.settings().await?;
    let rules = &settings.tracking;
    let mut round = Round {
        world,
        service: rules.service,
        failed: BTreeMap::new(),
        stuck: BTreeSet::new(),
        trouble: None,
    };
    let asked = round.ask(rules, parcels).await;
    let (looks, mut registrations): (Vec<&Asked<'_>>, Vec<_>) =
        asked.iter().partition(|asked| asked.ask == Ask::Look);

    let keys = world.secret(SECRET).await?;
    let access = Credentials { service: rules.service, url: tracking_url, keys };
    for looks in looks.chunks(NUMBERS_MAX) {
        let asked = numbers(looks);
        let call = service::look(world, access.get()?, &asked);
        if let Some(found) = round.call(looks, call).await {
            // A number that somebody deleted over there is watched again.
            registrations.extend(round.looked(looks, &found).await);
        }
    }
    for registrations in registrations.chunks(NUMBERS_MAX) {
        let asked = numbers(registrations);
        let call = service::register(world, access.get()?, &asked);
        if let Some(found) = round.call(registrations, call).await {
            round.registered(registrations, &found).await;
        }
    }
    Ok(round.failed)
}

struct Credentials<'a> {
    service: TrackingService,
    url: &'a str,
    keys: Vec<String>,
}

impl Credentials<'_> {
    fn get(&self) -> Result<Access<'_>> {
        let key = self.keys.first().with_context(|| format!("there is no secret `{SECRET}`"))?;
        Ok(Access { service: self.service, url: self.url, key })
    }
}

/// A parcel, its order as it was loaded, and what is to be asked.
struct Asked<'a> {
    parcel_ref: &'a ParcelRef,
    parcel_id: ParcelId,
    order: Order,
    version: u64,
    number: Number,
    ask: Ask,
}

/// The parcel that is meant, or all that are watched.
fn named(order: &Order, parcel_id: Option<ParcelId>) -> Vec<(ParcelId, &Parcel)> {
    match parcel_id {
        Some(parcel_id) => {
            order.parcels.get(&parcel_id).map(|known| (parcel_id, known)).into_iter().collect()
        }
        None => order.watched_parcels().collect(),
    }
}

/// Each number once: parcels of several orders can be one box.
fn numbers(asked: &[&Asked<'_>]) -> Vec<Number> {
    let by_number: BTreeMap<&str, &Number> =
        asked.iter().map(|asked| (asked.number.number.as_str(), &asked.number)).collect();
    by_number.into_values().cloned().collect()
}

/// The parcels of one batch of messages, and what went wrong with single ones.
struct Round<'a, W> {
    world: &'a W,
    service: TrackingService,
    failed: BTreeMap<ParcelRef, Error>,
    /// Orders that could not be appended to, or not sent on: their other parcels come again with the one that failed.
    stuck: BTreeSet<OrderId>,
    /// Why the service is not called any more in this round.
    trouble: Option<String>,
}

impl<W: Clock + Events + Queues> Round<'_, W> {
    /// Finds out what to look for and what to register; records parcels that nobody asks for any more.
    async fn ask<'p>(
        &mut self,
        rules: &Tracking,
        parcels: &'p BTreeSet<ParcelRef>,
    ) -> Vec<Asked<'p>> {
        let mut asked = Vec::new();
        for parcel_ref in parcels {
            let Known { order, version } = match self.known(parcel_ref).await {
                Ok(known) => known,
                Err(error) => {
                    self.failed.insert(parcel_ref.clone(), error);
                    continue;
                }
            };
            let now = self.world.now();
            for (parcel_id, parcel) in named(&order, parcel_ref.parcel_id) {
                let is_first = parcel_ref.parcel_id.is_some();
                let (order, ask) = (order.clone(), tracking::ask(parcel, is_first, rules, now));
                let number =
                    Number { number: parcel.number.clone(), carrier: parcel.carrier.clone() };
                asked.push(Asked { parcel_ref, parcel_id, order, version, number, ask });
            }
        }
        let (asked, others): (Vec<_>, Vec<_>) =
            asked.into_iter().partition(|asked| matches!(asked.ask, Ask::Look | Ask::Register));
        for parcel in &others {
            // What the delivery before recorded may not have been sent on.
            if parcel.ask == Ask::Nothing {
                self.transact(parcel, |_| Vec::new()).await;
                continue;
            }
            let why = format!("nothing was heard of it for {} days", rules.stop_after_days);
            let (parcel_id, number) = (parcel.parcel_id, &parcel.number.number);
            self.append(parcel, |order| tracking::stop(order, parcel_id, number, &why)).await;
        }
        asked
    }

    /// The order at a glance; loaded if the parcel does not show yet, which may have left this very moment. Of an order
    /// that is asked for round by round, what else is due is sent: the clock looks for nothing else of it, and the delivery
    /// before may have died between append and emit, and left nothing to ask for.
    async fn known(&self, parcel_ref: &ParcelRef) -> Result<Known> {
        let ParcelRef { order_id, parcel_id } = parcel_ref;
        let known = self.world.glance_at_order(order_id).await?;
        let Some(parcel_id) = parcel_id else {
            send_due(self.world, Function::TrackingPoll, order_id, &known.order).await?;
            return Ok(known);
        };
        if known.order.parcels.contains_key(parcel_id) {
            return Ok(known);
        }
        self.world.load_order(order_id).await
    }

    /// What a call says of parcels; none if it fails, or one before it did.
    async fn call<T>(
        &mut self,
        asked: &[&Asked<'_>],
        call: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        if self.trouble.is_none() {
            match call.await {
                Ok(found) => return Some(found),
                Err(error) => self.trouble = Some(format!("{error:#}")),
            }
        }
        let trouble = self.trouble.clone().unwrap_or_default();
        for asked in asked {
            self.fail(asked, &trouble);
        }
        None
    }

    /// Records what carriers said, and gives back the parcels whose numbers are not watched any more.
    async fn looked<'p>(
        &mut self,
        looks: &[&'p Asked<'p>],
        found: &BTreeMap<String, Look>,
    ) -> Vec<&'p Asked<'p>> {
        let mut unwatched = Vec::new();
        for &asked in looks {
            let parcel_id = asked.parcel_id;
            match found.get(&asked.number.number) {
                Some(Look::Scans(scans)) => {
                    let number = &asked.number.number;
                    let record = |order: &Order| tracking::record(order, parcel_id, number, scans);
                    self.append(asked, record).await;
                }
                Some(Look::Never(code)) => self.stop(asked, *code).await,
                Some(Look::NotRegistered) => unwatched.push(asked),
                Some(Look::NotNow(code)) => self.fail(asked, &code.to_string()),
                None => self.fail(asked, "no answer"),
            }
        }
        unwatched
    }

    async fn registered(
        &mut self,
        registrations: &[&Asked<'_>],
        found: &BTreeMap<String, Registered>,
    ) {
        for asked in registrations {
            match found.get(&asked.number.number) {
                Some(Registered::Yes) => {}
                Some(Registered::Never(code)) => self.stop(asked, *code).await,
                Some(Registered::NotNow(code)) => self.fail(asked, &code.to_string()),
                None => self.fail(asked, "no answer"),
            }
        }
    }

    async fn stop(&mut self, asked: &Asked<'_>, code: i64) {
        let why = format!("{} refuses its number: {code}", self.service.title());
        let (parcel_id, number) = (asked.parcel_id, &asked.number.number);
        self.append(asked, |order| tracking::stop(order, parcel_id, number, &why)).await;
    }

    fn fail(&mut self, asked: &Asked<'_>, why: &str) {
        let Asked { parcel_ref: ParcelRef { order_id, .. }, parcel_id, .. } = asked;
        let service = self.service.title();
        let error = anyhow!("{service} on parcel `{order_id}/{parcel_id}`: {why}");
        self.failed.insert(asked.parcel_ref.clone(), error);
    }

    /// Touches the order again only if there is news: most looks bring none.
    async fn append(&mut self, asked: &Asked<'_>, decide: impl Fn(&Order) -> Vec<Fact>) {
        if !decide(&asked.order).is_empty() {
            self.transact(asked, decide).await;
        }
    }

    async fn transact(&mut self, asked: &Asked<'_>, decide: impl Fn(&Order) -> Vec<Fact>) {
        if self.stuck.contains(&asked.parcel_ref.order_id) {
            return;
        }
        let decide = async |order: &Order, _| Ok(decide(order));
        let known = Known { order: asked.order.clone(), version: asked.version };
        let (world, order_id) = (self.world, &asked.parcel_ref.order_id);
        let appended = transact_from(world, Function::TrackingPoll, order_id, known, decide).await;
        if let Err(error) = appended {
            self.stuck.insert(order_id.clone());
            self.failed.insert(asked.parcel_ref.clone(), error);
        }
    }
}
