//! Choosing: what can be returned and what can't, and why; and the request itself.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anyhow::Result;
use askama::Template;
use connectors::form;
use domain::id::ReasonId;
use domain::order::Order;
use domain::order::returns::fact::RequestedLine;
use domain::order::returns::request::{self, Refusal, Request};
use domain::settings::Settings;
use domain::settings::returns::Returns;
use domain::shop_order::ShopLine;
use jiff::Timestamp;
use ports::returns::{and_decide, keep_comment};
use ports::{Catalog, Clock, Events, Inbound, Notes, Queues, Reply, transact};
use sha2::{Digest as _, Sha256};

use crate::access::Access;
use crate::page::{Page, redirect};
use crate::show;

/// Who asks, in facts.
pub(crate) const CUSTOMER: &str = "customer";

/// How many characters a comment may have.
const COMMENT_LEN_MAX: usize = 1000;

type Fields = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "choose.html")]
struct Choose<'a> {
    page: &'a Page,
    number: String,
    form_token: &'a str,
    returns: Vec<Existing>,
    known: usize,
    lines: Vec<LineForm>,
    comment: &'a str,
    comment_wrong: Option<String>,
    wrong: Option<String>,
}

/// A return that there is.
struct Existing {
    path: String,
    rma: String,
    standing: String,
}

/// A line of the order, as the form shows it.
struct LineForm {
    line_id: String,
    title: String,
    bought: String,
    /// Units that can be returned; if none, [`LineForm::why_not`].
    most: u32,
    why_not: String,
    quantity: u32,
    reasons: Vec<Choice>,
    quantity_wrong: Option<String>,
    reason_wrong: Option<String>,
}

/// One of several to choose.
struct Choice {
    value: String,
    title: String,
    is_chosen: bool,
}

impl Choose<'_> {
    fn is_any_returnable(&self) -> bool {
        self.lines.iter().any(|line| line.most > 0)
    }
}

/// What can be returned now.
pub(crate) fn choose(
    world: &impl Clock,
    page: &Page,
    access: &Access,
    settings: &Settings,
) -> Result<Reply> {
    page.reply(200, &form_of(page, access, settings, world.now(), &Fields::new()))
}

fn form_of<'a>(
    page: &'a Page,
    access: &'a Access,
    settings: &Settings,
    now: Timestamp,
    fields: &'a Fields,
) -> Choose<'a> {
    let order = &access.order;
    let lines = order.received.iter().flat_map(|received| &received.lines);
    let lines = lines.filter(|line| line.ships);
    let lines = lines.map(|line| line_form(page, order, line, &settings.returns, now, fields));
    let returns = order.returns.iter().map(|(return_id, known)| Existing {
        path: format!("returns/{return_id}"),
        rma: return_id.rma(&access.order_id),
        standing: page.say(&format!("stage-{}", show::standing(known))),
    });
    Choose {
        page,
        number: access.number(),
        form_token: &access.form_token,
        known: order.returns.len(),
        returns: returns.collect(),
        lines: lines.collect(),
        comment: fields.get("comment").map_or("", String::as_str),
        comment_wrong: None,
        wrong: None,
    }
}

fn line_form(
    page: &Page,
    order: &Order,
    line: &ShopLine,
    rules: &Returns,
    now: Timestamp,
    fields: &Fields,
) -> LineForm {
    let line_id = line.line_id.as_str();
    let chosen = field(fields, "reason", line_id);
    let mut most = 0;
    let mut refusals = Vec::new();
    let mut reasons = Vec::new();
    for reason in &rules.reasons {
        match request::returnable(order, line, reason, rules, now) {
            Ok(left) => {
                most = most.max(left);
                reasons.push(Choice {
                    value: reason.id.to_string(),
                    title: reason_title(page, rules, &reason.id),
                    is_chosen: reason.id.as_str() == chosen,
                });
            }
            Err(refusal) => refusals.push(refusal),
        }
    }
    // Each reason has its own window; the latest of the days says most.
    refusals.sort_by_key(|refusal| match refusal {
        Refusal::WindowOver { until, .. } => Some(*until),
        _ => None,
    });
    let why_not = refusals.last().filter(|_| most == 0);
    LineForm {
        line_id: line_id.to_owned(),
        title: line.title.clone(),
        bought: page.say_with("units", "count", line.quantity),
        most,
        why_not: why_not.map_or(String::new(), |refusal| said(page, refusal)),
        quantity: field(fields, "quantity", line_id).parse().unwrap_or(0).min(most),
        reasons,
        quantity_wrong: None,
        reason_wrong: None,
    }
}

/// What the customer reads of a reason: our own translation, else the merchant's words, else its name.
pub(crate) fn reason_title(page: &Page, rules: &Returns, reason: &ReasonId) -> String {
    let own = page.texts.find(&format!("reason-{reason}"), &[]);
    let known = rules.reason(reason).map(|reason| reason.title.clone());
    own.or(known.filter(|title| !title.is_empty())).unwrap_or_else(|| reason.to_string())
}

fn field<'f>(fields: &'f Fields, name: &str, line_id: &str) -> &'f str {
    fields.get(&format!("{name}:{line_id}")).map_or("", |value| value.trim())
}

