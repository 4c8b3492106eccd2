//! Tracking poll: asks the tracking service where parcels are, up to 40 of any orders at a time.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use anyhow::{Context, Error, Result, anyhow};
use connectors::tracking::{self as service, Access, Look, NUMBERS_MAX, Number, Registered};
use domain::id::{OrderId, ParcelId};
use domain::message::{Function, ParcelRef};
use domain::order::fact::{Fact, Scan};
use domain::order::tracking::{self, Ask};
use domain::order::{Order, Parcel};
use domain::settings::{Tracking, TrackingService};
use futures_util::future::join3;
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
    let look_up = async |parcel_ref| (parcel_ref, look_up(world, parcel_ref).await);
    let known = world.side_by_side(parcels.iter().map(look_up).collect());
    let (known, settings, keys) = join3(known, world.settings(), world.secret(SECRET)).await;
    let (settings, keys) = (settings?, keys?);
    let rules = &settings.tracking;
    let round = Round {
        world,
        service: rules.service,
        failed: RefCell::default(),
        stuck: RefCell::default(),
        trouble: RefCell::default(),
    };
    let asked = round.ask(rules, known).await;
    let (looks, mut registrations): (Vec<&Asked<'_>>, Vec<_>) =
        asked.iter().partition(|asked| asked.ask == Ask::Look);

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

/// What is to be put on record of a parcel.
enum News<'a> {
    /// Nothing; but what the delivery before recorded may not have been sent on.
    None,
    Scans(&'a [Scan]),
    /// Nobody asks for it any more, and why.
    Stop(String),
}

/// The parcels of one batch of messages, and what went wrong with single ones.
struct Round<'a, W> {
    world: &'a W,
    service: TrackingService,
    failed: RefCell<BTreeMap<ParcelRef, Error>>,
    /// Orders that could not be appended to, or not sent on: they come again.
    stuck: RefCell<BTreeSet<OrderId>>,
    /// Why the service is not called any more in this round.
    trouble: RefCell<Option<String>>,
}

/// The order at a glance; loaded if the parcel does not show yet, which may have left this very moment. Of an order
/// that is asked for round by round, what else is due is sent: the clock looks for nothing else of it, and the delivery
/// before may have died between append and emit, and left nothing to ask for.
async fn look_up(
    world: &(impl Clock + Events + Queues),
    ParcelRef { order_id, parcel_id }: &ParcelRef,
) -> Result<Known> {
    let known = world.glance_at_order(order_id).await?;
    let Some(parcel_id) = parcel_id else {
        send_due(world, Function::TrackingPoll, order_id, &known.order).await?;
        return Ok(known);
    };
    if known.order.parcels.contains_key(parcel_id) {
        return Ok(known);
    }
    world.load_order(order_id).await
}

impl<W: Clock + Events + Queues + SideBySide> Round<'_, W> {
    /// Finds out what to look for and what to register; records parcels that nobody asks for any more.
    async fn ask<'p>(
        &self,
        rules: &Tracking,
        known: Vec<(&'p ParcelRef, Result<Known>)>,
    ) -> Vec<Asked<'p>> {
        let mut asked = Vec::new();
        for (parcel_ref, known) in known {
            match known {
                Ok(known) => asked.extend(self.asked(rules, parcel_ref, known)),
                Err(error) => self.note(parcel_ref, error),
            }
        }
        let (asked, others): (Vec<_>, Vec<_>) =
            asked.into_iter().partition(|asked| matches!(asked.ask, Ask::Look | Ask::Register));
        let news = |asked: &Asked<'_>| match asked.ask {
            Ask::Nothing => News::None,
            _ => News::Stop(format!("nothing was heard of it for {} days", rules.stop_after_days)),
        };
        self.record(others.iter().map(|asked| (asked, news(asked))).collect()).await;
        asked
    }

    /// Puts on record what is new, orders side by side: of all parcels of an order in one append, and only if there is any
    /// news: most looks bring none.
    async fn record(&self, news: Vec<(&Asked<'_>, News<'_>)>) {
        let mut orders: BTreeMap<&OrderId, Vec<(&Asked<'_>, News<'_>)>> = BTreeMap::new();
        for (asked, news) in news {
            orders.entry(&asked.parcel_ref.order_id).or_default().push((asked, news));
        }
        let of_order = async |(order_id, news): (&OrderId, Vec<(&Asked<'_>, News<'_>)>)| {
            let newest = news.iter().map(|(asked, _)| &asked.known).max_by_key(|it| it.version);
            let Some(known) = newest else { return };
            let is_sent_on = news.iter().any(|(_, news)| matches!(news, News::None));
            let is_stuck = self.stuck.borrow().contains(order_id);
            if is_stuck || (!is_sent_on && facts(&known.order, &news).is_empty()) {
                return;
            }
            let decide = async |order: &Order, _| Ok(facts(order, &news));
            let known = known.as_ref().clone();
            let (world, function) = (self.world, Function::TrackingPoll);
            if let Err(error) = transact_from(world, function, order_id, known, decide).await {
                self.stuck.borrow_mut().insert(order_id.clone());
                for (asked, _) in news {
                    self.note(asked.parcel_ref, anyhow!("{error:#}"));
                }
            }
        };
        self.world.side_by_side(orders.into_iter().map(of_order).collect()).await;
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
        let mut news = Vec::new();
        for asked in looks {
            match look(asked) {
                Some(Look::Scans(scans)) => news.push((*asked, News::Scans(scans))),
                Some(Look::Never(code)) => news.push((*asked, self.refused(*code))),
                Some(Look::NotRegistered) => {}
                Some(Look::NotNow(code)) => self.fail(asked, &code.to_string()),
                None => self.fail(asked, "no answer"),
            }
        }
        self.record(news).await;
        let is_unwatched = |asked: &&&Asked<'_>| look(asked) == Some(&Look::NotRegistered);
        looks.iter().filter(is_unwatched).copied().collect()
    }

    async fn registered(&self, registrations: &[&Asked<'_>], found: &BTreeMap<String, Registered>) {
        let mut news = Vec::new();
        for asked in registrations {
            match found.get(&asked.number.number) {
                Some(Registered::Yes) => {}
                Some(Registered::Never(code)) => news.push((*asked, self.refused(*code))),
                Some(Registered::NotNow(code)) => self.fail(asked, &code.to_string()),
                None => self.fail(asked, "no answer"),
            }
        }
        self.record(news).await;
    }

    fn refused(&self, code: i64) -> News<'static> {
        News::Stop(format!("{} refuses its number: {code}", self.service.title()))
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
}

/// What is new of an order's parcels.
fn facts(order: &Order, news: &[(&Asked<'_>, News<'_>)]) -> Vec<Fact> {
    let (mut facts, mut seen) = (Vec::new(), BTreeSet::new());
    for (Asked { parcel_id, number, .. }, news) in news {
        // One message can name the parcel, and another all of the order's.
        if !seen.insert(parcel_id) {
            continue;
        }
        facts.extend(match news {
            News::None => Vec::new(),
            News::Scans(scans) => tracking::record(order, *parcel_id, &number.number, scans),
            News::Stop(why) => tracking::stop(order, *parcel_id, &number.number, why),
        });
    }
    facts
}
