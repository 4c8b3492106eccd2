//! Functions that run side by side, stand still and die; queues, stream and clock as AWS has them.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use anyhow::Result;
use domain::id::OrderId;
use domain::message::{Function, Message};
use domain::order::documents::{Archived, DocumentId, DocumentRef, done, owed};
use jiff::{SignedDuration, Timestamp};
use ports::{Archive as _, Inbound, Reply, transact_in};

use super::company::{OUTSIDE, PUBLIC_URL};
use super::disturbance::Disturbance;
use super::site::{Fate, Rest, Run, Site};
use super::{Event, Simulation, Speech};

/// How often a message is delivered before it lies in the dead letters.
const DELIVERIES_MAX: u32 = 5;

/// After so long a message that failed comes back.
const RETRIED_AFTER: SignedDuration = SignedDuration::from_secs(180);

/// So long the first message to `documents` waits for others, see its batching window in `template.yaml`.
const GATHERED_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// A function that takes longer is ended by Lambda, see `TimeoutSeconds` in `template.yaml`.
const STANDS_STILL_SECONDS_MAX: i64 = 28;

/// Calls that a function makes, but for a few; a bought label takes that many.
const CALLS_MAX: u32 = 14;

/// One order in so many gets a real invoice: setting its type takes longer than all the rest of its life. The others get
/// a stand-in with the same calls and facts.
const INVOICED: u64 = 60;

/// What comes of a function.
type Done = Result<Option<Reply>>;

/// A message in a queue.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    /// The message.
    pub(crate) message: Message,
    /// How often it was delivered before.
    pub(crate) deliveries: u32,
    /// A delivery before this one may have done a part.
    pub(crate) was_begun: bool,
}

/// What a function runs for.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// A message.
    Deliver(Envelope),
    /// All messages to `documents` that came at about the same time.
    Archive(Vec<Envelope>),
    /// A call of ours, after so many tries.
    Call(Box<Speech>, u32),
    /// New facts of an order.
    Project(OrderId, BTreeSet<u64>),
    /// A minute.
    Tick,
    /// Another quarter of an hour.
    Look,
}

/// A function that runs.
pub(crate) struct Task {
    job: Job,
    run: Rc<Run>,
    future: Pin<Box<dyn Future<Output = Done>>>,
}

impl Job {
    /// What its fate is named after: leaving out one order must not change that of another.
    fn name(&self) -> String {
        match self {
            Self::Deliver(envelope) => match envelope.message.order_id() {
                Some(order_id) => order_id.to_string(),
                None => "tracking".to_owned(),
            },
            Self::Archive(envelopes) => {
                let order_ids = envelopes.iter().filter_map(|it| it.message.order_id());
                order_ids.min().map_or_else(|| "documents".to_owned(), OrderId::to_string)
            }
            Self::Call(speech, _) => {
                speech.order_id().map_or_else(|| "call".to_owned(), |id| id.to_string())
            }
            Self::Project(order_id, _) => format!("{order_id} view"),
            Self::Tick => "clock".to_owned(),
            Self::Look => "reconciliation".to_owned(),
        }
    }

    /// What runs.
    fn what(&self) -> &'static str {
        match self {
            Self::Deliver(envelope) => envelope.message.function().name(),
            Self::Archive(_) => Function::Documents.name(),
            Self::Call(..) => "call",
            Self::Project(..) => "projection",
            Self::Tick => "clock",
            Self::Look => "reconciliation",
        }
    }

    fn order_id(&self) -> Option<OrderId> {
        match self {
            Self::Deliver(envelope) => envelope.message.order_id().cloned(),
            Self::Call(speech, _) => speech.order_id(),
            Self::Project(order_id, _) => Some(order_id.clone()),
            Self::Archive(_) | Self::Tick | Self::Look => None,
        }
    }
}

