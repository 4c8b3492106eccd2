//! What an operator may do with returns, claims and refunds, each a body of JSON with `by` and `why`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anyhow::Result;
use domain::catalog::{Article, StockKey};
use domain::id::{ArticleId, LineId, OrderId, RefundId, ReturnId};
use domain::order::fact::{Fact, LineQuantity};
use domain::order::returns::approve::{self, Side};
use domain::order::returns::decide::{self, Context};
use domain::order::returns::fact::{Disposition, Finding, RequestedLine, Resolution};
use domain::order::returns::receive::{self, Inspection};
use domain::order::returns::{PHOTOS_MAX, label, request};
use domain::order::{Order, refund};
use domain::settings::Settings;
use jiff::Timestamp;
use ports::returns::{and_decide, available};
use ports::{Catalog, Clock, Events, Inbound, Queues, Reply, transact};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::decision::{Problem, body, check_said};
use crate::refused;

/// What is to be done.
pub(crate) struct Task {
    what: What,
    by: String,
    why: String,
}

enum What {
    Open(Open),
    Photos(ReturnId, Photos),
    Approve(ReturnId, Approve),
    Decline(ReturnId),
    Cancel(ReturnId, Cancel),
    Send(ReturnId, Send),
    Receive(ReturnId, Receive),
    Inspect(ReturnId, Inspect),
    Close(ReturnId),
    ResolveLabel(ReturnId, ResolveLabel),
    Refund(Refund),
    ResolveRefund(RefundId, ResolveRefund),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Opens a return for the customer. Whoever gets no answer asks again with the same key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    lines: Vec<RequestedLine>,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Photos {
    line_id: LineId,
    photos: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approve {
    #[serde(default)]
    resolution: Option<Resolution>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancel {
    #[serde(default)]
    for_customer: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    carrier: String,
    number: String,
}

/// Units in all, by line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receive {
    lines: Vec<LineQuantity>,
}

/// Units in all, by line and what becomes of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inspect {
    findings: Vec<Found>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    line_id: LineId,
    disposition: Disposition,
    quantity: u32,
    #[serde(default = "yes")]
    refund: bool,
}

fn yes() -> bool {
    true
}

/// Whether a label in doubt was bought, and under which number; `false` after one that nobody sold: try again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResolveLabel {
    bought: bool,
    #[serde(default)]
    carrier: Option<String>,
    #[serde(default)]
    number: Option<String>,
}

/// A refund by hand: of units, or a sum. Whoever gets no answer asks again with the same key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refund {
    key: String,
    #[serde(default)]
    lines: Vec<LineQuantity>,
    #[serde(default)]
    amount_minor: Option<i64>,
    #[serde(default, rename = "return")]
    of_return: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResolveRefund {
    refunded: bool,
}

impl Task {
    /// None for a route that is not about returns or refunds.
    pub(crate) fn parse(inbound: &Inbound) -> Option<Result<Self, Problem>> {
        let (_, route) = inbound.route.split_once("/{number}/")?;
        let is_ours = route.starts_with("returns") || route.starts_with("refunds");
        is_ours.then(|| Self::read(inbound, route))
    }

    fn read(inbound: &Inbound, route: &str) -> Result<Self, Problem> {
        let id = inbound.parameter("id");
        let return_id = || {
            let parsed = id.parse::<ReturnId>();
            parsed.map_err(|_| Problem::of("return", "something like `R1` is needed"))
        };
        let refund_id = || {
            let parsed = id.parse::<RefundId>();
            parsed.map_err(|_| Problem::of("refund", "something like `RF1` is needed"))
        };
        match route {
            "returns" => Self::signed(inbound, What::Open),
            "refunds" => Self::signed(inbound, What::Refund),
            "refunds/{id}/decisions" => {
                let id = refund_id()?;
                Self::signed(inbound, |it| What::ResolveRefund(id, it))
            }
            _ => match route.strip_prefix("returns/{id}/") {
                Some(step) => Self::read_step(inbound, return_id()?, step),
                None => Err(Problem::of("route", "there is no such decision")),
            },
        }
    }

