//! The world on AWS: one for the life of a process.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_types::SdkConfig;
use domain::settings::Settings;
use jiff::{SignedDuration, Timestamp, Unit};
use ports::Clock;

use crate::batches::Read;
use crate::catalog::SETTINGS_AGE_MAX;
use crate::config::Config;
use crate::kept::Kept;
use crate::metrics;
use crate::queues::Letter;
use crate::secrets::{SECRETS_AGE_MAX, SecretsByName};
use crate::together::{Lanes, Waiting};
use crate::transport::Transport;
use crate::views::NewRow;

/// A call to DynamoDB or SQS that takes longer is tried again. They answer in milliseconds or not at all; and three tries
/// must fit into what a function may take.
const ATTEMPT_MAX: Duration = Duration::from_secs(5);

/// A pause.
type Pause = Pin<Box<dyn Future<Output = ()>>>;

/// All ports, on AWS. Build one per process: connections, settings and secrets are kept between events.
///
/// A client is made when it is first used; and so a function that never archives has no S3 in its binary.
pub struct World {
    pub(crate) config: Config,
    pub(crate) transport: Transport,
    pub(crate) settings: Kept<Arc<Settings>>,
    pub(crate) secrets: Kept<Arc<SecretsByName>>,
    pub(crate) turns: RefCell<BTreeMap<&'static str, Timestamp>>,
    pub(crate) fallback_font: OnceCell<&'static [u8]>,
    pub(crate) lanes: Lanes,
    pub(crate) reads: Waiting<Read>,
    pub(crate) new_rows: Waiting<NewRow>,
    pub(crate) letters: Waiting<Letter>,
    clock: Box<dyn Fn() -> Timestamp>,
    pub(crate) pause: Box<dyn Fn(Duration) -> Pause>,
    dynamodb: OnceCell<aws_sdk_dynamodb::Client>,
    sqs: OnceCell<aws_sdk_sqs::Client>,
}

impl World {
    /// The world that the environment names. Calls nobody yet.
    ///
    /// # Errors
    /// When a variable is missing; names all that are.
    pub fn from_env() -> Result<Self> {
        Ok(Self::new(Config::from_env()?))
    }

    /// The world that a configuration names. Calls nobody yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        metrics::stand_under(config.metrics_namespace.as_deref());
        Self {
            config,
            transport: Transport::default(),
            settings: Kept::new(SETTINGS_AGE_MAX),
            secrets: Kept::new(SECRETS_AGE_MAX),
            turns: RefCell::default(),
            fallback_font: OnceCell::new(),
            lanes: Lanes::default(),
            reads: Waiting::default(),
            new_rows: Waiting::default(),
            letters: Waiting::default(),
            clock: Box::new(wall_clock),
            pause: Box::new(|time| Box::pin(tokio::time::sleep(time))),
            dynamodb: OnceCell::new(),
            sqs: OnceCell::new(),
        }
    }

    /// The same world by another clock: for whoever measures what an order's life of days costs.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> Timestamp + 'static) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// The same world, in which pauses are as long as that: where time is made up.
    #[must_use]
    pub fn with_pauses<Pause>(self, pause: impl Fn(Duration) -> Pause + 'static) -> Self
    where
        Pause: Future<Output = ()> + 'static,
    {
        Self { pause: Box::new(move |time| Box::pin(pause(time))), ..self }
    }

    /// Where suppliers reach us, without a slash at the end.
    ///
    /// # Errors
    /// When this function was not told.
    pub fn public_url(&self) -> Result<&str> {
        self.config.public_url.as_deref().context("not in the environment: `PUBLIC_URL`")
    }

    /// What stands in for the tracking service, if anything does; else empty.
    #[must_use]
    pub fn tracking_url(&self) -> &str {
        self.config.tracking_url.as_deref().unwrap_or_default()
    }

    pub(crate) fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        self.dynamodb.get_or_init(|| aws_sdk_dynamodb::Client::new(&self.sdk()))
    }

    pub(crate) fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.sqs.get_or_init(|| aws_sdk_sqs::Client::new(&self.sdk()))
    }

    pub(crate) fn credentials(&self) -> Credentials {
        let known = &self.config.credentials;
        let token = known.session_token.clone();
        Credentials::new(&known.access_key_id, &known.secret_access_key, token, None, "environment")
    }

    /// What the client crates share. `aws-config` would bring every other way to find credentials, and two services to
    /// ask for them, into each function: Lambda puts them into the environment and nowhere else.
    fn sdk(&self) -> SdkConfig {
        let mut sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.config.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(self.credentials()))
            .http_client(self.transport.sdk())
            // They are known and stay as they are: to look them up in a cache takes longer than to copy them.
            .identity_cache(IdentityCache::no_cache())
            // An attempt's time covers its answer's body, too.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(RetryConfig::standard())
            .timeout_config(
                TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_MAX).build(),
            );
        sdk.set_endpoint_url(self.config.endpoint_url.clone());
        sdk.build()
    }
}

impl Clock for World {
    /// To the millisecond, as facts keep it.
    fn now(&self) -> Timestamp {
        let whole =
            jiff::TimestampRound::new().smallest(Unit::Millisecond).mode(jiff::RoundMode::Trunc);
        (self.clock)().round(whole).expect("a moment of our time can be rounded down")
    }

    fn patience(&self) -> SignedDuration {
        self.config.patience
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one clock")]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}
