//! The world in memory: every port, one after the other, nothing hidden. Tests read and set its fields.

mod customer;
mod faults;
mod found;
mod photos;
mod snapshot;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::RangeInclusive;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use domain::catalog::{Article, Movement, SkuMapping, StockChange, StockKey, StockLevel};
use domain::id::{ArticleId, EndpointId, OrderId, ShopId};
use domain::message::Message;
use domain::order::documents::Archived;
use domain::order::fact::{ContactRef, Fact};
use domain::order::{Order, Recorded};
use domain::settings::{Endpoint, Settings};
use domain::shop_order::Contact;
use domain::views::{ORDER_PREFIX, Row};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::{
    Appended, Archive, Attempts, Bookmark, Bookmarks, Catalog, Clock, Endpoints, Events, Fonts,
    Http, Known, Letter, Mail, Notes, Noticed, OutgoingMail, Pace, People, Queues, Request,
    Response, Secrets, Sending, SideBySide, TextMessage, Views,
};

use found::Found;

pub use faults::{Fault, Faults};
pub use photos::UPLOAD_URL;
pub use snapshot::Snapshot;

/// An append: when, and what.
pub type Append = (Timestamp, Vec<Fact>);

/// A contact, and the payload it came in.
pub type Kept = (Contact, Vec<u8>);

/// Everything outside the functions, in memory.
pub struct World {
    /// What time it is.
    pub now: Cell<Timestamp>,
    /// `Events`: the appends of each order.
    pub streams: RefCell<BTreeMap<OrderId, Vec<Append>>>,
    /// How far the stream of `Events` was read: the newest append of each order.
    pub read: RefCell<BTreeMap<OrderId, u64>>,
    /// `People`: contact and payload.
    pub people: RefCell<BTreeMap<(OrderId, ContactRef), Kept>>,
    /// `People`: what customers wrote, by order and name.
    pub notes: RefCell<BTreeMap<(OrderId, String), String>>,
    /// `People`: how often something was tried, and until when that is kept.
    pub attempts: RefCell<BTreeMap<String, (u32, Timestamp)>>,
    /// `Catalog`: the settings in force.
    pub settings: RefCell<Option<Arc<Settings>>>,
    /// `Catalog`: SKU maps, by shop (`*` for all that have none of their own) and SKU.
    pub sku_mappings: RefCell<BTreeMap<(ShopId, String), SkuMapping>>,
    /// `Catalog`: articles.
    pub articles: RefCell<BTreeMap<ArticleId, Article>>,
    /// `Catalog`: stock counters.
    pub stock: RefCell<BTreeMap<StockKey, StockLevel>>,
    /// `Catalog`: how far reconciliation has read.
    pub bookmarks: RefCell<BTreeMap<ShopId, Bookmark>>,
    /// `Views`: rows by key.
    pub rows: RefCell<BTreeMap<(String, String), Row>>,
    /// Messages that were sent and not taken.
    pub queue: RefCell<VecDeque<Message>>,
    /// Messages that nobody gets yet, by the moment from which on someone does.
    pub later: RefCell<Vec<(Timestamp, Message)>>,
    /// Endpoints that said they are gone, and where they were.
    pub gone: RefCell<BTreeMap<EndpointId, String>>,
    /// `refused/`: payloads by key.
    pub refused: RefCell<BTreeMap<String, Vec<u8>>>,
    /// `documents/`: media type and bytes by key.
    pub documents: RefCell<BTreeMap<String, (String, Vec<u8>)>>,
    /// `uploads/`: what customers uploaded and nobody has looked at, by key.
    pub uploads: RefCell<BTreeMap<String, Vec<u8>>>,
    /// `photos/`: media type and bytes by key.
    pub photos: RefCell<BTreeMap<String, (String, Vec<u8>)>>,
    /// Secrets by name, newest first.
    pub secrets: RefCell<BTreeMap<String, Vec<String>>>,
    /// The font beside the binary, if there is one.
    pub fallback_font: Cell<Option<&'static [u8]>>,
    /// Mails that were sent.
    pub mails: RefCell<Vec<OutgoingMail>>,
    /// Mails to customers that were sent.
    pub letters: RefCell<Vec<Letter>>,
    /// SMS to customers that were sent.
    pub texts: RefCell<Vec<TextMessage>>,
    /// `People`: what customers were told, by order and name.
    pub notices: RefCell<BTreeMap<(OrderId, String), Noticed>>,
    /// `People`: whom nobody writes to any more.
    pub suppressed: RefCell<BTreeSet<String>>,
    /// How the mail service answers, other than that it sends.
    pub post: RefCell<Option<Sending>>,
    /// When the last turn was, and at whom.
    pub turns: RefCell<BTreeMap<&'static str, Timestamp>>,
    /// Who answers HTTP calls.
    pub outside: RefCell<Box<dyn FnMut(Request) -> Result<Response>>>,
    /// Faults to inject.
    pub faults: Faults,
    found: Found,
}

