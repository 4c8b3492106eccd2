//! All that the environment says, read in one place.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result, ensure};
use domain::message::Function;
use jiff::SignedDuration;

/// Names of what the template made, and who we are. Each function gets the same.
pub struct Config {
    /// `TABLE_EVENTS`
    pub table_events: String,
    /// `TABLE_PEOPLE`
    pub table_people: String,
    /// `TABLE_CATALOG`
    pub table_catalog: String,
    /// `TABLE_VIEWS`
    pub table_views: String,
    /// `BUCKET_REFUSED`
    pub bucket_refused: String,
    /// `BUCKET_DOCUMENTS`
    pub bucket_documents: String,
    /// `BUCKET_PHOTOS`
    pub bucket_photos: String,
    /// `QUEUE_SKU_MAPPING` and so on: the URL of each function's queue.
    pub queues: BTreeMap<Function, String>,
    /// `SECRETS_PATH`: the folder in Parameter Store, with a slash at either end.
    pub secrets_path: String,
    /// `MAIL_FROM`: the sender of our mails.
    pub mail_from: String,
    /// `PUBLIC_URL`: where suppliers reach us, without a slash at the end; only who needs it is told.
    pub public_url: Option<String>,
    /// `CONFIGURATION_SET`: by which SES tells of bounces and complaints; only who writes to customers is told.
    pub configuration_set: Option<String>,
    /// `TRACKING_URL`: what stands in for the tracking service, if anything does; only who needs it is told.
    pub tracking_url: Option<String>,
    /// `FALLBACK_FONT`: the file of the font that is too large for a binary; only who sets type is told.
    pub fallback_font: Option<String>,
    /// `METRICS_NAMESPACE`: the name that metrics stand under, if any are to be told.
    pub metrics_namespace: Option<String>,
    /// `AWS_LAMBDA_LOG_GROUP_NAME`: where functions say what went wrong. Lambda sets it; operators are told.
    pub log_group: Option<String>,
    /// `ENDPOINTS_MAY_BE_PRIVATE`: `true` where status webhooks may go to addresses inside our own network, as on a desk.
    pub endpoints_may_be_private: bool,
    /// `TIMEOUT_SECONDS` and `RETRY_SECONDS`: how long a function may take, and how soon a queue delivers again. Half way
    /// between them whoever began something and gave no sign is gone.
    pub patience: SignedDuration,
    /// `AWS_REGION`, or `AWS_DEFAULT_REGION` as the command line has it.
    pub region: String,
    /// `AWS_ENDPOINT_URL`: what stands in for all of AWS, if anything does.
    pub endpoint_url: Option<String>,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, if there is one, `AWS_SESSION_TOKEN`. Lambda sets them; on a
    /// desk `aws configure export-credentials --format env` prints them.
    pub credentials: Credentials,
}

