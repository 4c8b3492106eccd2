//! The way in: an order number, and something that only the customer knows of it. Nobody learns here whether there is
//! such an order: nothing is looked up, and `notifications` mails the link or does not.

use anyhow::Result;
use askama::Template;
use connectors::{customer_link, form, signature};
use domain::message::Message;
use domain::views;
use futures_util::future::try_join;
use jiff::SignedDuration;
use ports::{Attempts, Clock, Inbound, Queues, Reply, Secrets};

use crate::page::Page;

/// How often one network address may try in an hour: a family or an office behind one address gets through.
const TRIES_PER_CALLER: u32 = 20;

/// How often an order number may be tried in an hour, by whomever: a thief who tries postal codes gets nowhere.
const TRIES_PER_ORDER: u32 = 5;

/// How many characters anyone's e-mail address or postal code has at the most (RFC 5321, 4.5.3.1).
const PROOF_LEN_MAX: usize = 320;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

#[derive(Template)]
#[template(path = "ask.html")]
struct Ask<'a> {
    page: &'a Page,
    order: &'a str,
    proof: &'a str,
    /// What is wrong with the order number, as a text's key.
    order_wrong: Option<&'static str>,
    proof_wrong: Option<&'static str>,
    wrong: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "asked.html")]
struct Asked<'a> {
    page: &'a Page,
}

impl<'a> Ask<'a> {
    fn new(page: &'a Page, order: &'a str, proof: &'a str) -> Self {
        Self { page, order, proof, order_wrong: None, proof_wrong: None, wrong: None }
    }
}

/// The empty form; another page of ours may know the order number.
pub(crate) fn ask(inbound: &Inbound, page: &Page) -> Result<Reply> {
    let query = form::fields(inbound.query.as_bytes()).unwrap_or_default();
    let order = query.get("order").map_or("", String::as_str);
    page.reply(200, &Ask::new(page, order, ""))
}

/// The form that was sent.
pub(crate) async fn asked(
    world: &(impl Attempts + Clock + Queues + Secrets),
    inbound: &Inbound,
    page: &Page,
) -> Result<Reply> {
    let fields = form::fields(&inbound.body).unwrap_or_default();
    let typed = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let (order, proof) = (typed("order"), typed("proof"));
    let number = views::order_number(order);
    let mut again = Ask::new(page, order, proof);
    again.order_wrong = match &number {
        _ if order.is_empty() => Some("order-number-missing"),
        None => Some("order-number-wrong"),
        Some(_) => None,
    };
    let is_proof = proof.chars().any(char::is_alphanumeric) && proof.len() <= PROOF_LEN_MAX;
    again.proof_wrong = (!is_proof).then_some("proof-missing");
    let number = match number {
        Some(number) if again.proof_wrong.is_none() => number,
        _ => return page.reply(422, &again),
    };
    let secrets = world.secret(customer_link::SECRET).await?;
    let secret = secrets.first().map_or("", String::as_str);
    if !may_try(world, secret, &inbound.caller, &number).await? {
        again.wrong = Some("too-many-tries");
        return page.reply(429, &again);
    }
    if !secret.is_empty() {
        let evidence = customer_link::evidence(secret, &number, proof);
        let language = page.language();
        world.send(&[Message::MailLink { number, evidence, language }]).await?;
    }
    page.reply(200, &Asked { page })
}

/// Counts a try, by hours of the clock: whoever waits for the next one may try again.
async fn may_try(
    world: &(impl Attempts + Clock),
    secret: &str,
    caller: &str,
    number: &str,
) -> Result<bool> {
    // A network address can be a person's; what is kept of it is a hash under our secret.
    let caller = signature::sign_hex(secret, &[b"caller\n", caller.as_bytes()]);
    let hour = world.now().as_second().div_euclid(HOUR.as_secs());
    let until = world.now() + HOUR;
    let (by_caller, of_order) =
        (format!("caller/{hour}/{caller}"), format!("order/{hour}/{number}"));
    let (by_caller, of_order) =
        try_join(world.attempt(&by_caller, until), world.attempt(&of_order, until)).await?;
    Ok(by_caller <= TRIES_PER_CALLER && of_order <= TRIES_PER_ORDER)
}
