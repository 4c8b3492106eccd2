//! Where the functions run: the world in memory, behind calls that fail, lose their answer, take long, or are the last
//! thing that a function does.

mod customer;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use anyhow::{Result, bail};
use domain::catalog::{Article, SkuMapping, StockChange, StockKey, StockLevel};
use domain::id::{ArticleId, OrderId, ShopId};
use domain::message::Message;
use domain::order::Recorded;
use domain::order::documents::DocumentRef;
use domain::order::fact::{ContactRef, Fact};
use domain::settings::{Endpoint, Settings};
use domain::shop_order::Contact;
use domain::views::Row;
use jiff::{SignedDuration, Timestamp};
use ports::memory::World;
use ports::{
    Appended, Archive, Bookmark, Bookmarks, Catalog, Clock, Endpoints, Events, Fonts, Http, Known,
    Mail, OutgoingMail, Pace, People, Photos, Queues, Request, Response, Secrets, SideBySide,
    Upload, UploadForm, Views,
};

use super::due::Due;
use super::watch::Watch;

/// What goes wrong with a function, at which of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The call fails before it takes effect.
    FailsBefore,
    /// The call takes effect, and fails.
    FailsAfter,
    /// The function dies before the call.
    DiesBefore,
    /// The function dies after the call.
    DiesAfter,
    /// The function stands still before the call, for so long.
    PausesBefore(SignedDuration),
    /// The function stands still after the call, for so long.
    PausesAfter(SignedDuration),
    /// The function stands still before the call, for so long; meanwhile its message comes again.
    OverlapsBefore(SignedDuration),
    /// The function stands still after the call, for so long; meanwhile its message comes again.
    OverlapsAfter(SignedDuration),
}

/// Why a function does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// It goes on after this.
    Pause(SignedDuration),
    /// It goes on after this; its message comes again before.
    Overlap(SignedDuration),
    /// It never does.
    Death,
}

/// One run of a function.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// What goes wrong, by the number of the call; the first is 1.
    pub(crate) fates: Vec<(u32, Fate)>,
    /// How far its clock is off.
    pub(crate) skew: SignedDuration,
    /// Its calls so far.
    pub(crate) calls: Cell<u32>,
    /// How many facts it appended.
    pub(crate) appended: Cell<usize>,
    /// The last time that it read from its clock.
    pub(crate) read_at: Cell<Timestamp>,
    /// The orders that it loaded, and when in the sequence of all that happens.
    pub(crate) loaded: RefCell<Vec<(OrderId, u64)>>,
    /// Why it does not go on.
    pub(crate) rest: Cell<Option<Rest>>,
    /// The call that it is at.
    pub(crate) at: Cell<&'static str>,
    /// What failed alone of a batch, and why.
    pub(crate) failed: RefCell<BTreeMap<DocumentRef, String>>,
}

/// The world, as functions reach it.
pub(crate) struct Site {
    /// What is stored, queued and sent.
    pub(crate) memory: World,
    /// The run that is under way.
    pub(crate) run: RefCell<Rc<Run>>,
    /// Who sees every fact, and says what is wrong with it.
    pub(crate) watch: RefCell<Watch>,
    /// What the clock would find.
    pub(crate) due: RefCell<Due>,
    /// Orders with new facts, for the stream.
    pub(crate) changed: RefCell<Vec<(OrderId, u64)>>,
}

impl Run {
    /// When it loaded an order last: what was appended later it can't know of.
    pub(crate) fn saw(&self, order_id: &OrderId) -> Option<u64> {
        let loaded = self.loaded.borrow();
        loaded.iter().rfind(|(known, _)| known == order_id).map(|(_, sequence)| *sequence)
    }
}

impl Site {
    /// A world in which nothing has happened.
    pub(crate) fn new(memory: World, watch: Watch) -> Self {
        Self {
            memory,
            run: RefCell::default(),
            watch: RefCell::new(watch),
            due: RefCell::default(),
            changed: RefCell::default(),
        }
    }

    fn notes_load(&self, order_id: &OrderId) {
        let sequence = self.watch.borrow().sequence;
        self.run.borrow().loaded.borrow_mut().push((order_id.clone(), sequence));
    }

