//! What every world does, in memory or on AWS: one check per port, run on both, so that the two cannot drift apart.
//!
//! A check panics where the world breaks its word, and is an `Err` when the world says not now. Each uses names of its own
//! run, so that it can be made on a world that is in use.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use domain::catalog::{
    Article, Component, Movement, SkuMapping, StockChange, StockKey, StockLevel,
};
use domain::id::{ArticleId, FulfillmentOrderId, LocationId, OrderId, ShopId, SupplierId};
use domain::message::{Message, ParcelRef};
use domain::order::fact::{ContactRef, Fact, Hold};
use domain::shop_order::Contact;
use domain::views::Row;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use crate::{
    Appended, Archive, Attempts, Bookmark, Bookmarks, Catalog, Clock, Events, Http, Letter, Mail,
    Notes, Noticed, Notices, Outcome, OutgoingMail, Pace, People, Post, Queues, Request, Secrets,
    Sending, TextMessage, Views,
};

/// Names that no other run uses.
#[derive(Debug, Clone)]
pub struct Run(String);

impl Run {
    /// A run of that name: letters and digits.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    fn order_id(&self, number: u32) -> OrderId {
        OrderId::parse(&format!("contracts/{}-{number}", self.0)).expect("a name like any other")
    }

    fn stock_key(&self, number: u32) -> StockKey {
        StockKey {
            supplier: SupplierId::parse("contracts").expect("a name like any other"),
            location: LocationId::parse("graz").expect("a name like any other"),
            supplier_sku: format!("{}#{number}", self.0),
        }
    }
}

/// A fact that calls for nothing, on an order that was never received.
fn fact(why: &str) -> Fact {
    Fact::Overridden { hold: Hold::Margin, by: "contracts".to_owned(), why: why.to_owned() }
}

/// [`Clock`]: whole milliseconds, as facts keep them; not backwards.
pub fn check_clock(world: &impl Clock) {
    let now = world.now();
    assert_eq!(now.subsec_nanosecond() % 1_000_000, 0);
    assert!(world.now() >= now);
}

/// [`Pace`]: turns at one system are as far apart as they must be, however fast the caller is.
pub async fn check_pace(world: &(impl Clock + Pace)) {
    let interval = SignedDuration::from_millis(20);
    // Before the first turn: how long this machine then takes to get back to us is not the pace's affair.
    let began_at = world.now();
    world.turn("contracts", interval).await;
    for turns in 1..=3 {
        world.turn("contracts", interval).await;
        assert!(world.now() >= began_at + interval * turns, "turn {turns} came too early");
    }
}

/// [`Events`]: what was appended is loaded, once, in order, and nothing takes its place.
///
/// # Errors
/// When the world says not now.
pub async fn check_events(world: &(impl Clock + Events), run: &Run) -> Result<()> {
    let order_id = run.order_id(1);
    assert_eq!(world.load(&order_id).await?, (Vec::new(), 0), "an order that was never received");

    let first = world.now();
    let second = first + SignedDuration::from_millis(1);
    let append =
        async |version, at, facts: &[Fact]| world.append(&order_id, version, at, facts, &[]).await;
    assert_eq!(append(0, first, &[fact("one"), fact("größer")]).await?, Appended::Done);
    assert_eq!(
        append(0, second, &[fact("late")]).await?,
        Appended::Conflict,
        "a version stands once"
    );
    assert_eq!(append(1, second, &[fact("three")]).await?, Appended::Done);

    let (history, version) = world.load(&order_id).await?;
    let expected = [(first, fact("one")), (first, fact("größer")), (second, fact("three"))];
    let history: Vec<(Timestamp, Fact)> =
        history.into_iter().map(|known| (known.at, known.fact)).collect();
    assert_eq!((history.as_slice(), version), (expected.as_slice(), 2));
    Ok(())
}

/// [`Events`]: of all who append the same version at once, one does.
///
/// # Errors
/// When the world says not now.
pub async fn check_race(world: &(impl Clock + Events), run: &Run) -> Result<()> {
    let order_id = run.order_id(2);
    let facts = [fact("mine")];
    let racers = (0..20).map(|_| world.append(&order_id, 0, world.now(), &facts, &[]));
    assert_eq!(done(join_all(racers).await)?, 1);
    assert_eq!(world.load(&order_id).await?.1, 1);
    Ok(())
}

