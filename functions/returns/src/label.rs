//! A label for the way back, from the customer to where the goods go.

use std::cell::RefCell;

use anyhow::{Context, Result, bail};
use connectors::easypost;
use connectors::label::{
    Access, Customs, CustomsItem, LabelOutcome, LabelRequest, ParcelSize, Party,
};
use domain::address::{Address, crosses_customs};
use domain::id::{OrderId, ReturnId};
use domain::message::Function;
use domain::money::Money;
use domain::order::Order;
use domain::order::fact::Fact;
use domain::order::intent::Intent;
use domain::order::returns::fact::LabelBought;
use domain::order::returns::label::{self, Content};
use domain::settings::Settings;
use domain::settings::returns::{LabelSeller, Labels};
use domain::shop_order::Contact;
use ports::{
    Catalog, Clock, Events, Http, Known, People, Queues, Secrets, begin_in, take_over,
    transact_from, while_reading_kept,
};

/// The secret of EasyPost's API.
const EASYPOST: &str = "carriers/easypost";

/// Buys a return's label, once, under its RMA number, and records what came of it.
///
/// # Errors
/// When the seller of labels or the world says not now, or another delivery may be buying. The queue delivers again; after a day a person is asked.
pub async fn buy_label(
    world: &(impl Clock + Events + People + Catalog + Queues + Secrets + Http),
    order_id: &OrderId,
    return_id: ReturnId,
) -> Result<()> {
    let step = Step { world, order_id, return_id };
    // What could fail before anything is bought fails before the intent is on record.
    let prepared = RefCell::new(None);
    let begin = begin_in(world, Function::Returns, order_id, async |order, now| {
        let facts = label::begin(order, return_id, now);
        if facts.is_empty() {
            return Ok(facts);
        }
        Ok(match step.prepare(order).await? {
            Ok(ready) => {
                prepared.replace(Some(ready));
                facts
            }
            Err(why) => label::failed(order, return_id, &why),
        })
    });
    let begun = while_reading_kept(world, begin).await?;
    let Some(intent) = label::intent(&begun.order, return_id) else {
        begun.remind(world, Some(Function::Returns), order_id).await?;
        return Ok(());
    };
    let outcome = match prepared.into_inner().filter(|_| !begun.facts.is_empty()) {
        Some(prepared) => step.buy(&prepared, intent).await?,
        None => step.take_over(&begun.order, intent).await?,
    };
    let known = Known { order: begun.order, version: begun.version };
    transact_from(world, Function::Returns, order_id, known, async |order: &Order, _| {
        Ok(record(order, return_id, &outcome))
    })
    .await?;
    Ok(())
}

fn record(order: &Order, return_id: ReturnId, outcome: &LabelOutcome) -> Vec<Fact> {
    match outcome {
        LabelOutcome::Bought(it) => {
            let bought = LabelBought {
                return_id,
                shipment: it.shipment_id.clone(),
                carrier: it.carrier.clone(),
                number: it.number.clone(),
                label_url: it.label_url.clone(),
                cost: it.cost,
                found: it.found,
            };
            label::bought(order, bought)
        }
        LabelOutcome::Refused { why } => label::failed(order, return_id, why),
        LabelOutcome::Doubted { why } => label::doubted(order, return_id, why),
    }
}

/// One delivery for one return.
struct Step<'a, W> {
    world: &'a W,
    order_id: &'a OrderId,
    return_id: ReturnId,
}

/// All that a purchase needs. Personal data.
struct Prepared {
    labels: Labels,
    key: String,
    contact: Contact,
    from: Address,
    to: Address,
    parcel: ParcelSize,
    customs: Option<Customs>,
}

