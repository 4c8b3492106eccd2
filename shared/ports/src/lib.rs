//! What a step needs of the world, and the world in memory.
//!
//! # Layout
//!
//! - the ports, one trait each, below;
//! - [`transact`]: the four beats of every step, *load → decide → append → emit*, in one place;
//! - [`intent`]: of all deliveries that find the same intent to buy, one alone buys;
//! - [`planning`]: mapping, screening and routing, as far as nothing stops an order;
//! - [`intake`]: what a shop says of an order becomes facts, by whichever way it was heard;
//! - [`customer`]: what customers are sent, and the record of it;
//! - [`photos`]: what customers upload and what is kept of it;
//! - [`returns`]: what the rules make of a return, with the stock that they ask for;
//! - [`memory`]: all ports in memory, a world like the other, not a mock;
//! - [`contracts`]: what every world does, to check one against.
//!
//! An `Err` from a port means "the world says not now": the message goes back to its queue. Everything that a step must
//! tell apart is a value.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Result;
use domain::catalog::{Article, SkuMapping, StockChange, StockKey, StockLevel};
use domain::id::{ArticleId, OrderId, ShopId};
use domain::message::Message;
use domain::order::Recorded;
use domain::order::fact::{ContactRef, Fact};
use domain::settings::{Endpoint, Settings};
use domain::shop_order::Contact;
use domain::views::Row;
use futures_util::future::{join_all, join3};
use jiff::{SignedDuration, Timestamp};

pub mod contracts;
pub mod customer;
pub mod intake;
pub mod intent;
pub mod memory;
pub mod photos;
pub mod planning;
pub mod returns;
pub mod transact;

pub use customer::{Letter, Noticed, Notices, Outcome, Post, Sending, TextMessage};
pub use intent::take_over;
pub use photos::{Photos, Upload, UploadForm};
pub use transact::{
    Known, Transacted, begin_in, remind, send_due, transact, transact_from, transact_in,
    transact_new,
};

/// Half way between `TimeoutSeconds` and `RetrySeconds`, as `template.yaml` has them.
const PATIENCE: SignedDuration = SignedDuration::from_secs(85);

/// What time it is.
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;

    /// How long a delivery leaves alone what another one has begun and may still be doing: longer than a function may
    /// take, and shorter than until a queue delivers again.
    fn patience(&self) -> SignedDuration {
        PATIENCE
    }
}

/// The `Events` table: one stream per order, append only.
pub trait Events {
    /// All facts of an order, in order, and the version of its stream: how many appends there were. An order that was
    /// never received has none, and version 0.
    async fn load(&self, order_id: &OrderId) -> Result<(Vec<Recorded>, u64)>;

    /// The same as it was a moment ago, at half the price. Good for whoever appends: an append finds out whether anyone
    /// else did. Not good for finding out that there is nothing to do.
    async fn glance(&self, order_id: &OrderId) -> Result<(Vec<Recorded>, u64)> {
        self.load(order_id).await
    }

    /// An order as all its facts have it, for whoever needs no more than what they amount to.
    async fn load_order(&self, order_id: &OrderId) -> Result<Known> {
        Ok(Known::of(self.load(order_id).await?))
    }

    /// The same as it was a moment ago, see [`Events::glance`].
    async fn glance_at_order(&self, order_id: &OrderId) -> Result<Known> {
        Ok(Known::of(self.glance(order_id).await?))
    }

    /// Appends facts as version `version + 1`, and changes stock in the same transaction. The only writer of facts.
    async fn append(
        &self,
        order_id: &OrderId,
        version: u64,
        at: Timestamp,
        facts: &[Fact],
        stock: &[StockChange],
    ) -> Result<Appended>;
}

/// How an append went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is stored.
    Done,
    /// Someone else appended first, or took the stock: nothing is stored; load and decide again.
    Conflict,
}

/// The `People` table: personal data, by order. Deleting an order's items is the erasure.
pub trait People {
    /// Keeps a contact and the payload it came in. The same again changes nothing.
    async fn keep(
        &self,
        order_id: &OrderId,
        contact_ref: &ContactRef,
        contact: &Contact,
        payload: &[u8],
    ) -> Result<()>;

