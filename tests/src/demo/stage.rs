//! Everyone around Onward in the demo: customers and shops, an operator, suppliers, carriers, a forger.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use domain::order::phase::{Phase, phase};
use domain::order::{Order, Recorded};
use jiff::SignedDuration;
use ports::Inbound;
use serde_json::{Value, json};

use super::Outcome;
use super::cast::problems;
use super::cast::{Cue, Part};
use crate::stack::Stack;

/// Carriers, by supplier.
const CARRIERS: [(&str, &str); 3] =
    [("nordwaren", "DHL"), ("own-warehouse", "DHL"), ("shenzhen-direct", "YunExpress")];

/// The play, as far as it has come.
pub(super) struct Stage<'a> {
    stack: &'a Stack,
    roles: Vec<Role>,
    /// Parcels on their way, by number, and how often each was moved on.
    parcels: BTreeMap<String, u32>,
    /// Links in mails that were followed, and how often.
    links: BTreeMap<String, u32>,
    problems: Vec<String>,
}

struct Role {
    part: Part,
    is_cue_taken: bool,
    order: Order,
    history: Vec<Recorded>,
    said: Option<Phase>,
}

impl<'a> Stage<'a> {
    /// Opens the shops' books, and tells two suppliers to misbehave.
    pub(super) async fn open(stack: &'a Stack, parts: Vec<Part>) -> Result<Self> {
        for part in &parts {
            stack.book_and_list(&part.purchase).await?;
        }
        let has_no_blanket = json!({"has_no": ["OW-1100"]});
        stack.direct("PUT", "suppliers/own-warehouse/manner", &has_no_blanket).await?;
        stack.direct("PUT", "suppliers/nordwaren/manner", &json!({"loses_answers": 1})).await?;
        let role = |part| Role {
            part,
            is_cue_taken: false,
            order: Order::default(),
            history: Vec::new(),
            said: None,
        };
        let roles = parts.into_iter().map(role).collect();
        Ok(Self {
            stack,
            roles,
            parcels: BTreeMap::new(),
            links: BTreeMap::new(),
            problems: Vec::new(),
        })
    }

