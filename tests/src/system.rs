//! All of Onward in one process: every step, on the world in memory, with queues, stream and schedule as AWS has them.
//!
//! Everything comes in through [`System::enter`]. Nothing in this world waits, so a function that does was killed at one of
//! its calls, see [`ports::memory::Fault`]: it is dropped there.

mod entry;

use std::collections::BTreeSet;
use std::pin::pin;

use anyhow::{Context, Result, bail, ensure};
use cli::operator::Operator as _;
use domain::id::OrderId;
use domain::message::Message;
use domain::order::documents::DocumentRef;
use domain::order::{Order, Recorded};
use domain::views;
use futures_util::FutureExt as _;
use jiff::SignedDuration;
use ports::memory::{Fault, World};
use ports::{
    Archive, Attempts, Bookmarks, Catalog, Clock, Endpoints, Events, Fonts, Http, Inbound, Mail,
    Notes, Notices, Pace, People, Photos, Post, Queues, Reply, Secrets, SideBySide, Views,
};

pub use entry::{Entry, Operation};

/// Where suppliers reach us, and where 17TRACK is, in this world.
pub const PUBLIC_URL: &str = "https://onward.example";
/// The tracking service of this world.
pub const TRACKING_URL: &str = "https://outside.example";

/// How often a message is delivered before it lies in the dead letters.
const DELIVERIES_MAX: u32 = 5;

/// After so long a queue delivers again what failed, see `RetrySeconds` in `template.yaml`.
pub const REDELIVERED_AFTER: SignedDuration = SignedDuration::from_secs(150);

/// Deliveries from one pause to the next, more than any journey needs: what sends itself again for ever is found.
const DELIVERIES_BETWEEN_PAUSES_MAX: u32 = 500;

/// The functions and the world they run in.
pub struct System {
    /// Everything that is stored, queued or sent.
    pub world: World,
    /// How its queues deliver.
    pub habit: Habit,
    /// The delivery, counted from now, that never comes: the queue loses its message.
    pub loses: Option<u32>,
    /// Messages that failed every time, with the last reason.
    pub dead_letters: Vec<(Message, String)>,
    /// Who looks at the world just before something comes in.
    pub watch: Option<Watch>,
}

/// A world with every port.
#[rustfmt::skip]
pub trait Everything:
    Archive + Attempts + Bookmarks + Catalog + Clock + Endpoints + Events + Fonts + Http + Mail + Notes + Notices + Pace + People + Photos + Post + Queues + Secrets + SideBySide + Views {}

#[rustfmt::skip]
impl<W> Everything for W where
    W: Archive + Attempts + Bookmarks + Catalog + Clock + Endpoints + Events + Fonts + Http + Mail + Notes + Notices + Pace + People + Photos + Post + Queues + Secrets + SideBySide + Views {}

/// Looks at the world, and at what comes in next.
pub type Watch = Box<dyn Fn(&World, &Entry)>;

/// How queues deliver: SQS promises neither an order nor that anything comes only once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Habit {
    /// Each message once, first come, first served.
    #[default]
    Orderly,
    /// Each message twice in a row.
    Twice,
    /// Each message twice, the second time after all others.
    Again,
    /// The newest message first.
    NewestFirst,
}

impl System {
    /// The functions in a world.
    #[must_use]
    pub fn new(world: World) -> Self {
        let habit = Habit::default();
        Self { world, habit, loses: None, dead_letters: Vec::new(), watch: None }
    }

    /// Whatever comes in, once. Only calls are answered.
    ///
    /// # Errors
    /// What the function could not do now, or that it was killed.
    pub fn enter(&self, entry: &Entry) -> Result<Option<Reply>> {
        if let Some(watch) = &self.watch {
            watch(&self.world, entry);
        }
        ended(self.run(entry).now_or_never())
    }

    /// The same comes in twice at once: the second time while the function, entered first, stands still at one of its
    /// calls, and so the second run begins and ends within the first. Both ends, in the order in which they began.
    pub fn enter_at_once(
        &self,
        entry: &Entry,
        call: u32,
        held: Fault,
    ) -> [Result<Option<Reply>>; 2] {
        if let Some(watch) = &self.watch {
            watch(&self.world, entry);
        }
        self.world.faults.plan(call, held);
        let mut first = pin!(self.run(entry));
        let early = first.as_mut().now_or_never();
        // Each is a process of its own, with its own pace.
        let turns = self.world.turns.take();
        let second = ended(self.run(entry).now_or_never());
        self.world.turns.replace(turns);
        let first = early.or_else(|| first.now_or_never());
        self.world.faults.clear();
        [ended(first), second]
    }

    async fn run(&self, entry: &Entry) -> Result<Option<Reply>> {
        match entry {
            Entry::Call(inbound) => return Self::answer(&self.world, inbound).await.map(Some),
            Entry::Deliver(message) => {
                Self::take_message(&self.world, PUBLIC_URL, TRACKING_URL, message).await?;
            }
            Entry::Project(order_id, versions) => {
                projection::project(&self.world, order_id, versions).await?;
            }
            Entry::Tick => clock::tick(&self.world).await?,
            Entry::Look => reconciliation::reconcile(&self.world).await?,
            Entry::Operate(operation) => self.operate(operation).await?,
        }
        Ok(None)
    }

