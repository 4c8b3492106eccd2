//! Whatever single call to the world fails, everything ends exactly as it would have without: the same facts in the same
//! order, one purchase, one mail, one push-back, one document, the same views and the same stock.
//!
//! [`stories`] are told once, and all that comes in on the way is written down with the moment just before it. Then each
//! of these deliveries is tried again: once for every call that its function makes, in every way in which the call can
//! fail. Whoever delivered it delivers again, all that follows is worked off, and all that there is is compared with what
//! there is without the fault. Whatever comes later follows from that, so no story need be told to its end.
//!
//! [`coverage`] says what must have come in.

mod coverage;
mod stories;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use domain::message::Message;
use domain::order::Stage;
use domain::order::fact::Fact;
use domain::order::refund::fact::RefundFact;
use domain::order::returns::fact::{LabelBought, ReturnFact};
use jiff::{SignedDuration, Timestamp};
use ports::memory::Fault;
use ports::{OutgoingMail, Reply};
use serde_json::json;
use tests::journey::{Journey, Moment};
use tests::system::{Entry, Operation, REDELIVERED_AFTER};

use stories::{STORIES, quick};

/// Something that came in, in a story.
struct Delivery {
    story: &'static str,
    before: Moment,
    entry: Entry,
}

/// How a delivery ended that failed once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// As without the fault, in everything.
    Same,
    /// Settings that an operator put twice are in force once, as a further version.
    Version,
    /// The push-back took effect and its answer was lost, so the next delivery found it over there, and says so: the fact
    /// has `found: true`. All else is the same.
    Found,
    /// The intent to buy or to pay was on record, and its outcome was not: who found it left it alone; the queue delivered
    /// again, and it was looked up, and done under another intent if it had not been.
    TakenOver,
    /// The intent to show a part of a line was on record, and its outcome was not: a minute later the next delivery
    /// looked, and did what was missing.
    ShownLater,
    /// Two deliveries at the same moment told a shop twice that a parcel arrived, or wrote the same note twice.
    ShownTwice,
    /// A purchase by mail can't be looked up: the intent was on record and its outcome was not. A person looked into the
    /// mail box, and said whether it was sent. Two facts more; where it was not sent, the intent a second time.
    InDoubt,
    /// An endpoint could not be told, and was some seconds later.
    ToldLater,
    /// A mail to a customer may have gone out, and is not sent a second time.
    PerhapsTold,
    /// A supplier got the same mail twice in which it is asked to cancel, or told that it is off; or a customer the mail
    /// with the link that was asked for. Both stay true.
    MailedTwice,
}

/// How many trials ended how, by function.
type Tally = BTreeMap<(&'static str, End), usize>;

#[test]
fn whatever_call_fails_and_however_it_ends_as_without_the_fault() {
    let tally = tried(&deliveries(), Trial::each_fault);
    // What ends otherwise does so for these functions alone.
    let other: Vec<_> = tally.keys().filter(|(_, end)| *end != End::Same).collect();
    let known = [
        ("notifications", End::PerhapsTold),
        ("notifications", End::MailedTwice),
        ("onward", End::Version),
        ("returns", End::TakenOver),
        ("rma-portal", End::MailedTwice),
        ("shop-sync", End::Found),
        ("shop-sync", End::ShownLater),
        ("status-webhooks", End::ToldLater),
        ("supplier-forwarding", End::TakenOver),
        ("supplier-forwarding", End::InDoubt),
        ("supplier-forwarding", End::MailedTwice),
    ];
    assert_eq!(other, known.iter().collect::<Vec<_>>(), "{tally:?}");
    let trials: usize = tally.values().sum();
    assert!(trials > 5_000, "{trials} trials are fewer than there were: {tally:?}");
}

/// A queue that delivers at least once delivers, now and then, twice at once: the second time at every call that the
/// first makes, before it took effect and after.
#[test]
fn whatever_a_function_is_at_when_its_message_comes_again_it_ends_as_without_that() {
    let mut deliveries = deliveries();
    deliveries.retain(|delivery| matches!(delivery.entry, Entry::Deliver(_)));
    let tally = tried(&deliveries, Trial::each_overlap);
    let other: Vec<_> = tally.keys().filter(|(_, end)| *end != End::Same).collect();
    let known = [
        ("notifications", End::MailedTwice),
        ("shop-sync", End::Found),
        ("shop-sync", End::ShownTwice),
        ("supplier-forwarding", End::MailedTwice),
    ];
    assert_eq!(other, known.iter().collect::<Vec<_>>(), "{tally:?}");
    let trials: usize = tally.values().sum();
    assert!(trials > 1_000, "{trials} trials are fewer than there were: {tally:?}");
}

/// Tries each delivery, on all cores.
fn tried(deliveries: &[Delivery], try_one: fn(&mut Trial, &Delivery)) -> Tally {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let mut tally = Tally::new();
    thread::scope(|scope| {
        let worker = |first: usize| {
            let deliveries = deliveries.iter().skip(first).step_by(threads);
            move || {
                let mut trial = Trial::new();
                deliveries.for_each(|delivery| try_one(&mut trial, delivery));
                trial.tally
            }
        };
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(worker(first))).collect();
        for worker in workers {
            for (end, trials) in worker.join().unwrap_or_else(|failed| resume_unwind(failed)) {
                *tally.entry(end).or_default() += trials;
            }
        }
    });
    tally
}