/// [`Events`]: 50 orders want one each of the last 10 units, all at once. Exactly 10 get them.
///
/// # Errors
/// When the world says not now.
pub async fn check_last_units(world: &(impl Clock + Events + Catalog), run: &Run) -> Result<()> {
    let key = run.stock_key(1);
    world.report_stock(&key, 10).await?;
    let order_ids: Vec<OrderId> = (100..150).map(|number| run.order_id(number)).collect();
    let facts = [fact("reserved")];
    let stock = [change(&key, Movement::Reserve, 1)];
    let racers =
        order_ids.iter().map(|order_id| world.append(order_id, 0, world.now(), &facts, &stock));
    assert_eq!(done(join_all(racers).await)?, 10);
    assert_eq!(level(world, &key).await?, Some(StockLevel { available: 0, reserved: 10 }));

    let mut recorded = 0;
    for order_id in &order_ids {
        recorded += world.load(order_id).await?.1;
    }
    assert_eq!(recorded, 10, "who got no unit recorded nothing");
    Ok(())
}

fn done(appends: Vec<Result<Appended>>) -> Result<usize> {
    let appends = appends.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(appends.into_iter().filter(|appended| *appended == Appended::Done).count())
}

fn change(key: &StockKey, movement: Movement, quantity: u32) -> StockChange {
    StockChange { key: key.clone(), movement, quantity }
}

async fn level(world: &impl Catalog, key: &StockKey) -> Result<Option<StockLevel>> {
    Ok(world.stock(&BTreeSet::from([key.clone()])).await?.remove(key))
}

/// [`Events`] and [`Catalog`]: each movement of stock does what it says, all of an append's or none, and what a supplier
/// reports leaves reservations alone.
///
/// # Errors
/// When the world says not now.
pub async fn check_stock(world: &(impl Clock + Events + Catalog), run: &Run) -> Result<()> {
    let (key, other) = (run.stock_key(2), run.stock_key(3));
    let order_id = run.order_id(3);
    assert_eq!(level(world, &key).await?, None, "a counter that does not exist is absent");
    world.report_stock(&key, 10).await?;
    assert_eq!(level(world, &key).await?, Some(StockLevel { available: 10, reserved: 0 }));

    let append = async |version, stock: &[StockChange]| {
        world.append(&order_id, version, world.now(), &[fact("moved")], stock).await
    };
    assert_eq!(append(0, &[change(&key, Movement::Reserve, 6)]).await?, Appended::Done);
    let too_many = [change(&key, Movement::Release, 1), change(&other, Movement::Reserve, 1)];
    assert_eq!(append(1, &too_many).await?, Appended::Conflict, "nobody has any of the other");
    assert_eq!(level(world, &key).await?, Some(StockLevel { available: 4, reserved: 6 }));

    let several = [change(&key, Movement::Release, 2), change(&key, Movement::Consume, 3)];
    assert_eq!(append(1, &several).await?, Appended::Done, "several movements of one counter");
    assert_eq!(level(world, &key).await?, Some(StockLevel { available: 6, reserved: 1 }));
    world.report_stock(&key, 20).await?;
    assert_eq!(level(world, &key).await?, Some(StockLevel { available: 19, reserved: 1 }));

    let unknown = [change(&other, Movement::Release, 1)];
    assert_eq!(append(2, &unknown).await?, Appended::Done, "giving back to a counter that is gone");
    assert_eq!(level(world, &other).await?, Some(StockLevel { available: 1, reserved: -1 }));
    Ok(())
}

/// [`People`]: a contact is found by its order and reference, and only so.
///
/// # Errors
/// When the world says not now.
pub async fn check_people(world: &impl People, run: &Run) -> Result<()> {
    let order_id = run.order_id(4);
    let contact_ref = ContactRef("c1.p1".to_owned());
    let contact = Contact { email: Some("zoë@customer.example".to_owned()), ..Contact::default() };
    assert_eq!(world.contact(&order_id, &contact_ref).await?, None);
    for _ in 0..2 {
        world.keep(&order_id, &contact_ref, &contact, "{\"name\": \"Zoë\"}\r\n".as_bytes()).await?;
    }
    assert_eq!(world.contact(&order_id, &contact_ref).await?, Some(contact));
    assert_eq!(world.contact(&order_id, &ContactRef("c2.p1".to_owned())).await?, None);
    assert_eq!(world.contact(&run.order_id(5), &contact_ref).await?, None);
    Ok(())
}

