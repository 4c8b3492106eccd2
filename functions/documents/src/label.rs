//! The shipping label that a supplier offers for download.

use anyhow::{Context, Result, ensure};
use domain::id::ParcelId;
use domain::order::Order;
use ports::{Catalog, Http, Request};

use crate::Document;

/// What a label may be, by its first bytes: whatever the server says, only these are kept.
const FORMATS: [(&[u8], &str, &str); 3] = [
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"^XA", "application/zpl", "zpl"),
];

/// Fetches a parcel's label from its supplier.
pub(crate) async fn fetch(
    world: &(impl Catalog + Http),
    order: &Order,
    parcel_id: ParcelId,
) -> Result<Document> {
    let parcel = order.parcels.get(&parcel_id).context("there is no such parcel")?;
    let label = parcel.label.as_ref().context("the parcel has no label")?;
    let fulfillment_order = order.fulfillment_orders.get(&parcel.fulfillment_order_id);
    let supplier_id =
        fulfillment_order.context("the parcel's fulfillment order is missing")?.supplier();
    let settings = world.settings().await?;
    let supplier = settings
        .supplier(supplier_id)
        .with_context(|| format!("supplier `{supplier_id}` is unknown"))?;

    // A supplier that could name any place could make us call whatever we can reach.
    ensure!(
        supplier.may_name(&label.url),
        "`label_url` of supplier `{supplier_id}` is no place to fetch from"
    );
    let request =
        Request { method: "GET", url: label.url.clone(), headers: Vec::new(), body: Vec::new() };
    let response = world.call(request).await?;
    ensure!(response.status == 200, "the label's server answered {}", response.status);
    let format = FORMATS.iter().find(|(magic, _, _)| response.body.starts_with(magic));
    let (_, media_type, extension) = format.context("the label is neither PDF nor PNG nor ZPL")?;
    Ok(Document { media_type, extension, bytes: response.body })
}