/// Why something can't be returned, in the customer's words.
fn said(page: &Page, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Nothing => page.say("refused-nothing"),
        Refusal::UnknownReason(_) => page.say("refused-reason"),
        Refusal::Mixed => page.say("refused-mixed"),
        Refusal::NotDelivered(_) => page.say("refused-not-delivered"),
        Refusal::NotReturnable(_) => page.say("refused-not-returnable"),
        Refusal::Taken(_) => page.say("refused-taken"),
        Refusal::LineTwice(_) | Refusal::UnknownLine(_) => page.say("refused-unknown"),
        Refusal::WindowOver { until, .. } => {
            page.say_with("refused-window", "date", page.texts.date(*until))
        }
        Refusal::TooMany { left, .. } => page.say_with("refused-too-many", "left", *left),
    }
}

/// What the form asks for, line by line.
fn asked(order: &Order, fields: &Fields) -> Vec<(RequestedLine, bool)> {
    let lines = order.received.iter().flat_map(|received| &received.lines);
    let asked = lines.filter_map(|line| {
        let line_id = line.line_id.as_str();
        let quantity = field(fields, "quantity", line_id).parse().unwrap_or(0);
        let reason = ReasonId::parse(field(fields, "reason", line_id));
        let is_chosen = reason.is_ok();
        let reason = reason.or_else(|_| ReasonId::parse("-")).ok()?;
        let line_id = line.line_id.clone();
        (quantity > 0)
            .then_some((RequestedLine { line_id, quantity, reason, photos: 0 }, is_chosen))
    });
    asked.collect()
}

/// The request that was sent: a return or a claim, and what the rules make of it at once.
pub(crate) async fn request(
    world: &(impl Catalog + Clock + Events + Notes + Queues),
    inbound: &Inbound,
    page: &Page,
    access: &Access,
    settings: &Settings,
) -> Result<Reply> {
    let fields = form::fields(&inbound.body).unwrap_or_default();
    let mut again = form_of(page, access, settings, world.now(), &fields);
    if !access.is_own_form(fields.get("form").map_or("", String::as_str)) {
        again.wrong = Some(page.say("form-expired"));
        return page.reply(403, &again);
    }
    let asked = asked(&access.order, &fields);
    let lacks_reason = |line: &mut LineForm| {
        let of_line = |(asked, is_chosen): &&(RequestedLine, bool)| {
            asked.line_id.as_str() == line.line_id && !is_chosen
        };
        if asked.iter().any(|it| of_line(&it)) {
            line.reason_wrong = Some(page.say("refused-reason"));
        }
        line.reason_wrong.is_some()
    };
    // Each of them is told, not the first alone.
    let lacking = again.lines.iter_mut().map(lacks_reason).filter(|lacks| *lacks).count();
    if again.comment.chars().count() > COMMENT_LEN_MAX {
        let most = u32::try_from(COMMENT_LEN_MAX).unwrap_or(u32::MAX);
        again.comment_wrong = Some(page.say_with("comment-too-long", "most", most));
    }
    if lacking > 0 || again.comment_wrong.is_some() {
        return page.reply(422, &again);
    }
    let lines: Vec<RequestedLine> = asked.into_iter().map(|(line, _)| line).collect();
    let key = key(&fields, &lines);
    if !again.comment.trim().is_empty() {
        // Before the fact, so that no return lacks what was said of it. What is said of one that is refused is said again.
        keep_comment(world, &access.order_id, &key, again.comment.trim()).await?;
    }
    let wish = Request { key: Some(key), lines, by: CUSTOMER.to_owned() };
    match take(world, access, &wish, settings).await? {
        Ok(path) => Ok(redirect(&path, None)),
        Err(refusal) => {
            refuse(page, &mut again, &refusal);
            page.reply(422, &again)
        }
    }
}

/// Names a request, so that a form that is sent twice is one: what it asks for, and how many returns its page knew of.
fn key(fields: &Fields, lines: &[RequestedLine]) -> String {
    let mut hash = Sha256::new();
    for RequestedLine { line_id, quantity, reason, .. } in lines {
        hash.update(format!("{line_id}/{quantity}/{reason}\n"));
    }
    let digest: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let known = fields.get("known").and_then(|known| known.parse::<u16>().ok()).unwrap_or(0);
    format!("portal-{known}-{digest}")
}

/// Takes the request; the path of the return's page, from `/order/returns`.
async fn take(
    world: &(impl Catalog + Clock + Events + Queues),
    access: &Access,
    wish: &Request,
    settings: &Settings,
) -> Result<Result<String, Refusal>> {
    let refusal = RefCell::new(None);
    let done = transact(world, &access.order_id, async |order, now| {
        let facts = match request::request(order, wish, &settings.returns, now) {
            Ok(facts) => facts,
            Err(refused) => {
                refusal.replace(Some(refused));
                return Ok(Vec::new());
            }
        };
        refusal.replace(None);
        and_decide(world, order, order.next_return_id(), facts, settings, now).await
    })
    .await?;
    if let Some(refusal) = refusal.take() {
        return Ok(Err(refusal));
    }
    let return_id = request::find(&done.order, wish.key.as_deref());
    Ok(Ok(return_id.map_or("returns".to_owned(), |return_id| format!("returns/{return_id}"))))
}

/// Says what is wrong where it is wrong.
fn refuse(page: &Page, again: &mut Choose<'_>, refusal: &Refusal) {
    let problem = Some(said(page, refusal));
    let wrong = refusal.line_id().map(domain::id::LineId::as_str);
    match again.lines.iter_mut().find(|line| Some(line.line_id.as_str()) == wrong) {
        Some(line) if line.most > 0 => match refusal {
            Refusal::NotReturnable(_) | Refusal::WindowOver { .. } => line.reason_wrong = problem,
            _ => line.quantity_wrong = problem,
        },
        _ => again.wrong = problem,
    }
}
