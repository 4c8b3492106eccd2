//! The link to the returns portal, for whoever shows that an order is theirs.

use anyhow::{Result, bail};
use connectors::customer_link::{self, Purpose};
use domain::id::OrderId;
use domain::language::Language;
use domain::order::Order;
use domain::settings::Settings;
use domain::views::order_number_pk;
use language::Texts;
use letters::{Content, Links, Scene, Written};
use ports::{
    Catalog, Clock, Events, Letter, Notices, People, Post, Secrets, Sending, Views,
    while_reading_kept,
};

use crate::recipient::recipient;

/// Mails the link of each order with this number whose contact fits the evidence: one, but for two shops that count
/// alike and have the same customer. Nothing happens where none fits, or where nobody writes any more. Delivered twice it
/// mails twice: the customer asked for a link and has two, each of which works once.
///
/// # Errors
/// When the world says not now; the queue delivers again.
pub async fn mail_link(
    world: &(impl Catalog + Clock + Events + Notices + People + Post + Secrets + Views),
    public_url: &str,
    number: &str,
    evidence: &str,
    language: Language,
) -> Result<()> {
    let secrets = while_reading_kept(world, world.secret(customer_link::SECRET)).await?;
    let Some(secret) = secrets.first() else { return Ok(()) };
    for order_id in world.lookup(&order_number_pk(number)).await? {
        let (history, _) = world.load(&order_id).await?;
        let order = Order::fold(&history);
        let Some(to) = known_address(world, &order_id, &order, &secrets, number, evidence).await?
        else {
            continue;
        };
        let recipient = recipient(world, &to).await?;
        if recipient.is_suppressed {
            continue;
        }
        let token = customer_link::token(secret, Purpose::Return, &order_id, &order, world.now());
        let link = customer_link::returns_url(public_url, &token);
        let settings = world.settings().await?;
        let mut letter = letter(&settings, &order_id, &order, &link, language)?;
        (letter.to, letter.recipient) = (to, recipient.hash);
        if let Sending::NotNow { why } = world.send_letter(&letter).await? {
            bail!("failed to mail a link to order `{order_id}`: {why}");
        }
    }
    Ok(())
}

/// The e-mail address of an order, if the evidence fits its contact.
async fn known_address(
    world: &impl People,
    order_id: &OrderId,
    order: &Order,
    secrets: &[String],
    number: &str,
    evidence: &str,
) -> Result<Option<String>> {
    let Some((contact_ref, _)) = &order.contact else { return Ok(None) };
    let contact = world.contact(order_id, contact_ref).await?.unwrap_or_default();
    let is_known = customer_link::is_known(secrets, number, evidence, &contact);
    Ok(contact.email.filter(|_| is_known))
}

/// The letter, to nobody yet: as whom the shop writes, if it does; else as the merchant.
fn letter(
    settings: &Settings,
    order_id: &OrderId,
    order: &Order,
    link: &str,
    language: Language,
) -> Result<Letter> {
    let shop = settings.shop(&order_id.shop());
    let sender = shop.and_then(|shop| shop.notifications.as_ref());
    let name = sender.map(|sender| &sender.name).or(settings.pages.name.as_ref());
    let name = name.unwrap_or(&settings.seller.name);
    let (texts, links) = (Texts::new(language), Links::default());
    let scene = Scene { texts: &texts, shop: name, settings, order_id, order, links: &links };
    let Written { subject, text, html } = Content::of_link(link, scene).write(scene)?;
    Ok(Letter {
        from: (name.clone(), sender.map(|sender| sender.from.clone())),
        reply_to: sender.and_then(|sender| sender.reply_to.clone()),
        to: String::new(),
        recipient: None,
        subject,
        text,
        html,
    })
}
