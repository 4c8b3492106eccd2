//! Customers who buy, suppliers who ship and carriers who deliver, for the orders of one test.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, ensure};
use cli::command::Command;
use domain::catalog::StockKey;
use domain::id::{LocationId, OrderId, SupplierId, reference};
use domain::order::phase::{Phase, phase};
use domain::order::{Order, Recorded, Stage};
use domain::settings::ShopKind;
use ports::{Inbound, Response};
use serde_json::{Value, json};

use super::Stack;
use crate::outside::shop::books::Books;
use crate::purchase::{Bought, Purchase};

/// What makes orders and articles differ that one process makes in the same millisecond.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// The shops of the demo.
pub const SHOPS: [(&str, ShopKind); 3] = [
    ("alpenshop", ShopKind::Shopify),
    ("teahouse", ShopKind::Woocommerce),
    ("onward-direct", ShopKind::Onward),
];

impl Stack {
    /// A paid purchase in one of [`SHOPS`], of a number that no other has. The shop does not know of it yet.
    #[must_use]
    pub fn purchase(&self, (shop, kind): (&'static str, ShopKind), lines: &[Bought]) -> Purchase {
        let now = self.now();
        let millisecond = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let order = millisecond * 1000 + next_number() % 1000;
        Purchase::new(shop, kind, order, now, lines)
    }

    /// The webhook of a purchase, as its shop signs it now.
    #[must_use]
    pub fn webhook(&self, purchase: &Purchase) -> Inbound {
        let topic = match purchase.kind {
            ShopKind::Shopify => "orders/updated",
            ShopKind::Woocommerce | ShopKind::Onward => "order.updated",
        };
        let secret = self.secret(&format!("shops/{}", purchase.shop));
        purchase.webhook(topic, secret, self.now())
    }

    /// The shop takes a purchase into its books.
    ///
    /// # Errors
    /// When the outside world does not answer.
    pub async fn book(&self, purchase: &Purchase) -> Result<()> {
        self.book_as(purchase, &Value::Null).await
    }

    /// The same, and whoever asks the shop for its orders finds this one among them.
    ///
    /// # Errors
    /// When the outside world does not answer.
    pub async fn book_and_list(&self, purchase: &Purchase) -> Result<()> {
        self.book_as(purchase, &purchase.body()).await
    }

    async fn book_as(&self, purchase: &Purchase, body: &Value) -> Result<()> {
        let line = |(index, line): (usize, &Bought)| json!({"line_id": purchase.line_id(index), "quantity": line.quantity, "location": 1});
        let lines: Vec<Value> = purchase.lines.iter().enumerate().map(line).collect();
        let mut books = Books::default();
        books.pay(purchase);
        let order = purchase.order.to_string();
        let sale = json!({"order": order, "lines": lines, "books": books, "body": body});
        self.direct("POST", &format!("shops/{}/orders", purchase.shop), &sale).await?;
        Ok(())
    }

    /// A customer buys: the shop takes it into its books and tells us, until we have taken it.
    ///
    /// # Errors
    /// When we don't take it.
    pub async fn buy(&self, purchase: &Purchase) -> Result<OrderId> {
        self.book(purchase).await?;
        let Response { status, body, .. } = self.call_patiently(&self.webhook(purchase)).await?;
        ensure!(status == 200, "it was answered {status}: {}", String::from_utf8_lossy(&body));
        Ok(purchase.order_id())
    }

    /// Has suppliers ship what they accept of these orders and carriers deliver it, until all of it is delivered, shown in
    /// the shop and documented. Calls `each_time` whenever something has happened.
    ///
    /// # Errors
    /// When one of them does not get there.
    pub async fn see_delivered(
        &self,
        order_ids: &[OrderId],
        mut each_time: impl FnMut() -> Result<()>,
    ) -> Result<Vec<(Order, Vec<Recorded>)>> {
        let mut shipped: BTreeMap<String, String> = BTreeMap::new();
        let mut seen = 0;
        let mut last = String::new();
        let delivered = self
            .wait_for("every order is delivered", async || {
                let mut orders = Vec::new();
                for order_id in order_ids {
                    orders.push(self.order(order_id).await?);
                    self.ship(order_id, &orders[orders.len() - 1].0, &mut shipped).await?;
                }
                let facts = orders.iter().map(|(_, history)| history.len()).sum();
                if facts > seen {
                    seen = facts;
                    each_time()?;
                }
                last = orders
                    .iter()
                    .map(|(order, _)| phase(order).name())
                    .collect::<Vec<_>>()
                    .join(", ");
                Ok(orders.iter().all(|(order, _)| is_complete(order)).then_some(orders))
            })
            .await;
        delivered.map_err(|error| error.context(format!("the orders are {last}")))
    }

    /// What the suppliers accepted of an order and did not ship leaves, and arrives.
    async fn ship(
        &self,
        order_id: &OrderId,
        order: &Order,
        shipped: &mut BTreeMap<String, String>,
    ) -> Result<()> {
        for (fulfillment_order_id, fulfillment_order) in &order.fulfillment_orders {
            let reference = reference(order_id, *fulfillment_order_id);
            if fulfillment_order.stage != Stage::Accepted || shipped.contains_key(&reference) {
                continue;
            }
            let path = format!("suppliers/{}/ship", fulfillment_order.supplier());
            let shipment = json!({"reference": reference, "carrier": "DHL"});
            let answer = self.direct("POST", &path, &shipment).await?;
            let number = answer["number"].as_str().unwrap_or_default().to_owned();
            self.direct("POST", &format!("parcels/{number}/deliver"), &json!({})).await?;
            shipped.insert(reference, number);
        }
        Ok(())
    }

    /// Puts an article of its own into the catalogue, of which one supplier has so many units.
    ///
    /// # Errors
    /// When it is not taken.
    pub async fn offer(&self, units: usize) -> Result<(&'static str, StockKey)> {
        let sku: &'static str =
            format!("LAST-{}-{}", self.now().as_millisecond(), next_number()).leak();
        let header = include_str!("../../demo/catalog.csv").lines().next().unwrap_or_default();
        let row = format!(
            "{sku},*,{},1,Lantern,400,940550,DE,,no,nordwaren,hamburg,NW-{sku},8.00,EUR,{units},",
            sku.to_lowercase()
        );
        let file = self.settings_file.with_file_name(format!("{sku}.csv"));
        std::fs::write(&file, format!("{header}\n{row}\n"))?;
        let command = Command::ImportCatalog { file: file.display().to_string(), refused: None };
        let mut out = Vec::new();
        let is_well =
            cli::run(command, aws::World::from_env, &mut out, &mut std::io::sink()).await?;
        std::fs::remove_file(file)?;
        ensure!(is_well, "{}", String::from_utf8_lossy(&out));
        let key = StockKey {
            supplier: SupplierId::parse("nordwaren")?,
            location: LocationId::parse("hamburg")?,
            supplier_sku: format!("NW-{sku}"),
        };
        Ok((sku, key))
    }

    /// How often each of an order's fulfillment orders was bought from its supplier, as the suppliers tell it.
    ///
    /// # Errors
    /// When the outside world does not answer.
    pub async fn purchases(&self, order_id: &OrderId) -> Result<BTreeMap<String, u64>> {
        let suppliers = self.suppliers().await?;
        let orders = suppliers.as_object().into_iter().flatten();
        let orders = orders.flat_map(|(_, orders)| orders.as_object().into_iter().flatten());
        let own = format!("{order_id}/");
        let orders = orders.filter(|(reference, _)| reference.starts_with(&own));
        Ok(orders
            .map(|(reference, order)| (reference.clone(), order["purchases"].as_u64().unwrap_or(0)))
            .collect())
    }
}

fn next_number() -> u64 {
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

/// Delivered, shown in the shop as delivered, and documented.
fn is_complete(order: &Order) -> bool {
    let is_shown = order.parcels.values().all(|parcel| parcel.pushed.len() >= 2);
    phase(order) == Phase::Delivered && is_shown && domain::order::documents::owed(order).is_empty()
}
