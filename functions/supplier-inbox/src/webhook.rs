//! Signed calls: `POST /suppliers/{supplier}/answers`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use connectors::supplier::answer::{self, Message, StockLine};
use domain::catalog::StockKey;
use domain::id::{LocationId, OrderId, SupplierId};
use domain::message::News;
use domain::order::answer::{Answer, Refusal};
use domain::settings::Settings;
use domain::views::Wait;
use ports::{Catalog, Clock, Inbound, Queues, Reply, Views, while_reading_kept};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::World;

/// Bytes that a message has at the most.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// Orders that one report wakes at the most; the others look again by themselves.
const WOKEN_MAX: usize = 1_000;

pub(crate) async fn take(world: &impl World, inbound: &Inbound) -> Result<Reply> {
    let unsigned = || problem(401, "webhook-signature", "is not by a secret of this supplier");
    let Ok(supplier_id) = SupplierId::parse(inbound.parameter("supplier")) else {
        return Ok(unsigned());
    };
    if inbound.body.len() > BODY_BYTES_MAX {
        return Ok(problem(413, "body", "is too long"));
    }
    let name = format!("suppliers/{supplier_id}");
    let secrets = while_reading_kept(world, world.secret(&name)).await?;
    if !answer::is_signed(&secrets, inbound, world.now()) {
        return Ok(unsigned());
    }
    let settings = world.settings().await?;
    let Some(supplier) = settings.supplier(&supplier_id) else {
        return refuse(world, &supplier_id, inbound, 404, "supplier", "is not in the settings")
            .await;
    };
    match answer::parse(&inbound.body) {
        Err(unreadable) => {
            let answer::Unreadable { field, problem } = &unreadable;
            refuse(world, &supplier_id, inbound, 400, field, problem).await
        }
        Ok(Message::Stock { location, lines }) => {
            take_stock(world, &settings, &supplier_id, &location, &lines).await
        }
        Ok(Message::Answer { answer: Answer::Shipped { label: Some(label), .. }, .. })
            if !supplier.may_name(&label.url) =>
        {
            let problem = "is neither HTTPS nor on your own server";
            refuse(world, &supplier_id, inbound, 400, "label_url", problem).await
        }
        Ok(Message::Answer { order_id, fulfillment_order_id, answer }) => {
            let answers = [answer];
            match crate::record(world, &order_id, fulfillment_order_id, supplier, &answers).await? {
                Ok(_) => Ok(Reply::json(200, json!({"status": "taken"}).to_string())),
                Err(refusal) => {
                    let text = refusal.to_string();
                    let (field, problem) = text.split_once(": ").unwrap_or(("body", &text));
                    refuse(world, &supplier_id, inbound, status(&refusal), field, problem).await
                }
            }
        }
    }
}

fn status(refusal: &Refusal) -> u16 {
    match refusal {
        Refusal::Unknown => 404,
        Refusal::ForeignSku(_) => 400,
        Refusal::Withdrawn
        | Refusal::TooMany { .. }
        | Refusal::NothingOpen
        | Refusal::NoSuchAddress
        | Refusal::NotAsked => 409,
    }
}

/// Sets counters, wakes the orders that wait for one that is not empty, and has endpoints told.
async fn take_stock(
    world: &(impl Catalog + Clock + Queues + Views),
    settings: &Settings,
    supplier: &SupplierId,
    location: &LocationId,
    lines: &[StockLine],
) -> Result<Reply> {
    let mut waiting: BTreeSet<OrderId> = BTreeSet::new();
    for StockLine { supplier_sku, on_hand } in lines {
        let key = StockKey {
            supplier: supplier.clone(),
            location: location.clone(),
            supplier_sku: supplier_sku.clone(),
        };
        world.report_stock(&key, i64::from(*on_hand)).await?;
        if *on_hand > 0 {
            waiting.extend(world.lookup(&Wait::Stock(key).pk()).await?);
        }
    }
    let route = |order_id| domain::message::Message::RouteOrder { order_id };
    let woken = waiting.into_iter().take(WOKEN_MAX).map(route);
    let on_hand: BTreeMap<String, u32> =
        lines.iter().map(|line| (line.supplier_sku.clone(), line.on_hand)).collect();
    let listening = settings.endpoints.iter().filter(|endpoint| endpoint.wants("stock.changed"));
    let told = listening.map(|endpoint| domain::message::Message::TellEndpoint {
        endpoint_id: endpoint.id.clone(),
        news: News::Stock {
            supplier: supplier.clone(),
            location: location.clone(),
            reported_at: world.now(),
            on_hand: on_hand.clone(),
        },
        retry: None,
    });
    let messages: Vec<_> = woken.chain(told).collect();
    if !messages.is_empty() {
        world.send(&messages).await?;
    }
    Ok(Reply::json(200, json!({"status": "taken"}).to_string()))
}

/// Says no, and keeps what was refused for a person to look at.
async fn refuse(
    world: &impl World,
    supplier: &SupplierId,
    inbound: &Inbound,
    status: u16,
    field: &str,
    said: &str,
) -> Result<Reply> {
    let digest: String =
        Sha256::digest(&inbound.body).iter().map(|byte| format!("{byte:02x}")).collect();
    world.refuse(&format!("suppliers/{supplier}/{digest}"), &inbound.body).await?;
    Ok(problem(status, field, said))
}

fn problem(status: u16, field: &str, problem: &str) -> Reply {
    Reply::json(status, json!({"field": field, "problem": problem}).to_string())
}