impl World {
    /// An empty world at a moment, with no outside.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            now: Cell::new(now),
            streams: RefCell::default(),
            read: RefCell::default(),
            people: RefCell::default(),
            notes: RefCell::default(),
            attempts: RefCell::default(),
            settings: RefCell::default(),
            sku_mappings: RefCell::default(),
            articles: RefCell::default(),
            stock: RefCell::default(),
            bookmarks: RefCell::default(),
            rows: RefCell::default(),
            queue: RefCell::default(),
            later: RefCell::default(),
            gone: RefCell::default(),
            refused: RefCell::default(),
            documents: RefCell::default(),
            uploads: RefCell::default(),
            photos: RefCell::default(),
            secrets: RefCell::default(),
            fallback_font: Cell::default(),
            mails: RefCell::default(),
            letters: RefCell::default(),
            texts: RefCell::default(),
            notices: RefCell::default(),
            suppressed: RefCell::default(),
            post: RefCell::default(),
            turns: RefCell::default(),
            outside: RefCell::new(Box::new(|request| bail!("nobody listens at `{}`", request.url))),
            faults: Faults::default(),
            found: Found::default(),
        }
    }

    /// Moves what was kept back, and may be had by now, into the queues; tells whether there was anything.
    pub fn release(&self) -> bool {
        let now = self.now.get();
        let due: Vec<_> = self.later.borrow_mut().extract_if(.., |(at, _)| *at <= now).collect();
        let is_any = !due.is_empty();
        self.queue.borrow_mut().extend(due.into_iter().map(|(_, message)| message));
        is_any
    }

    /// The appends of each order that nobody has read from the stream yet, if there are any.
    #[must_use]
    pub fn unread(&self) -> Vec<(OrderId, RangeInclusive<u64>)> {
        let read = self.read.borrow();
        let unread = |(order_id, appends): (&OrderId, &Vec<Append>)| {
            let (before, last) = (read.get(order_id).copied().unwrap_or(0), appends.len() as u64);
            (before < last).then(|| (order_id.clone(), before + 1..=last))
        };
        self.streams.borrow().iter().filter_map(unread).collect()
    }

    /// Takes the next message off the queues.
    #[must_use]
    pub fn take(&self) -> Option<Message> {
        self.queue.borrow_mut().pop_front()
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.now.get()
    }
}

impl Events for World {
    async fn load(&self, order_id: &OrderId) -> Result<(Vec<Recorded>, u64)> {
        self.faults
            .call(|| {
                let streams = self.streams.borrow();
                let appends = streams.get(order_id).map_or(&[][..], Vec::as_slice);
                Ok((recorded(appends), appends.len() as u64))
            })
            .await
    }

    /// Copies no facts.
    async fn load_order(&self, order_id: &OrderId) -> Result<Known> {
        self.faults
            .call(|| {
                let streams = self.streams.borrow();
                let appends = streams.get(order_id).map_or(&[][..], Vec::as_slice);
                let grown = |order: Order, (at, facts): &Append| order.after(*at, facts);
                let order = appends.iter().fold(Order::default(), grown);
                Ok(Known { order, version: appends.len() as u64 })
            })
            .await
    }

    async fn glance_at_order(&self, order_id: &OrderId) -> Result<Known> {
        self.load_order(order_id).await
    }

