//! All functions of Onward on AWS in memory, each called as Lambda would call it: queues and stream gather what they hand
//! over as the template says, and the clock goes minute by minute. Time is made up, so that days pass at once.
//! Functions run here, or as the processes that they are on AWS.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use domain::id::OrderId;
use domain::message::{Function, Message};
use domain::order::Order;
use domain::order::documents::DocumentRef;
use domain::views;
use jiff::{SignedDuration, Timestamp};
use ports::{Events as _, Inbound, Request};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::LocalSet;

use super::archive::{Archive, Sample};
use super::cloud::{BUCKETS, Cloud, SECRETS_PATH};
use super::cpu::{self, Meter};
use super::latency::Latency;
use super::prices::{ACCESS_LOG_LINE, FUNCTION_NAME_BYTES, LOG_OVERHEAD_BYTES, Prices};
use super::processes::Processes;
use super::rounds::{Paths, Rounds};
use super::server::{Delay, Everyone, serve};
use super::stories::{VARIANTS, bought_skus, variant};
use super::template::{Gathering, gathering, memory_mb};
use super::usage::{Measure, Usage};
use crate::journey::{BEGINNING, Journey, from_supplier};
use crate::loopback::listen;
use crate::system::System;

/// What passes between an invocation and the next that it causes.
const STEP: SignedDuration = SignedDuration::from_millis(100);

/// The functions that are called by no queue.
const FUNCTIONS: [&str; 6] =
    ["order-intake", "supplier-inbox", "console", "projection", "clock", OPERATOR];

/// Whoever types `onward`.
const OPERATOR: &str = "onward";

/// So much there is of everything.
const PLENTY: &str = "100000";

/// Onward, and everyone around it.
pub struct Onward {
    /// Shops, suppliers, carriers. Its own Onward, the one in memory, is told nothing.
    pub journey: Journey,
    pub(super) cloud: Rc<RefCell<Cloud>>,
    /// One for each function, that keeps what it has read as long as it may.
    worlds: BTreeMap<&'static str, aws::World>,
    /// Where functions run, if not here.
    processes: Option<Processes>,
    now: Rc<Cell<Timestamp>>,
    pub(super) url: String,
    prices: Rc<Prices>,
    latency: Latency,
    rounds: Rounds,
    gatherings: BTreeMap<&'static str, Gathering>,
    ticks: u64,
    runtime: tokio::runtime::Runtime,
    local: LocalSet,
    meter: Meter,
    times: RefCell<BTreeMap<&'static str, Times>>,
    used_by: RefCell<BTreeMap<&'static str, Usage>>,
}

/// How long functions wait for answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// All are there at once: for those who measure what else takes time.
    AtOnce,
    /// As `tests/bench/prices.toml` has it, in made-up time.
    AsPriced,
    /// Each takes a second of made-up time, so that the seconds tell which calls go together.
    InRounds,
    /// As `tests/bench/prices.toml` has it, in real time; functions are the processes that `make bench` builds.
    ToProcesses,
    /// At once, to those.
    ToProcessesAtOnce,
}

/// Where the time of a function's invocations went, all together.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Times {
    /// Waiting for answers, and where it is not made up, for anything else.
    pub waited: Duration,
    /// Computing: the step, the SDK, and the network below it.
    pub cpu: Duration,
}

impl Times {
    /// That of other invocations as well.
    pub fn add(&mut self, other: Self) {
        self.waited += other.waited;
        self.cpu += other.cpu;
    }
}

/// Who is called next, and with what.
enum Call {
    Batch(Function, Vec<String>),
    Stream(Vec<Value>),
    Tick,
}

/// What Lambda hands to a function.
enum Event {
    Http(Vec<u8>),
    Batch(Function, Value),
    Stream(Value),
    Tick,
}