    /// A call, as it goes for this run.
    async fn call<T>(
        &self,
        name: &'static str,
        effect: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let run = Rc::clone(&self.run.borrow());
        let call = run.calls.get() + 1;
        run.calls.set(call);
        if run.fates.is_empty() {
            return effect.await;
        }
        run.at.set(name);
        for (_, fate) in run.fates.iter().filter(|(at, _)| *at == call) {
            match fate {
                Fate::FailsBefore => bail!("`{name}` failed before it took effect"),
                Fate::DiesBefore => rest(&run, Rest::Death).await,
                Fate::PausesBefore(time) => rest(&run, Rest::Pause(*time)).await,
                Fate::OverlapsBefore(time) => rest(&run, Rest::Overlap(*time)).await,
                _ => {}
            }
        }
        let answer = effect.await;
        for (_, fate) in run.fates.iter().filter(|(at, _)| *at == call) {
            match fate {
                Fate::FailsAfter => bail!("the answer of `{name}` was lost"),
                Fate::DiesAfter => rest(&run, Rest::Death).await,
                Fate::PausesAfter(time) => rest(&run, Rest::Pause(*time)).await,
                Fate::OverlapsAfter(time) => rest(&run, Rest::Overlap(*time)).await,
                _ => {}
            }
        }
        answer
    }
}