/// Each delivery of all stories; what came in at the very same moment of two stories, once.
fn deliveries() -> Vec<Delivery> {
    let mut deliveries: Vec<Delivery> = Vec::new();
    for &(story, tell) in STORIES {
        let mut journey = Journey::begin_with(quick);
        let tape = journey.records();
        tell(&mut journey);
        for (before, entry) in tape.take() {
            let is_same = |known: &Delivery| known.entry == entry && known.before == before;
            if !deliveries.iter().any(is_same) {
                deliveries.push(Delivery { story, before, entry });
            }
        }
    }
    deliveries
}

/// Where deliveries are tried, one after the other.
struct Trial {
    journey: Journey,
    now: Rc<Cell<Timestamp>>,
    tally: Tally,
}

impl Trial {
    /// Time stands still here, so that times can be compared: each delivery is another process, which keeps its own pace.
    fn new() -> Self {
        let mut journey = Journey::begin_with(quick);
        let now = Rc::new(Cell::new(journey.now()));
        let stands_still = Rc::clone(&now);
        journey.system.watch = Some(Box::new(move |world, _| {
            world.now.set(stands_still.get());
            world.turns.borrow_mut().clear();
        }));
        Self { journey, now, tally: Tally::new() }
    }

    fn goes_back_before(&mut self, delivery: &Delivery) {
        self.now.set(delivery.before.world.now);
        self.journey.goes_back_to(&delivery.before);
    }

    /// Tries a delivery with each fault at each of its calls.
    fn each_fault(&mut self, delivery: &Delivery) {
        let (expected, reply, calls) = self.without_fault(delivery);
        let before = normal(delivery.before.clone());
        let status = |reply: &Option<Reply>| reply.as_ref().map(|reply| reply.status);
        for (call, fault) in (1..=calls).flat_map(|call| Fault::ALL.map(|fault| (call, fault))) {
            let Delivery { story, entry, .. } = delivery;
            let case = format!("{story}: call {call} of {calls}, {fault:?}, of {entry:?}");
            let first = self.with_fault(delivery, call, fault);
            // Whoever failed and changed nothing was never there: what follows is known.
            let end = if first.is_err() && self.state() == before {
                End::Same
            } else {
                let again = first.or_else(|_| self.enters_again(entry));
                let again = again.unwrap_or_else(|error| panic!("{case}, and again: {error:#}"));
                assert_eq!(status(&again), status(&reply), "{case}");
                self.journey.settles();
                let end = self.end(delivery, &expected);
                end.unwrap_or_else(|difference| panic!("{case}: {difference}"))
            };
            *self.tally.entry((entry.function(), end)).or_default() += 1;
        }
    }

