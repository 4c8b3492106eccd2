//! Tells a customer what some appends of an order mean: each thing once, by each way that the merchant chose.
//!
//! SES and SNS know no key by which they would drop a repetition. So the intent goes on record first, and whoever finds
//! one sends nothing: a customer rather hears too little than the same twice. What could not go out for certain takes its
//! intent back. All that can fail without harm is done before.

use anyhow::{Context, Result, bail};
use connectors::customer_link::{self, Purpose};
use domain::id::OrderId;
use domain::language::Language;
use domain::order::notice::{Called, Topic, notices};
use domain::order::{Order, Recorded};
use domain::settings::Notifications;
use domain::shop_order::Contact;
use jiff::SignedDuration;
use language::Texts;
use letters::{Content, Links, Scene, Written};
use ports::{
    Catalog, Clock, Events, Letter, Notices, Outcome, People, Post, Secrets, Sending, TextMessage,
    while_reading_kept,
};

use crate::recipient::{SECRET, recipient};

/// Tells the customer of an order what its appends `first` to `last` mean, as far as the merchant wants that, it is still
/// so, and not too old. `public_url` is where customers reach us, without a slash at its end.
///
/// # Errors
/// When the world says not now. The queue delivers again, and what went out by then does not go out again.
pub async fn notify_customer(
    world: &(impl Catalog + Clock + Events + Notices + People + Post + Secrets),
    public_url: &str,
    order_id: &OrderId,
    first: u64,
    last: u64,
) -> Result<()> {
    let settings = while_reading_kept(world, world.settings()).await?;
    let shop = settings.shop(&order_id.shop());
    let Some(sender) = shop.and_then(|shop| shop.notifications.as_ref()) else { return Ok(()) };
    let (history, version) = world.load(order_id).await?;
    if version < last {
        bail!("order `{order_id}` has no append {last}");
    }
    let order = Order::fold(&history);
    let called = |topics| called(&history, &order, first, last, topics);
    let (by_mail, by_sms) = (called(&sender.mails), called(&sender.sms));
    if by_mail.is_empty() && by_sms.is_empty() {
        return Ok(());
    }
    let Some((contact_ref, _)) = &order.contact else { return Ok(()) };
    // Whoever was erased is told nothing.
    let Some(contact) = world.contact(order_id, contact_ref).await? else { return Ok(()) };
    let links = links(world, public_url, order_id, &order).await?;
    let texts = Texts::new(spoken(&contact, sender));
    let shop = &sender.name;
    let scene =
        Scene { texts: &texts, shop, settings: &settings, order_id, order: &order, links: &links };
    let step = Step { world, order_id, sender };

    if let Some(address) = &contact.email {
        for called in by_mail {
            step.mail(address, called, scene).await?;
        }
    }
    if let Some(number) = contact.phone.as_deref().and_then(international) {
        for called in by_sms {
            step.text(&number, called, scene).await?;
        }
    }
    Ok(())
}

/// What is to be told of these topics and is still so.
fn called(
    history: &[Recorded],
    order: &Order,
    first: u64,
    last: u64,
    topics: &[Topic],
) -> Vec<Called> {
    let mut called = notices(history, first, last, topics);
    called.retain(|called| !called.notice.is_moot(order));
    called
}

/// What the customer bought in, if we speak it, else what the shop speaks.
fn spoken(contact: &Contact, sender: &Notifications) -> Language {
    let of_customer = contact.language.as_deref().and_then(Language::of_locale);
    of_customer.or_else(|| Language::of_locale(&sender.language)).unwrap_or_default()
}

async fn links(
    world: &(impl Clock + Secrets),
    public_url: &str,
    order_id: &OrderId,
    order: &Order,
) -> Result<Links> {
    let secrets = world.secret(customer_link::SECRET).await?;
    let Some(secret) = secrets.first() else { return Ok(Links::default()) };
    let token = customer_link::token(secret, Purpose::Track, order_id, order, world.now());
    Ok(Links {
        track: Some(customer_link::tracking_url(public_url, &token)),
        returns: Some(format!("{public_url}/returns")),
    })
}