    async fn append(
        &self,
        order_id: &OrderId,
        version: u64,
        at: Timestamp,
        facts: &[Fact],
        stock: &[StockChange],
    ) -> Result<Appended> {
        self.faults
            .call(|| {
                let mut streams = self.streams.borrow_mut();
                let appends = streams.entry(order_id.clone()).or_default();
                let mut levels = self.stock.borrow_mut();
                let is_short = |change: &StockChange| {
                    let available = levels.get(&change.key).map_or(0, |level| level.available);
                    change.movement == Movement::Reserve && available < i64::from(change.quantity)
                };
                if appends.len() as u64 != version || stock.iter().any(is_short) {
                    return Ok(Appended::Conflict);
                }
                for change in stock {
                    apply(levels.entry(change.key.clone()).or_default(), change);
                }
                appends.push((at, facts.to_vec()));
                Ok(Appended::Done)
            })
            .await
    }
}

fn recorded(appends: &[Append]) -> Vec<Recorded> {
    let facts = |(version, (at, facts)): (u64, &Append)| {
        let recorded = |fact| Recorded { version, at: *at, fact };
        facts.iter().cloned().map(recorded).collect::<Vec<_>>()
    };
    (1..).zip(appends).flat_map(facts).collect()
}

fn apply(level: &mut StockLevel, change: &StockChange) {
    let quantity = i64::from(change.quantity);
    match change.movement {
        Movement::Reserve => {
            level.available -= quantity;
            level.reserved += quantity;
        }
        Movement::Release => {
            level.available += quantity;
            level.reserved -= quantity;
        }
        Movement::Consume => level.reserved -= quantity,
        Movement::Restock => level.available += quantity,
    }
}

impl People for World {
    async fn keep(
        &self,
        order_id: &OrderId,
        contact_ref: &ContactRef,
        contact: &Contact,
        payload: &[u8],
    ) -> Result<()> {
        self.faults
            .call(|| {
                let key = (order_id.clone(), contact_ref.clone());
                self.people.borrow_mut().insert(key, (contact.clone(), payload.to_vec()));
                Ok(())
            })
            .await
    }

    async fn contact(
        &self,
        order_id: &OrderId,
        contact_ref: &ContactRef,
    ) -> Result<Option<Contact>> {
        self.faults
            .call(|| {
                let key = (order_id.clone(), contact_ref.clone());
                Ok(self.people.borrow().get(&key).map(|(contact, _)| contact.clone()))
            })
            .await
    }
}

impl Notes for World {
    async fn keep_note(&self, order_id: &OrderId, name: &str, text: &str) -> Result<()> {
        self.faults
            .call(|| {
                let key = (order_id.clone(), name.to_owned());
                self.notes.borrow_mut().insert(key, text.to_owned());
                Ok(())
            })
            .await
    }

    async fn note(&self, order_id: &OrderId, name: &str) -> Result<Option<String>> {
        let key = (order_id.clone(), name.to_owned());
        self.faults.call(|| Ok(self.notes.borrow().get(&key).cloned())).await
    }
}

impl Attempts for World {
    async fn attempt(&self, key: &str, until: Timestamp) -> Result<u32> {
        self.faults
            .call(|| {
                let mut attempts = self.attempts.borrow_mut();
                let (count, kept_until) = attempts.entry(key.to_owned()).or_insert((0, until));
                *count += 1;
                *kept_until = until;
                Ok(*count)
            })
            .await
    }
}

impl Catalog for World {
    async fn settings(&self) -> Result<Arc<Settings>> {
        self.faults.call(|| self.settings.borrow().clone().context("no settings are stored")).await
    }

