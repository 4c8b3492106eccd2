//! What only an operator's command line reads: no function's role allows the one, or needs the other.

use anyhow::{Context, Result};
use domain::id::OrderId;
use domain::views::{Row, order_pk};

use crate::items::{json_of, number_if_any, number_of, text, text_of};
use crate::world::World;

/// An order's own row.
const OWN: &str = "-";

impl World {
    /// Every order that has facts. Scans `Events`: costs as much as all facts are long.
    ///
    /// # Errors
    /// When the world says not now.
    pub async fn order_ids(&self) -> Result<Vec<OrderId>> {
        let scan = self
            .dynamodb()
            .scan()
            .table_name(&self.config.table_events)
            .projection_expression("pk")
            // Each order has its first append once.
            .filter_expression("sk = :first")
            .expression_attribute_values(":first", crate::items::number(1));
        let mut pages = scan.into_paginator().items().send();
        let mut order_ids = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.context("failed to read all orders")?;
            order_ids.push(OrderId::parse(text_of(&item, "pk")?)?);
        }
        Ok(order_ids)
    }

    /// The rows of an order in `Views`, its own first; none if it has none. Of the others it gives what the own row says
    /// of them.
    ///
    /// # Errors
    /// When the world says not now.
    pub async fn rows(&self, order_id: &OrderId) -> Result<Vec<Row>> {
        let get = self
            .dynamodb()
            .get_item()
            .table_name(&self.config.table_views)
            .key("pk", text(order_pk(order_id)))
            .key("sk", text(OWN))
            .consistent_read(true);
        let found = get.send().await;
        let found = found.with_context(|| format!("failed to read the rows of `{order_id}`"))?;
        let Some(item) = found.item else { return Ok(Vec::new()) };
        let optional =
            |name: &str| item.contains_key(name).then(|| text_of(&item, name)).transpose();
        let own = Row {
            pk: order_pk(order_id),
            sk: OWN.to_owned(),
            due: optional("due")?.map(ToOwned::to_owned),
            phase: optional("phase")?.map(ToOwned::to_owned),
            at: number_if_any(&item, "at")?,
            version: number_of(&item, "version")?.unsigned_abs(),
        };
        let others: Vec<Row> = json_of(&item, "others")?;
        Ok(std::iter::once(own).chain(others).collect())
    }
}