impl Envelope {
    /// The document that is to be archived, and really is.
    fn document_ref(&self) -> Option<DocumentRef> {
        match &self.message {
            Message::ArchiveDocument { order_id, document } => {
                let document_ref = DocumentRef { order_id: order_id.clone(), document: *document };
                let is_made = *document != DocumentId::Invoice || is_invoiced(order_id);
                is_made.then_some(document_ref)
            }
            _ => None,
        }
    }
}

impl Simulation {
    /// A queue delivers a message: at once, or with all others that come until it does.
    pub(super) fn delivers(&mut self, envelope: Envelope) {
        if envelope.document_ref().is_none() {
            self.start(Job::Deliver(envelope));
            return;
        }
        if self.gathered.is_empty() {
            self.after(GATHERED_AFTER, Event::Archive);
        }
        self.gathered.push(envelope);
    }

    /// Starts a function.
    pub(super) fn start(&mut self, job: Job) {
        let name = job.name();
        self.note_overlap(&job);
        let mut fates = self.fates(&name);
        if let Job::Deliver(envelope) = &job {
            fates.extend(self.overlap(&name, envelope.message.function(), &fates));
        }
        let run = Rc::new(Run { fates, skew: self.skew(&name), ..Run::default() });
        let future: Pin<Box<dyn Future<Output = Done>>> = match &job {
            Job::Deliver(envelope) => {
                Box::pin(deliver(Rc::clone(&self.site), envelope.message.clone()))
            }
            Job::Archive(envelopes) => {
                let wanted = envelopes.iter().filter_map(Envelope::document_ref).collect();
                Box::pin(archive(Rc::clone(&self.site), Rc::clone(&run), wanted))
            }
            Job::Call(speech, _) => Box::pin(call(Rc::clone(&self.site), self.inbound(speech))),
            Job::Project(order_id, versions) => {
                Box::pin(project(Rc::clone(&self.site), order_id.clone(), versions.clone()))
            }
            Job::Tick => Box::pin(tick(Rc::clone(&self.site))),
            Job::Look => Box::pin(look(Rc::clone(&self.site))),
        };
        self.poll(Task { job, run, future });
    }

    /// Two deliveries that are at the same parcel at the same time both look, find nothing, and show it: WooCommerce's
    /// notes and Shopify's events know no keys. Where that happens, what a shop shows twice is not held against us.
    fn note_overlap(&mut self, job: &Job) {
        let Job::Deliver(Envelope { message, .. }) = job else { return };
        let is_same = |task: &Task| match &task.job {
            Job::Deliver(other) => other.message == *message,
            _ => false,
        };
        let is_of_shop = message.function() == Function::ShopSync;
        if is_of_shop && self.tasks.values().any(is_same) {
            self.overlapped.extend(message.order_id().cloned());
        }
    }

    /// What goes wrong with a function, if anything does.
    fn fates(&mut self, name: &str) -> Vec<(u32, Fate)> {
        let mut fates = Vec::new();
        if self.is_calm {
            return fates;
        }
        let plan = Rc::clone(&self.plan);
        let dice = self.dice(name);
        for (disturbance, per_mille) in [
            (Disturbance::Deaths, 25),
            (Disturbance::Failures, 25),
            (Disturbance::LostAnswers, 25),
            (Disturbance::Pauses, 60),
        ] {
            if !dice.happens(per_mille) {
                continue;
            }
            let (call, is_before) = (dice.units(1, 9), dice.happens(500));
            let pause = SignedDuration::from_secs(dice.spread(STANDS_STILL_SECONDS_MAX));
            let fate = match (disturbance, is_before) {
                (Disturbance::Deaths, true) => Fate::DiesBefore,
                (Disturbance::Deaths, false) => Fate::DiesAfter,
                (Disturbance::Failures, _) => Fate::FailsBefore,
                (Disturbance::LostAnswers, _) => Fate::FailsAfter,
                (_, true) => Fate::PausesBefore(pause),
                (_, false) => Fate::PausesAfter(pause),
            };
            if plan.has(disturbance) {
                fates.push((call, fate));
            }
        }
        fates
    }

