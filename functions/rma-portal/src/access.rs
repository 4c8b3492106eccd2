//! Who may see an order: whoever has its link, and then the session that the link began.

use anyhow::Result;
use askama::Template;
use connectors::customer_link::{self, Link, Purpose};
use connectors::signature;
use domain::id::OrderId;
use domain::order::Order;
use jiff::Timestamp;
use ports::{Attempts, Clock, Events, Inbound, Reply, Secrets};

use crate::page::{Page, cookie, redirect};

/// The session's cookie; its prefix makes browsers take it only for this host, and only over TLS.
const COOKIE: &str = "__Host-returns";

/// The cookie that tells one who opens a link from another.
const VISIT_COOKIE: &str = "__Host-visit";

/// No script, no other site, no connection without TLS gets a cookie of ours.
const ONLY_HERE: &str = "Path=/; HttpOnly; Secure; SameSite=Lax";

/// What a visitor's name is signed as.
const VISIT: &[u8] = b"customer-visit\n";

/// What a form's token is signed as, so that no other signature passes for one.
const FORM: &[u8] = b"customer-form\n";

/// A customer who may see an order, and the order.
pub(crate) struct Access {
    pub(crate) order_id: OrderId,
    pub(crate) order: Order,
    /// Goes with every form, so that no other site can send one in the customer's name.
    pub(crate) form_token: String,
    secrets: Vec<String>,
    session: String,
}

impl Access {
    /// The session that a request belongs to.
    pub(crate) async fn of_session(
        world: &(impl Clock + Events + Secrets),
        inbound: &Inbound,
    ) -> Result<Option<Self>> {
        let secrets = world.secret(customer_link::SECRET).await?;
        let session = cookie(inbound, COOKIE).unwrap_or_default();
        let link = customer_link::read_token(&secrets, Purpose::Session, session, world.now());
        let (Some(link), Some(secret)) = (link, secrets.first()) else { return Ok(None) };
        let Some(order) = standing(world, &link).await? else { return Ok(None) };
        let form_token = signature::sign_hex(secret, &[FORM, session.as_bytes()]);
        let (order_id, session) = (link.order_id, session.to_owned());
        Ok(Some(Self { order_id, order, form_token, secrets, session }))
    }

    /// Whether a form was made for this session.
    pub(crate) fn is_own_form(&self, token: &str) -> bool {
        signature::verify_hex(&self.secrets, &[FORM, self.session.as_bytes()], token)
    }

    /// The number that the customer knows the order by.
    pub(crate) fn number(&self) -> String {
        self.order.received.as_ref().map_or(String::new(), |received| received.number.clone())
    }
}

/// The order that a link opens, unless it was revoked.
pub(crate) async fn standing(world: &impl Events, link: &Link) -> Result<Option<Order>> {
    let order = world.load_order(&link.order_id).await?.order;
    Ok(link.stands(&order).then_some(order))
}

#[derive(Template)]
#[template(path = "open.html")]
struct Open<'a> {
    page: &'a Page,
}

/// The link that was mailed. Looking at it does nothing, since mail scanners do; its button begins a session, once.
pub(crate) async fn open(
    world: &(impl Attempts + Clock + Events + Secrets),
    inbound: &Inbound,
    page: &Page,
) -> Result<Reply> {
    let secrets = world.secret(customer_link::SECRET).await?;
    let (token, now) = (inbound.parameter("token"), world.now());
    let link = customer_link::read_token(&secrets, Purpose::Return, token, now);
    let (Some(link), Some(secret)) = (link, secrets.first()) else {
        return page.gone("../returns");
    };
    let Some(order) = standing(world, &link).await? else { return page.gone("../returns") };
    if inbound.method != "POST" {
        let mut reply = page.reply(200, &Open { page })?;
        if visit(inbound).is_empty() {
            let agent = inbound.header("user-agent").unwrap_or_default();
            let visitor = format!("{}\n{}\n{agent}", now.as_nanosecond(), inbound.caller);
            let visit = signature::sign_hex(secret, &[VISIT, token.as_bytes(), visitor.as_bytes()]);
            let cookie = format!("{VISIT_COOKIE}={visit}; {ONLY_HERE}");
            reply.headers.push(("set-cookie".to_owned(), cookie));
        }
        return Ok(reply);
    }
    let own = Access::of_session(world, inbound).await?;
    if own.is_some_and(|access| access.order_id == link.order_id) {
        return Ok(redirect("../order/returns", None));
    }
    if !is_first_use(world, token, visit(inbound), now).await? {
        return page.gone("../returns");
    }
    let session = customer_link::token(secret, Purpose::Session, &link.order_id, &order, now);
    let seconds = Purpose::Session.lifetime().as_secs();
    let cookie = format!("{COOKIE}={session}; Max-Age={seconds}; {ONLY_HERE}");
    Ok(redirect("../order/returns", Some(cookie)))
}

/// Notes that a link was used, and tells whether nobody but this visitor has used it. Who presses the button again, since
/// no answer came, is no second user; who only has the link can't catch up with the first, however often they press.
async fn is_first_use(
    world: &impl Attempts,
    token: &str,
    visit: &str,
    now: Timestamp,
) -> Result<bool> {
    // The signature names the link and nobody else; all of it is forgotten when the link would have expired anyway.
    let (_, signature) = token.split_once('.').unwrap_or_default();
    let until = now + Purpose::Return.lifetime();
    let own = world.attempt(&format!("link/{signature}/{visit}"), until).await?;
    let all = world.attempt(&format!("link/{signature}"), until).await?;
    Ok(all <= own)
}

/// The name that a browser got when it opened a link; empty if it has none that we could have given.
fn visit(inbound: &Inbound) -> &str {
    let visit = cookie(inbound, VISIT_COOKIE).unwrap_or_default();
    let is_ours = visit.len() == 64 && visit.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_ours { visit } else { "" }
}
