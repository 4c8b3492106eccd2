//! The link to the returns portal, for whoever shows that an order is theirs.

use anyhow::Result;
use connectors::customer_link::{self, Purpose};
use domain::id::OrderId;
use domain::language::Language;
use domain::order::Order;
use domain::views::order_number_pk;
use language::Texts;
use ports::{Clock, Events, Mail, OutgoingMail, People, Secrets, Views};

/// Mails the link of each order with this number whose contact fits the evidence: one, but for two shops that count
/// alike and have the same customer. Nothing happens where none fits. Delivered twice it mails twice: the customer asked
/// for a link and has two, each of which works once.
///
/// # Errors
/// When the world says not now; the queue delivers again.
pub async fn mail_link(
    world: &(impl Clock + Events + People + Views + Secrets + Mail),
    public_url: &str,
    number: &str,
    evidence: &str,
    language: Language,
) -> Result<()> {
    let secrets = world.secret(customer_link::SECRET).await?;
    let Some(secret) = secrets.first() else { return Ok(()) };
    for order_id in world.lookup(&order_number_pk(number)).await? {
        let (history, _) = world.load(&order_id).await?;
        let order = Order::fold(&history);
        let Some(to) = known_address(world, &order_id, &order, &secrets, number, evidence).await?
        else {
            continue;
        };
        let token = customer_link::token(secret, Purpose::Return, &order_id, &order, world.now());
        let link = customer_link::returns_url(public_url, &token);
        world.send_mail(&mail(&to, &order, &link, language)).await?;
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

fn mail(to: &str, order: &Order, link: &str, language: Language) -> OutgoingMail {
    let texts = Texts::new(language);
    let number = order.received.as_ref().map_or("", |received| received.number.as_str());
    let with_number = |key: &str| texts.with(key, &[("number", number.into())]);
    let (greeting, regards) = (texts.text("mail-greeting"), texts.text("mail-regards"));
    let (says, not_you) = (with_number("link-mail-text"), texts.text("link-mail-not-you"));
    OutgoingMail {
        to: to.to_owned(),
        subject: with_number("link-mail-subject"),
        text: format!("{greeting}\n\n{says}\n\n{link}\n\n{not_you}\n\n{regards}\n"),
        attachments: Vec::new(),
    }
}