    /// The shops' first webhooks; then a forged one, and one that nobody can read.
    pub(super) async fn send_first_webhooks(&mut self, say: &mut impl FnMut(&str)) -> Result<()> {
        for role in &self.roles {
            let part = &role.part;
            let times = match part.cue {
                Cue::Thrice => 3,
                Cue::Lost => 0,
                _ => 1,
            };
            for _ in 0..times {
                let status = self.stack.call_patiently(&webhook(self.stack, part)).await?.status;
                ensure!(status == 200, "the webhook of `{}` was answered {status}", part.title);
            }
            say(&format!("{} bought: {}", part.purchase.order_id(), part.title));
        }
        let part = &self.roles.first().context("nobody plays")?.part;
        let forged = Inbound { body: br#"{"id":6666}"#.to_vec(), ..webhook(self.stack, part) };
        let secret = self.stack.secret("shops/alpenshop");
        let broken =
            part.purchase.signed("orders/paid", secret, self.stack.now(), br#"{"id":"#.to_vec());
        for (name, inbound, expected) in
            [("a forged signature", forged, 401), ("a broken body", broken, 400)]
        {
            let response = self.stack.call_patiently(&inbound).await?;
            say(&format!(
                "{name} is answered {}: {}",
                response.status,
                String::from_utf8_lossy(&response.body)
            ));
            if response.status != expected {
                self.problems
                    .push(format!("{name} was answered {}, not {expected}", response.status));
            }
        }
        Ok(())
    }

    /// Looks where every order stands, and has everyone do what it is time for.
    pub(super) async fn look(&mut self, say: &mut impl FnMut(&str)) -> Result<()> {
        for role in &mut self.roles {
            let order_id = role.part.purchase.order_id();
            (role.order, role.history) = self.stack.order(&order_id).await?;
            let reached = phase(&role.order);
            if role.said != Some(reached) {
                say(&format!("{order_id} is {}: {}", reached.name(), role.part.title));
                role.said = Some(reached);
            }
            if !role.is_cue_taken && is_time(role) {
                take_cue(self.stack, role).await?;
                role.is_cue_taken = true;
            }
        }
        self.ship().await?;
        self.answer_mails().await?;
        self.carry().await
    }

    /// Whether every order is where it should be, with all that belongs to it.
    pub(super) fn is_over(&self) -> bool {
        self.roles.iter().all(|role| {
            let is_settled =
                role.part.cue == Cue::Nothing || role.is_cue_taken || role.part.cue == Cue::Thrice;
            let is_quiet = role.part.expected == Phase::Delivered || is_done(role);
            is_settled && is_quiet && problems(&role.part, &role.order, &role.history).is_empty()
        })
    }

    /// Every order as it turned out; none if nobody looked.
    pub(super) fn outcomes(self) -> Option<Vec<Outcome>> {
        let outcome = |role: Role| {
            let problems = problems(&role.part, &role.order, &role.history);
            Outcome {
                title: role.part.title,
                order_id: role.part.purchase.order_id(),
                expected: role.part.expected,
                order: role.order,
                history: role.history,
                problems,
            }
        };
        let outcomes: Vec<Outcome> = self.roles.into_iter().map(outcome).collect();
        (!outcomes.is_empty()).then_some(outcomes)
    }

    /// Nothing was bought twice, nothing was shown twice, and a lost answer was asked for again.
    pub(super) async fn audit(&mut self) -> Result<Vec<String>> {
        let mut problems = std::mem::take(&mut self.problems);
        for (supplier, orders) in entries(&self.stack.suppliers().await?) {
            for (reference, order) in entries(&orders) {
                let purchases = order["purchases"].as_u64().unwrap_or_default();
                if purchases > 1 {
                    problems.push(format!(
                        "`{reference}` was bought {purchases} times from {supplier}"
                    ));
                }
            }
        }
        let log = self.stack.direct("GET", "log", &json!({})).await?;
        let is_lost = |entry: &Value| entry["status"].is_null();
        if !log.as_array().is_some_and(|log| log.iter().any(is_lost)) {
            problems.push("no answer of a supplier was lost".to_owned());
        }
        for role in &self.roles {
            let purchase = &role.part.purchase;
            let path = format!("shops/{}/orders/{}", purchase.shop, purchase.order);
            let sale = self.stack.direct("GET", &path, &json!({})).await?;
            let shown = sale["parcels"].as_array().map_or(0, Vec::len);
            if shown != role.order.parcels.len() {
                let parcels = role.order.parcels.len();
                problems.push(format!(
                    "the shop shows {shown} parcels of {}, not {parcels}",
                    purchase.order_id()
                ));
            }
        }
        Ok(problems)
    }

    /// Suppliers ship what they accepted.
    async fn ship(&mut self) -> Result<()> {
        let suppliers = self.stack.suppliers().await?;
        for (supplier, carrier) in CARRIERS {
            for (reference, order) in entries(&suppliers[supplier]) {
                if order["status"] == "accepted" || order["status"] == "partly_accepted" {
                    let shipment = json!({"reference": reference, "carrier": carrier});
                    let path = format!("suppliers/{supplier}/ship");
                    let shipped = self.stack.direct("POST", &path, &shipment).await?;
                    let number = shipped["number"].as_str().unwrap_or_default().to_owned();
                    self.parcels.insert(number, 0);
                }
            }
        }
        Ok(())
    }

    /// Carriers move each parcel a stage on, until it has arrived.
    async fn carry(&mut self) -> Result<()> {
        for (number, stages) in &mut self.parcels {
            if *stages < 5 {
                self.stack.direct("POST", &format!("parcels/{number}/advance"), &json!({})).await?;
                *stages += 1;
            }
        }
        Ok(())
    }

    /// The supplier that is reached by mail follows its link: once to accept, once to say that it has shipped.
    async fn answer_mails(&mut self) -> Result<()> {
        for token in link_tokens(&self.stack.mails().await?) {
            let followed = self.links.entry(token.clone()).or_default();
            let number = format!("LX{:09}FR", token.len() * 7);
            let form = match *followed {
                0 => "action=answer".to_owned(),
                1 => format!("action=ship&carrier=Colissimo&number={number}"),
                _ => continue,
            };
            *followed += 1;
            let visit = |method: &str, body: &str| Inbound {
                method: method.to_owned(),
                route: "/answers/{token}".to_owned(),
                parameters: BTreeMap::from([("token".to_owned(), token.clone())]),
                headers: vec![(
                    "content-type".to_owned(),
                    "application/x-www-form-urlencoded".to_owned(),
                )],
                body: body.as_bytes().to_vec(),
                ..Inbound::default()
            };
            for (method, body) in [("GET", ""), ("POST", form.as_str())] {
                let status = self.stack.call_patiently(&visit(method, body)).await?.status;
                ensure!(status == 200, "the link in the supplier's mail was answered {status}");
            }
            if *followed == 2 {
                self.parcels.insert(number, 0);
            }
        }
        Ok(())
    }
}

/// Whether an order that is not to be delivered has come to rest: nothing is owed that could still move it.
fn is_done(role: &Role) -> bool {
    let order_id = role.part.purchase.order_id();
    let now = role.order.changed_at.unwrap_or_default() + SignedDuration::from_mins(1);
    domain::order::next::next(&order_id, &role.order).iter().all(|owed| owed.not_before > now)
}

fn is_time(role: &Role) -> bool {
    let reached = phase(&role.order);
    match role.part.cue {
        Cue::Nothing | Cue::Thrice => false,
        Cue::Lost => true,
        Cue::PayLater => role.order.received.is_some(),
        Cue::Cancel => !role.order.fulfillment_orders.is_empty(),
        Cue::AddSku | Cue::Override(_) | Cue::CorrectAddress => reached == Phase::Held,
    }
}

async fn take_cue(stack: &Stack, role: &mut Role) -> Result<()> {
    let order_id = role.part.purchase.order_id();
    match role.part.cue {
        Cue::Nothing | Cue::Thrice => Ok(()),
        Cue::PayLater | Cue::Cancel => {
            let purchase = &mut role.part.purchase;
            purchase.updated_at = stack.now();
            purchase.is_cancelled = role.part.cue == Cue::Cancel;
            purchase.is_paid = true;
            let status = stack.call_patiently(&webhook(stack, &role.part)).await?.status;
            ensure!(
                status == 200,
                "the second webhook of `{}` was answered {status}",
                role.part.title
            );
            Ok(())
        }
        Cue::Lost => {
            let event = include_bytes!("../../../events/reconciliation.json");
            stack.invoke("ReconciliationFunction", event).await.map(drop)
        }
        Cue::AddSku => import(include_str!("../../demo/added.csv")).await,
        Cue::Override(hold) => {
            let body = json!({"hold": hold.name(), "by": "Ola Operator", "why": "the customer confirmed by phone"});
            stack.decide(&order_id, "overrides", &body).await
        }
        Cue::CorrectAddress => {
            let to = crate::purchase::LEIPZIG;
            let address = json!({
                "name": to.name, "lines": [to.street], "city": to.city, "postal_code": to.postal_code,
                "country": to.country
            });
            let body = json!({"address": address, "by": "Ola Operator", "why": "the customer wrote to us"});
            stack.decide(&order_id, "address", &body).await
        }
    }
}

async fn import(csv: &str) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("onward-demo-{}.csv", std::process::id()));
    std::fs::write(&folder, csv)?;
    let file = folder.display().to_string();
    let command = cli::command::Command::ImportCatalog { file, refused: None };
    let mut out = Vec::new();
    let is_well = cli::run(command, aws::World::from_env, &mut out, &mut std::io::sink()).await;
    std::fs::remove_file(&folder)?;
    ensure!(is_well?, "{}", String::from_utf8_lossy(&out));
    Ok(())
}

fn webhook(stack: &Stack, part: &Part) -> Inbound {
    let purchase = &part.purchase;
    let topic = match (purchase.shop, purchase.is_cancelled) {
        ("alpenshop", true) => "orders/cancelled",
        ("alpenshop", false) => "orders/updated",
        _ => "order.updated",
    };
    purchase.webhook(topic, stack.secret(&format!("shops/{}", purchase.shop)), stack.now())
}

/// The tokens of all links to our answer page in these mails.
fn link_tokens(mails: &str) -> BTreeSet<String> {
    let is_token = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let token = |rest: &str| rest.chars().take_while(is_token).collect::<String>();
    mails.split("/answers/").skip(1).map(token).collect()
}

fn entries(object: &Value) -> Vec<(String, Value)> {
    let entries = object.as_object().into_iter().flatten();
    entries.map(|(name, value)| (name.clone(), value.clone())).collect()
}
