//! Supplier forwarding: buys, withdraws and cancels, whatever a fulfillment order calls for.

use std::cell::RefCell;

use anyhow::{Context, Result, bail};
use connectors::supplier::{
    self, Access, AddressReply, CancelReason, CancelReply, ShipTo, Submission, Taken,
};
use connectors::supplier_mail;
use domain::id::{FulfillmentOrderId, OrderId, reference};
use domain::message::Function;
use domain::order::address_change;
use domain::order::answer::{self, Answer, Refusal};
use domain::order::fact::{ContactRef, Fact};
use domain::order::forwarding::{self, Call};
use domain::order::intent::Intent;
use domain::order::{Cancellation, FulfillmentOrder, Order};
use domain::settings::{Channel, Settings, Supplier};
use domain::shop_order::Contact;
use futures_util::future::try_join;
use jiff::Timestamp;
use ports::{
    Catalog, Clock, Events, Http, Known, Mail, OutgoingMail, People, Queues, Secrets, begin_in,
    transact_from, while_reading_kept,
};

/// Tells a supplier what its fulfillment order calls for, and records what it said. `public_url` is where suppliers
/// reach us, without a slash at its end.
///
/// The intent to buy is on record before anything is bought. A supplier with an API is asked again under the same key
/// when its answer got lost, or looked up first if it would buy again; one by e-mail can't be asked, so a person decides.
///
/// # Errors
/// When the world says not now, when another delivery may be at it, when the person was erased, and when the supplier is not in the settings or says what
/// can't be. The queue delivers again.
pub async fn forward_order(
    world: &(impl Clock + Events + People + Catalog + Queues + Secrets + Http + Mail),
    public_url: &str,
    order_id: &OrderId,
    fulfillment_order_id: FulfillmentOrderId,
) -> Result<()> {
    let step = Step { world, public_url, order_id, fulfillment_order_id };

    // What could fail before anything is bought fails before the intent is on record.
    let prepared = RefCell::new(None);
    let begin = begin_in(world, Function::SupplierForwarding, order_id, async |order, now| {
        let settings = world.settings().await?;
        let Some((_, supplier)) = step.find(order, &settings)? else { return Ok(Vec::new()) };
        let facts = forwarding::begin(order, fulfillment_order_id, supplier, now);
        if facts.iter().any(is_intent) {
            prepared.replace(Some(step.prepare(order, supplier).await?));
        }
        Ok(facts)
    });
    let begun = while_reading_kept(world, begin).await?;
    let settings = world.settings().await?;
    let Some((fulfillment_order, supplier)) = step.find(&begun.order, &settings)? else {
        return Ok(());
    };

    let is_first = begun.facts.iter().any(is_intent);
    let patience = world.patience();
    let call = forwarding::call(fulfillment_order, supplier, is_first, begun.now, patience);
    let outcome = match call {
        Call::Nothing => match address_change::wanted(&begun.order, fulfillment_order) {
            Some(change) => step.change_address(&begun.order, supplier, change).await?,
            None => {
                begun.remind(world, Some(Function::SupplierForwarding), order_id).await?;
                return Ok(());
            }
        },
        Call::Wait => bail!("another delivery may be submitting `{}`", step.reference()),
        Call::Doubt => Outcome::Doubted,
        Call::LookUp => step.look_up(supplier, fulfillment_order.intent).await?,
        Call::Submit => {
            let prepared = match prepared.into_inner() {
                Some(prepared) => prepared,
                None => step.prepare(&begun.order, supplier).await?,
            };
            step.submit(supplier, &prepared).await?
        }
        Call::Cancel => step.cancel(supplier, CancelReason::Cancelled).await?,
        Call::Withdraw => step.cancel(supplier, CancelReason::TimedOut).await?,
    };

    let known = Known { order: begun.order.clone(), version: begun.version };
    let record =
        async |order: &Order, now| outcome.record(order, fulfillment_order_id, supplier, now);
    transact_from(world, Function::SupplierForwarding, order_id, known, record).await?;
    Ok(())
}