    /// The contact, unless it was erased.
    async fn contact(
        &self,
        order_id: &OrderId,
        contact_ref: &ContactRef,
    ) -> Result<Option<Contact>>;
}

/// What customers write to us, in `People` beside their contacts: what erases a person erases this.
pub trait Notes {
    /// Keeps what was written under a name of its own, such as a return's key, in place of what was there.
    async fn keep_note(&self, order_id: &OrderId, name: &str, text: &str) -> Result<()>;

    /// What was written, unless it was erased.
    async fn note(&self, order_id: &OrderId, name: &str) -> Result<Option<String>>;
}

/// How often strangers tried something; kept for a while and then forgotten by itself.
pub trait Attempts {
    /// Counts one more attempt under a key, which names nobody, and says how many there were, this one included. They
    /// are forgotten some time after `until`.
    async fn attempt(&self, key: &str, until: Timestamp) -> Result<u32>;
}

/// The `Catalog` table: what the merchant tells us.
pub trait Catalog {
    /// The settings in force, at most a minute old.
    async fn settings(&self) -> Result<Arc<Settings>>;

    /// What these SKUs of a shop stand for: by the shop's own entry, else by the one for all shops; unknown ones are
    /// absent.
    async fn sku_mappings(
        &self,
        shop: &ShopId,
        skus: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, SkuMapping>>;

    /// These articles; unknown ones are absent.
    async fn articles(
        &self,
        articles: &BTreeSet<ArticleId>,
    ) -> Result<BTreeMap<ArticleId, Article>>;

    /// These counters, as they are now; those that don't exist are absent.
    async fn stock(&self, keys: &BTreeSet<StockKey>) -> Result<BTreeMap<StockKey, StockLevel>>;

    /// Sets what a supplier has of an article number: `available` becomes this less what is reserved.
    async fn report_stock(&self, key: &StockKey, on_hand: i64) -> Result<()>;
}

/// How far reconciliation has read in each shop; items of the `Catalog` table.
pub trait Bookmarks {
    /// The shop's bookmark; none before the first look.
    async fn bookmark(&self, shop: &ShopId) -> Result<Option<Bookmark>>;

    /// Puts the shop's bookmark here. Whoever is last counts: one that lies too far back costs a second look only.
    async fn put_bookmark(&self, shop: &ShopId, bookmark: &Bookmark) -> Result<()>;
}

/// A place in what a shop lists of its orders, by when the shop last changed them. All times are by the shop's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark {
    /// The list goes on with orders that were changed then or later.
    pub from: Timestamp,
    /// Which page of that list, in the shop's own words; the first when none.
    pub page: Option<String>,
    /// The latest change that was seen: what is not later than that was looked at before.
    pub seen_until: Timestamp,
}

/// The queues.
pub trait Queues {
    /// Sends each message to its function's queue.
    async fn send(&self, messages: &[Message]) -> Result<()>;

    /// Sends one message that nobody gets before `delay` has passed; [`DELAY_MAX`] at the most.
    async fn send_later(&self, message: &Message, delay: SignedDuration) -> Result<()>;
}

/// SQS keeps a message back no longer.
pub const DELAY_MAX: SignedDuration = SignedDuration::from_mins(15);

/// Systems of the merchant that are told what happens, wherever on the internet they are.
pub trait Endpoints {
    /// Whether it has said, at its present address, that it wants to hear no more.
    async fn is_gone(&self, endpoint: &Endpoint) -> Result<bool>;

    /// It has said so.
    async fn note_gone(&self, endpoint: &Endpoint) -> Result<()>;

    /// One call, as [`Http::call`] makes it, but never to an address inside our own network: `Err` then as well.
    async fn tell(&self, request: Request) -> Result<Response>;
}

/// The `Views` table: rebuildable from facts at any time.
pub trait Views {
    /// Replaces an order's rows: writes `rows` (the first is the order's own) unless a newer version was written, and
    /// deletes rows of the order that are not among them. Rows that show the same already are left alone, whatever their
    /// version: whoever may be late, and is not the stream, looks afterwards whether there are newer facts.
    async fn replace(&self, rows: &[Row]) -> Result<()>;

