//! Secrets in SSM Parameter Store: the `SecureString` parameters below `SECRETS_PATH`.
//!
//! A parameter holds one secret. While a secret is being replaced it holds two lines: the new one first, the old one
//! below; both count until the second line is taken out. (No other separator: shops choose their secrets, WooCommerce's
//! can hold commas and blanks.)
//!
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::SignedDuration;
use ports::{Request, Secrets};
use serde::Deserialize;
use serde_json::json;

use crate::items::parsed;
use crate::signed::{Service, succeed};
use crate::world::World;

/// How long a secret that was taken out may still count.
pub(crate) const SECRETS_AGE_MAX: SignedDuration = SignedDuration::from_mins(5);

/// The values of each secret, newest first.
pub(crate) type SecretsByName = BTreeMap<String, Vec<String>>;

impl Secrets for World {
    async fn secret(&self, name: &str) -> Result<Vec<String>> {
        let read = async || {
            let read = self.read_secrets().await.context("failed to read the secrets")?;
            Ok(Arc::new(read))
        };
        let known = self.secrets.get(self, || Box::pin(read())).await?;
        Ok(known.get(name).cloned().unwrap_or_default())
    }
}

/// A page of parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    parameters: Vec<Parameter>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    name: String,
    value: String,
}

impl World {
    async fn read_secrets(&self) -> Result<SecretsByName> {
        let path = &self.config.secrets_path;
        let mut secrets = SecretsByName::new();
        let mut next_token: Option<String> = None;
        loop {
            let page = self.read_page(path, next_token.as_deref()).await?;
            for Parameter { name, value } in page.parameters {
                let name = name.strip_prefix(path.as_str()).unwrap_or(&name).to_owned();
                secrets.insert(name, lines(&value));
            }
            next_token = page.next_token.filter(|token| !token.is_empty());
            if next_token.is_none() {
                return Ok(secrets);
            }
        }
    }

    async fn read_page(&self, path: &str, next_token: Option<&str>) -> Result<Page> {
        let mut body = json!({ "Path": path, "Recursive": true, "WithDecryption": true });
        if let Some(token) = next_token {
            body["NextToken"] = token.into();
        }
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let request = Request {
            method: "POST",
            url: format!("{}/", self.endpoint(Service::Ssm)),
            headers: vec![
                header("content-type", "application/x-amz-json-1.1"),
                header("x-amz-target", "AmazonSSM.GetParametersByPath"),
            ],
            body: body.to_string().into_bytes(),
        };
        parsed(&succeed(self.call_repeatedly(Service::Ssm, request).await?)?.body)
    }
}

fn lines(value: &str) -> Vec<String> {
    value.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_holds_one_secret_or_two_lines() {
        assert_eq!(lines("whsec, with a blank "), ["whsec, with a blank "]);
        assert_eq!(lines("new\r\nold\n"), ["new", "old"]);
        assert!(lines("\n").is_empty());
    }
}