impl Onward {
    /// A world with the demo's shops, suppliers, settings and catalogue, in which nobody has bought anything yet.
    ///
    /// # Errors
    /// When it can't be set up.
    pub fn begin(answers: Answers) -> Result<Self> {
        let (listener, url) = listen(0)?;
        let journey = Journey::begin_at(&url, |_| {});
        let now = Rc::new(Cell::new(BEGINNING.parse()?));
        let cloud = Cloud { secrets: journey.secrets().clone(), ..Cloud::default() };
        let cloud = Rc::new(RefCell::new(cloud));
        let outside = Rc::clone(&journey.outside);
        let (meter, rounds) = (Meter::default(), Rounds::default());
        let (latency, prices) = (Latency::default(), Rc::new(Prices::read()?));
        let delay = match answers {
            Answers::AtOnce | Answers::ToProcessesAtOnce => Delay::None,
            Answers::AsPriced => Delay::MadeUp(latency.clone(), Rc::clone(&prices)),
            Answers::InRounds => Delay::Rounds(latency.clone(), rounds.clone()),
            Answers::ToProcesses => Delay::Real(Rc::clone(&prices)),
        };
        let everyone = Everyone {
            cloud: Rc::clone(&cloud),
            outside,
            url: url.clone(),
            meter: meter.clone(),
            delay,
        };
        let local = LocalSet::new();
        local.spawn_local(latency.clone().pass());
        local.spawn_local(serve(listener, everyone));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let are_processes = matches!(answers, Answers::ToProcesses | Answers::ToProcessesAtOnce);
        let pauses = (answers == Answers::AsPriced).then(|| latency.clone());
        let onward = Self {
            journey,
            cloud,
            worlds: worlds(&url, &now, pauses)?,
            processes: are_processes.then(Processes::new).transpose()?,
            now,
            url,
            prices,
            latency,
            rounds,
            gatherings: gatherings()?,
            ticks: 0,
            runtime,
            local,
            meter,
            times: RefCell::default(),
            used_by: RefCell::default(),
        };
        onward.furnish()?;
        onward.set_now(onward.now.get())?;
        Ok(onward)
    }

    fn furnish(&self) -> Result<()> {
        let settings = self.journey.system.world.settings.borrow().clone();
        let settings = settings.context("a journey has settings")?;
        let world = &self.worlds[OPERATOR];
        self.wait(async {
            world.put_settings(&settings).await?;
            let csv = catalog(include_str!("../../demo/catalog.csv"));
            let report = cli::import::import(world, &csv, &mut std::io::sink()).await?;
            ensure!(report.refused.is_empty(), "refused: {:?}", report.refused);
            Ok(())
        })?;
        let mut cloud = self.cloud.borrow_mut();
        let catalog = cloud.tables.tables.get_mut("Catalog").into_iter().flatten();
        for (_, counter) in catalog.filter(|((pk, _), _)| pk.starts_with("stock#")) {
            counter.insert("available".to_owned(), json!({ "N": PLENTY }));
        }
        Ok(())
    }

    /// Everyone is told of everything: an endpoint, and customers by mail.
    ///
    /// # Errors
    /// When the settings can't be stored.
    pub fn tells_everyone(&self) -> Result<()> {
        let settings = self.journey.system.world.settings.borrow().clone();
        let mut settings = (*settings.context("a journey has settings")?).clone();
        let endpoint = json!({ "id": "erp", "url": format!("{}/endpoints/erp", self.url) });
        settings.endpoints = vec![serde_json::from_value(endpoint)?];
        for shop in &mut settings.shops {
            let sender = json!({ "name": shop.id, "from": "post@shop.example" });
            shop.notifications = Some(serde_json::from_value(sender)?);
        }
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        for name in ["endpoints/erp", "links", "notifications"] {
            self.cloud.borrow_mut().secrets.insert(name.to_owned(), secret.to_owned());
        }
        self.look(async |world| world.put_settings(&settings).await)?;
        Ok(())
    }

    /// Has so many copies of an order stored, and all that it left behind.
    pub fn store(&self, sample: &Sample, copies: u32) {
        self.cloud.borrow_mut().tables.archive(Archive::of(sample.clone(), copies));
    }