    /// Calls one of our HTTP functions by its route.
    ///
    /// # Errors
    /// What the function could not do now; the API would answer 500.
    pub async fn call(&self, inbound: &Inbound) -> Result<Reply> {
        self.enter(&Entry::Call(inbound.clone()))?.context("whoever calls is answered")
    }

    /// Has the function of its route answer a call, in any world.
    ///
    /// # Errors
    /// What the function could not do now; the API would answer 500.
    pub async fn answer(world: &impl Everything, inbound: &Inbound) -> Result<Reply> {
        match inbound.route.split('/').nth(1) {
            Some("webhooks") => order_intake::take_webhook(world, inbound).await,
            Some("suppliers" | "answers") => supplier_inbox::take_answer(world, inbound).await,
            Some("tracking") => tracking_inbox::take_push(world, inbound).await,
            Some("orders") => console::answer_operator(world, inbound).await,
            Some("returns" | "order" | "track") => {
                rma_portal::answer_customer(world, PUBLIC_URL, inbound).await
            }
            _ => Ok(Reply::json(404, String::new())),
        }
    }

    /// Delivers one message to its function.
    ///
    /// # Errors
    /// What the function could not do now; the queue would deliver again.
    pub async fn deliver(&self, message: &Message) -> Result<()> {
        self.enter(&Entry::Deliver(message.clone())).map(drop)
    }

    /// Has the function that a message is for take it, in any world. `public_url` is where suppliers reach us,
    /// `tracking_url` where the tracking service is.
    ///
    /// # Errors
    /// What the function could not do now; the queue would deliver again.
    pub async fn take_message(
        world: &impl Everything,
        public_url: &str,
        tracking_url: &str,
        message: &Message,
    ) -> Result<()> {
        match message {
            Message::MapSkus { order_id } => sku_mapping::map_order(world, order_id).await,
            Message::ScreenOrder { order_id } => screening::screen_order(world, order_id).await,
            Message::RouteOrder { order_id } => routing::route_order(world, order_id).await,
            Message::ForwardOrder { order_id, fulfillment_order_id } => {
                supplier_forwarding::forward_order(
                    world,
                    public_url,
                    order_id,
                    *fulfillment_order_id,
                )
                .await
            }
            Message::TrackParcels { parcels } => {
                let parcels = parcels.iter().cloned().collect();
                let failed = tracking_poll::track_parcels(world, tracking_url, &parcels).await?;
                failed.into_values().next().map_or(Ok(()), Err)
            }
            Message::UpdateShop { order_id, parcel_id } => {
                shop_sync::update_shop(world, order_id, *parcel_id).await
            }
            Message::AnswerShop { order_id, request } => {
                shop_sync::answer_shop(world, order_id, *request).await
            }
            Message::ArchiveDocument { order_id, document } => {
                let (order_id, document) = (order_id.clone(), *document);
                let wanted = BTreeSet::from([DocumentRef { order_id, document }]);
                let failed = documents::archive_documents(world, &wanted).await?;
                failed.into_values().next().map_or(Ok(()), Err)
            }
            Message::DecideReturn { order_id, return_id } => {
                returns::decide_return(world, order_id, *return_id).await
            }
            Message::BuyReturnLabel { order_id, return_id } => {
                returns::buy_label(world, order_id, *return_id).await
            }
            Message::ExpireReturn { order_id, return_id } => {
                returns::expire_return(world, order_id, *return_id).await
            }
            Message::RefundOrder { order_id, refund_id } => {
                returns::refund_order(world, order_id, *refund_id).await
            }
            other => Self::tell(world, public_url, other).await,
        }
    }

    /// Delivers what customers, or systems of the merchant, are to be told.
    async fn tell(world: &impl Everything, public_url: &str, message: &Message) -> Result<()> {
        match message {
            Message::NoteDelay { order_id, fulfillment_order_id } => {
                notifications::note_delay(world, order_id, *fulfillment_order_id).await
            }
            Message::NotifyCustomer { order_id, first, last } => {
                notifications::notify_customer(world, public_url, order_id, *first, *last).await
            }
            Message::SuppressRecipients { recipients } => {
                notifications::suppress_recipients(world, recipients).await
            }
            Message::MailLink { number, evidence, language } => {
                notifications::mail_link(world, public_url, number, evidence, *language).await
            }
            Message::TellEndpoint { endpoint_id, news, retry } => {
                status_webhooks::tell_endpoint(world, endpoint_id, news, retry.as_ref()).await
            }
            other => bail!("nobody takes {other:?}"),
        }
    }

