//! An order's documents, out of the archive: many lie there in one object with those of other orders.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use domain::id::OrderId;
use domain::order::Order;
use domain::order::documents::extension;
use ports::Events;

use crate::operator::Operator;

/// Writes all documents of an order into a folder: `invoice.pdf`, `label-P1.pdf`. Whether there are any.
///
/// # Errors
/// When the world says not now, one is not what is on record, or a file can't be written.
pub async fn get(
    world: &(impl Events + Operator),
    order_id: &OrderId,
    folder: &Path,
    out: &mut impl Write,
) -> Result<bool> {
    let (history, _) = world.load(order_id).await?;
    let order = Order::fold(&history);
    if order.documents.is_empty() {
        writeln!(out, "nothing is archived of order `{order_id}`")?;
        return Ok(false);
    }
    fs::create_dir_all(folder).with_context(|| format!("failed to make `{}`", folder.display()))?;
    for archived in order.documents.values() {
        let name = format!("{}.{}", archived.document, extension(&archived.media_type));
        let file = folder.join(name);
        let bytes = world.document(archived).await?;
        fs::write(&file, bytes).with_context(|| format!("failed to write `{}`", file.display()))?;
        writeln!(out, "{} from {}", file.display(), archived.place(order_id))?;
    }
    Ok(true)
}