    /// Where a function is when its message comes a second time, if it does: the more often, the more it costs to do
    /// something twice. It stands still only once, for it may not take longer.
    fn overlap(
        &mut self,
        name: &str,
        function: Function,
        fates: &[(u32, Fate)],
    ) -> Option<(u32, Fate)> {
        let per_mille = match function {
            Function::Returns => 400,
            Function::SupplierForwarding => 60,
            _ => 15,
        };
        if !self.errs(name, Disturbance::Overlaps, per_mille) {
            return None;
        }
        let dice = self.dice(name);
        let (call, is_before) = (dice.units(1, CALLS_MAX), dice.happens(500));
        let time = SignedDuration::from_secs(dice.spread(STANDS_STILL_SECONDS_MAX));
        let is_still =
            |(_, fate): &(u32, Fate)| matches!(fate, Fate::PausesBefore(_) | Fate::PausesAfter(_));
        let overlap =
            if is_before { Fate::OverlapsBefore(time) } else { Fate::OverlapsAfter(time) };
        (!fates.iter().any(is_still)).then_some((call, overlap))
    }

    /// How far a function's clock is off.
    fn skew(&mut self, name: &str) -> SignedDuration {
        let is_off = self.errs(name, Disturbance::Skew, 100);
        let off = SignedDuration::from_millis(self.dice(name).between(-2_000, 2_000));
        if is_off { off } else { SignedDuration::ZERO }
    }

    pub(super) fn resume(&mut self, task: u64) {
        if let Some(task) = self.tasks.remove(&task) {
            self.poll(task);
        }
    }

    fn poll(&mut self, mut task: Task) {
        *self.site.run.borrow_mut() = Rc::clone(&task.run);
        let polled = task.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        *self.site.run.borrow_mut() = Rc::default();
        match (polled, task.run.rest.take()) {
            (Poll::Ready(done), _) => self.ends(task, done),
            (Poll::Pending, Some(rest @ (Rest::Pause(time) | Rest::Overlap(time)))) => {
                if let (Rest::Overlap(_), Job::Deliver(envelope)) = (rest, &task.job) {
                    let (again, name) = (envelope.clone(), task.job.name());
                    let most = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
                    let soon = SignedDuration::from_millis(self.dice(&name).between(0, most));
                    self.after(soon, Event::Deliver(again));
                }
                self.sequence += 1;
                let id = self.sequence;
                self.tasks.insert(id, task);
                self.after(time, Event::Resume(id));
            }
            (Poll::Pending, _) => {
                self.deaths += 1;
                if let Some(order_id) = task.job.order_id() {
                    self.note(&order_id, || format!("      ! dies at `{}`", task.run.at.get()));
                }
                self.fails(task, "it died");
            }
        }
    }

    /// A function came to its end.
    fn ends(&mut self, task: Task, done: Done) {
        if let Some(order_id) = task.job.order_id() {
            self.note(&order_id, || match &done {
                Ok(None) => format!("      {} done", task.job.what()),
                Ok(Some(reply)) => format!("      {} {:.120}", reply.status, reply.body),
                Err(error) => format!("      ! {error:#}"),
            });
        }
        match done {
            Err(error) => self.fails(task, &format!("{error:#}")),
            Ok(reply) => {
                self.check_done_again(&task);
                self.bring_back(&task);
                if let (Job::Call(speech, _), Some(reply)) = (task.job, reply) {
                    self.replied(&speech, &reply);
                }
            }
        }
    }