/// [`Notes`]: what was written is found by its order and name, and only so, and is in nobody's way in the same table.
///
/// # Errors
/// When the world says not now.
pub async fn check_notes(world: &(impl Notes + Notices + People), run: &Run) -> Result<()> {
    let order_id = run.order_id(10);
    assert_eq!(world.note(&order_id, "return/one").await?, None);
    for _ in 0..2 {
        world.keep_note(&order_id, "return/one", "zu groß\r\n<b>\"sehr\"</b>").await?;
    }
    let kept = world.note(&order_id, "return/one").await?;
    assert_eq!(kept.as_deref(), Some("zu groß\r\n<b>\"sehr\"</b>"));
    world.keep_note(&order_id, "return/one", "zu klein für Zoë").await?;
    let kept = world.note(&order_id, "return/one").await?;
    assert_eq!(kept.as_deref(), Some("zu klein für Zoë"), "the last word counts");

    assert_eq!(world.note(&order_id, "return/on").await?, None);
    assert_eq!(world.note(&run.order_id(11), "return/one").await?, None);
    assert_eq!(world.notices(&order_id).await?, []);
    assert_eq!(world.contact(&order_id, &ContactRef("return/one".to_owned())).await?, None);
    Ok(())
}

/// [`Attempts`]: each key counts its own from 1, and of all who try at once no two are told the same.
///
/// # Errors
/// When the world says not now.
pub async fn check_attempts(world: &(impl Attempts + Clock), run: &Run) -> Result<()> {
    let (one, other) = (format!("contracts/{}", run.0), format!("contracts/{}/größer", run.0));
    let until = world.now() + SignedDuration::from_hours(1);
    assert_eq!(world.attempt(&one, until).await?, 1);
    assert_eq!(world.attempt(&one, until + SignedDuration::from_hours(1)).await?, 2);
    assert_eq!(world.attempt(&other, until).await?, 1);

    let racers = (0..20).map(|_| world.attempt(&one, until));
    let counted = join_all(racers).await.into_iter().collect::<Result<Vec<u32>>>()?;
    assert_eq!(sorted(counted), (3..=22).collect::<Vec<u32>>());
    Ok(())
}

/// [`Notices`]: one begins once, unless it is known not to have gone out; all are found by their order.
///
/// # Errors
/// When the world says not now.
pub async fn check_notices(world: &(impl Clock + Notices), run: &Run) -> Result<()> {
    let (order_id, at) = (run.order_id(6), world.now());
    let begin = async |notice| world.begin_notice(&order_id, notice, at).await;
    assert!(begin("mail/shipped/P1").await?);
    assert!(!begin("mail/shipped/P1").await?, "nobody knows whether it went out");
    assert!(begin("mail/shipped/P2").await?, "it is another");
    world.end_notice(&order_id, "mail/shipped/P2", at, &Outcome::PutOff).await?;
    assert!(begin("mail/shipped/P2").await?, "it did not go out");
    let sent = Outcome::Sent { message_id: "0100".to_owned() };
    world.end_notice(&order_id, "mail/shipped/P2", at, &sent).await?;
    assert!(!begin("mail/shipped/P2").await?, "it went out");

    let noticed = |notice: &str, outcome| Noticed { notice: notice.to_owned(), at, outcome };
    let expected = [noticed("mail/shipped/P1", None), noticed("mail/shipped/P2", Some(sent))];
    assert_eq!(world.notices(&order_id).await?, expected);
    assert_eq!(world.notices(&run.order_id(7)).await?, []);

    let recipient = format!("{}-hash", run.0);
    assert!(!world.is_suppressed(&recipient).await?);
    for _ in 0..2 {
        world.suppress(&recipient, at).await?;
    }
    assert!(world.is_suppressed(&recipient).await?);
    Ok(())
}