    /// What an order left behind.
    #[must_use]
    pub fn sample(&self, order_id: &OrderId) -> Sample {
        Sample::of(&self.cloud.borrow().tables, order_id.as_str())
    }

    /// AWS itself.
    pub fn aws(&self) -> RefMut<'_, Cloud> {
        self.cloud.borrow_mut()
    }

    /// What an operator sees through our adapters.
    ///
    /// # Errors
    /// What the look finds.
    pub fn look<T>(&self, look: impl AsyncFnOnce(&aws::World) -> Result<T>) -> Result<T> {
        self.wait(look(&self.worlds[OPERATOR]))
    }

    /// What the process of a function would find in its environment.
    pub(super) fn environment(&self, function: &str) -> BTreeMap<String, String> {
        let mut environment = BTreeMap::new();
        let read = RefCell::new(&mut environment);
        let noted = |name: &str| {
            let value = variable(&self.url, name);
            read.borrow_mut().insert(name.to_owned(), value.clone());
            Some(value)
        };
        drop(aws::Config::read(noted));
        let own = [("NAME", function), ("VERSION", "1"), ("MEMORY_SIZE", "128")];
        let own =
            own.map(|(name, value)| (format!("AWS_LAMBDA_FUNCTION_{name}"), value.to_owned()));
        environment.extend(own);
        environment
    }

    pub(super) fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.local.block_on(&self.runtime, work)
    }

    fn set_now(&self, now: Timestamp) -> Result<()> {
        self.now.set(now);
        self.cloud.borrow_mut().tables.now = now;
        self.journey.system.world.now.set(now);
        self.processes.as_ref().map_or(Ok(()), |processes| processes.set_now(now))
    }

    /// What was used so far, and how often the clock went.
    #[must_use]
    pub fn used(&self) -> (Usage, u64) {
        (self.cloud.borrow_mut().usage().clone(), self.ticks)
    }

    /// What each function used so far; without what Lambda does for it.
    #[must_use]
    pub fn used_by(&self) -> BTreeMap<&'static str, Usage> {
        self.used_by.borrow().clone()
    }

    /// Where the time of each function went so far.
    #[must_use]
    pub fn times(&self) -> BTreeMap<&'static str, Times> {
        self.times.borrow().clone()
    }

    /// What all processes of functions have computed so far, their runtime included.
    ///
    /// # Errors
    /// When functions run here.
    pub fn cpu_of_processes(&self) -> Result<Duration> {
        self.processes.as_ref().context("functions are no processes")?.cpu()
    }

    /// Forgets where time went, and what each function used.
    pub fn forget_used_by(&self) {
        self.times.borrow_mut().clear();
        self.used_by.borrow_mut().clear();
    }

    /// What each function waited for so far, one after the other.
    #[must_use]
    pub fn paths(&self) -> Paths {
        self.rounds.paths()
    }

    /// Someone calls our API.
    ///
    /// # Errors
    /// When the answer is anything but 200.
    pub fn call(&self, inbound: &Inbound) -> Result<()> {
        let function = match inbound.route.split('/').nth(1) {
            Some("webhooks") => "order-intake",
            Some("suppliers" | "answers") => "supplier-inbox",
            _ => "console",
        };
        let answer = self.invoke(function, Event::Http(event_of(inbound)))?;
        let mut cloud = self.cloud.borrow_mut();
        cloud.usage().add(Measure::ApiRequests, function, 1);
        let bytes = ACCESS_LOG_LINE.len() as u64 + LOG_OVERHEAD_BYTES;
        cloud.usage().add(Measure::LogBytes, "AccessLogs", bytes);
        ensure!(answer["statusCode"] == 200, "`{}` was answered {answer}", inbound.route);
        Ok(())
    }

    /// How many microseconds pass until a webhook is answered.
    ///
    /// # Errors
    /// When the answer is anything but 200.
    pub(super) fn time_to_answer(&self, inbound: &Inbound) -> Result<u64> {
        let (event, world) = (event_of(inbound), &self.worlds["order-intake"]);
        let started = Instant::now();
        let answer = self.wait(async {
            aws::answer_call(world, &event, async |world, inbound| {
                order_intake::take_webhook(world, inbound).await
            })
            .await
        })?;
        let elapsed = started.elapsed();
        let answer: Value = serde_json::from_slice(&answer)?;
        ensure!(answer["statusCode"] == 200, "the webhook was answered {answer}");
        Ok(u64::try_from(elapsed.as_micros())?)
    }

    /// What suppliers have to say reaches us.
    ///
    /// # Errors
    /// When we don't take it.
    pub fn hears_suppliers(&self) -> Result<()> {
        loop {
            let next: Option<Request> =
                self.journey.outside.borrow_mut().suppliers.outbox.pop_front();
            let Some(request) = next else { return Ok(()) };
            self.call(&from_supplier(&request))?;
        }
    }

    /// Lets time pass, with all that comes due. In no time, nothing happens.
    ///
    /// # Errors
    /// When a function fails.
    pub fn passes(&mut self, time: SignedDuration) -> Result<()> {
        if time.is_zero() {
            return Ok(());
        }
        let until = self.now.get() + time;
        while let Some(at) = self.next_at().filter(|at| *at <= until) {
            self.set_now(self.now.get().max(at))?;
            let calls = self.take_ready();
            for call in calls {
                self.run(call)?;
            }
            self.set_now(self.now.get() + STEP)?;
        }
        self.set_now(self.now.get().max(until))
    }

    /// When the next thing happens; none when nothing will for a month.
    fn next_at(&self) -> Option<Timestamp> {
        let cloud = self.cloud.borrow();
        let queued = Function::ALL.iter().filter_map(|function| {
            let queue = cloud.queues.get(function.name())?;
            self.ready_at(function.name(), queue.len(), queue.front()?.0)
        });
        let streamed =
            cloud.tables.stream.values().filter_map(|records| {
                self.ready_at("projection", records.len(), records.first()?.0)
            });
        queued.chain(streamed).chain(self.due_at()).min()
    }

    fn ready_at(&self, function: &str, count: usize, first_at: Timestamp) -> Option<Timestamp> {
        let gathering = self.gatherings[function];
        let is_full = count >= gathering.batch_max;
        Some(if is_full { self.now.get() } else { first_at + gathering.window })
    }

    /// The next minute in which the clock would find something.
    fn due_at(&self) -> Option<Timestamp> {
        let cloud = self.cloud.borrow();
        // Those of the archive are due long after all that is told.
        let rows = cloud.tables.tables.get("Views").into_iter().flat_map(BTreeMap::values);
        let due: BTreeSet<&str> = rows.filter_map(|row| row.get("due")?["S"].as_str()).collect();
        if due.is_empty() {
            return None;
        }
        let settings = self.journey.system.world.settings.borrow();
        let round_minutes = settings.as_ref().map_or(1, |known| known.tracking.poll_minutes);
        let minute = self.now.get().as_second().div_euclid(60);
        let minutes = (minute + 1..=minute + 31 * 24 * 60).map(|minute| minute * 60);
        minutes.filter_map(|second| Timestamp::from_second(second).ok()).find(|at| {
            let slots = views::poll_slots(*at, round_minutes).map(views::poll_bucket);
            let mut buckets = views::minute_buckets(*at).into_iter().chain(slots);
            buckets.any(|bucket| due.contains(&bucket.as_str()))
        })
    }

    /// What is ready now, taken from where it waited.
    fn take_ready(&self) -> Vec<Call> {
        let now = self.now.get();
        let mut calls = Vec::new();
        if now.as_second() % 60 == 0 && now.subsec_nanosecond() == 0 && self.is_due_now() {
            calls.push(Call::Tick);
        }
        let mut cloud = self.cloud.borrow_mut();
        for function in Function::ALL {
            let Some(queue) = cloud.queues.get_mut(function.name()) else { continue };
            let batch_max = self.gatherings[function.name()].batch_max;
            while let Some((first_at, _)) = queue.front() {
                if self.ready_at(function.name(), queue.len(), *first_at) > Some(now) {
                    break;
                }
                let batch = queue.drain(..batch_max.min(queue.len()));
                calls.push(Call::Batch(function, batch.map(|(_, body)| body).collect()));
            }
        }
        for records in cloud.tables.stream.values_mut() {
            let first_at = records.first().map(|(at, _)| *at);
            let ready_at = first_at.and_then(|at| self.ready_at("projection", records.len(), at));
            if ready_at.is_some_and(|at| at <= now) {
                let batch_max = self.gatherings["projection"].batch_max;
                let batch = records.drain(..batch_max.min(records.len()));
                calls.push(Call::Stream(batch.map(|(_, record)| record).collect()));
            }
        }
        calls
    }

    fn is_due_now(&self) -> bool {
        let now = self.now.get();
        self.now.set(now - SignedDuration::from_mins(1));
        let due_at = self.due_at();
        self.now.set(now);
        due_at == Some(now)
    }

    fn run(&mut self, call: Call) -> Result<()> {
        match call {
            Call::Batch(function, bodies) => self.take_batch(function, &bodies),
            Call::Stream(records) => {
                let event = Event::Stream(json!({ "Records": records }));
                let answer = self.invoke("projection", event)?;
                ensure!(answer == json!({ "batchItemFailures": [] }), "a view failed: {answer}");
                Ok(())
            }
            Call::Tick => self.tick(),
        }
    }

    /// The clock goes, whether or not anything is due.
    ///
    /// # Errors
    /// When it fails.
    pub fn tick(&mut self) -> Result<()> {
        self.ticks += 1;
        self.invoke("clock", Event::Tick)?;
        Ok(())
    }

    fn take_batch(&self, function: Function, bodies: &[String]) -> Result<()> {
        for request in ["ReceiveMessage", "DeleteMessageBatch"] {
            // Each takes ten at the most, however many Lambda hands over at once.
            let requests = bodies.len().div_ceil(10) as u64;
            self.cloud.borrow_mut().usage().add(Measure::QueueRequests, request, requests);
        }
        let record = |(number, body): (usize, &String)| json!({ "messageId": number.to_string(), "body": body });
        let event = json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() });
        let answer = self.invoke(function.name(), Event::Batch(function, event))?;
        let is_well = answer == json!({ "batchItemFailures": [] });
        ensure!(is_well, "`{}` failed at {bodies:?}: {answer}", function.name());
        Ok(())
    }

    async fn track(&self, event: Value) -> Result<Value> {
        let parcels = |message| match message {
            Message::TrackParcels { parcels } => Ok(parcels),
            other => Err(aws::misdirected(&other)),
        };
        let step = async |world: &aws::World, parcels: &BTreeSet<_>| {
            tracking_poll::track_parcels(world, &self.url, parcels).await
        };
        aws::answer_gathered(&self.worlds[Function::TrackingPoll.name()], event, parcels, step)
            .await
    }

    async fn archive(&self, event: Value) -> Result<Value> {
        let wanted = |message| match message {
            Message::ArchiveDocument { order_id, document } => {
                Ok(vec![DocumentRef { order_id, document }])
            }
            other => Err(aws::misdirected(&other)),
        };
        let step = async |world: &aws::World, wanted: &BTreeSet<_>| {
            documents::archive_documents(world, wanted).await
        };
        aws::answer_gathered(&self.worlds[Function::Documents.name()], event, wanted, step).await
    }

    /// Runs one invocation, and counts it.
    fn invoke(&self, function: &'static str, event: Event) -> Result<Value> {
        let before = self.cloud.borrow_mut().usage().clone();
        let logged = aws::logged();
        let path = event.path();
        self.rounds.begin(self.latency.now());
        let (answer, measured) = if let Some(processes) = &self.processes {
            let event = event.into_bytes()?;
            let asked = processes.ask(function, || self.environment(function), &event);
            let answered = self.wait(asked).with_context(|| format!("`{function}` failed"))?;
            let waited = answered.duration.saturating_sub(answered.cpu);
            (answered.body, Times { waited, cpu: answered.cpu })
        } else {
            let (cpu, others, called_at) = (cpu::spent(), self.meter.read(), self.latency.now());
            let answered = self.wait(self.answer(function, event));
            let answer = answered.with_context(|| format!("`{function}` failed"))?;
            let cpu = (cpu::spent() - cpu).saturating_sub(self.meter.read() - others);
            (answer, Times { waited: self.latency.now() - called_at, cpu })
        };
        self.rounds.end(function, &path);
        self.times.borrow_mut().entry(function).or_default().add(measured);
        let mut cloud = self.cloud.borrow_mut();
        let now = aws::logged();
        let used = cloud.usage().since(&before);
        // What is measured here differs from run to run; budgets need what does not.
        let cpu = if self.processes.is_some() { measured.cpu } else { self.prices.cpu(&used) };
        let billed = self.prices.billed(Times { cpu, ..measured }, memory_mb(function)?);
        let usage = cloud.usage();
        usage.add(Measure::Invocations, function, 1);
        usage.add(Measure::BilledMs, function, u64::try_from(billed.as_millis())?);
        let bytes = now.bytes - logged.bytes
            + (now.lines - logged.lines) * (LOG_OVERHEAD_BYTES + FUNCTION_NAME_BYTES);
        usage.add(Measure::LogBytes, function, bytes);
        self.used_by.borrow_mut().entry(function).or_default().join(&usage.since(&before));
        Ok(serde_json::from_slice(&answer)?)
    }

    /// What a function that runs here answers.
    async fn answer(&self, function: &str, event: Event) -> Result<Vec<u8>> {
        let world = &self.worlds[function];
        let answer = match event {
            Event::Http(event) => {
                let step = async |world: &aws::World, inbound: &Inbound| {
                    System::answer(world, inbound).await
                };
                return aws::answer_call(world, &event, step).await;
            }
            Event::Batch(Function::TrackingPoll, event) => self.track(event).await?,
            Event::Batch(Function::Documents, event) => self.archive(event).await?,
            Event::Batch(_, event) => {
                let step = async |world: &aws::World, message| {
                    System::take_message(world, &self.url, &self.url, &message).await
                };
                aws::answer_batch(world, event, step).await?
            }
            Event::Stream(event) => {
                let step = async |world: &aws::World, order_id, versions| {
                    projection::project(world, &order_id, &versions).await
                };
                aws::answer_stream(world, event, step).await?
            }
            Event::Tick => {
                let tick = aws::answer_schedule(world, async |world| clock::tick(world).await);
                json!(tick.await?)
            }
        };
        Ok(serde_json::to_vec(&answer)?)
    }

    /// An order as it is now.
    ///
    /// # Errors
    /// When it can't be loaded.
    pub fn order(&self, order_id: &OrderId) -> Result<Order> {
        let (history, _) = self.wait(self.worlds[OPERATOR].load(order_id))?;
        Ok(Order::fold(&history))
    }
}