/// Who calls AWS.
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`
    pub session_token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "credentials `{}`", self.access_key_id)
    }
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// When a variable is missing; names all that are.
    pub fn from_env() -> Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads it")]
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads variables from wherever they are.
    ///
    /// # Errors
    /// When a variable is missing; names all that are.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let mut missing = Vec::new();
        let optional = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut required = |name: &str| {
            let value = optional(name);
            if value.is_none() {
                missing.push(format!("`{name}`"));
            }
            value.unwrap_or_default()
        };
        let timeout = required("TIMEOUT_SECONDS");
        let retry = required("RETRY_SECONDS");
        let mut queue = |function: Function| (function, required(&queue_variable(function)));
        let mut config = Self {
            queues: Function::ALL.into_iter().map(&mut queue).collect(),
            table_events: required("TABLE_EVENTS"),
            table_people: required("TABLE_PEOPLE"),
            table_catalog: required("TABLE_CATALOG"),
            table_views: required("TABLE_VIEWS"),
            bucket_refused: required("BUCKET_REFUSED"),
            bucket_documents: required("BUCKET_DOCUMENTS"),
            bucket_photos: required("BUCKET_PHOTOS"),
            secrets_path: required("SECRETS_PATH"),
            mail_from: required("MAIL_FROM"),
            public_url: optional("PUBLIC_URL"),
            configuration_set: optional("CONFIGURATION_SET"),
            tracking_url: optional("TRACKING_URL"),
            fallback_font: optional("FALLBACK_FONT"),
            metrics_namespace: optional("METRICS_NAMESPACE"),
            log_group: optional("AWS_LAMBDA_LOG_GROUP_NAME"),
            endpoints_may_be_private: variable("ENDPOINTS_MAY_BE_PRIVATE")
                .is_some_and(|value| value == "true"),
            patience: SignedDuration::ZERO,
            region: optional("AWS_REGION").unwrap_or_else(|| required("AWS_DEFAULT_REGION")),
            endpoint_url: optional("AWS_ENDPOINT_URL"),
            credentials: Credentials {
                access_key_id: required("AWS_ACCESS_KEY_ID"),
                secret_access_key: required("AWS_SECRET_ACCESS_KEY"),
                session_token: optional("AWS_SESSION_TOKEN"),
            },
        };
        ensure!(missing.is_empty(), "not in the environment: {}", missing.join(", "));
        config.patience = patience(&timeout, &retry)?;
        Ok(config)
    }
}

#[cfg(test)]
impl Config {
    /// Frankfurt itself, by the credentials that AWS's own examples of signatures have; everything else is called `some`.
    pub(crate) fn sample() -> Self {
        let value = |name: &str| match name {
            "AWS_ENDPOINT_URL" => None,
            "AWS_REGION" => Some("eu-central-1"),
            "AWS_ACCESS_KEY_ID" => Some("AKIDEXAMPLE"),
            "AWS_SECRET_ACCESS_KEY" => Some("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            "AWS_SESSION_TOKEN" => Some("session"),
            "TIMEOUT_SECONDS" => Some("20"),
            "RETRY_SECONDS" => Some("140"),
            _ => Some("some"),
        };
        Self::read(|name| value(name).map(str::to_owned)).expect("nothing that must be is missing")
    }
}

fn patience(timeout: &str, retry: &str) -> Result<SignedDuration> {
    let seconds = |name: &str, value: &str| {
        let known = value.parse::<u32>();
        known.with_context(|| format!("`{name}` is no number of seconds"))
    };
    let timeout = seconds("TIMEOUT_SECONDS", timeout)?;
    let retry = seconds("RETRY_SECONDS", retry)?;
    ensure!(
        timeout + 1 < retry,
        "`TIMEOUT_SECONDS` must be less than `RETRY_SECONDS` by 2 or more"
    );
    Ok(SignedDuration::from_secs((i64::from(timeout) + i64::from(retry)) / 2))
}

/// `sku-mapping` → `QUEUE_SKU_MAPPING`.
fn queue_variable(function: Function) -> String {
    format!("QUEUE_{}", function.name().replace('-', "_").to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str) -> &str {
        match name {
            "TIMEOUT_SECONDS" => "20",
            "RETRY_SECONDS" => "140",
            name => name,
        }
    }

    #[test]
    fn patience_is_longer_than_a_function_may_take_and_shorter_than_a_queue_waits() {
        assert_eq!(patience("20", "140").unwrap(), SignedDuration::from_secs(80));
        assert_eq!(patience("10", "12").unwrap(), SignedDuration::from_secs(11));
        for (timeout, retry) in [("10", "11"), ("10", "6"), ("", "6"), ("10", "soon")] {
            assert!(patience(timeout, retry).is_err(), "{timeout}, {retry}");
        }
    }

    #[test]
    fn every_missing_variable_is_named_at_once() {
        let error = Config::read(|name| {
            (name != "TABLE_VIEWS" && name != "QUEUE_SHOP_SYNC").then(|| name.to_owned())
        });
        let error = error.err().unwrap().to_string();
        assert_eq!(error, "not in the environment: `QUEUE_SHOP_SYNC`, `TABLE_VIEWS`");
    }

    #[test]
    fn an_empty_variable_is_missing() {
        let config =
            Config::read(|name| Some(if name == "PUBLIC_URL" { "" } else { set(name) }.to_owned()))
                .unwrap();
        assert_eq!(config.public_url, None);
        assert!(Config::read(|_| Some(String::new())).is_err());
    }

    #[test]
    fn credentials_show_no_secret() {
        let config = Config::read(|name| Some(set(name).to_owned())).unwrap();
        assert_eq!(format!("{:?}", config.credentials), "credentials `AWS_ACCESS_KEY_ID`");
    }
}
