//! Status webhooks: tells the merchant's other systems what happened.

use anyhow::{Context, Result, bail};
use connectors::status::Webhook;
use domain::id::EndpointId;
use domain::message::{Message, News, Retry};
use domain::order::announcement::announcements;
use domain::settings::Endpoint;
use futures_util::future::try_join;
use jiff::{SignedDuration, Timestamp};
use ports::{
    Catalog, Clock, DELAY_MAX, Endpoints, Events, Queues, Response, Secrets, while_reading_kept,
};

/// When an endpoint that can't be told is tried again, counted from the first time: what Standard Webhooks proposes.
const AGAIN_AFTER: [SignedDuration; 9] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(5),
    SignedDuration::from_hours(10),
    SignedDuration::from_hours(14),
    SignedDuration::from_hours(20),
    SignedDuration::from_hours(24),
];

/// An endpoint may take so long with all that one message has for it. What is left then is a message of its own, or
/// the function would be cut off and everyone in the batch told again.
const PATIENCE: SignedDuration = SignedDuration::from_secs(8);

/// Tells one endpoint what one message has for it, in order. What it does not take is tried again for a day, from there
/// on; an endpoint that says it is gone is never called again. Another waits for none of this.
///
/// # Errors
/// When the world says not now, and when the endpoint has taken nothing for a day: the queue tries a last few times,
/// and keeps the message for a person.
pub async fn tell_endpoint(
    world: &(impl Catalog + Clock + Endpoints + Events + Queues + Secrets),
    endpoint_id: &EndpointId,
    news: &News,
    retry: Option<&Retry>,
) -> Result<()> {
    let began = world.now();
    if let Some(retry) = retry.filter(|retry| retry.not_before > began) {
        return send_again(world, endpoint_id, news.clone(), retry.clone(), began).await;
    }
    let settings = while_reading_kept(world, world.settings()).await?;
    let Some(endpoint) = settings.endpoint(endpoint_id).filter(|known| !known.paused) else {
        return Ok(());
    };
    let (is_gone, webhooks) =
        try_join(world.is_gone(endpoint), webhooks(world, endpoint, news)).await?;
    if is_gone {
        return Ok(());
    }
    let secrets = world.secret(&format!("endpoints/{endpoint_id}")).await?;
    if secrets.is_empty() {
        bail!("there is no secret `endpoints/{endpoint_id}`");
    }
    for (webhook, rest) in webhooks {
        if world.now().duration_since(began) > PATIENCE {
            let retry = Retry { since: began, failures: 0, not_before: began };
            return send_again(world, endpoint_id, rest, retry, world.now()).await;
        }
        let request = webhook.request(&endpoint.url, &secrets, world.now())?;
        match verdict(world.tell(request).await) {
            Verdict::Taken => {}
            Verdict::Gone => return world.note_gone(endpoint).await,
            Verdict::Failed { why, wait } => {
                let now = world.now();
                let Some(retry) = next_try(retry, &webhook.id, wait, now) else {
                    bail!("endpoint `{endpoint_id}` has taken nothing for a day: {why}");
                };
                return send_again(world, endpoint_id, rest, retry, now).await;
            }
        }
    }
    Ok(())
}

/// Each webhook that a message has for an endpoint, with what is to be told again should this one fail.
async fn webhooks(
    world: &impl Events,
    endpoint: &Endpoint,
    news: &News,
) -> Result<Vec<(Webhook, News)>> {
    match news {
        News::Facts { order_id, first, last } => {
            let (history, version) = world.load(order_id).await?;
            if version < *last {
                bail!("order `{order_id}` has no append {last}");
            }
            let mut webhooks = Vec::new();
            for append in *first..=*last {
                let rest = News::Facts { order_id: order_id.clone(), first: append, last: *last };
                let told = announcements(&history, append, append);
                for announcement in told.iter().filter(|it| endpoint.wants(it.event.name())) {
                    webhooks.push((Webhook::of_order(order_id, announcement)?, rest.clone()));
                }
            }
            Ok(webhooks)
        }
        News::Stock { supplier, location, reported_at, on_hand } => {
            let webhook = Webhook::of_stock(supplier, location, *reported_at, on_hand)?;
            Ok(vec![(webhook, news.clone())])
        }
    }
}

/// What an endpoint made of a webhook.
enum Verdict {
    Taken,
    /// It is not there any more, and says so.
    Gone,
    Failed {
        why: String,
        /// How long it asks us to wait.
        wait: SignedDuration,
    },
}

fn verdict(answered: Result<Response>) -> Verdict {
    match answered {
        Ok(Response { status: 200..300, .. }) => Verdict::Taken,
        Ok(Response { status: 410, .. }) => Verdict::Gone,
        Ok(response) => {
            let seconds =
                response.header("retry-after").and_then(|value| value.parse::<u32>().ok());
            let wait = SignedDuration::from_secs(seconds.unwrap_or(0).into());
            Verdict::Failed { why: format!("it answered with status {}", response.status), wait }
        }
        Err(error) => Verdict::Failed { why: format!("{error:#}"), wait: SignedDuration::ZERO },
    }
}

/// None when it was tried for a day.
fn next_try(
    retry: Option<&Retry>,
    webhook_id: &str,
    wait: SignedDuration,
    now: Timestamp,
) -> Option<Retry> {
    let (since, failures) = retry.map_or((now, 0), |retry| (retry.since, retry.failures));
    let after = AGAIN_AFTER.get(usize::try_from(failures).ok()?)?;
    // Up to a tenth more, so that all that failed at one moment does not come back at one moment.
    let spread = webhook_id
        .bytes()
        .fold(failures, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let jitter = *after * i32::try_from(spread % 100).ok()? / 1_000;
    let not_before = (since + *after + jitter).max(now + wait);
    Some(Retry { since, failures: failures + 1, not_before })
}

async fn send_again(
    world: &impl Queues,
    endpoint_id: &EndpointId,
    news: News,
    retry: Retry,
    now: Timestamp,
) -> Result<()> {
    let delay = retry.not_before.duration_since(now).clamp(SignedDuration::ZERO, DELAY_MAX);
    let message =
        Message::TellEndpoint { endpoint_id: endpoint_id.clone(), news, retry: Some(retry) };
    world.send_later(&message, delay).await.context("failed to keep a status webhook for later")
}