    async fn operate(&self, operation: &Operation) -> Result<()> {
        let (world, progress) = (&self.world, &mut std::io::sink());
        match operation {
            Operation::PutSettings(settings) => drop(world.put_settings(settings).await?),
            Operation::ImportCatalog(csv) => {
                let report = cli::import::import(world, csv, progress).await?;
                ensure!(report.refused.is_empty(), "refused: {:?}", report.refused);
            }
            Operation::RebuildViews => drop(cli::rebuild::rebuild(world, progress).await?),
        }
        Ok(())
    }

    /// Delivers messages until none are left; one that fails is delivered again, and lies in the dead letters after
    /// the fifth time. Then brings the views up to date, and delivers what that called for.
    ///
    /// # Panics
    /// When it never comes to rest.
    pub async fn settle(&mut self) {
        self.deliver_all().await;
        self.project().await;
        self.deliver_all().await;
    }

    async fn deliver_all(&mut self) {
        let mut deliveries = 0;
        let mut late = Vec::new();
        while let Some((message, is_first)) =
            self.take().map(|it| (it, true)).or_else(|| Some((late.pop()?, false)))
        {
            deliveries += 1;
            assert!(deliveries < DELIVERIES_BETWEEN_PAUSES_MAX, "{message:?} goes round and round");
            if self.is_lost() {
                continue;
            }
            self.deliver_until_done(&message).await;
            match self.habit {
                Habit::Twice => self.deliver_until_done(&message).await,
                Habit::Again if is_first => late.push(message),
                _ => {}
            }
        }
    }

    fn is_lost(&mut self) -> bool {
        let is_lost = self.loses == Some(1);
        self.loses = self.loses.and_then(|left| left.checked_sub(1)).filter(|left| *left > 0);
        is_lost
    }

    fn take(&self) -> Option<Message> {
        let mut queue = self.world.queue.borrow_mut();
        if self.habit == Habit::NewestFirst { queue.pop_back() } else { queue.pop_front() }
    }

    async fn deliver_until_done(&mut self, message: &Message) {
        for delivery in 1..=DELIVERIES_MAX {
            match self.deliver(message).await {
                Ok(()) => return,
                Err(error) if delivery == DELIVERIES_MAX => {
                    self.dead_letters.push((message.clone(), format!("{error:#}")));
                }
                Err(_) => self.world.now.set(self.world.now.get() + REDELIVERED_AFTER),
            }
        }
    }

    /// Lets time pass, minute by minute, with all that the clock sends. A minute in which nothing is due is left out:
    /// the clock would look, and go. One in which the clock fails is missed.
    pub async fn pass(&mut self, time: SignedDuration) {
        let until = self.world.now.get() + time;
        while self.world.now.get() < until {
            self.world.now.set(until.min(self.world.now.get() + SignedDuration::from_mins(1)));
            let is_released = self.world.release();
            let is_due = self.is_something_due();
            if is_due {
                self.enter(&Entry::Tick).ok();
            }
            if is_due || is_released {
                self.settle().await;
            }
        }
    }

    /// Whether the clock would find anything now.
    fn is_something_due(&self) -> bool {
        let now = self.world.now.get();
        let settings = self.world.settings.borrow();
        let round_minutes = settings.as_ref().map_or(1, |known| known.tracking.poll_minutes);
        let slots = views::poll_slots(now, round_minutes).map(views::poll_bucket);
        let buckets: BTreeSet<String> =
            views::minute_buckets(now).into_iter().chain(slots).collect();
        let rows = self.world.rows.borrow();
        rows.values().any(|row| row.due.as_ref().is_some_and(|due| buckets.contains(due)))
    }

    /// Brings the views of every order up to its facts. The stream delivers until that is done.
    ///
    /// # Panics
    /// When it can't be done.
    pub async fn project(&self) {
        let streams = self.world.streams.borrow();
        let appended: Vec<(OrderId, u64)> = streams
            .iter()
            .map(|(order_id, appends)| (order_id.clone(), appends.len() as u64))
            .collect();
        drop(streams);
        for (order_id, last) in appended {
            let before = self.world.read.borrow().get(&order_id).copied().unwrap_or(0);
            let entry = Entry::Project(order_id.clone(), (before + 1..=last).collect());
            let mut tries = 0;
            while let Err(error) = self.enter(&entry) {
                tries += 1;
                assert!(tries < DELIVERIES_MAX, "`{order_id}` can't be projected: {error:#}");
            }
            self.world.read.borrow_mut().insert(order_id, last);
        }
    }

    /// An order and its facts, as they are stored now.
    #[must_use]
    pub fn order(&self, order_id: &OrderId) -> (Order, Vec<Recorded>) {
        let streams = self.world.streams.borrow();
        let appends = (1..).zip(streams.get(order_id).into_iter().flatten());
        let recorded = appends.flat_map(|(version, (at, facts))| {
            facts.iter().map(move |fact| Recorded { version, at: *at, fact: fact.clone() })
        });
        let history: Vec<Recorded> = recorded.collect();
        (Order::fold(&history), history)
    }
}

/// Nothing waits here: what has not ended never will.
fn ended<T>(end: Option<Result<T>>) -> Result<T> {
    end.unwrap_or_else(|| bail!("the function was killed"))
}