impl Event {
    /// What of it decides which way a function goes: the route, or the kind of message.
    fn path(&self) -> String {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match self {
            Self::Http(event) => {
                let event: Value = serde_json::from_slice(event).unwrap_or_default();
                text(&event["routeKey"])
            }
            Self::Batch(_, event) => {
                let kind = |record: &Value| {
                    let body = record["body"].as_str()?;
                    let message: Value = serde_json::from_str(body).ok()?;
                    Some(text(&message["type"]))
                };
                let records = event["Records"].as_array().into_iter().flatten();
                let kinds: BTreeSet<String> = records.filter_map(kind).collect();
                kinds.into_iter().collect::<Vec<_>>().join(", ")
            }
            Self::Stream(_) => "facts".to_owned(),
            Self::Tick => "a minute".to_owned(),
        }
    }

    fn into_bytes(self) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Http(event) => event,
            Self::Batch(_, event) | Self::Stream(event) => serde_json::to_vec(&event)?,
            Self::Tick => b"{}".to_vec(),
        })
    }
}

/// One for each function.
fn worlds(
    url: &str,
    now: &Rc<Cell<Timestamp>>,
    latency: Option<Latency>,
) -> Result<BTreeMap<&'static str, aws::World>> {
    let mut worlds = BTreeMap::new();
    for function in FUNCTIONS.into_iter().chain(Function::ALL.map(Function::name)) {
        let (clock, latency) = (Rc::clone(now), latency.clone());
        let pause = move |time| {
            let latency = latency.clone();
            async move {
                if let Some(latency) = latency {
                    latency.wait(time).await;
                }
            }
        };
        let world = aws::World::new(config(url)?);
        worlds.insert(function, world.with_clock(move || clock.get()).with_pauses(pause));
    }
    Ok(worlds)
}