    /// Delivers it twice at once, the second time at each call of the first.
    fn each_overlap(&mut self, delivery: &Delivery) {
        let (expected, _, calls) = self.without_fault(delivery);
        for (call, held) in (1..=calls).flat_map(|call| Fault::HELD.map(|held| (call, held))) {
            let Delivery { story, entry, .. } = delivery;
            let case = format!("{story}: call {call} of {calls}, {held:?}, of {entry:?}");
            self.goes_back_before(delivery);
            let ends = self.journey.system.enter_at_once(entry, call, held);
            if ends.iter().any(Result::is_err) {
                let again = self.enters_again(entry);
                again.unwrap_or_else(|error| panic!("{case}, and again: {error:#}"));
            }
            self.journey.settles();
            let end = self.end(delivery, &expected);
            let end = end.unwrap_or_else(|difference| panic!("{case}: {difference}"));
            *self.tally.entry((entry.function(), end)).or_default() += 1;
        }
    }

    /// Whoever delivered it delivers it again: at once; and if it is left alone, because somebody may be at it, as late
    /// as queues do.
    fn enters_again(&mut self, entry: &Entry) -> anyhow::Result<Option<Reply>> {
        let soon = self.journey.system.enter(entry);
        if soon.is_ok() || !matches!(entry, Entry::Deliver(_)) {
            return soon;
        }
        self.passes(REDELIVERED_AFTER);
        self.journey.system.enter(entry)
    }

    /// What becomes of it, what it answers, and how many calls it takes.
    fn without_fault(&mut self, delivery: &Delivery) -> (Moment, Option<Reply>, u32) {
        self.goes_back_before(delivery);
        self.journey.system.world.faults.clear();
        let reply = self.journey.system.enter(&delivery.entry);
        let calls = self.journey.system.world.faults.clear();
        self.journey.settles();
        let reply = reply.unwrap_or_else(|error| panic!("{:?}: {error:#}", delivery.entry));
        (self.state(), reply, calls)
    }

    /// Delivers it once, with a fault.
    fn with_fault(
        &mut self,
        delivery: &Delivery,
        call: u32,
        fault: Fault,
    ) -> anyhow::Result<Option<Reply>> {
        self.goes_back_before(delivery);
        let system = &self.journey.system;
        system.world.faults.plan(call, fault);
        let first = system.enter(&delivery.entry);
        system.world.faults.clear();
        first
    }

    /// All that must be the same.
    fn state(&self) -> Moment {
        normal(self.journey.moment())
    }

    /// How it ended; what differs if it ended as it must not.
    fn end(&mut self, delivery: &Delivery, expected: &Moment) -> Result<End, String> {
        let dead_letters = &self.journey.system.dead_letters;
        if !dead_letters.is_empty() {
            return Err(format!("dead letters: {dead_letters:?}"));
        }
        let state = self.state();
        if state == *expected {
            return Ok(End::Same);
        }
        match delivery.entry {
            Entry::Operate(Operation::PutSettings(_)) => {
                same(without_version(state), without_version(expected.clone()))
                    .map(|()| End::Version)
            }
            Entry::Deliver(Message::UpdateShop { .. }) if self.is_being_shown() => {
                self.passes(SignedDuration::from_mins(1));
                self.journey.system.enter(&delivery.entry).map_err(|error| format!("{error:#}"))?;
                self.journey.settles();
                let (state, expected) = (self.state(), expected.clone());
                same(without_times(without_found(state)), without_times(without_found(expected)))
                    .map(|()| End::ShownLater)
            }
            Entry::Deliver(
                Message::BuyReturnLabel { .. }
                | Message::RefundOrder { .. }
                | Message::ForwardOrder { .. },
            ) if self.now.get() > delivery.before.world.now => self.taken_over(delivery, expected),
            Entry::Deliver(Message::UpdateShop { .. } | Message::AnswerShop { .. }) => {
                shown(without_found(state), without_found(expected.clone()))
            }
            Entry::Deliver(Message::ForwardOrder { .. }) => {
                same(without_second_mails(state), expected.clone()).map(|()| End::MailedTwice)
            }
            Entry::Deliver(Message::NotifyCustomer { .. }) => {
                is_told_no_more(&state, expected)?;
                same(untold(state), untold(expected.clone())).map(|()| End::PerhapsTold)
            }
            // Whoever gets no answer asks for the link again; so does the queue.
            Entry::Call(_) | Entry::Deliver(Message::MailLink { .. }) => {
                let state = without_second_links(without_second_mails(state));
                same(state, expected.clone()).map(|()| End::MailedTwice)
            }
            Entry::Deliver(Message::TellEndpoint { .. }) => {
                self.passes(SignedDuration::from_mins(1));
                self.journey.system.world.release();
                self.journey.settles();
                same(self.state(), expected.clone()).map(|()| End::ToldLater)
            }
            _ => Err(difference(&state, expected)),
        }
    }