    /// A step that was done again, and had nothing to append, must have sent what is owed.
    fn check_done_again(&self, task: &Task) {
        if task.run.appended.get() > 0 {
            return;
        }
        let mut watch = self.site.watch.borrow_mut();
        match &task.job {
            // These look first whether there is anything left to do, and leave the rest to the clock.
            Job::Deliver(Envelope {
                message:
                    Message::TrackParcels { .. }
                    | Message::UpdateShop { .. }
                    | Message::AnswerShop { .. },
                ..
            }) => {}
            Job::Deliver(envelope) if envelope.was_begun => {
                let Some(order_id) = envelope.message.order_id() else { return };
                watch.was_done_again(order_id, Some(envelope.message.function()), &task.run);
            }
            Job::Archive(envelopes) => {
                let failed = task.run.failed.borrow();
                for envelope in envelopes.iter().filter(|envelope| envelope.was_begun) {
                    let Some(document_ref) = envelope.document_ref() else { continue };
                    if !failed.contains_key(&document_ref) {
                        let order_id = &document_ref.order_id;
                        watch.was_done_again(order_id, Some(Function::Documents), &task.run);
                    }
                }
            }
            Job::Call(speech, tries) if *tries > 0 && matches!(**speech, Speech::Webhook(..)) => {
                if let Some(order_id) = speech.order_id() {
                    watch.was_done_again(&order_id, None, &task.run);
                }
            }
            _ => {}
        }
    }

    /// A function failed, or died: whoever called it tries again.
    fn fails(&mut self, task: Task, why: &str) {
        match task.job {
            Job::Deliver(envelope) => self.comes_back(envelope, why),
            Job::Archive(envelopes) => {
                for envelope in envelopes {
                    self.comes_back(envelope, why);
                }
            }
            Job::Call(speech, tries) => {
                let seconds = 20 * (i64::from(tries) + 1);
                let event = Event::Speak(speech, tries + 1);
                self.after(SignedDuration::from_secs(seconds), event);
            }
            Job::Project(order_id, versions) => {
                self.project_later(order_id, versions, SignedDuration::from_secs(1));
            }
            // It comes again.
            Job::Tick => {}
            Job::Look => self.plan_looks(),
        }
    }

    /// A message whose step failed is delivered again, so often.
    fn comes_back(&mut self, mut envelope: Envelope, why: &str) {
        envelope.deliveries += 1;
        envelope.was_begun = true;
        if envelope.deliveries >= DELIVERIES_MAX {
            self.dead_letters.push((envelope.message, why.to_owned()));
        } else {
            self.after(RETRIED_AFTER, Event::Deliver(envelope));
        }
    }

    /// Of a batch, what failed alone comes back.
    fn bring_back(&mut self, task: &Task) {
        let Job::Archive(envelopes) = &task.job else { return };
        let failed = task.run.failed.take();
        for envelope in envelopes {
            let Some(document_ref) = envelope.document_ref() else { continue };
            if let Some(why) = failed.get(&document_ref) {
                self.note(&document_ref.order_id, || format!("      ! {why}"));
                self.comes_back(envelope.clone(), why);
            }
        }
    }

    /// Whether the projection is at an order.
    pub(super) fn is_projecting(&self, order_id: &OrderId) -> bool {
        let is_it = |task: &Task| matches!(&task.job, Job::Project(known, _) if known == order_id);
        self.tasks.values().any(is_it)
    }

    fn project_later(&mut self, order_id: OrderId, versions: BTreeSet<u64>, time: SignedDuration) {
        let is_first = !self.projected.contains_key(&order_id);
        self.projected.entry(order_id.clone()).or_default().extend(versions);
        if is_first {
            self.after(time, Event::Project(order_id));
        }
    }

    /// We answered someone.
    fn replied(&mut self, speech: &Speech, reply: &Reply) {
        let is_taken = reply.status < 300;
        match speech {
            Speech::Webhook(purchase, _) if !is_taken => {
                let what = format!("a webhook was refused: {} {}", reply.status, reply.body);
                self.site.watch.borrow_mut().report(Some(&purchase.order_id()), what);
            }
            Speech::Answer { reference, means, .. } | Speech::Form { reference, means, .. } => {
                self.outside.borrow_mut().suppliers.heard(reference, means, is_taken);
            }
            _ => {}
        }
    }