    /// The keys of the rows in a bucket of the index `due`.
    async fn due(&self, bucket: &str) -> Result<Vec<Row>>;

    /// The orders under a look-up partition, such as a [`domain::views::Wait`].
    async fn lookup(&self, pk: &str) -> Result<Vec<OrderId>>;
}

/// The archives in S3.
pub trait Archive {
    /// Keeps a payload that was refused, for inspection. The same again changes nothing.
    async fn refuse(&self, key: &str, payload: &[u8]) -> Result<()>;

    /// Keeps a document for ever. The same again changes nothing; its key contains its hash.
    async fn keep_document(&self, key: &str, media_type: &str, bytes: &[u8]) -> Result<()>;
}

/// Fonts that are too large for a binary.
pub trait Fonts {
    /// The TrueType font for what the fonts in the binary can't write; whoever has it keeps it as long as the process
    /// lives. `Err` names the variable that says where it should be.
    fn fallback_font(&self) -> Result<&'static [u8]>;
}

/// Secrets, by name: `shops/alpenshop`.
pub trait Secrets {
    /// The values that are valid now, newest first: two while a secret is being replaced, none if it is unknown.
    async fn secret(&self, name: &str) -> Result<Vec<String>>;
}

/// Does its work, and reads settings and secrets meanwhile, unless they are known: whoever asks for them then has them. What
/// could not be read is read again by whoever asks, and fails there.
pub async fn while_reading_kept<T>(
    world: &(impl Catalog + Secrets),
    work: impl Future<Output = T>,
) -> T {
    let (done, ..) = join3(work, world.settings(), world.secret("")).await;
    done
}

/// Other people's HTTP servers.
pub trait Http {
    /// One call: no redirect is followed, nothing is sent twice. `Err` when no answer came, which does not mean that
    /// nothing happened over there.
    async fn call(&self, request: Request) -> Result<Response>;
}

/// Turns at an outside system that takes only so many calls in a time.
pub trait Pace {
    /// Waits until `interval` has passed since this process last had a turn at `whom`; not at all before the first.
    async fn turn(&self, whom: &'static str, interval: SignedDuration);
}

/// Orders that a step takes at once.
pub trait SideBySide {
    /// Works on all of them side by side; calls to the world that they make may go together. What became of each, in order.
    async fn side_by_side<T>(&self, works: Vec<impl Future<Output = T>>) -> Vec<T> {
        join_all(works).await
    }
}

/// A call to an outside system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Raw.
    pub body: Vec<u8>,
}

impl Request {
    /// A header's value, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Raw.
    pub body: Vec<u8>,
}

impl Response {
    /// A header's value, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Outgoing mail.
pub trait Mail {
    /// Sends one mail and gives the mail service's id for it. There is no idempotency key: record the intent first.
    async fn send_mail(&self, mail: &OutgoingMail) -> Result<String>;
}

/// A mail. Personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// One address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// Attachments: file name, media type, bytes.
    pub attachments: Vec<(String, String, Vec<u8>)>,
}

/// A call to one of our own HTTP functions, as the API hands it over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inbound {
    /// `GET`, `POST` …
    pub method: String,
    /// The route that matched, with its parameters' names: `/webhooks/{kind}/{shop}`.
    pub route: String,
    /// The parameters of the route, decoded.
    pub parameters: BTreeMap<String, String>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// What follows the `?` of the address, as it was sent.
    pub query: String,
    /// The network address that it came from.
    pub caller: String,
    /// Raw, as the caller signed it.
    pub body: Vec<u8>,
}

impl Inbound {
    /// A header's value, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the route; empty when the route has none of that name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }
}

/// What we answer. An `Err` instead of a reply becomes a 500, so that the caller tries again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case; `content-type` among them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Reply {
    /// A reply in JSON.
    #[must_use]
    pub fn json(status: u16, body: String) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body,
        }
    }
}