    fn read_step(inbound: &Inbound, id: ReturnId, step: &str) -> Result<Self, Problem> {
        match step {
            "photos" => Self::signed(inbound, |it| What::Photos(id, it)),
            "approvals" => Self::signed(inbound, |it| What::Approve(id, it)),
            "declines" => Self::signed(inbound, |_: Nothing| What::Decline(id)),
            "cancellations" => Self::signed(inbound, |it| What::Cancel(id, it)),
            "shipments" => Self::signed(inbound, |it| What::Send(id, it)),
            "receipts" => Self::signed(inbound, |it| What::Receive(id, it)),
            "inspections" => Self::signed(inbound, |it| What::Inspect(id, it)),
            "closings" => Self::signed(inbound, |_: Nothing| What::Close(id)),
            "labels" => Self::signed(inbound, |it| What::ResolveLabel(id, it)),
            _ => Err(Problem::of("route", "there is no such decision")),
        }
    }

    /// Who decides and why is in every body; the rest of it is the task's own.
    fn signed<T: DeserializeOwned>(
        inbound: &Inbound,
        what: impl FnOnce(T) -> What,
    ) -> Result<Self, Problem> {
        let mut fields: Map<String, Value> = body(inbound)?;
        let mut text = |field: &str| match fields.remove(field) {
            Some(Value::String(said)) => check_said(field, &said).map(|()| said),
            _ => Err(Problem::of(field, "is missing")),
        };
        let (by, why) = (text("by")?, text("why")?);
        let own = serde_json::from_value(Value::Object(fields)).map_err(|wrong| {
            // Its own words quote the body, all but these.
            let said = wrong.to_string();
            let missing =
                said.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
            missing.map_or(Problem::of("body", "is no such decision"), |(field, _)| {
                Problem::of(field, "is missing")
            })
        })?;
        let task = Self { what: what(own), by, why };
        task.check()?;
        Ok(task)
    }

    fn check(&self) -> Result<(), Problem> {
        match &self.what {
            What::Open(it) => {
                check_said("key", &it.key)?;
                let too_many = it.lines.iter().position(|line| line.photos > PHOTOS_MAX);
                too_many.map_or(Ok(()), |index| {
                    let problem = format!("{PHOTOS_MAX} are the most");
                    Err(Problem::of(&format!("lines[{index}].photos"), &problem))
                })
            }
            What::Send(_, it) => {
                check_said("carrier", &it.carrier)?;
                check_said("number", &it.number)
            }
            What::ResolveLabel(_, it) if it.bought => {
                check_said("carrier", it.carrier.as_deref().unwrap_or_default())?;
                check_said("number", it.number.as_deref().unwrap_or_default())
            }
            What::Refund(it) => match &it.of_return {
                Some(id) if id.parse::<ReturnId>().is_err() => {
                    Err(Problem::of("return", "something like `R1` is needed"))
                }
                _ => check_said("key", &it.key),
            },
            _ => Ok(()),
        }
    }

    /// Does it; what was done before, or changes nothing any more, is a success with no facts.
    pub(crate) async fn take(
        &self,
        world: &(impl Clock + Events + Catalog + Queues),
        order_id: &OrderId,
    ) -> Result<Reply> {
        let settings = world.settings().await?;
        let refusal = RefCell::new(None);
        let done = transact(world, order_id, async |order, now| {
            if order.received.is_none() {
                refusal.replace(Some((404, Problem::of("order", "there is no such order"))));
                return Ok(Vec::new());
            }
            let decided = self.facts(world, order, &settings, now).await?;
            // Decided anew after a conflict, it may be refused no more.
            refusal.replace(decided.as_ref().err().map(|problem| (409, problem.clone())));
            Ok(decided.unwrap_or_default())
        })
        .await?;
        if let Some((status, problem)) = refusal.take() {
            return Ok(refused(status, &problem.field, &problem.problem));
        }
        let facts: Vec<&str> = done.facts.iter().map(Fact::name).collect();
        let mut said = json!({"order": order_id, "facts": facts});
        if let What::Open(it) = &self.what {
            let opened = request::find(&done.order, Some(&it.key));
            said["return"] = json!(opened.map(|return_id| return_id.to_string()));
        }
        Ok(Reply::json(200, said.to_string()))
    }