fn is_intent(fact: &Fact) -> bool {
    matches!(fact, Fact::SubmissionStarted { .. })
}

/// One delivery of one fulfillment order.
struct Step<'a, W> {
    world: &'a W,
    public_url: &'a str,
    order_id: &'a OrderId,
    fulfillment_order_id: FulfillmentOrderId,
}

/// All that a purchase needs.
struct Prepared {
    submission: Submission,
    secrets: Vec<String>,
}

impl<W: Clock + People + Secrets + Http + Mail> Step<'_, W> {
    /// None for a fulfillment order that the order does not have.
    fn find<'o, 's>(
        &self,
        order: &'o Order,
        settings: &'s Settings,
    ) -> Result<Option<(&'o FulfillmentOrder, &'s Supplier)>> {
        let Some(fulfillment_order) = order.fulfillment_orders.get(&self.fulfillment_order_id)
        else {
            return Ok(None);
        };
        let supplier = fulfillment_order.supplier();
        let known = settings.supplier(supplier);
        let known =
            known.with_context(|| format!("supplier `{supplier}` is not in the settings"))?;
        Ok(Some((fulfillment_order, known)))
    }

    async fn prepare(&self, order: &Order, supplier: &Supplier) -> Result<Prepared> {
        let reference = self.reference();
        let fulfillment_order = order.fulfillment_orders.get(&self.fulfillment_order_id);
        let fulfillment_order = fulfillment_order.context("the fulfillment order is gone")?;
        // What is asked again is asked with the same words: a supplier may refuse others under the same key.
        let first = fulfillment_order.contact.as_ref();
        let newest = order.contact.as_ref().map(|(contact_ref, _)| contact_ref);
        let contact_ref = first.or(newest).context("the order has no contact")?;
        let (contact, secrets) =
            try_join(self.contact(contact_ref), self.secrets(supplier)).await?;
        let submission = Submission::new(self.order_id, order, fulfillment_order, &contact)
            .with_context(|| format!("`{reference}` can't be forwarded"))?;
        Ok(Prepared { submission, secrets })
    }

    async fn contact(&self, contact_ref: &ContactRef) -> Result<Contact> {
        let contact = self.world.contact(self.order_id, contact_ref).await?;
        let reference = self.reference();
        contact.with_context(|| format!("`{reference}` can't be forwarded: its contact was erased"))
    }

    /// What signs calls to the supplier, or links for it.
    async fn secrets(&self, supplier: &Supplier) -> Result<Vec<String>> {
        let name = match supplier.channel {
            Channel::Api { .. } => format!("suppliers/{}", supplier.id),
            Channel::Email { .. } => "links".to_owned(),
        };
        let secrets = self.world.secret(&name).await?;
        if secrets.is_empty() {
            bail!("there is no secret `{name}`");
        }
        Ok(secrets)
    }

    async fn submit(&self, supplier: &Supplier, prepared: &Prepared) -> Result<Outcome> {
        let Prepared { submission, secrets } = prepared;
        match &supplier.channel {
            Channel::Api { url, .. } => {
                let access = Access { url, secrets };
                let now = self.world.now();
                let taken = supplier::submit(self.world, access, submission, now).await;
                taken.map(Outcome::Taken).with_context(|| self.failed("submit", supplier))
            }
            Channel::Email { address } => {
                let mail = supplier_mail::order_mail(address, submission, &self.link(secrets)?)?;
                self.send(supplier, &mail).await?;
                Ok(Outcome::Taken(Taken { supplier_reference: None, answers: Vec::new() }))
            }
        }
    }

    async fn look_up(&self, supplier: &Supplier, seen: Option<Intent>) -> Result<Outcome> {
        let Channel::Api { url, .. } = &supplier.channel else { return Ok(Outcome::Doubted) };
        let secrets = self.secrets(supplier).await?;
        let access = Access { url, secrets: &secrets };
        let now = self.world.now();
        let found = supplier::look_up(self.world, access, &self.reference(), now).await;
        let found = found.with_context(|| self.failed("look up", supplier))?;
        Ok(found.map_or(Outcome::NeverBought(seen), Outcome::Taken))
    }

    async fn cancel(&self, supplier: &Supplier, reason: CancelReason) -> Result<Outcome> {
        let reference = self.reference();
        let secrets = self.secrets(supplier).await?;
        let reply = match (&supplier.channel, reason) {
            (Channel::Api { url, .. }, _) => {
                let access = Access { url, secrets: &secrets };
                let now = self.world.now();
                let reply = supplier::cancel(self.world, access, &reference, reason, now).await;
                reply.with_context(|| self.failed("cancel", supplier))?
            }
            // Both mails may go out twice: what they say stays true.
            (Channel::Email { address }, CancelReason::TimedOut) => {
                self.send(supplier, &supplier_mail::withdrawal_mail(address, &reference)).await?;
                CancelReply::Cancelled
            }
            (Channel::Email { address }, CancelReason::Cancelled) => {
                let link = self.link(&secrets)?;
                let mail = supplier_mail::cancellation_mail(address, &reference, &link);
                self.send(supplier, &mail).await?;
                CancelReply::Pending
            }
        };
        Ok(Outcome::LetGo(reason, reply))
    }

    async fn change_address(
        &self,
        order: &Order,
        supplier: &Supplier,
        change: u32,
    ) -> Result<Outcome> {
        let reference = self.reference();
        let (contact_ref, _) = order.contact.as_ref().context("the order has no contact")?;
        let ship_to = ShipTo::new(&self.contact(contact_ref).await?)?;
        let secrets = self.secrets(supplier).await?;
        let reply = match &supplier.channel {
            Channel::Api { url, .. } => {
                let (world, access) = (self.world, Access { url, secrets: &secrets });
                let now = self.world.now();
                supplier::change_address(world, access, &reference, change, &ship_to, now)
                    .await
                    .with_context(|| self.failed("change the address of", supplier))?
            }
            // It may go out twice: what it says stays true.
            Channel::Email { address } => {
                let link = self.link(&secrets)?;
                let mail = supplier_mail::address_mail(address, &reference, &ship_to, &link);
                self.send(supplier, &mail).await?;
                AddressReply::Pending
            }
        };
        Ok(Outcome::Readdressed(change, reply))
    }

    async fn send(&self, supplier: &Supplier, mail: &OutgoingMail) -> Result<()> {
        let sent = self.world.send_mail(mail).await;
        sent.map(drop).with_context(|| self.failed("mail", supplier))
    }

    fn link(&self, secrets: &[String]) -> Result<String> {
        let secret = secrets.first().context("there is no secret `links`")?;
        let now = self.world.now();
        let token = supplier_mail::token(secret, self.order_id, self.fulfillment_order_id, now);
        Ok(format!("{}/answers/{token}", self.public_url))
    }

    fn reference(&self) -> String {
        reference(self.order_id, self.fulfillment_order_id)
    }

    fn failed(&self, what: &str, supplier: &Supplier) -> String {
        format!("failed to {what} `{}` at supplier `{}`", self.reference(), supplier.id)
    }
}