    /// A call as it is made now, signed.
    fn inbound(&self, speech: &Speech) -> Inbound {
        let note = |order_id: Option<OrderId>| {
            let Some(order_id) = order_id else { return };
            self.note(&order_id, || match speech {
                Speech::Webhook(purchase, topic) => {
                    format!("{topic}, state of {}", purchase.updated_at)
                }
                Speech::Answer { body, .. } => format!("supplier: {body}"),
                Speech::Form { form, .. } => format!("supplier: {form}"),
                Speech::Decision(_, inbound) => format!("operator: {}", inbound.route),
                Speech::Stock { .. } => "stock".to_owned(),
            });
        };
        note(speech.order_id());
        let mut inbound = speech.inbound(&self.secrets, self.now.get());
        if let (Speech::Form { .. }, Some(order_id)) = (speech, speech.order_id()) {
            let watch = self.site.watch.borrow();
            let change = watch.orders.get(&order_id).map_or(0, |known| known.order.address_changes);
            let form = String::from_utf8_lossy(&inbound.body);
            inbound.body = form.replace("{change}", &change.to_string()).into_bytes();
        }
        inbound
    }

    /// Everything that was sent is on its way; all new facts go to the stream.
    pub(super) fn collect_messages(&mut self) {
        let messages: Vec<Message> = self.site.memory.queue.borrow_mut().drain(..).collect();
        for message in messages {
            let name = message.order_id().map_or_else(|| "tracking".to_owned(), OrderId::to_string);
            let mut delay = SignedDuration::from_millis(self.dice(&name).between(5, 800));
            if self.errs(&name, Disturbance::LateMessages, 40) {
                delay += SignedDuration::from_secs(self.dice(&name).spread(4 * 3600));
            }
            let envelope = Envelope { message, deliveries: 0, was_begun: false };
            if self.errs(&name, Disturbance::RepeatedMessages, 40) {
                let later = SignedDuration::from_secs(self.dice(&name).spread(3600));
                self.after(delay + later, Event::Deliver(envelope.clone()));
            }
            self.after(delay, Event::Deliver(envelope));
        }
        let changed = std::mem::take(&mut *self.site.changed.borrow_mut());
        for (order_id, version) in changed {
            let name = format!("{order_id} view");
            let mut delay = SignedDuration::from_millis(self.dice(&name).between(100, 2_000));
            if self.errs(&name, Disturbance::LateStream, 40) {
                delay += SignedDuration::from_secs(self.dice(&name).spread(1800));
            }
            self.project_later(order_id, BTreeSet::from([version]), delay);
        }
    }

    /// The clock ticks, unless it is out.
    pub(super) fn tick(&mut self, minute: Timestamp) {
        self.set_now(minute);
        let now = self.now.get();
        self.site.due.borrow_mut().tick(now);
        let (from, until) = self.clock_outage;
        if self.is_calm || !(from..until).contains(&now) {
            self.start(Job::Tick);
        }
    }

    /// Dead letters are put back, once what ailed them is mended.
    pub(super) fn redrive(&mut self) {
        for (message, _) in std::mem::take(&mut self.dead_letters) {
            let comes_in = SignedDuration::from_secs(60);
            let comes_at = self.now.get() + comes_in;
            self.site.watch.borrow_mut().puts_back(&message, comes_at);
            let envelope = Envelope { message, deliveries: 0, was_begun: true };
            self.after(comes_in, Event::Deliver(envelope));
        }
    }
}

