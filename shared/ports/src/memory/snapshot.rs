//! Snapshots: a world as it was, to go back to it and to compare it with another.

use super::{
    Append, Arc, Article, ArticleId, BTreeMap, BTreeSet, Bookmark, ContactRef, EndpointId, Kept,
    Letter, Message, Noticed, OrderId, OutgoingMail, Row, Settings, ShopId, SkuMapping, StockKey,
    StockLevel, TextMessage, Timestamp, VecDeque, World,
};

/// All that a world holds at one moment, but for who is outside and the faults. The fields are the world's.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each is what the world's field of its name says")]
pub struct Snapshot {
    pub now: Timestamp,
    pub streams: BTreeMap<OrderId, Vec<Append>>,
    pub read: BTreeMap<OrderId, u64>,
    pub people: BTreeMap<(OrderId, ContactRef), Kept>,
    pub notes: BTreeMap<(OrderId, String), String>,
    pub attempts: BTreeMap<String, (u32, Timestamp)>,
    pub settings: Option<Arc<Settings>>,
    pub sku_mappings: BTreeMap<(ShopId, String), SkuMapping>,
    pub articles: BTreeMap<ArticleId, Article>,
    pub stock: BTreeMap<StockKey, StockLevel>,
    pub bookmarks: BTreeMap<ShopId, Bookmark>,
    pub rows: BTreeMap<(String, String), Row>,
    pub queue: VecDeque<Message>,
    pub later: Vec<(Timestamp, Message)>,
    pub gone: BTreeMap<EndpointId, String>,
    pub refused: BTreeMap<String, Vec<u8>>,
    pub documents: BTreeMap<String, (String, Vec<u8>)>,
    pub uploads: BTreeMap<String, Vec<u8>>,
    pub photos: BTreeMap<String, (String, Vec<u8>)>,
    pub secrets: BTreeMap<String, Vec<String>>,
    pub mails: Vec<OutgoingMail>,
    pub letters: Vec<Letter>,
    pub texts: Vec<TextMessage>,
    pub notices: BTreeMap<(OrderId, String), Noticed>,
    pub suppressed: BTreeSet<String>,
    pub turns: BTreeMap<&'static str, Timestamp>,
}

impl World {
    /// What the world holds now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            now: self.now.get(),
            streams: self.streams.borrow().clone(),
            read: self.read.borrow().clone(),
            people: self.people.borrow().clone(),
            notes: self.notes.borrow().clone(),
            attempts: self.attempts.borrow().clone(),
            settings: self.settings.borrow().clone(),
            sku_mappings: self.sku_mappings.borrow().clone(),
            articles: self.articles.borrow().clone(),
            stock: self.stock.borrow().clone(),
            bookmarks: self.bookmarks.borrow().clone(),
            rows: self.rows.borrow().clone(),
            queue: self.queue.borrow().clone(),
            later: self.later.borrow().clone(),
            gone: self.gone.borrow().clone(),
            refused: self.refused.borrow().clone(),
            documents: self.documents.borrow().clone(),
            uploads: self.uploads.borrow().clone(),
            photos: self.photos.borrow().clone(),
            secrets: self.secrets.borrow().clone(),
            mails: self.mails.borrow().clone(),
            letters: self.letters.borrow().clone(),
            texts: self.texts.borrow().clone(),
            notices: self.notices.borrow().clone(),
            suppressed: self.suppressed.borrow().clone(),
            turns: self.turns.borrow().clone(),
        }
    }

    /// Makes the world what it was.
    #[expect(
        clippy::too_many_lines,
        reason = "each field has a line to be read and one to be written"
    )]
    pub fn restore(&self, snapshot: Snapshot) {
        // By name, so that no field can be forgotten.
        let Snapshot {
            now,
            streams,
            read,
            people,
            notes,
            attempts,
            settings,
            sku_mappings,
            articles,
            stock,
            bookmarks,
            rows,
            queue,
            later,
            gone,
            refused,
            documents,
            uploads,
            photos,
            secrets,
            mails,
            letters,
            texts,
            notices,
            suppressed,
            turns,
        } = snapshot;
        self.now.set(now);
        self.streams.replace(streams);
        self.read.replace(read);
        self.people.replace(people);
        self.notes.replace(notes);
        self.attempts.replace(attempts);
        self.settings.replace(settings);
        self.sku_mappings.replace(sku_mappings);
        self.articles.replace(articles);
        self.stock.replace(stock);
        self.bookmarks.replace(bookmarks);
        self.rows.replace(self.found.only(rows));
        self.queue.replace(queue);
        self.later.replace(later);
        self.gone.replace(gone);
        self.refused.replace(refused);
        self.documents.replace(documents);
        self.uploads.replace(uploads);
        self.photos.replace(photos);
        self.secrets.replace(secrets);
        self.mails.replace(mails);
        self.letters.replace(letters);
        self.texts.replace(texts);
        self.notices.replace(notices);
        self.suppressed.replace(suppressed);
        self.turns.replace(turns);
    }
}
