//! Photos of what is wrong, deployed: they go straight into the bucket, by a form that we signed, and are seen cleaned.

use anyhow::{Context as _, Result, ensure};
use connectors::customer_link::{Purpose, SECRET, token};
use domain::message::Message;
use domain::order::returns::Stage;
use ports::{Http as _, Queues as _, Request, Response};
use serde_json::Value;
use tests::stack::company::SHOPS;
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;
use crate::portal::{cookie, hidden, open, send};
use crate::returns::wait_for_fact;

/// A photo that tells who took it, and where.
const PHOTO: &[u8] = include_bytes!("../../../fuzz/corpus/photo/progressive.jpg");

/// What a field of a form becomes when somebody tampers with it.
type Forged<'a> = Option<(&'a str, &'a str)>;

#[test]
fn photos_go_straight_into_the_bucket_and_are_seen_cleaned() -> Result<()> {
    on_the_stack(async |stack| {
        let purchase = stack.purchase(SHOPS[0], &[PLENTY[0]]);
        let order_id = stack.buy(&purchase).await?;
        stack.see_delivered(std::slice::from_ref(&order_id), || Ok(())).await?;
        // As it comes by mail.
        let (order, _) = stack.order(&order_id).await?;
        let token = token(stack.secret(SECRET), Purpose::Return, &order_id, &order, stack.now());
        let link = format!("/returns/{token}");
        let opened = open(stack, &link, "").await?;
        let begun = send(stack, &link, cookie(&opened)?, &[]).await?;
        let session = cookie(&begun)?;
        let page = String::from_utf8(open(stack, "/order/returns", session).await?.body)?;
        let line = purchase.line_id(0);
        let (quantity, reason) = (format!("quantity:{line}"), format!("reason:{line}"));
        let form = hidden(&page, "form")?;
        let wish = [("form", form), (&quantity, "1"), (&reason, "damaged"), ("comment", "")];
        let wish = wish.map(|(name, value)| (name, value.to_owned()));
        let taken = send(stack, "/order/returns", session, &wish).await?;
        ensure!(taken.header("location") == Some("returns/R1"), "{}", taken.status);

        let show = async || -> Result<String> {
            Ok(String::from_utf8(open(stack, "/order/returns/R1", session).await?.body)?)
        };
        let page = show().await?;
        let too_big = vec![0; photo::BYTES_MAX + 1];
        ensure!(upload(stack, &page, &too_big, None).await?.status == 400, "it is too big");
        let elsewhere = Some(("key", "uploads/alpenshop/1/R1/1/1"));
        ensure!(upload(stack, &page, PHOTO, elsewhere).await?.status == 403, "it is another key");
        let as_page = Some(("Content-Type", "text/html"));
        ensure!(upload(stack, &page, PHOTO, as_page).await?.status == 403, "it is no page");
        ensure!(!show().await?.contains("Photo 1 is here"), "nothing was taken");

        let uploaded = upload(stack, &page, PHOTO, None).await?;
        ensure!(uploaded.status == 303, "{}", uploaded.status);
        let back = uploaded.header("location").context("it leads nowhere")?;
        ensure!(back.contains("/order/returns/R1?"), "{back}");
        ensure!(show().await?.contains("Photo 1 is here"), "it is there");
        check_seen(stack, &order_id.to_string()).await?;

        // The customer just leaves; half an hour later the clock sends this.
        let decide = Message::DecideReturn {
            order_id: order_id.clone(),
            return_id: domain::id::ReturnId(1),
        };
        stack.world.send(&[decide]).await?;
        wait_for_fact(stack, &order_id, "ReturnApproved").await?;
        let (order, _) = stack.order(&order_id).await?;
        ensure!(order.returns.values().all(|known| known.stage == Stage::Closed));
        Ok(())
    })
}

/// Sends a file with the form for photos on a page, as a browser does; one of the fields can be forged.
async fn upload(stack: &Stack, page: &str, file: &[u8], forged: Forged<'_>) -> Result<Response> {
    let (_, form) = page.split_once("<form method=\"post\" action=\"http").context("no form")?;
    let action = format!("http{}", form.split('"').next().unwrap_or_default());
    let boundary = "onward-photo";
    let mut body = Vec::new();
    for name in [
        "key",
        "Content-Type",
        "success_action_redirect",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-security-token",
        "policy",
        "x-amz-signature",
    ] {
        let value = match forged {
            Some((known, value)) if known == name => value.to_owned(),
            _ => hidden(form, name)?.replace("&#38;", "&").replace("&#43;", "+"),
        };
        let head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
    }
    let head = "Content-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg";
    body.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let media_type = format!("multipart/form-data; boundary={boundary}");
    let headers = vec![("content-type".to_owned(), media_type)];
    stack.world.call(Request { method: "POST", url: action, headers, body }).await
}

/// An operator sees the photo, by a link that lasts for minutes, and nothing in it but what it shows.
async fn check_seen(stack: &Stack, order_id: &str) -> Result<()> {
    let get = async |url: String, token: &str| {
        let headers = vec![("authorization".to_owned(), token.to_owned())];
        let headers = headers.into_iter().filter(|(_, token)| !token.is_empty()).collect();
        stack.world.call(Request { method: "GET", url, headers, body: Vec::new() }).await
    };
    let token = format!("Bearer {}", stack.secret("console"));
    let shown = get(format!("{}/orders/{order_id}", stack.api), &token).await?;
    let shown: Value = serde_json::from_slice(&shown.body)?;
    let photo = &shown["returns"][0]["photos"][0];
    let link = photo["link"].as_str().context("there is no link")?;
    let seen = get(link.to_owned(), "").await?;
    ensure!(seen.status == 200 && photo["bytes"] == seen.body.len(), "{}", seen.status);
    let tells = |bytes: &[u8]| bytes.windows(12).any(|word| word == b"Unverkennbar");
    ensure!(tells(PHOTO) && !tells(&seen.body), "it tells who took it");
    let disposition = seen.header("content-disposition").unwrap_or_default();
    ensure!(disposition.starts_with("attachment"), "{disposition}");
    ensure!(seen.header("content-type") == Some("image/jpeg"));
    let bare = link.split('?').next().unwrap_or_default();
    ensure!(get(bare.to_owned(), "").await?.status == 403, "anybody sees it");
    Ok(())
}