/// [`Post`]: each letter and each text message gets an id of its own.
///
/// # Errors
/// When the world says not now.
pub async fn check_post(world: &impl Post, from: &str) -> Result<()> {
    let letter = Letter {
        from: ("Käserei".to_owned(), Some(from.to_owned())),
        reply_to: Some("help@merchant.example".to_owned()),
        to: "zoe@customer.example".to_owned(),
        recipient: Some("0".repeat(64)),
        subject: "Grüße".to_owned(),
        text: "Grüße\n".to_owned(),
        html: "<p>Grüße</p>".to_owned(),
    };
    let text = TextMessage { to: "+4934112345".to_owned(), text: "Grüße".to_owned() };
    let mut ids = BTreeSet::new();
    for sending in [
        world.send_letter(&letter).await?,
        world.send_letter(&letter).await?,
        world.send_text(&text).await?,
        world.send_text(&text).await?,
    ] {
        let Sending::Sent { message_id } = sending else { panic!("{sending:?}") };
        assert!(!message_id.is_empty());
        ids.insert(message_id);
    }
    assert_eq!(ids.len(), 4);
    Ok(())
}

/// What has to be in a catalogue before [`check_catalog`].
pub struct Catalogue {
    /// SKUs: of a shop, or of all shops; what they stand for.
    pub sku_mappings: Vec<(Option<ShopId>, String, SkuMapping)>,
    /// Articles.
    pub articles: Vec<Article>,
    shop: ShopId,
}

impl Catalogue {
    /// More articles than DynamoDB gives at once; a SKU that means one thing in one shop and another in all others.
    #[must_use]
    pub fn new(run: &Run) -> Self {
        let shop = ShopId::parse("contracts").expect("a name like any other");
        let articles: Vec<Article> = (0..120).map(|number| article(run, number)).collect();
        let mapping = |number: usize, quantity: u32| {
            let article = articles[number].article.clone();
            SkuMapping { components: vec![Component { article, quantity }] }
        };
        let sku = |name: &str| format!("{}#{name}", run.0);
        let sku_mappings = vec![
            (Some(shop.clone()), sku("own"), mapping(0, 1)),
            (None, sku("own"), mapping(1, 1)),
            (None, sku("of all"), mapping(2, 3)),
        ];
        Self { sku_mappings, articles, shop }
    }
}

fn article(run: &Run, number: u32) -> Article {
    let name = format!("{}-{number}", run.0);
    Article {
        article: ArticleId::parse(&name).expect("a name like any other"),
        title: "Tasse, groß".to_owned(),
        weight_g: number,
        hs_code: None,
        origin: None,
        age_min: Some(18),
        hazmat: false,
        offers: Vec::new(),
    }
}

/// [`Catalog`]: gives what is in it, and what is not in it is absent. The catalogue has to be in the world already.
///
/// # Errors
/// When the world says not now.
pub async fn check_catalog(world: &impl Catalog, run: &Run, stored: &Catalogue) -> Result<()> {
    let sku = |name: &str| format!("{}#{name}", run.0);
    let too_long = "x".repeat(5_000);
    let skus = BTreeSet::from([sku("own"), sku("of all"), sku("of none"), String::new(), too_long]);
    let of = |index: usize| stored.sku_mappings[index].2.clone();
    let found = world.sku_mappings(&stored.shop, &skus).await?;
    assert_eq!(found, BTreeMap::from([(sku("own"), of(0)), (sku("of all"), of(2))]));
    let elsewhere = ShopId::parse("elsewhere").expect("a name like any other");
    let found = world.sku_mappings(&elsewhere, &skus).await?;
    assert_eq!(found, BTreeMap::from([(sku("own"), of(1)), (sku("of all"), of(2))]));

    let expected: BTreeMap<ArticleId, Article> =
        stored.articles.iter().map(|article| (article.article.clone(), article.clone())).collect();
    let mut wanted: BTreeSet<ArticleId> = expected.keys().cloned().collect();
    wanted.insert(article(run, 999).article);
    assert_eq!(world.articles(&wanted).await?, expected);
    assert_eq!(world.articles(&BTreeSet::new()).await?, BTreeMap::new());
    Ok(())
}

