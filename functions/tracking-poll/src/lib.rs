//! Tracking poll: asks the tracking service where parcels are, up to 40 of any orders at a time.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use anyhow::{Context, Error, Result, anyhow};
use connectors::tracking::{self as service, Access, Look, NUMBERS_MAX, Number, Registered};
use domain::id::{OrderId, ParcelId};
use domain::message::{Function, ParcelRef};
use domain::order::fact::Fact;
use domain::order::tracking::{self, Ask};
use domain::order::{Order, Parcel};
use domain::settings::{Tracking, TrackingService};
use ports::{
    Catalog, Clock, Events, Http, Known, Pace, Queues, Secrets, SideBySide, send_due, transact_from,
};

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
    world: &(impl Clock + Events + Catalog + Queues + Secrets + Http + Pace + SideBySide),
    tracking_url: &str,
    parcels: &BTreeSet<ParcelRef>,
) -> Result<BTreeMap<ParcelRef, Error>> {
    let settings = world.settings().await?;
    let rules = &settings.tracking;
    let round = Round {
        world,
        service: rules.service,
        failed: RefCell::default(),
        stuck: RefCell::default(),
        trouble: RefCell::default(),
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
    Ok(round.failed.into_inner())
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
    known: Rc<Known>,
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
    failed: RefCell<BTreeMap<ParcelRef, Error>>,
    /// Orders that could not be appended to, or not sent on: their other parcels come again with the one that failed.
    stuck: RefCell<BTreeSet<OrderId>>,
    /// Why the service is not called any more in this round.
    trouble: RefCell<Option<String>>,
}

impl<W: Clock + Events + Queues + SideBySide> Round<'_, W> {
    /// Finds out what to look for and what to register; records parcels that nobody asks for any more.
    async fn ask<'p>(&self, rules: &Tracking, parcels: &'p BTreeSet<ParcelRef>) -> Vec<Asked<'p>> {
        let known = async |parcel_ref| (parcel_ref, self.known(parcel_ref).await);
        let known: Vec<(&ParcelRef, Result<Known>)> =
            self.world.side_by_side(parcels.iter().map(known).collect()).await;
        let mut asked = Vec::new();
        for (parcel_ref, known) in known {
            match known {
                Ok(known) => asked.extend(self.asked(rules, parcel_ref, known)),
                Err(error) => self.note(parcel_ref, error),
            }
        }
        let (asked, others): (Vec<_>, Vec<_>) =
            asked.into_iter().partition(|asked| matches!(asked.ask, Ask::Look | Ask::Register));
        self.order_by_order(&others.iter().collect::<Vec<_>>(), async |parcel| {
            // What the delivery before recorded may not have been sent on.
            if parcel.ask == Ask::Nothing {
                return self.transact(parcel, |_| Vec::new()).await;
            }
            let why = format!("nothing was heard of it for {} days", rules.stop_after_days);
            let (parcel_id, number) = (parcel.parcel_id, &parcel.number.number);
            self.append(parcel, |order| tracking::stop(order, parcel_id, number, &why)).await;
        })
        .await;
        asked
    }

    /// Does something with each parcel: with those of one order one after the other, for they append to the same stream;
    /// with different orders side by side.
    async fn order_by_order<'p>(&self, asked: &[&'p Asked<'p>], each: impl AsyncFn(&'p Asked<'p>)) {
        let mut orders: BTreeMap<&OrderId, Vec<&Asked<'_>>> = BTreeMap::new();
        for asked in asked {
            orders.entry(&asked.parcel_ref.order_id).or_default().push(asked);
        }
        let each = &each;
        let of_order = async |parcels: Vec<&'p Asked<'p>>| {
            for parcel in parcels {
                each(parcel).await;
            }
        };
        self.world.side_by_side(orders.into_values().map(of_order).collect()).await;
    }

    fn asked<'p>(
        &self,
        rules: &Tracking,
        parcel_ref: &'p ParcelRef,
        known: Known,
    ) -> Vec<Asked<'p>> {
        let (known, now) = (Rc::new(known), self.world.now());
        let is_first = parcel_ref.parcel_id.is_some();
        let asked = named(&known.order, parcel_ref.parcel_id).into_iter().map(
            |(parcel_id, parcel): (ParcelId, &Parcel)| {
                let number =
                    Number { number: parcel.number.clone(), carrier: parcel.carrier.clone() };
                let ask = tracking::ask(parcel, is_first, rules, now);
                Asked { parcel_ref, parcel_id, known: Rc::clone(&known), number, ask }
            },
        );
        asked.collect()
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
        &self,
        asked: &[&Asked<'_>],
        call: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        let known = self.trouble.borrow().clone();
        let trouble = match known {
            Some(trouble) => trouble,
            None => match call.await {
                Ok(found) => return Some(found),
                Err(error) => format!("{error:#}"),
            },
        };
        for asked in asked {
            self.fail(asked, &trouble);
        }
        self.trouble.replace(Some(trouble));
        None
    }

    /// Records what carriers said, and gives back the parcels whose numbers are not watched any more.
    async fn looked<'p>(
        &self,
        looks: &[&'p Asked<'p>],
        found: &BTreeMap<String, Look>,
    ) -> Vec<&'p Asked<'p>> {
        let look = |asked: &Asked<'_>| found.get(&asked.number.number);
        self.order_by_order(looks, async |asked| match look(asked) {
            Some(Look::Scans(scans)) => {
                let (parcel_id, number) = (asked.parcel_id, &asked.number.number);
                let record = |order: &Order| tracking::record(order, parcel_id, number, scans);
                self.append(asked, record).await;
            }
            Some(Look::Never(code)) => self.stop(asked, *code).await,
            Some(Look::NotRegistered) => {}
            Some(Look::NotNow(code)) => self.fail(asked, &code.to_string()),
            None => self.fail(asked, "no answer"),
        })
        .await;
        let is_unwatched = |asked: &&&Asked<'_>| look(asked) == Some(&Look::NotRegistered);
        looks.iter().filter(is_unwatched).copied().collect()
    }

    async fn registered(&self, registrations: &[&Asked<'_>], found: &BTreeMap<String, Registered>) {
        self.order_by_order(registrations, async |asked| match found.get(&asked.number.number) {
            Some(Registered::Yes) => {}
            Some(Registered::Never(code)) => self.stop(asked, *code).await,
            Some(Registered::NotNow(code)) => self.fail(asked, &code.to_string()),
            None => self.fail(asked, "no answer"),
        })
        .await;
    }

    async fn stop(&self, asked: &Asked<'_>, code: i64) {
        let why = format!("{} refuses its number: {code}", self.service.title());
        let (parcel_id, number) = (asked.parcel_id, &asked.number.number);
        self.append(asked, |order| tracking::stop(order, parcel_id, number, &why)).await;
    }

    fn fail(&self, asked: &Asked<'_>, why: &str) {
        let Asked { parcel_ref: ParcelRef { order_id, .. }, parcel_id, .. } = asked;
        let service = self.service.title();
        let error = anyhow!("{service} on parcel `{order_id}/{parcel_id}`: {why}");
        self.note(asked.parcel_ref, error);
    }

    fn note(&self, parcel_ref: &ParcelRef, error: Error) {
        self.failed.borrow_mut().insert(parcel_ref.clone(), error);
    }

    /// Touches the order again only if there is news: most looks bring none.
    async fn append(&self, asked: &Asked<'_>, decide: impl Fn(&Order) -> Vec<Fact>) {
        if !decide(&asked.known.order).is_empty() {
            self.transact(asked, decide).await;
        }
    }

    async fn transact(&self, asked: &Asked<'_>, decide: impl Fn(&Order) -> Vec<Fact>) {
        let (world, order_id) = (self.world, &asked.parcel_ref.order_id);
        if self.stuck.borrow().contains(order_id) {
            return;
        }
        let decide = async |order: &Order, _| Ok(decide(order));
        let known = asked.known.as_ref().clone();
        let appended = transact_from(world, Function::TrackingPoll, order_id, known, decide).await;
        if let Err(error) = appended {
            self.stuck.borrow_mut().insert(order_id.clone());
            self.note(asked.parcel_ref, error);
        }
    }
}