async fn deliver(site: Rc<Site>, message: Message) -> Done {
    let world = &*site;
    match &message {
        Message::MapSkus { order_id } => sku_mapping::map_order(world, order_id).await?,
        Message::ScreenOrder { order_id } => screening::screen_order(world, order_id).await?,
        Message::RouteOrder { order_id } => routing::route_order(world, order_id).await?,
        Message::ForwardOrder { order_id, fulfillment_order_id: id } => {
            supplier_forwarding::forward_order(world, PUBLIC_URL, order_id, *id).await?;
        }
        Message::TrackParcels { parcels } => {
            let parcels = parcels.iter().cloned().collect();
            let failed = tracking_poll::track_parcels(world, OUTSIDE, &parcels).await?;
            if let Some((_, error)) = failed.into_iter().next() {
                return Err(error);
            }
        }
        Message::UpdateShop { order_id, parcel_id } => {
            shop_sync::update_shop(world, order_id, *parcel_id).await?;
        }
        Message::AnswerShop { order_id, request } => {
            shop_sync::answer_shop(world, order_id, *request).await?;
        }
        Message::ArchiveDocument { order_id, .. } => archive_stand_in(world, order_id).await?,
        Message::DecideReturn { order_id, return_id } => {
            returns::decide_return(world, order_id, *return_id).await?;
        }
        Message::BuyReturnLabel { order_id, return_id } => {
            returns::buy_label(world, order_id, *return_id).await?;
        }
        Message::ExpireReturn { order_id, return_id } => {
            returns::expire_return(world, order_id, *return_id).await?;
        }
        Message::RefundOrder { order_id, refund_id } => {
            returns::refund_order(world, order_id, *refund_id).await?;
        }
        other => tell(world, other).await?,
    }
    Ok(None)
}

/// Delivers what customers, or systems of the merchant, are to be told.
async fn tell(world: &Site, message: &Message) -> Result<()> {
    match message {
        Message::NoteDelay { order_id, fulfillment_order_id } => {
            notifications::note_delay(world, order_id, *fulfillment_order_id).await?;
        }
        Message::NotifyCustomer { order_id, first, last } => {
            notifications::notify_customer(world, PUBLIC_URL, order_id, *first, *last).await?;
        }
        Message::SuppressRecipients { recipients } => {
            notifications::suppress_recipients(world, recipients).await?;
        }
        Message::TellEndpoint { endpoint_id, news, retry } => {
            status_webhooks::tell_endpoint(world, endpoint_id, news, retry.as_ref()).await?;
        }
        other => unreachable!("nobody here asks for {other:?}"),
    }
    Ok(())
}

fn is_invoiced(order_id: &OrderId) -> bool {
    order_id.order().parse::<u64>().is_ok_and(|number| number % INVOICED == 0)
}

async fn archive_stand_in(site: &Site, order_id: &OrderId) -> Result<()> {
    let archived = Archived {
        document: DocumentId::Invoice,
        key: format!("{order_id}/invoice-stand-in.pdf"),
        sha256: String::new(),
        bytes: 0,
        media_type: "application/pdf".to_owned(),
        offset: None,
    };
    site.keep_document(&archived.key, &archived.media_type, b"").await?;
    transact_in(site, Function::Documents, order_id, async |order, _| {
        let is_owed = owed(order).contains(&DocumentId::Invoice);
        Ok(if is_owed { done(order, std::slice::from_ref(&archived)) } else { Vec::new() })
    })
    .await?;
    Ok(())
}

async fn archive(site: Rc<Site>, run: Rc<Run>, wanted: BTreeSet<DocumentRef>) -> Done {
    let failed = documents::archive_documents(&*site, &wanted).await?;
    let told = failed.into_iter().map(|(document_ref, error)| (document_ref, format!("{error:#}")));
    run.failed.borrow_mut().extend(told);
    Ok(None)
}

async fn call(site: Rc<Site>, inbound: Inbound) -> Done {
    let reply = match inbound.route.split('/').nth(1) {
        Some("webhooks") => order_intake::take_webhook(&*site, &inbound).await?,
        Some("orders") => console::answer_operator(&*site, &inbound).await?,
        _ => supplier_inbox::take_answer(&*site, &inbound).await?,
    };
    Ok(Some(reply))
}

async fn project(site: Rc<Site>, order_id: OrderId, versions: BTreeSet<u64>) -> Done {
    projection::project(&*site, &order_id, &versions).await?;
    Ok(None)
}

async fn tick(site: Rc<Site>) -> Done {
    clock::tick(&*site).await?;
    Ok(None)
}

async fn look(site: Rc<Site>) -> Done {
    reconciliation::reconcile(&*site).await?;
    Ok(None)
}