/// How each function's events are gathered.
fn gatherings() -> Result<BTreeMap<&'static str, Gathering>> {
    let names = Function::ALL.map(Function::name).into_iter().chain(["projection"]);
    names.map(|name| Ok((name, gathering(name)?))).collect()
}

/// The demo's catalogue, and so many variants of each article that stories are about.
fn catalog(csv: &str) -> String {
    let mut all = csv.to_owned();
    for line in csv.lines() {
        let Some((sku, rest)) = line.split_once(',') else { continue };
        if !bought_skus().any(|bought| bought == sku) {
            continue;
        }
        for number in 0..VARIANTS {
            // From the left: shop, article, …; from the right: restock_on, stock, currency, unit_cost, supplier_sku, …
            let mut left: Vec<String> = rest.splitn(3, ',').map(str::to_owned).collect();
            let mut right: Vec<String> = left[2].rsplitn(6, ',').map(str::to_owned).collect();
            right[4] = variant(&right[4], number);
            right.reverse();
            left[1] = variant(&left[1], number);
            left[2] = right.join(",");
            all.push_str(&format!("{},{}\n", variant(sku, number), left.join(",")));
        }
    }
    all
}

/// What functions would find in their environment.
fn config(url: &str) -> Result<aws::Config> {
    aws::Config::read(|name| Some(variable(url, name)))
}