    async fn sku_mappings(
        &self,
        shop: &ShopId,
        skus: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, SkuMapping>> {
        self.faults
            .call(|| {
                let mappings = self.sku_mappings.borrow();
                let every_shop = ShopId::parse("*")?;
                let mapping =
                    |shop: &ShopId, sku: &String| mappings.get(&(shop.clone(), sku.clone()));
                let known = |sku: &String| {
                    let mapping = mapping(shop, sku).or_else(|| mapping(&every_shop, sku))?;
                    Some((sku.clone(), mapping.clone()))
                };
                Ok(skus.iter().filter_map(known).collect())
            })
            .await
    }

    async fn articles(
        &self,
        articles: &BTreeSet<ArticleId>,
    ) -> Result<BTreeMap<ArticleId, Article>> {
        self.faults
            .call(|| {
                let known = self.articles.borrow();
                let known =
                    |article: &ArticleId| Some((article.clone(), known.get(article)?.clone()));
                Ok(articles.iter().filter_map(known).collect())
            })
            .await
    }

    async fn stock(&self, keys: &BTreeSet<StockKey>) -> Result<BTreeMap<StockKey, StockLevel>> {
        self.faults
            .call(|| {
                let levels = self.stock.borrow();
                let known = |key: &StockKey| Some((key.clone(), *levels.get(key)?));
                Ok(keys.iter().filter_map(known).collect())
            })
            .await
    }

    async fn report_stock(&self, key: &StockKey, on_hand: i64) -> Result<()> {
        self.faults
            .call(|| {
                let mut levels = self.stock.borrow_mut();
                let level = levels.entry(key.clone()).or_default();
                level.available = on_hand - level.reserved;
                Ok(())
            })
            .await
    }
}

impl Bookmarks for World {
    async fn bookmark(&self, shop: &ShopId) -> Result<Option<Bookmark>> {
        self.faults.call(|| Ok(self.bookmarks.borrow().get(shop).cloned())).await
    }

    async fn put_bookmark(&self, shop: &ShopId, bookmark: &Bookmark) -> Result<()> {
        self.faults
            .call(|| {
                self.bookmarks.borrow_mut().insert(shop.clone(), bookmark.clone());
                Ok(())
            })
            .await
    }
}

impl Queues for World {
    async fn send(&self, messages: &[Message]) -> Result<()> {
        self.faults
            .call(|| {
                self.queue.borrow_mut().extend(messages.iter().cloned());
                Ok(())
            })
            .await
    }

    async fn send_later(&self, message: &Message, delay: SignedDuration) -> Result<()> {
        self.faults
            .call(|| {
                self.later.borrow_mut().push((self.now.get() + delay, message.clone()));
                Ok(())
            })
            .await
    }
}

/// What a row shows: all but the version, which alone is no reason to write it.
type Shown<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>, Option<i64>);

fn shown(row: &Row) -> Shown<'_> {
    (&row.pk, &row.sk, row.due.as_deref(), row.phase.as_deref(), row.at)
}

impl Views for World {
    async fn replace(&self, rows: &[Row]) -> Result<()> {
        self.faults
            .call(|| {
                let own = rows.first().context("an order has at least its own row")?;
                let order = own.pk.trim_start_matches(ORDER_PREFIX);
                let mut stored = self.rows.borrow_mut();
                let key = (own.pk.clone(), own.sk.clone());
                if stored.get(&key).is_some_and(|known| known.version > own.version) {
                    return Ok(());
                }
                let mut old: Vec<_> = partition(&stored, &own.pk).map(keys).collect();
                let elsewhere = self.found.partitions(order).into_iter();
                old.extend(elsewhere.map(|pk| (pk, order.to_owned())));
                let known: BTreeSet<Shown<'_>> =
                    old.iter().filter_map(|key| stored.get(key)).map(shown).collect();
                if known == rows.iter().map(shown).collect() {
                    return Ok(());
                }
                for row in old.iter().filter_map(|key| stored.remove(key)) {
                    self.found.remove(&row);
                }
                for row in rows {
                    self.found.add(row);
                    stored.insert(keys(row), row.clone());
                }
                Ok(())
            })
            .await
    }

    async fn due(&self, bucket: &str) -> Result<Vec<Row>> {
        self.faults
            .call(|| {
                let rows = self.rows.borrow();
                let keys = self.found.due(bucket);
                let due = keys.iter().filter_map(|key| rows.get(key));
                Ok(due.filter(|row| row.due.as_deref() == Some(bucket)).cloned().collect())
            })
            .await
    }