/// A number that can be called from anywhere, in E.164; none of one that only means something where it was typed.
fn international(typed: &str) -> Option<String> {
    let is_filler = |c: char| c.is_whitespace() || matches!(c, '-' | '/' | '(' | ')' | '.');
    let plain: String = typed.chars().filter(|c| !is_filler(*c)).collect();
    let digits = plain.strip_prefix('+').or_else(|| plain.strip_prefix("00"))?;
    let is_number = (8..=15).contains(&digits.len())
        && digits.chars().all(|c| c.is_ascii_digit())
        && !digits.starts_with('0');
    is_number.then(|| format!("+{digits}"))
}

/// One delivery for one order.
struct Step<'a, W> {
    world: &'a W,
    order_id: &'a OrderId,
    sender: &'a Notifications,
}

impl<W: Clock + Notices + Post + Secrets> Step<'_, W> {
    async fn mail(&self, address: &str, called: Called, scene: Scene<'_>) -> Result<()> {
        let Some(content) = Content::of(called.notice, scene) else { return Ok(()) };
        let Written { subject, text, html } = content.write(scene)?;
        let recipient = recipient(self.world, address).await?;
        let hash = recipient.hash.with_context(|| format!("there is no secret `{SECRET}`"))?;
        let letter = Letter {
            from: (self.sender.name.clone(), Some(self.sender.from.clone())),
            reply_to: self.sender.reply_to.clone(),
            to: address.to_owned(),
            recipient: Some(hash),
            subject,
            text,
            html,
        };
        let unsent = recipient.is_suppressed.then_some(Outcome::Suppressed);
        let sending = async || self.world.send_letter(&letter).await;
        self.once("mail", called, unsent, sending).await
    }

    async fn text(&self, number: &str, called: Called, scene: Scene<'_>) -> Result<()> {
        let Some(content) = Content::of(called.notice, scene) else { return Ok(()) };
        let text = TextMessage { to: number.to_owned(), text: content.brief(scene) };
        let sending = async || self.world.send_text(&text).await;
        self.once("sms", called, None, sending).await
    }

    /// Sends, unless that was begun before, or is too late, or `unsent` says why it is not to be sent at all.
    async fn once(
        &self,
        by: &str,
        called: Called,
        unsent: Option<Outcome>,
        send: impl AsyncFn() -> Result<Sending>,
    ) -> Result<()> {
        let (name, now) = (format!("{by}/{}", called.notice), self.world.now());
        let too_old = SignedDuration::from_hours(self.sender.stale_after_hours.into());
        let is_stale = now.duration_since(called.at) > too_old;
        let unsent = is_stale.then_some(Outcome::Stale).or(unsent);
        if !self.world.begin_notice(self.order_id, &name, now).await? {
            return Ok(());
        }
        let outcome = match unsent {
            Some(outcome) => outcome,
            None => match send().await.with_context(|| self.failed(&name))? {
                Sending::Sent { message_id } => Outcome::Sent { message_id },
                Sending::Refused { why } => Outcome::Refused { why },
                Sending::NotNow { why } => {
                    self.world.end_notice(self.order_id, &name, now, &Outcome::PutOff).await?;
                    bail!("{}: {why}", self.failed(&name));
                }
            },
        };
        self.world.end_notice(self.order_id, &name, now, &outcome).await
    }

    fn failed(&self, name: &str) -> String {
        format!("failed to send `{name}` of order `{}`", self.order_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_can_be_called_from_anywhere_is_written_alike() {
        for typed in ["+49 341 123-45", "0049 (341) 123/45", "+4934112345"] {
            assert_eq!(international(typed).as_deref(), Some("+4934112345"), "{typed}");
        }
        for typed in
            ["0341 12345", "", "+49", "+49 341 ABC 123", "+0341123456", "+1234567890123456"]
        {
            assert_eq!(international(typed), None, "{typed}");
        }
    }
}