    /// How it ended if somebody had to take it over.
    fn taken_over(&mut self, delivery: &Delivery, expected: &Moment) -> Result<End, String> {
        let is_decided = self.person_resolves(delivery.before.world.mails.len());
        let end = if is_decided { End::InDoubt } else { End::TakenOver };
        same(later(self.state()), later(expected.clone())).map(|()| end)
    }

    fn passes(&self, time: SignedDuration) {
        self.now.set(self.now.get() + time);
        self.journey.system.world.now.set(self.now.get());
    }

    /// Whether an intent to show something has no outcome.
    fn is_being_shown(&self) -> bool {
        let orders = self.journey.order_ids().into_iter().map(|id| self.journey.order(&id));
        let mut parcels = orders.flat_map(|order| order.parcels.into_values());
        parcels.any(|it| it.showing_since.keys().any(|shown| !it.pushed.contains_key(shown)))
    }

    /// A person looks into the mail box for every purchase in doubt. Tells whether there was one.
    fn person_resolves(&mut self, mails_before: usize) -> bool {
        let bought = self.journey.system.world.mails.borrow().len() > mails_before;
        let mut is_any = false;
        for order_id in self.journey.order_ids() {
            for (id, known) in self.journey.order(&order_id).fulfillment_orders {
                if known.stage == Stage::InDoubt {
                    let decision = json!({"fulfillment_order": id.to_string(), "bought": bought});
                    self.journey.decides(&order_id, "decisions", &decision);
                    is_any = true;
                }
            }
        }
        is_any
    }
}

/// A moment without what may differ: how often others were asked, or someone tried, and whom its pace made wait.
fn normal(mut moment: Moment) -> Moment {
    moment.outside.forget_calls();
    moment.world.attempts.clear();
    moment.world.turns.clear();
    moment.world.now = Timestamp::UNIX_EPOCH;
    moment
}

/// The same without how often settings were put in force.
fn without_version(mut moment: Moment) -> Moment {
    moment.world.settings.iter_mut().for_each(|it| Arc::make_mut(it).version = 0);
    moment
}

/// The same without whether it was there before it was asked for.
fn without_found(mut moment: Moment) -> Moment {
    for (_, facts) in moment.world.streams.values_mut().flatten() {
        for fact in facts {
            if let Fact::ShopUpdated { found, .. }
            | Fact::ShopAnswered { found, .. }
            | Fact::Return(ReturnFact::ReturnLabelBought(LabelBought { found, .. }))
            | Fact::Refund(RefundFact::RefundSucceeded { found, .. }) = fact
            {
                *found = false;
            }
        }
    }
    moment
}

/// The same without what a shop was told twice, and without the shop's names for what it was told, which count on.
fn without_repetitions(mut moment: Moment) -> Moment {
    moment.outside.shops.forget_repetitions();
    for (_, facts) in moment.world.streams.values_mut().flatten() {
        for fact in facts {
            if let Fact::ShopUpdated { shop_reference, .. } = fact {
                shop_reference.clear();
            }
        }
    }
    moment
}