impl<W: Clock + Events + People + Catalog + Queues + Secrets + Http> Step<'_, W> {
    /// What becomes of an intent that was found. Sellers of labels drop no repeats.
    async fn take_over(&self, order: &Order, intent: Intent) -> Result<LabelOutcome> {
        let prepared = self.prepare(order).await?;
        let look_up = async || match &prepared {
            Ok(prepared) => self.look_up(prepared, intent).await,
            // It could be asked for when it was begun, and may have been bought then.
            Err(why) => Ok(Some(LabelOutcome::Doubted { why: why.clone() })),
        };
        let renew = |order: &Order| label::renewed(order, self.return_id, intent);
        let (world, function) = (self.world, Function::Returns);
        let found = take_over(world, function, self.order_id, intent, look_up, renew).await?;
        match (found, prepared) {
            (None, Ok(prepared)) => self.buy(&prepared, intent).await,
            (None, Err(why)) => Ok(LabelOutcome::Doubted { why }),
            (Some(outcome), _) => Ok(outcome),
        }
    }

    /// What is to be bought; or why no label can be asked for, which a retry would not change.
    async fn prepare(&self, order: &Order) -> Result<Result<Prepared, String>> {
        let settings = self.world.settings().await?;
        let Some(labels) = settings.returns.labels.clone() else {
            return Ok(Err("`returns.labels` is gone from the settings".to_owned()));
        };
        let approved = order.returns.get(&self.return_id).and_then(|known| known.approved.as_ref());
        let destination = approved.and_then(|approved| approved.destination.as_ref());
        let destination = destination.and_then(|known| settings.returns.destination(known));
        let Some(destination) = destination else {
            return Ok(Err("its destination is gone from the settings".to_owned()));
        };
        let to = destination.address.clone();
        let (contact_ref, _) = order.contact.as_ref().context("the order has no contact")?;
        let Some(contact) = self.world.contact(self.order_id, contact_ref).await? else {
            return Ok(Err("the contact was erased".to_owned()));
        };
        let Some(from) = contact.shipping.clone() else {
            return Ok(Err("the order has no address".to_owned()));
        };
        let contents = label::contents(order, self.return_id);
        let customs = match (from.country, to.country) {
            (Some(start), Some(end)) if !crosses_customs(start, end) => None,
            _ => match customs(order, &contents, &settings) {
                Ok(customs) => Some(customs),
                Err(why) => return Ok(Err(why)),
            },
        };
        let (length_mm, width_mm, height_mm) = labels.parcel_mm;
        let weight_g = contents.iter().map(weight_g).fold(0, u32::saturating_add).max(1);
        let parcel = ParcelSize { weight_g, length_mm, width_mm, height_mm };
        let key = self.key().await?;
        Ok(Ok(Prepared { labels, key, contact, from, to, parcel, customs }))
    }

    async fn key(&self) -> Result<String> {
        match self.world.secret(EASYPOST).await?.into_iter().next() {
            Some(key) => Ok(key),
            None => bail!("there is no secret `{EASYPOST}`"),
        }
    }

    async fn buy(&self, prepared: &Prepared, intent: Intent) -> Result<LabelOutcome> {
        let reference = self.return_id.rma(self.order_id);
        let (access, request) = (prepared.access(), prepared.request(&reference, intent));
        let outcome = match prepared.labels.by {
            LabelSeller::Easypost => easypost::buy_label(self.world, access, &request).await,
        };
        outcome.with_context(|| format!("failed to buy a label for return `{reference}`"))
    }

    async fn look_up(&self, prepared: &Prepared, intent: Intent) -> Result<Option<LabelOutcome>> {
        let reference = self.return_id.rma(self.order_id);
        let (access, request) = (prepared.access(), prepared.request(&reference, intent));
        let found = match prepared.labels.by {
            LabelSeller::Easypost => easypost::look_up(self.world, access, &request).await,
        };
        found.with_context(|| format!("failed to look up the label of return `{reference}`"))
    }
}

impl Prepared {
    fn access(&self) -> Access<'_> {
        Access { api: self.labels.api.trim_end_matches('/'), key: &self.key }
    }

    fn request<'a>(&'a self, reference: &'a str, intent: Intent) -> LabelRequest<'a> {
        LabelRequest {
            reference,
            asked_at: intent.since,
            from: Party {
                address: &self.from,
                phone: self.contact.phone.as_deref(),
                email: self.contact.email.as_deref(),
            },
            to: Party { address: &self.to, phone: None, email: None },
            parcel: self.parcel,
            is_return: true,
            services: &self.labels.services,
            customs: self.customs.as_ref(),
        }
    }
}

fn weight_g(content: &Content<'_>) -> u32 {
    content.item.weight_g.saturating_mul(content.quantity)
}

/// What customs are told of goods that come back.
fn customs(
    order: &Order,
    contents: &[Content<'_>],
    settings: &Settings,
) -> Result<Customs, String> {
    let received = order.received.as_ref().ok_or("the order was never received")?;
    let item = |content: &Content<'_>| {
        let Content { item, quantity, value_minor } = content;
        let (Some(hs_code), Some(origin)) = (&item.hs_code, item.origin) else {
            return Err(format!("customs data of `{}` are missing", item.id.article));
        };
        Ok(CustomsItem {
            description: item.title.clone(),
            quantity: *quantity,
            value: Money { minor: *value_minor, currency: received.currency },
            weight_g: weight_g(content),
            hs_code: hs_code.clone(),
            origin: origin.code().to_owned(),
        })
    };
    let items = contents.iter().map(item).collect::<Result<_, _>>()?;
    Ok(Customs { signer: settings.seller.name.clone(), items })
}
