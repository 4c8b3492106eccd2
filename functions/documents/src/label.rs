//! The shipping labels that suppliers offer for download.

use std::cell::Cell;
use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use domain::id::{ParcelId, SupplierId};
use domain::order::Order;
use domain::order::documents::DocumentRef;
use domain::settings::Settings;
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Http, Request};

use crate::Document;

/// What a label may be, by its first bytes: whatever the server says, only these are kept.
const FORMATS: [(&[u8], &str); 3] = [
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"^XA", "application/zpl"),
];

/// How many labels a supplier is asked for at once.
const SIDE_BY_SIDE: usize = 4;

/// After so long no label is asked for any more: one answer may take 10 s, and a function 20 s. So a server that hangs
/// keeps nobody else's documents from the archive.
const FETCHING_MAX: SignedDuration = SignedDuration::from_secs(6);

/// After so many bytes no label is asked for any more: all labels of a batch are in memory, and a function has 128 MB.
const BYTES_MAX: usize = 24 << 20;

/// Labels that are fetched for one batch.
pub(crate) struct Fetching<'a, W> {
    world: &'a W,
    until: Timestamp,
    bytes: Cell<usize>,
}

/// A label that a supplier offers.
struct Offered {
    document_ref: DocumentRef,
    url: String,
    left_on: Date,
}

/// What came of a document.
type Made = (DocumentRef, Result<Document>);

impl<'a, W: Clock + Http> Fetching<'a, W> {
    pub(crate) fn begin(world: &'a W) -> Self {
        Self { world, until: world.now() + FETCHING_MAX, bytes: Cell::new(0) }
    }

    /// Fetches labels from their suppliers, all suppliers side by side.
    pub(crate) async fn fetch(
        self,
        settings: &Settings,
        labels: Vec<(DocumentRef, &Order, ParcelId)>,
    ) -> Vec<Made> {
        let mut made = Vec::new();
        let mut offered: BTreeMap<SupplierId, Vec<Offered>> = BTreeMap::new();
        for (document_ref, order, parcel_id) in labels {
            match offer(settings, order, parcel_id) {
                Ok((supplier_id, url, left_on)) => {
                    let offers = offered.entry(supplier_id).or_default();
                    offers.push(Offered { document_ref, url, left_on });
                }
                Err(error) => made.push((document_ref, Err(error))),
            }
        }
        let fetched = offered.into_values().map(async |offers| {
            let fetches = offers.into_iter().map(|offered| self.fetch_one(offered));
            stream::iter(fetches).buffered(SIDE_BY_SIDE).collect::<Vec<Made>>().await
        });
        made.extend(join_all(fetched).await.into_iter().flatten());
        made
    }

    async fn fetch_one(&self, Offered { document_ref, url, left_on }: Offered) -> Made {
        (document_ref, self.download(url, left_on).await)
    }

    async fn download(&self, url: String, left_on: Date) -> Result<Document> {
        ensure!(self.world.now() <= self.until, "other labels took all the time of the batch");
        ensure!(self.bytes.get() < BYTES_MAX, "other labels took all the room of the batch");
        let request = Request { method: "GET", url, headers: Vec::new(), body: Vec::new() };
        let response = self.world.call(request).await?;
        ensure!(response.status == 200, "the label's server answered {}", response.status);
        let format = FORMATS.iter().find(|(magic, _)| response.body.starts_with(magic));
        let (_, media_type) = format.context("the label is neither PDF nor PNG nor ZPL")?;
        self.bytes.set(self.bytes.get() + response.body.len());
        Ok(Document { media_type, bytes: response.body, left_on })
    }
}

/// Whose label it is, where it can be fetched, and when its parcel left.
fn offer(
    settings: &Settings,
    order: &Order,
    parcel_id: ParcelId,
) -> Result<(SupplierId, String, Date)> {
    let parcel = order.parcels.get(&parcel_id).context("there is no such parcel")?;
    let label = parcel.label.as_ref().context("the parcel has no label")?;
    let fulfillment_order = order.fulfillment_orders.get(&parcel.fulfillment_order_id);
    let supplier_id =
        fulfillment_order.context("the parcel's fulfillment order is missing")?.supplier();
    let supplier = settings
        .supplier(supplier_id)
        .with_context(|| format!("supplier `{supplier_id}` is unknown"))?;
    // A supplier that could name any place could make us call whatever we can reach.
    ensure!(
        supplier.may_name(&label.url),
        "`label_url` of supplier `{supplier_id}` is no place to fetch from"
    );
    let left_on = parcel.shipped_at.to_zoned(TimeZone::UTC).date();
    Ok((supplier_id.clone(), label.url.clone(), left_on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::OrderId;
    use domain::order::documents::DocumentId;
    use futures_util::FutureExt as _;
    use ports::Response;

    /// A world in which each call takes a while, and is answered with a label of so many bytes.
    struct Slow {
        now: Cell<Timestamp>,
        takes: SignedDuration,
        bytes: usize,
    }

    impl Clock for Slow {
        fn now(&self) -> Timestamp {
            self.now.get()
        }
    }

    impl Http for Slow {
        async fn call(&self, _: Request) -> Result<Response> {
            self.now.set(self.now.get() + self.takes);
            let mut body = b"^XA".to_vec();
            body.resize(self.bytes, b' ');
            Ok(Response { status: 200, headers: Vec::new(), body })
        }
    }

    /// Of so many labels of one supplier, which were fetched, and why the last was not.
    fn fetched(count: usize, takes: SignedDuration, bytes: usize) -> (Vec<bool>, String) {
        let world = Slow { now: Cell::new(Timestamp::UNIX_EPOCH), takes, bytes };
        let fetching = Fetching::begin(&world);
        let order_id = OrderId::parse("shop/1").unwrap();
        let fetches = (0..count).map(|_| {
            let document = DocumentId::Label(ParcelId(1));
            let document_ref = DocumentRef { order_id: order_id.clone(), document };
            let url = "https://supplier.example/label".to_owned();
            fetching.fetch_one(Offered { document_ref, url, left_on: Date::default() })
        });
        let made = join_all(fetches).now_or_never().unwrap();
        let why = made.last().and_then(|(_, made)| Some(made.as_ref().err()?.to_string()));
        (made.iter().map(|(_, made)| made.is_ok()).collect(), why.unwrap_or_default())
    }

    #[test]
    fn labels_that_take_too_long_or_too_much_room_leave_the_others_for_later() {
        let (second, minute) = (SignedDuration::from_secs(1), SignedDuration::from_mins(1));
        assert_eq!(fetched(3, second, 100), (vec![true; 3], String::new()));
        let no_time = "other labels took all the time of the batch".to_owned();
        assert_eq!(fetched(2, minute, 100), (vec![true, false], no_time));
        let no_room = "other labels took all the room of the batch".to_owned();
        assert_eq!(fetched(3, second, BYTES_MAX - 1), (vec![true, true, false], no_room));
    }
}