/// [`Bookmarks`]: each shop has one, the last that was put there.
///
/// # Errors
/// When the world says not now.
pub async fn check_bookmarks(world: &impl Bookmarks, run: &Run) -> Result<()> {
    let shop = |name: &str| ShopId::parse(&format!("{name}-{}", run.0));
    let (one, other) = (shop("one")?, shop("other")?);
    assert_eq!(world.bookmark(&one).await?, None);
    let first = Bookmark {
        from: Timestamp::from_second(1_700_000_000)?,
        page: Some("eyJsYXN0X2lkIjo=\"#ü".to_owned()),
        seen_until: Timestamp::from_millisecond(1_700_000_600_123)?,
    };
    world.put_bookmark(&one, &first).await?;
    assert_eq!(world.bookmark(&one).await?, Some(first.clone()));
    assert_eq!(world.bookmark(&other).await?, None);
    // Backwards, too: the last word counts.
    let second = Bookmark { from: Timestamp::from_second(1_600_000_000)?, page: None, ..first };
    for _ in 0..2 {
        world.put_bookmark(&one, &second).await?;
        assert_eq!(world.bookmark(&one).await?, Some(second.clone()));
    }
    Ok(())
}

/// [`Queues`]: takes any number of messages, of several functions, at once.
///
/// # Errors
/// When the world says not now.
pub async fn check_queues(world: &impl Queues, run: &Run) -> Result<()> {
    let order_id = run.order_id(6);
    let mut messages = vec![Message::MapSkus { order_id: order_id.clone() }];
    messages.extend((1..=23).map(|number| Message::ForwardOrder {
        order_id: order_id.clone(),
        fulfillment_order_id: FulfillmentOrderId(number),
    }));
    let parcels = vec![ParcelRef { order_id, parcel_id: Some(domain::id::ParcelId(1)) }; 40];
    messages.push(Message::TrackParcels { parcels });
    world.send(&messages).await
}

/// [`Views`]: an order's rows are replaced as a whole, by newer ones only, and are found where they say.
///
/// # Errors
/// When the world says not now.
pub async fn check_views(world: &impl Views, run: &Run) -> Result<()> {
    let (one, two) = (run.order_id(7), run.order_id(8));
    let (pk, wait) = (format!("order#{one}"), format!("waits-sku#{}", run.0));
    let (minute, poll) = (format!("minute#{}", run.0), format!("poll#{}", run.0));
    let own = |pk: &str, version, due: Option<&str>| Row {
        due: due.map(str::to_owned),
        phase: Some("contracts".to_owned()),
        at: Some(1_700_000_000),
        ..row(pk, "-", version)
    };
    let polled =
        |at, version| Row { due: Some(poll.clone()), at: Some(at), ..row(&pk, "P1", version) };

    let waiting = row(&wait, one.as_str(), 1);
    world.replace(&[own(&pk, 1, Some(&minute)), waiting.clone(), polled(5, 1)]).await?;
    world.replace(&[own(&format!("order#{two}"), 1, None), row(&wait, two.as_str(), 1)]).await?;
    assert_eq!(sorted(world.lookup(&wait).await?), [one.clone(), two.clone()]);
    assert_eq!(
        keys(&world.due(&minute).await?),
        [(pk.clone(), "-".to_owned(), Some(1_700_000_000))]
    );
    assert_eq!(keys(&world.due(&poll).await?), [(pk.clone(), "P1".to_owned(), Some(5))]);

    // The same again, then a row that changes, then an older version, then rows that go.
    world.replace(&[own(&pk, 1, Some(&minute)), waiting.clone(), polled(5, 1)]).await?;
    world.replace(&[own(&pk, 2, Some(&minute)), waiting, polled(6, 2)]).await?;
    world.replace(&[own(&pk, 1, None)]).await?;
    assert_eq!(keys(&world.due(&poll).await?), [(pk.clone(), "P1".to_owned(), Some(6))]);
    assert_eq!(world.due(&minute).await?.len(), 1);
    world.replace(&[own(&pk, 3, None)]).await?;
    assert_eq!(world.lookup(&wait).await?, [two]);
    assert!(world.due(&minute).await?.is_empty() && world.due(&poll).await?.is_empty());
    check_many_rows(world, run).await
}

