//! The decisions that an operator may take, each a body of JSON with `by` and `why`.

use std::cell::RefCell;

use anyhow::Result;
use domain::address::{self, Address};
use domain::id::{FulfillmentOrderId, OrderId, ParcelId};
use domain::order::fact::{Fact, Hold};
use domain::order::{Order, cancel, forwarding, hold, intake, push_back};
use domain::shop_order::Contact;
use ports::intake::contact_ref;
use ports::{Clock, Events, Inbound, People, Queues, Reply, Secrets, transact};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::refused;

/// What an operator decided.
pub(crate) enum Decision {
    Override(Override),
    Cancel(Cancel),
    Address(Box<NewAddress>),
    Resolve(Resolve),
    Shown(Shown),
    Revoke(Revoke),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Override {
    hold: Hold,
    by: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cancel {
    by: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAddress {
    address: Address,
    by: String,
    why: String,
}

/// Whether a purchase in doubt took place.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolve {
    fulfillment_order: String,
    bought: bool,
    by: String,
    why: String,
}

/// Whether the shop shows of a parcel what it had refused; if not, it is tried again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shown {
    parcel: String,
    shown: bool,
    by: String,
    why: String,
}

/// Shuts all links to the order that customers have. Whoever gets no answer asks again with the same count.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revoke {
    /// How often that was done before, as the order's page says.
    revoked_before: u32,
    by: String,
    why: String,
}

/// What is wrong, and where.
#[derive(Clone)]
pub(crate) struct Problem {
    pub(crate) field: String,
    pub(crate) problem: String,
}

impl Decision {
    pub(crate) fn parse(inbound: &Inbound) -> Result<Self, Problem> {
        let decision = match inbound.route.rsplit('/').next() {
            Some("overrides") => Self::Override(body(inbound)?),
            Some("cancellations") => Self::Cancel(body(inbound)?),
            Some("address") => Self::Address(Box::new(body(inbound)?)),
            Some("link-revocations") => Self::Revoke(body(inbound)?),
            Some("decisions") if is_of_parcel(inbound) => Self::Shown(body(inbound)?),
            Some("decisions") => Self::Resolve(body(inbound)?),
            _ => return Err(Problem::of("route", "there is no such decision")),
        };
        decision.check()?;
        Ok(decision)
    }

