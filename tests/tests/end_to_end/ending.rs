//! How an order ends, whatever happened on the way.

use anyhow::{Context as _, Result};
use domain::id::OrderId;
use domain::order::Order;
use domain::order::documents::DocumentId;
use domain::order::fact::Milestone;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tests::stack::Stack;

/// Asserts that a delivered order of one parcel was bought once, shown once in its shop, and documented.
pub(crate) async fn check_ending(
    stack: &Stack,
    shop: &str,
    order_id: &OrderId,
    order: &Order,
) -> Result<()> {
    let bought = stack.purchases(order_id).await?;
    assert_eq!(bought.into_values().collect::<Vec<_>>(), [1], "{order_id} was bought once");
    check_shown(stack, shop, order_id, order).await?;
    check_documents(stack, order_id, order).await
}

/// The shop was told of the parcel, once, and that it arrived.
async fn check_shown(stack: &Stack, shop: &str, order_id: &OrderId, order: &Order) -> Result<()> {
    let parcel = order.parcels.values().next().context("there is no parcel")?;
    let milestones: Vec<_> = parcel.pushed.keys().copied().collect();
    assert_eq!(milestones, [Milestone::Shipped, Milestone::Delivered]);
    let path = format!("shops/{shop}/orders/{}", order_id.order());
    let shown = stack.direct("GET", &path, &json!({})).await?;
    let parcels = shown["parcels"].as_array().context("the shop shows no parcels")?;
    assert_eq!(parcels.len(), 1, "{shown}");
    assert!(parcels[0].to_string().contains(&parcel.number), "{shown} lacks {}", parcel.number);
    Ok(())
}

/// Label and invoice lie in S3, byte by byte as they were recorded, alone or with those of other orders, and nobody can
/// delete them.
async fn check_documents(stack: &Stack, order_id: &OrderId, order: &Order) -> Result<()> {
    let kinds: Vec<_> = order.documents.keys().copied().collect();
    let parcel_id = *order.parcels.keys().next().context("there is no parcel")?;
    assert_eq!(kinds, [DocumentId::Label(parcel_id), DocumentId::Invoice]);
    for archived in order.documents.values() {
        let key = &archived.key;
        let object = stack.object("Documents", key).await?;
        let object = object.with_context(|| format!("`{key}` is not in the archive"))?;
        let whole = sha256(&object.body);
        assert!(key.contains(&whole), "{key} does not hold {whole}");
        let bytes = stack.world.document(archived).await?;
        assert_eq!(sha256(&bytes), archived.sha256, "{key}");
        assert_eq!(bytes.len() as u64, archived.bytes, "{key}");
        assert!(bytes.starts_with(b"%PDF-"), "{key}");
        let media_type = match archived.entry(order_id) {
            Some(entry) => {
                let is_named = object.body.windows(entry.len()).any(|it| it == entry.as_bytes());
                assert!(is_named, "there is no {entry} in {key}");
                "application/zip"
            }
            None => "application/pdf",
        };
        assert_eq!(object.header("content-type"), Some(media_type), "{key}");
        assert_eq!(object.header("x-amz-object-lock-mode"), Some("GOVERNANCE"), "{key}");
        let until = object.header("x-amz-object-lock-retain-until-date").unwrap_or_default();
        let year: i16 = until.get(..4).unwrap_or_default().parse()?;
        let this_year = stack.now().to_zoned(jiff::tz::TimeZone::UTC).year();
        assert!(year >= this_year + 9, "{key} is kept until {until}");
    }
    Ok(())
}

/// A hash as we write it.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