/// More rows than DynamoDB takes in a transaction, and longer than it gives in a page.
async fn check_many_rows(world: &impl Views, run: &Run) -> Result<()> {
    let order_id = run.order_id(9);
    let own = |version| row(&format!("order#{order_id}"), "-", version);
    let wait = |number: u32| format!("waits-sku#{}-{number}", run.0);
    let others =
        |range: std::ops::Range<u32>| range.map(|number| row(&wait(number), order_id.as_str(), 1));
    world.replace(&std::iter::once(own(1)).chain(others(0..150)).collect::<Vec<_>>()).await?;
    world.replace(&std::iter::once(own(2)).chain(others(120..270)).collect::<Vec<_>>()).await?;
    for (number, is_there) in
        [(0, false), (119, false), (120, true), (149, true), (150, true), (269, true)]
    {
        let found = world.lookup(&wait(number)).await?;
        assert_eq!(found == [order_id.clone()], is_there, "row {number}");
    }
    Ok(())
}

fn row(pk: &str, sk: &str, version: u64) -> Row {
    Row { pk: pk.to_owned(), sk: sk.to_owned(), due: None, phase: None, at: None, version }
}

/// All that the clock may ask of a row that is due.
fn keys(rows: &[Row]) -> Vec<(String, String, Option<i64>)> {
    rows.iter().map(|row| (row.pk.clone(), row.sk.clone(), row.at)).collect()
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

/// [`Archive`]: takes everything, and the same again.
///
/// # Errors
/// When the world says not now.
pub async fn check_archive(world: &impl Archive, run: &Run) -> Result<()> {
    for _ in 0..2 {
        world.refuse(&format!("refused/{}/größer = 1?.json", run.0), b"{broken").await?;
        let key = format!("invoices/{}/R 1.pdf", run.0);
        world.keep_document(&key, "application/pdf", b"%PDF-1.7").await?;
    }
    Ok(())
}

/// [`Secrets`]: gives those that are in the world already, and of others none.
///
/// # Errors
/// When the world says not now.
pub async fn check_secrets(
    world: &impl Secrets,
    stored: &BTreeMap<String, Vec<String>>,
) -> Result<()> {
    for _ in 0..2 {
        for (name, values) in stored {
            assert_eq!(world.secret(name).await?, *values, "secret `{name}`");
        }
        assert!(world.secret("contracts/nobody").await?.is_empty());
    }
    Ok(())
}

/// What a server does for [`check_http`]: answers `POST /echo` with 201, the header `x-echo` as it came and the body as it
/// came; anything else with 302 to `/echo`.
#[must_use]
pub fn echo(request: &Request) -> crate::Response {
    let path = request.url.rsplit_once('/').map(|(_, path)| path);
    if (request.method, path) != ("POST", Some("echo")) {
        let headers = vec![("location".to_owned(), "/echo".to_owned())];
        return crate::Response { status: 302, headers, body: Vec::new() };
    }
    let echoed = request.header("x-echo").unwrap_or_default().to_owned();
    crate::Response {
        status: 201,
        headers: vec![("x-echo".to_owned(), echoed)],
        body: request.body.clone(),
    }
}

/// [`Http`]: hands over what is sent and what is answered, byte for byte, whatever the status. `url` is that of a server
/// which does as [`echo`].
///
/// # Errors
/// When the world says not now.
pub async fn check_http(world: &impl Http, url: &str) -> Result<()> {
    let request = |method, url: String| Request {
        method,
        url,
        headers: vec![("x-echo".to_owned(), "one".to_owned())],
        body: vec![0, 159, 146, 150],
    };
    let response = world.call(request("POST", format!("{url}/echo"))).await?;
    assert_eq!((response.status, response.header("x-echo")), (201, Some("one")));
    assert_eq!(response.body, [0, 159, 146, 150]);
    let response = world.call(request("POST", format!("{url}/elsewhere"))).await?;
    assert_eq!(response.status, 302, "no redirect is followed");
    assert!(
        world.call(request("GET", "http://127.0.0.1:1/".to_owned())).await.is_err(),
        "nobody listens"
    );
    Ok(())
}

/// [`Mail`]: takes a mail, and names each differently.
///
/// # Errors
/// When the world says not now.
pub async fn check_mail(world: &impl Mail) -> Result<()> {
    let mail = OutgoingMail {
        to: "sales@supplier.example".to_owned(),
        subject: "Bestellung für Zoë".to_owned(),
        text: "Grüße\n".to_owned(),
        attachments: vec![("order.csv".to_owned(), "text/csv".to_owned(), b"sku;2\r\n".to_vec())],
    };
    let (first, second) = (world.send_mail(&mail).await?, world.send_mail(&mail).await?);
    assert!(!first.is_empty() && first != second);
    Ok(())
}
