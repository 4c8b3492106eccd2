//! A customer in the returns portal, deployed: the link comes by mail and works once, and what is asked for is granted.

use anyhow::{Context as _, Result, ensure};
use connectors::customer_link::{Purpose, SECRET, token};
use domain::order::returns::Stage;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ports::{Inbound, Response};
use tests::stack::company::SHOPS;
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;
use crate::returns::wait_for_fact;

#[test]
fn a_customer_asks_for_a_return_in_the_portal() -> Result<()> {
    on_the_stack(async |stack| {
        let purchase = stack.purchase(SHOPS[0], &[PLENTY[0]]);
        let order_id = stack.buy(&purchase).await?;
        stack.see_delivered(std::slice::from_ref(&order_id), || Ok(())).await?;

        let number = format!("#{}", purchase.order);
        let asked =
            |proof: &'static str| vec![("order", number.clone()), ("proof", proof.to_owned())];
        let guessed = send(stack, "/returns", "", &asked("someone@example.com")).await?;
        let known = send(stack, "/returns", "", &asked("customer@example.com")).await?;
        ensure!((guessed.status, known.status) == (200, 200) && guessed.body == known.body);
        let link = stack.wait_for("a link by mail", async || mailed_link(stack).await).await?;

        let opened = open(stack, &link, "").await?;
        ensure!(opened.status == 200, "it is good");
        let begun = send(stack, &link, cookie(&opened)?, &[]).await?;
        let session = cookie(&begun)?;
        ensure!(send(stack, &link, "", &[]).await?.status == 404, "it works once");

        let page = open(stack, "/order/returns", session).await?;
        let page = String::from_utf8(page.body)?;
        let form = hidden(&page, "form")?;
        let (quantity, reason) = (
            format!("quantity:{}", purchase.line_id(0)),
            format!("reason:{}", purchase.line_id(0)),
        );
        let wish = [
            ("form", form),
            (&quantity, "1"),
            (&reason, "changed_mind"),
            ("comment", "it was a present"),
        ];
        let wish = wish.map(|(name, value)| (name, value.to_owned()));
        let taken = send(stack, "/order/returns", session, &wish).await?;
        ensure!(taken.header("location") == Some("returns/R1"), "{}", taken.status);
        wait_for_fact(stack, &order_id, "ReturnApproved").await?;
        let shown = open(stack, "/order/returns/R1", session).await?;
        ensure!(String::from_utf8(shown.body)?.contains("Please send it back"));
        let (order, _) = stack.order(&order_id).await?;
        ensure!(order.returns.values().all(|known| known.stage == Stage::Approved));

        let token = token(stack.secret(SECRET), Purpose::Track, &order_id, &order, stack.now());
        let track = open(stack, &format!("/track/{token}"), "").await?;
        ensure!(String::from_utf8(track.body)?.contains("Your parcel"));
        Ok(())
    })
}

/// The value of a page's first hidden field of a name.
pub(crate) fn hidden<'p>(page: &'p str, name: &str) -> Result<&'p str> {
    let begin = format!("name=\"{name}\" value=\"");
    let value = page.split_once(&begin).and_then(|(_, rest)| rest.split_once('"'));
    Ok(value.with_context(|| format!("the page has no `{name}`"))?.0)
}

/// The cookie that a reply sets, as a browser sends it back.
pub(crate) fn cookie(reply: &Response) -> Result<&str> {
    let cookie = reply.header("set-cookie").context("there is no cookie")?;
    Ok(cookie.split(';').next().unwrap_or_default())
}

pub(crate) async fn open(stack: &Stack, path: &str, cookie: &str) -> Result<Response> {
    let headers = vec![("cookie".to_owned(), cookie.to_owned())];
    let (method, route) = ("GET".to_owned(), path.to_owned());
    stack.call_patiently(&Inbound { method, route, headers, ..Inbound::default() }).await
}

pub(crate) async fn send(
    stack: &Stack,
    path: &str,
    cookie: &str,
    fields: &[(&str, String)],
) -> Result<Response> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    let form = "application/x-www-form-urlencoded".to_owned();
    let inbound = Inbound {
        method: "POST".to_owned(),
        route: path.to_owned(),
        headers: vec![("cookie".to_owned(), cookie.to_owned()), ("content-type".to_owned(), form)],
        body: pairs.collect::<Vec<_>>().join("&").into_bytes(),
        ..Inbound::default()
    };
    stack.call_patiently(&inbound).await
}

/// The path of the newest link to the portal that was mailed.
async fn mailed_link(stack: &Stack) -> Result<Option<String>> {
    let mails = stack.mails().await?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let after = mails.split("/returns/").skip(1);
    let tokens = after.map(|rest| rest.chars().take_while(|c| is_part(*c)).collect::<String>());
    let newest = tokens.filter(|token| token.len() > 64).last();
    Ok(newest.map(|token| format!("/returns/{token}")))
}