/// Whether customers got nothing twice, and nothing else than they should have.
fn is_told_no_more(found: &Moment, expected: &Moment) -> Result<(), String> {
    let mut left = expected.world.letters.clone();
    for letter in &found.world.letters {
        let known = left.iter().position(|known| known == letter);
        left.remove(known.ok_or_else(|| format!("told twice: {}", letter.subject))?);
    }
    let mut left = expected.world.texts.clone();
    for text in &found.world.texts {
        let known = left.iter().position(|known| known == text);
        left.remove(known.ok_or_else(|| format!("told twice: {}", text.text))?);
    }
    Ok(())
}

/// The same without what customers were told, and what came of that.
fn untold(mut moment: Moment) -> Moment {
    moment.world.letters.clear();
    moment.world.texts.clear();
    moment.world.notices.values_mut().for_each(|noticed| noticed.outcome = None);
    moment
}

/// The same without when anything was recorded, and what before what.
fn without_times(mut moment: Moment) -> Moment {
    for appends in moment.world.streams.values_mut() {
        for (at, facts) in appends.iter_mut() {
            *at = Timestamp::UNIX_EPOCH;
            for fact in facts {
                if let Fact::Submitted { answer_by: by, .. } | Fact::Accepted { ship_by: by, .. } =
                    fact
                {
                    *by = Timestamp::UNIX_EPOCH;
                }
            }
        }
        appends.sort_by_key(|(_, facts)| format!("{facts:?}"));
    }
    for row in moment.world.rows.values_mut() {
        (row.at, row.due) = (None, None);
    }
    // Links say when they were signed.
    for mail in &mut moment.world.mails {
        if let Some((text, _)) = mail.text.split_once("/answers/") {
            mail.text = text.to_owned();
        }
    }
    moment
}

/// The same without mails that went out twice and whose repetition is only a reminder: all but purchases, which come with
/// what is bought attached.
fn without_second_mails(mut moment: Moment) -> Moment {
    let is_second = |again: &mut OutgoingMail, known: &mut OutgoingMail| {
        again == known && again.attachments.is_empty()
    };
    moment.world.mails.dedup_by(is_second);
    moment
}

/// The same without links that went out twice.
fn without_second_links(mut moment: Moment) -> Moment {
    moment.world.letters.dedup();
    moment
}

/// The same without what is otherwise if an intent had to be taken over.
fn later(moment: Moment) -> Moment {
    without_times(without_doubt(without_found(moment)))
}

/// The same without what doubt and its resolution add: both facts, an intent that is repeated, the versions of the rows.
fn without_doubt(mut moment: Moment) -> Moment {
    for appends in moment.world.streams.values_mut() {
        let mut intents = Vec::new();
        for (_, facts) in appends.iter_mut() {
            facts.retain(|fact| match fact {
                Fact::InDoubt { .. } | Fact::Resolved { .. } => false,
                Fact::SubmissionStarted { .. }
                | Fact::Return(ReturnFact::ReturnLabelStarted { .. })
                | Fact::Refund(RefundFact::RefundSubmitted { .. }) => {
                    let is_first = !intents.contains(fact);
                    intents.push(fact.clone());
                    is_first
                }
                _ => true,
            });
        }
        appends.retain(|(_, facts)| !facts.is_empty());
    }
    moment.world.rows.values_mut().for_each(|row| row.version = 0);
    moment.world.read.clear();
    moment
}

/// How a push-back ended that found what was there.
fn shown(state: Moment, expected: Moment) -> Result<End, String> {
    if state == expected {
        return Ok(End::Found);
    }
    same(without_repetitions(state), without_repetitions(expected)).map(|()| End::ShownTwice)
}

fn same(found: Moment, expected: Moment) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(difference(&found, &expected)) }
}

/// What two moments do not have in common: the lines of which one has more.
fn difference(found: &Moment, expected: &Moment) -> String {
    let mut surplus: BTreeMap<String, i32> = BTreeMap::new();
    for (moment, sign) in [(found, 1), (expected, -1)] {
        for line in format!("{moment:#?}").lines() {
            *surplus.entry(line.to_owned()).or_default() += sign;
        }
    }
    surplus.retain(|_, times| *times != 0);
    surplus.iter().map(|(line, times)| format!("\n{times:+} × {}", line.trim())).collect()
}
