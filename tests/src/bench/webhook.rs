//! How long a shop waits for order-intake's answer, against the bare writes that it can't do without: two `PutItem` and a
//! `SendMessage` of as many bytes, one after the other, by the same SDK at the same address.

use anyhow::{Context, Result};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_types::SdkConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::settings::ShopKind;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashMap;
use std::time::Instant;

use super::expression::Item;
use super::onward::{Answers, Onward};
use super::start::median;
use super::stories::MUG;
use crate::journey::BEGINNING;
use crate::purchase::Purchase;

/// Pairs that count, after some that warm both up.
const PAIRS: u64 = 400;
const WARM_UP: u64 = 40;

/// What was measured.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Webhook {
    /// Median of the ratios of each pair, in hundredths.
    pub percent_of_bare: u64,
    /// Median in microseconds.
    pub answer_us: u64,
    /// Median in microseconds.
    pub bare_us: u64,
}

/// Sells one order after the other.
///
/// # Errors
/// When a webhook is not answered, or a write fails.
pub fn measure() -> Result<Webhook> {
    let mut onward = Onward::begin(Answers::AtOnce)?;
    let bare = Bare::new(&onward.url);
    let placed_at: Timestamp = BEGINNING.parse()?;
    let (mut ratios, mut answers, mut bares) = (Vec::new(), Vec::new(), Vec::new());
    let mut writes: Option<Writes> = None;
    for number in 0..WARM_UP + PAIRS {
        let order = 6_000_000 + number;
        let purchase = Purchase::new("alpenshop", ShopKind::Shopify, order, placed_at, &[MUG]);
        onward.journey.sells_silently(&purchase);
        let webhook = onward.journey.webhook(&purchase);
        let answer = || onward.time_to_answer(&webhook);
        let write = || writes.as_ref().map_or(Ok(0), |writes| bare.time_to_write(&onward, writes));
        // Whoever comes second finds the caches warm.
        let (answer_us, bare_us) = if number % 2 == 0 {
            let answer_us = answer()?;
            (answer_us, write()?)
        } else {
            let bare_us = write()?;
            (answer()?, bare_us)
        };
        if number >= WARM_UP {
            ratios.push(answer_us * 100 / bare_us);
            answers.push(answer_us);
            bares.push(bare_us);
        }
        writes = Some(Writes::of(&onward, purchase.order_id().as_str())?);
    }
    Ok(Webhook {
        percent_of_bare: median(ratios.into_iter()),
        answer_us: median(answers.into_iter()),
        bare_us: median(bares.into_iter()),
    })
}

/// The client crates, as our adapters set them up, with nothing around them.
struct Bare {
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    queue_url: String,
}

/// What order-intake wrote of the order before, under another key.
struct Writes {
    person: HashMap<String, AttributeValue>,
    append: HashMap<String, AttributeValue>,
    message: String,
}

impl Bare {
    fn new(url: &str) -> Self {
        let credentials = Credentials::new("key", "secret", None, None, "bench");
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .identity_cache(IdentityCache::no_cache())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(http)
            .endpoint_url(url)
            .build();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
            sqs: aws_sdk_sqs::Client::new(&sdk),
            queue_url: format!("{url}/queues/nobody"),
        }
    }

    /// In microseconds.
    fn time_to_write(&self, onward: &Onward, writes: &Writes) -> Result<u64> {
        let started = Instant::now();
        onward.wait(self.write(writes))?;
        Ok(u64::try_from(started.elapsed().as_micros())?.max(1))
    }

    async fn write(&self, writes: &Writes) -> Result<()> {
        let put = self.dynamodb.put_item().table_name("People");
        put.set_item(Some(writes.person.clone())).send().await?;
        let put = self.dynamodb.put_item().table_name("Events");
        let put = put.set_item(Some(writes.append.clone()));
        put.condition_expression("attribute_not_exists(pk)").send().await?;
        let send = self.sqs.send_message().queue_url(&self.queue_url);
        send.message_body(&writes.message).send().await?;
        Ok(())
    }
}

impl Writes {
    fn of(onward: &Onward, order_id: &str) -> Result<Self> {
        let cloud = onward.cloud.borrow();
        let written = |table: &str| {
            let items = cloud.tables.tables.get(table).into_iter().flatten();
            let item =
                items.filter(|((pk, _), _)| pk == order_id).map(|(_, item)| item).next_back();
            attributes(item.with_context(|| format!("nothing of `{order_id}` is in `{table}`"))?)
        };
        let queue = cloud.queues.get("sku-mapping").and_then(|queue| queue.back());
        let (_, message) = queue.context("nothing was sent")?;
        Ok(Self {
            person: written("People")?,
            append: written("Events")?,
            message: message.clone(),
        })
    }
}

fn attributes(item: &Item) -> Result<HashMap<String, AttributeValue>> {
    let mut attributes = HashMap::new();
    for (name, value) in item {
        let text = |kind: &str| value[kind].as_str().map(str::to_owned);
        let value = match (text("S"), text("N"), text("B")) {
            (Some(text), ..) if name == "pk" => AttributeValue::S(format!("{text}-bare")),
            (Some(text), ..) => AttributeValue::S(text),
            (_, Some(digits), _) => AttributeValue::N(digits),
            (.., Some(base64)) => AttributeValue::B(Blob::new(STANDARD.decode(base64)?)),
            _ => anyhow::bail!("`{name}` is of no known kind"),
        };
        attributes.insert(name.clone(), value);
    }
    Ok(attributes)
}