/// What came of a call.
enum Outcome {
    /// Whether it was bought can't be known.
    Doubted,
    /// The supplier was asked, and never had what this intent was for.
    NeverBought(Option<Intent>),
    /// The supplier has it, and may have said more.
    Taken(Taken),
    /// What it said when it was to let go.
    LetGo(CancelReason, CancelReply),
    /// What it said to another address.
    Readdressed(u32, AddressReply),
}

impl Outcome {
    fn record(
        &self,
        order: &Order,
        fulfillment_order_id: FulfillmentOrderId,
        supplier: &Supplier,
        now: Timestamp,
    ) -> Result<Vec<Fact>> {
        let mut record =
            Record { order: order.clone(), facts: Vec::new(), fulfillment_order_id, supplier, now };
        match self {
            Self::Doubted => {
                let detail = "the mail may have been sent before, and can't be looked up";
                record.add(forwarding::doubted(order, fulfillment_order_id, detail));
            }
            Self::NeverBought(seen) => {
                record.add(forwarding::never_bought(order, fulfillment_order_id, *seen));
            }
            Self::Taken(taken) => {
                record.submitted(taken.supplier_reference.clone());
                for answer in &taken.answers {
                    record.answer(answer)?;
                }
            }
            Self::LetGo(reason, reply) => {
                // Whoever answers so has it, whether or not we heard that it took it.
                record.submitted(None);
                record.let_go(*reason, reply)?;
            }
            Self::Readdressed(change, reply) => record.readdressed(*change, reply)?,
        }
        Ok(record.facts)
    }
}