/// Stands still until it is polled again; a dead function never is.
async fn rest(run: &Run, rest: Rest) {
    let mut is_first = true;
    std::future::poll_fn(|_| {
        if std::mem::take(&mut is_first) {
            run.rest.set(Some(rest));
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

impl Clock for Site {
    fn now(&self) -> Timestamp {
        let run = self.run.borrow();
        let now = self.memory.now.get() + run.skew;
        run.read_at.set(now);
        now
    }
}

impl Events for Site {
    async fn load(&self, order_id: &OrderId) -> Result<(Vec<Recorded>, u64)> {
        let effect = async {
            self.notes_load(order_id);
            self.memory.load(order_id).await
        };
        self.call("load", effect).await
    }

    async fn load_order(&self, order_id: &OrderId) -> Result<Known> {
        let effect = async {
            self.notes_load(order_id);
            self.memory.load_order(order_id).await
        };
        self.call("load", effect).await
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
        let effect = async {
            let appended = self.memory.append(order_id, version, at, facts, stock).await?;
            if appended == Appended::Done {
                let run = self.run.borrow();
                run.appended.set(run.appended.get() + facts.len());
                self.changed.borrow_mut().push((order_id.clone(), version + 1));
                self.watch.borrow_mut().append(&self.memory, order_id, version, at, facts);
            }
            Ok(appended)
        };
        self.call("append", effect).await
    }
}

impl People for Site {
    async fn keep(
        &self,
        order_id: &OrderId,
        contact_ref: &ContactRef,
        contact: &Contact,
        payload: &[u8],
    ) -> Result<()> {
        self.call("keep", self.memory.keep(order_id, contact_ref, contact, payload)).await
    }

    async fn contact(
        &self,
        order_id: &OrderId,
        contact_ref: &ContactRef,
    ) -> Result<Option<Contact>> {
        self.call("contact", self.memory.contact(order_id, contact_ref)).await
    }
}

impl Catalog for Site {
    async fn settings(&self) -> Result<Arc<Settings>> {
        self.call("settings", self.memory.settings()).await
    }

    async fn sku_mappings(
        &self,
        shop: &ShopId,
        skus: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, SkuMapping>> {
        self.call("sku_mappings", self.memory.sku_mappings(shop, skus)).await
    }

    async fn articles(
        &self,
        articles: &BTreeSet<ArticleId>,
    ) -> Result<BTreeMap<ArticleId, Article>> {
        self.call("articles", self.memory.articles(articles)).await
    }

    async fn stock(&self, keys: &BTreeSet<StockKey>) -> Result<BTreeMap<StockKey, StockLevel>> {
        self.call("stock", self.memory.stock(keys)).await
    }

    async fn report_stock(&self, key: &StockKey, on_hand: i64) -> Result<()> {
        let effect = async {
            self.memory.report_stock(key, on_hand).await?;
            self.watch.borrow_mut().counted(&self.memory, key, on_hand);
            Ok(())
        };
        self.call("report_stock", effect).await
    }
}

impl Queues for Site {
    async fn send(&self, messages: &[Message]) -> Result<()> {
        let effect = async {
            self.memory.send(messages).await?;
            self.watch.borrow_mut().sent(messages);
            Ok(())
        };
        self.call("send", effect).await
    }

    async fn send_later(&self, message: &Message, delay: SignedDuration) -> Result<()> {
        self.call("send_later", self.memory.send_later(message, delay)).await
    }
}

impl Bookmarks for Site {
    async fn bookmark(&self, shop: &ShopId) -> Result<Option<Bookmark>> {
        self.call("bookmark", self.memory.bookmark(shop)).await
    }

    async fn put_bookmark(&self, shop: &ShopId, bookmark: &Bookmark) -> Result<()> {
        self.call("put_bookmark", self.memory.put_bookmark(shop, bookmark)).await
    }
}

impl Endpoints for Site {
    async fn is_gone(&self, endpoint: &Endpoint) -> Result<bool> {
        self.call("is_gone", self.memory.is_gone(endpoint)).await
    }

    async fn note_gone(&self, endpoint: &Endpoint) -> Result<()> {
        self.call("note_gone", self.memory.note_gone(endpoint)).await
    }

    async fn tell(&self, request: Request) -> Result<Response> {
        self.call("tell", self.memory.tell(request)).await
    }
}

impl Views for Site {
    async fn replace(&self, rows: &[Row]) -> Result<()> {
        let effect = async {
            self.memory.replace(rows).await?;
            let Some(own) = rows.first() else { return Ok(()) };
            let stored = self.memory.rows.borrow();
            let key = |sk: &str| (own.pk.clone(), sk.to_owned());
            // Of an order's rows only its own are ever due.
            let rows = stored.range(key("")..=key("\u{ffff}")).map(|(_, row)| row);
            self.due.borrow_mut().replace(&own.pk, rows);
            Ok(())
        };
        self.call("replace", effect).await
    }

    async fn due(&self, bucket: &str) -> Result<Vec<Row>> {
        let effect = async {
            let stored = self.memory.rows.borrow();
            let keys = self.due.borrow().keys(bucket);
            Ok(keys.iter().filter_map(|key| stored.get(key)).cloned().collect())
        };
        self.call("due", effect).await
    }

    async fn lookup(&self, pk: &str) -> Result<Vec<OrderId>> {
        self.call("lookup", self.memory.lookup(pk)).await
    }
}

impl Archive for Site {
    async fn refuse(&self, key: &str, payload: &[u8]) -> Result<()> {
        self.call("refuse", self.memory.refuse(key, payload)).await
    }

    async fn keep_document(&self, key: &str, media_type: &str, bytes: &[u8]) -> Result<()> {
        self.call("keep_document", self.memory.keep_document(key, media_type, bytes)).await
    }
}

impl Fonts for Site {
    fn fallback_font(&self) -> Result<&'static [u8]> {
        self.memory.fallback_font()
    }
}

impl Photos for Site {
    fn upload_form(&self, upload: &Upload) -> Result<UploadForm> {
        self.memory.upload_form(upload)
    }

    async fn uploads(&self, prefix: &str) -> Result<Vec<String>> {
        self.call("uploads", self.memory.uploads(prefix)).await
    }

    async fn upload(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.call("upload", self.memory.upload(key)).await
    }

    async fn discard_upload(&self, key: &str) -> Result<()> {
        self.call("discard_upload", self.memory.discard_upload(key)).await
    }

    async fn keep_photo(&self, key: &str, media_type: &str, bytes: &[u8]) -> Result<()> {
        self.call("keep_photo", self.memory.keep_photo(key, media_type, bytes)).await
    }

    fn photo_link(&self, key: &str, media_type: &str) -> Result<String> {
        self.memory.photo_link(key, media_type)
    }
}

impl Secrets for Site {
    async fn secret(&self, name: &str) -> Result<Vec<String>> {
        self.call("secret", self.memory.secret(name)).await
    }
}

impl Http for Site {
    async fn call(&self, request: Request) -> Result<Response> {
        let effect = async {
            self.watch.borrow_mut().calls(&request);
            self.memory.call(request).await
        };
        Self::call(self, "call", effect).await
    }
}

impl Pace for Site {
    /// Nobody here counts calls in a second.
    async fn turn(&self, _: &'static str, _: SignedDuration) {}
}

impl SideBySide for Site {}

impl Mail for Site {
    async fn send_mail(&self, mail: &OutgoingMail) -> Result<String> {
        let effect = async {
            self.watch.borrow_mut().mails(mail);
            self.memory.send_mail(mail).await
        };
        self.call("send_mail", effect).await
    }
}
