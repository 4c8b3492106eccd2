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
use domain::order::returns::fact::LabelBought;
use domain::order::returns::label::{self, Content};
use domain::settings::Settings;
use domain::settings::returns::{LabelSeller, Labels};
use domain::shop_order::Contact;
use jiff::Timestamp;
use ports::{Catalog, Clock, Events, Http, People, Queues, Secrets, transact_in};

/// The secret of EasyPost's API.
const EASYPOST: &str = "carriers/easypost";

/// Buys a return's label, once, under its RMA number, and records what came of it.
///
/// # Errors
/// When the seller of labels or the world says not now. The queue delivers again; after a day a person is asked.
pub async fn buy_label(
    world: &(impl Clock + Events + People + Catalog + Queues + Secrets + Http),
    order_id: &OrderId,
    return_id: ReturnId,
) -> Result<()> {
    let step = Step { world, order_id, return_id };
    // What could fail before anything is bought fails before the intent is on record.
    let prepared = RefCell::new(None);
    let begun = transact_in(world, Function::Returns, order_id, async |order, now| {
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
    })
    .await?;
    let Some(asked_at) = label::started_at(&begun.order, return_id) else {
        return Ok(());
    };
    // Sellers of labels drop no repeats: two deliveries at once would both look in vain, and both buy.
    if begun.facts.is_empty() && world.now() < asked_at + world.patience() {
        bail!("another delivery may be buying the label of `{}`", return_id.rma(order_id));
    }

    let prepared = match prepared.into_inner() {
        Some(prepared) => Ok(prepared),
        None => step.prepare(&begun.order).await?,
    };
    let outcome = match prepared {
        Ok(prepared) => step.buy(&prepared, asked_at).await?,
        // It could be asked for when it was begun, and may have been bought then.
        Err(why) => LabelOutcome::Doubted { why },
    };
    transact_in(world, Function::Returns, order_id, async |order: &Order, _| {
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

impl<W: People + Catalog + Secrets + Http> Step<'_, W> {
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

    async fn buy(&self, prepared: &Prepared, asked_at: Timestamp) -> Result<LabelOutcome> {
        let reference = self.return_id.rma(self.order_id);
        let request = LabelRequest {
            reference: &reference,
            asked_at,
            from: Party {
                address: &prepared.from,
                phone: prepared.contact.phone.as_deref(),
                email: prepared.contact.email.as_deref(),
            },
            to: Party { address: &prepared.to, phone: None, email: None },
            parcel: prepared.parcel,
            is_return: true,
            services: &prepared.labels.services,
            customs: prepared.customs.as_ref(),
        };
        let access = Access { api: prepared.labels.api.trim_end_matches('/'), key: &prepared.key };
        let outcome = match prepared.labels.by {
            LabelSeller::Easypost => easypost::buy_label(self.world, access, &request).await,
        };
        outcome.with_context(|| format!("failed to buy a label for return `{reference}`"))
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