    async fn lookup(&self, pk: &str) -> Result<Vec<OrderId>> {
        self.faults
            .call(|| {
                let rows = self.rows.borrow();
                partition(&rows, pk).map(|row| Ok(OrderId::parse(&row.sk)?)).collect()
            })
            .await
    }
}

impl World {
    /// A document's bytes, once they are known to be those that are on record.
    ///
    /// # Errors
    /// When what lies there is not the document.
    pub fn archived(&self, archived: &Archived) -> Result<Vec<u8>> {
        let Archived { key, sha256, .. } = archived;
        let documents = self.documents.borrow();
        let (_, object) = documents.get(key).with_context(|| format!("there is no `{key}`"))?;
        let place = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX);
        let bytes = match archived.range() {
            Some(range) => object.get(place(*range.start())..=place(*range.end())),
            None => Some(object.as_slice()),
        };
        let bytes = bytes.filter(|bytes| format!("{:x}", Sha256::digest(bytes)) == *sha256);
        let bytes = bytes.with_context(|| format!("no document of {sha256} lies in `{key}`"))?;
        Ok(bytes.to_vec())
    }
}

/// The rows of a partition, by their sort key.
fn partition<'a>(
    rows: &'a BTreeMap<(String, String), Row>,
    pk: &'a str,
) -> impl Iterator<Item = &'a Row> {
    let from = rows.range((pk.to_owned(), String::new())..);
    from.map(|(_, row)| row).take_while(move |row| row.pk == pk)
}

fn keys(row: &Row) -> (String, String) {
    (row.pk.clone(), row.sk.clone())
}

impl Archive for World {
    async fn refuse(&self, key: &str, payload: &[u8]) -> Result<()> {
        self.faults
            .call(|| {
                self.refused.borrow_mut().insert(key.to_owned(), payload.to_vec());
                Ok(())
            })
            .await
    }

    async fn keep_document(&self, key: &str, media_type: &str, bytes: &[u8]) -> Result<()> {
        self.faults
            .call(|| {
                self.documents
                    .borrow_mut()
                    .insert(key.to_owned(), (media_type.to_owned(), bytes.to_vec()));
                Ok(())
            })
            .await
    }
}

impl Fonts for World {
    fn fallback_font(&self) -> Result<&'static [u8]> {
        self.fallback_font.get().context("not in the environment: `FALLBACK_FONT`")
    }
}

impl Secrets for World {
    async fn secret(&self, name: &str) -> Result<Vec<String>> {
        self.faults.call(|| Ok(self.secrets.borrow().get(name).cloned().unwrap_or_default())).await
    }
}

impl Http for World {
    async fn call(&self, request: Request) -> Result<Response> {
        self.faults
            .call(|| {
                let response = (self.outside.borrow_mut())(request)?;
                Ok(response)
            })
            .await
    }
}

impl Endpoints for World {
    async fn is_gone(&self, endpoint: &Endpoint) -> Result<bool> {
        self.faults.call(|| Ok(self.gone.borrow().get(&endpoint.id) == Some(&endpoint.url))).await
    }

    async fn note_gone(&self, endpoint: &Endpoint) -> Result<()> {
        self.faults
            .call(|| {
                self.gone.borrow_mut().insert(endpoint.id.clone(), endpoint.url.clone());
                Ok(())
            })
            .await
    }

    async fn tell(&self, request: Request) -> Result<Response> {
        self.call(request).await
    }
}

impl Pace for World {
    /// Time passes by itself.
    async fn turn(&self, whom: &'static str, interval: SignedDuration) {
        let mut turns = self.turns.borrow_mut();
        if let Some(last) = turns.get(whom) {
            self.now.set(self.now.get().max(*last + interval));
        }
        turns.insert(whom, self.now.get());
    }
}

impl SideBySide for World {}

impl Mail for World {
    async fn send_mail(&self, mail: &OutgoingMail) -> Result<String> {
        self.faults
            .call(|| {
                let mut mails = self.mails.borrow_mut();
                mails.push(mail.clone());
                Ok(format!("mail-{}", mails.len()))
            })
            .await
    }
}