/// As the API hands a call to a function.
fn event_of(inbound: &Inbound) -> Vec<u8> {
    let event = json!({
        "routeKey": format!("{} {}", inbound.method, inbound.route),
        "headers": inbound.headers.iter().cloned().collect::<BTreeMap<String, String>>(),
        "pathParameters": inbound.parameters,
        "requestContext": { "http": { "method": inbound.method } },
        "body": String::from_utf8_lossy(&inbound.body),
    });
    event.to_string().into_bytes()
}

/// A variable of a function's environment, by name.
fn variable(url: &str, name: &str) -> String {
    let [documents, refused] = BUCKETS;
    match name {
        "TABLE_EVENTS" => "Events".to_owned(),
        "TABLE_PEOPLE" => "People".to_owned(),
        "TABLE_CATALOG" => "Catalog".to_owned(),
        "TABLE_VIEWS" => "Views".to_owned(),
        "BUCKET_DOCUMENTS" => documents.to_owned(),
        "BUCKET_REFUSED" => refused.to_owned(),
        "BUCKET_PHOTOS" => "photos".to_owned(),
        "SECRETS_PATH" => SECRETS_PATH.to_owned(),
        "PUBLIC_URL" | "TRACKING_URL" | "AWS_ENDPOINT_URL" => url.to_owned(),
        "AWS_REGION" => "us-east-1".to_owned(),
        "TIMEOUT_SECONDS" => "20".to_owned(),
        "RETRY_SECONDS" => "140".to_owned(),
        "METRICS_NAMESPACE" => "onward".to_owned(),
        "ENDPOINTS_MAY_BE_PRIVATE" => "true".to_owned(),
        "FALLBACK_FONT" => concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../shared/paper/layer/fonts/DroidSansFallback.ttf"
        )
        .to_owned(),
        queue => {
            let name = queue.strip_prefix("QUEUE_").unwrap_or(queue);
            format!("{url}/queues/{}", name.to_lowercase().replace('_', "-"))
        }
    }
}