    async fn facts(
        &self,
        world: &impl Catalog,
        order: &Order,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Result<Vec<Fact>, Problem>> {
        let (by, why) = (self.by.as_str(), self.why.as_str());
        let decided = match &self.what {
            What::Open(it) => return self.open(world, order, it, settings, now).await,
            What::Photos(id, it) => {
                let facts = request::add_photos(order, *id, &it.line_id, it.photos);
                return and_decide(world, order, *id, facts, settings, now).await.map(Ok);
            }
            What::Approve(id, it) => {
                let available = available(world, settings, &decide::articles(order, *id)).await?;
                let context = Context { settings, available: &available, now };
                approve::approve(order, *id, it.resolution, by, context)
            }
            What::Decline(id) => approve::decline(order, *id, by, why, settings.version),
            What::Cancel(id, it) => {
                let side = if it.for_customer { Side::Customer } else { Side::Merchant };
                approve::cancel(order, *id, side, by, why)
            }
            What::Send(id, it) => receive::send(order, *id, &it.carrier, &it.number, by),
            What::Receive(id, it) => receive::receive(order, *id, &it.lines, by),
            What::Inspect(id, it) => {
                let counters = counters(world, order, *id, settings).await?;
                let findings = it.findings.iter().map(Found::as_finding).collect();
                let inspection = Inspection { findings, counters, by: by.to_owned() };
                receive::inspect(order, *id, &inspection)
            }
            What::Close(id) => approve::close(order, *id, by, why),
            What::ResolveLabel(id, it) => {
                let found = it.carrier.clone().zip(it.number.clone()).filter(|_| it.bought);
                Ok(label::resolve(order, *id, found, by, why))
            }
            What::ResolveRefund(id, it) => Ok(refund::resolve(order, *id, it.refunded, by, why)),
            What::Refund(it) => return Ok(self.refund(order, it)),
        };
        Ok(decided.map_err(|refusal| Problem::of(refusal.field(), &refusal.to_string())))
    }

    async fn open(
        &self,
        world: &impl Catalog,
        order: &Order,
        it: &Open,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Result<Vec<Fact>, Problem>> {
        let asked = request::Request {
            lines: it.lines.clone(),
            key: Some(it.key.clone()),
            by: self.by.clone(),
        };
        let facts = match request::request(order, &asked, &settings.returns, now) {
            Ok(facts) => facts,
            Err(refusal) => {
                let is_it = |line: &RequestedLine| match &refusal {
                    request::Refusal::UnknownReason(reason) => line.reason == *reason,
                    _ => refusal.line_id() == Some(&line.line_id),
                };
                // A line that is there twice is wrong where it comes again.
                let index = it.lines.iter().rposition(is_it);
                let field = refusal.field();
                let field = index.map_or(field.to_owned(), |at| format!("lines[{at}].{field}"));
                return Ok(Err(Problem::of(&field, &refusal.to_string())));
            }
        };
        let return_id = order.next_return_id();
        and_decide(world, order, return_id, facts, settings, now).await.map(Ok)
    }

    fn refund(&self, order: &Order, it: &Refund) -> Result<Vec<Fact>, Problem> {
        let return_id = it.of_return.as_ref().and_then(|id| id.parse().ok());
        if return_id.is_some_and(|known| !order.returns.contains_key(&known)) {
            return Err(Problem::of("return", "the order has no such return"));
        }
        let wish = refund::Wish {
            return_id,
            key: Some(it.key.clone()),
            lines: it.lines.clone(),
            at_fault: Vec::new(),
            amount_minor: it.amount_minor,
            by: self.by.clone(),
            why: self.why.clone(),
        };
        let planned = refund::plan(order, &wish);
        planned.map_err(|refusal| Problem::of(refusal.field(), &refusal.to_string()))
    }
}

impl Found {
    fn as_finding(&self) -> Finding {
        Finding {
            line_id: self.line_id.clone(),
            disposition: self.disposition,
            quantity: self.quantity,
            refund: self.refund,
        }
    }
}

/// The counter of each article at the place where a return's goods go.
async fn counters(
    world: &impl Catalog,
    order: &Order,
    return_id: ReturnId,
    settings: &Settings,
) -> Result<BTreeMap<ArticleId, StockKey>> {
    let approved = order.returns.get(&return_id).and_then(|known| known.approved.as_ref());
    let destination = approved.and_then(|approved| approved.destination.as_ref());
    let destination = destination.and_then(|known| settings.returns.destination(known));
    let Some(location) = destination.and_then(|known| known.location.as_ref()) else {
        return Ok(BTreeMap::new());
    };
    let articles = decide::articles(order, return_id).into_iter().collect();
    let articles = world.articles(&articles).await?;
    let counter = |(id, article): (ArticleId, Article)| {
        let one = BTreeMap::from([(id.clone(), article)]);
        let keys = domain::order::routing::stock_keys(&one);
        keys.into_iter().find(|key| key.location == *location).map(|key| (id, key))
    };
    Ok(articles.into_iter().filter_map(counter).collect())
}

/// The photos of each return, and where each can be seen for some minutes; nothing in them but what they show.
pub(crate) fn photos(
    world: &impl ports::Photos,
    order: &Order,
) -> Result<BTreeMap<ReturnId, Vec<Value>>> {
    let shown = order.returns.iter().map(|(return_id, known)| {
        let photos = known.photos.iter().map(|(line_id, photo)| {
            let link = world.photo_link(&photo.key, &photo.media_type)?;
            Ok(json!({
                "line_id": line_id, "link": link, "media_type": photo.media_type,
                "bytes": photo.bytes, "sha256": photo.sha256,
            }))
        });
        Ok((*return_id, photos.collect::<Result<_>>()?))
    });
    shown.collect()
}

/// The order's returns, each with what the customer wrote and photographed, and its refunds, for the order's page.
pub(crate) fn shown(
    order_id: &OrderId,
    order: &Order,
    comments: &BTreeMap<ReturnId, String>,
    photos: &BTreeMap<ReturnId, Vec<Value>>,
) -> (Vec<Value>, Vec<Value>) {
    let lines = |known: &domain::order::returns::Return| -> Vec<Value> {
        let line = |line: &RequestedLine| {
            json!({
                "line_id": line.line_id, "quantity": line.quantity, "reason": line.reason,
                "photos": line.photos, "received": known.received(&line.line_id),
                "inspected": known.inspected(&line.line_id),
            })
        };
        known.requested.lines.iter().map(line).collect()
    };
    let returns = order.returns.iter().map(|(return_id, known)| {
        json!({
            "return": return_id.to_string(), "rma": return_id.rma(order_id),
            "kind": known.requested.kind, "stage": known.stage.name(), "why": known.why,
            "requested_at": known.requested_at, "terms": known.approved,
            "label": {
                "state": known.label.name(), "number": known.label.number(),
                "why": known.label.why(),
            },
            "sent": known.sent, "lines": lines(known), "comment": comments.get(return_id),
            "photos": photos.get(return_id),
        })
    });
    let refunds = order.refunds.values().map(|known| {
        let planned = &known.planned;
        json!({
            "refund": planned.refund_id.to_string(), "stage": known.stage.name(),
            "return": planned.return_id.map(|id| id.to_string()), "amount": planned.amount,
            "lines": planned.lines, "shipping_minor": planned.shipping_minor,
            "planned_at": known.planned_at, "why": known.stage.why(),
        })
    });
    (returns.collect(), refunds.collect())
}