/// Facts that follow one from another.
struct Record<'a> {
    order: Order,
    facts: Vec<Fact>,
    fulfillment_order_id: FulfillmentOrderId,
    supplier: &'a Supplier,
    now: Timestamp,
}

impl Record<'_> {
    fn add(&mut self, facts: Vec<Fact>) {
        self.order = std::mem::take(&mut self.order).after(self.now, &facts);
        self.facts.extend(facts);
    }

    fn submitted(&mut self, supplier_reference: Option<String>) {
        let Self { fulfillment_order_id, supplier, now, .. } = *self;
        let facts = forwarding::submitted(
            &self.order,
            fulfillment_order_id,
            supplier,
            supplier_reference,
            now,
        );
        self.add(facts);
    }

    fn answer(&mut self, answer: &Answer) -> Result<()> {
        let Self { fulfillment_order_id, supplier, now, .. } = *self;
        match answer::record(&self.order, fulfillment_order_id, supplier, answer, now) {
            Ok(facts) => self.add(facts),
            // While it was on its way, the supplier said something else, or it was called off.
            Err(
                Refusal::Withdrawn
                | Refusal::NothingOpen
                | Refusal::NotAsked
                | Refusal::NoSuchAddress,
            ) => {}
            Err(refusal) => {
                return Err(refusal).context("the supplier's answer does not fit its order");
            }
        }
        Ok(())
    }

    fn readdressed(&mut self, change: u32, reply: &AddressReply) -> Result<()> {
        match reply {
            AddressReply::Changed => self.answer(&Answer::AddressChanged { change }),
            AddressReply::Refused { why } => {
                self.answer(&Answer::AddressRefused { change, why: why.clone() })
            }
            AddressReply::Pending => {
                let id = self.fulfillment_order_id;
                self.add(address_change::asked(&self.order, id, change));
                Ok(())
            }
        }
    }

    fn let_go(&mut self, reason: CancelReason, reply: &CancelReply) -> Result<()> {
        let fulfillment_order = self.order.fulfillment_orders.get(&self.fulfillment_order_id);
        let cancellation = fulfillment_order.map(|known| known.cancellation).unwrap_or_default();
        match (reply, reason) {
            (CancelReply::Pending, _) => {
                self.add(forwarding::asked(&self.order, self.fulfillment_order_id));
            }
            (CancelReply::Cancelled, CancelReason::Cancelled) => {
                self.answer(&Answer::CancelAccepted)?;
            }
            (CancelReply::Cancelled, CancelReason::TimedOut) => {
                let id = self.fulfillment_order_id;
                self.add(forwarding::withdrawn(&self.order, id, self.supplier));
            }
            // It had not answered, and ships: so it has accepted.
            (CancelReply::Refused { .. }, CancelReason::TimedOut)
                if cancellation != Cancellation::Asked =>
            {
                self.answer(&Answer::Accepted { lines: Vec::new() })?;
            }
            (CancelReply::Refused { why }, _) => {
                self.answer(&Answer::CancelRejected { why: why.clone() })?;
            }
        }
        Ok(())
    }
}