    fn check(&self) -> Result<(), Problem> {
        let (by, why) = match self {
            Self::Override(it) => (&it.by, &it.why),
            Self::Cancel(it) => (&it.by, &it.why),
            Self::Address(it) => (&it.by, &it.why),
            Self::Resolve(it) => (&it.by, &it.why),
            Self::Shown(it) => (&it.by, &it.why),
            Self::Revoke(it) => (&it.by, &it.why),
        };
        check_said("by", by)?;
        check_said("why", why)?;
        match self {
            Self::Resolve(it) if it.fulfillment_order.parse::<FulfillmentOrderId>().is_err() => {
                Err(Problem::of("fulfillment_order", "something like `F1` is needed"))
            }
            Self::Shown(it) if it.parcel.parse::<ParcelId>().is_err() => {
                Err(Problem::of("parcel", "something like `P1` is needed"))
            }
            Self::Address(it) => match address::problems(&it.address).first() {
                Some(wrong) => Err(Problem::of(&format!("address.{}", wrong.field), wrong.problem)),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Takes the decision; one that was taken before, or that changes nothing any more, is a success with no facts.
    pub(crate) async fn take(
        &self,
        world: &(impl Clock + Events + People + Queues + Secrets),
        order_id: &OrderId,
    ) -> Result<Reply> {
        let refusal = RefCell::new(None);
        let done = transact(world, order_id, async |order, _| {
            let decided = self.facts(world, order_id, order).await?;
            // Decided anew after a conflict, it may be refused no more.
            refusal.replace(decided.as_ref().err().cloned());
            Ok(decided.unwrap_or_default())
        })
        .await?;
        if let Some((status, problem)) = refusal.take() {
            return Ok(refused(status, &problem.field, &problem.problem));
        }
        let facts: Vec<&str> = done.facts.iter().map(Fact::name).collect();
        let mut reply = json!({"order": order_id, "facts": facts});
        let asked = done.order.numbered_amendments();
        if let Some(asked) = asked.filter(|(_, it)| Some(it.name()) == self.request()).last() {
            reply["request"] = crate::request(&done.order, asked);
        }
        Ok(Reply::json(200, reply.to_string()))
    }

    /// The kind of request that it is, if the operator wants to know what comes of it.
    fn request(&self) -> Option<&'static str> {
        match self {
            Self::Cancel(_) => Some("cancellation"),
            Self::Address(_) => Some("address"),
            Self::Override(_) | Self::Resolve(_) | Self::Shown(_) | Self::Revoke(_) => None,
        }
    }

    /// What the decision makes of the order as it is, or with which status it is refused, and why.
    async fn facts(
        &self,
        world: &impl People,
        order_id: &OrderId,
        order: &Order,
    ) -> Result<Result<Vec<Fact>, (u16, Problem)>> {
        if order.received.is_none() {
            return Ok(Err((404, Problem::of("order", "there is no such order"))));
        }
        Ok(Ok(match self {
            Self::Override(it) => match hold::override_hold(order, it.hold, &it.by, &it.why) {
                Ok(facts) => facts,
                Err(refusal) => return Ok(Err((409, Problem::of("hold", &refusal.to_string())))),
            },
            Self::Cancel(it) => cancel::request(order, &it.by, &it.why, None),
            Self::Resolve(it) => {
                let fulfillment_order_id = it.fulfillment_order.parse()?;
                forwarding::resolve(order, fulfillment_order_id, it.bought, &it.by, &it.why)
            }
            Self::Shown(it) => {
                push_back::resolve(order, it.parcel.parse()?, it.shown, &it.by, &it.why)
            }
            Self::Revoke(it) if order.link_revocations > it.revoked_before => Vec::new(),
            Self::Revoke(it) => {
                vec![Fact::LinksRevoked { by: it.by.clone(), why: it.why.clone() }]
            }
            Self::Address(it) => change_address(world, order_id, order, it).await?,
        }))
    }
}

/// Keeps the corrected contact, then points the order at it. The same correction again is the same contact.
async fn change_address(
    world: &impl People,
    order_id: &OrderId,
    order: &Order,
    change: &NewAddress,
) -> Result<Vec<Fact>> {
    let Some((known_ref, _)) = &order.contact else {
        return Ok(Vec::new());
    };
    let known = world.contact(order_id, known_ref).await?.unwrap_or_default();
    let contact = Contact { shipping: Some(change.address.clone()), ..known };
    let payload = serde_json::to_vec(&contact)?;
    let contact_ref = contact_ref(order_id, &contact, "operator")?;
    if contact_ref.is_same_contact(known_ref) {
        return Ok(Vec::new());
    }
    world.keep(order_id, &contact_ref, &contact, &payload).await?;
    Ok(intake::change_contact(order, &contact_ref, contact.country(), &change.by, None))
}

fn is_of_parcel(inbound: &Inbound) -> bool {
    let body: Result<serde_json::Value, _> = serde_json::from_slice(&inbound.body);
    body.is_ok_and(|body| body.get("parcel").is_some())
}

/// What people say goes into facts: something, and not everything.
pub(crate) fn check_said(field: &str, said: &str) -> Result<(), Problem> {
    if said.trim().is_empty() || said.chars().count() > 500 {
        return Err(Problem::of(field, "1 to 500 characters are needed"));
    }
    Ok(())
}

pub(crate) fn body<T: DeserializeOwned>(inbound: &Inbound) -> Result<T, Problem> {
    serde_json::from_slice(&inbound.body).map_err(|wrong| {
        // Its own words quote the body, all but these.
        let said = wrong.to_string();
        let missing = said.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
        let (line, column) = (wrong.line(), wrong.column());
        let place = format!("is no such decision: see line {line}, column {column}");
        missing.map_or(Problem::of("body", &place), |(field, _)| Problem::of(field, "is missing"))
    })
}

impl Problem {
    pub(crate) fn of(field: &str, problem: &str) -> Self {
        Self { field: field.to_owned(), problem: problem.to_owned() }
    }
}
