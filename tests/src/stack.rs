//! The deployed stack, as the demo and the end-to-end tests see it: our API, the tables, and the outside world beside it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use domain::id::OrderId;
use domain::order::{Order, Recorded};
use jiff::Timestamp;
use ports::{Clock as _, Events as _, Http as _, Inbound, Request, Response};
use serde_json::{Value, json};

/// A stack that `tests/local/stack.py` started.
pub struct Stack {
    /// Our own adapters, with an operator's rights.
    pub world: aws::World,
    /// Base URL of our HTTP API.
    pub api: String,
    /// Base URL of the emulator.
    pub endpoint: String,
    /// Base URL of the outside world.
    pub outside: String,
    /// The demo's secrets, by the names they have below the secrets' path.
    pub secrets: BTreeMap<String, String>,
}

impl Stack {
    /// The stack that the environment names; none where there is none.
    ///
    /// # Errors
    /// When the environment names one that can't be used.
    pub fn from_env() -> Result<Option<Self>> {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests and demo are told by the environment where the stack is"
        )]
        let Ok(file) = std::env::var("ONWARD_STACK") else { return Ok(None) };
        let file =
            std::fs::read_to_string(&file).with_context(|| format!("failed to read `{file}`"))?;
        let described: Value = serde_json::from_str(&file)?;
        let named = |name: &str| {
            described[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("`{name}` is missing in the stack's file"))
        };
        Ok(Some(Self {
            world: aws::World::from_env()?,
            api: named("api")?,
            endpoint: named("endpoint")?,
            outside: named("outside")?,
            secrets: serde_json::from_str(include_str!("../local/secrets.json"))?,
        }))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// One of the demo's secrets.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn secret(&self, name: &str) -> &str {
        self.secrets.get(name).unwrap_or_else(|| panic!("there is no secret `{name}`"))
    }

    /// Calls our API over HTTP as a shop, a supplier or an operator would.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn call(&self, inbound: &Inbound) -> Result<Response> {
        let mut path = inbound.route.clone();
        for (name, value) in &inbound.parameters {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let method = if inbound.method == "GET" { "GET" } else { "POST" };
        let request = Request {
            method,
            url: format!("{}{path}", self.api),
            headers: inbound.headers.clone(),
            body: inbound.body.clone(),
        };
        self.world.call(request).await
    }

    /// Takes an operator's decision on an order, through the console.
    ///
    /// # Errors
    /// When it is not taken.
    pub async fn decide(&self, order_id: &OrderId, decision: &str, body: &Value) -> Result<()> {
        let inbound = Inbound {
            method: "POST".to_owned(),
            route: format!("/orders/{order_id}/{decision}"),
            headers: vec![(
                "authorization".to_owned(),
                format!("Bearer {}", self.secret("console")),
            )],
            body: body.to_string().into_bytes(),
            ..Inbound::default()
        };
        let response = self.call(&inbound).await?;
        ensure!(response.status == 200, "{decision}: {}", String::from_utf8_lossy(&response.body));
        Ok(())
    }

    /// Directs the outside world.
    ///
    /// # Errors
    /// When it does not understand.
    pub async fn direct(&self, method: &'static str, path: &str, body: &Value) -> Result<Value> {
        let request = Request {
            method,
            url: format!("{}/_control/{path}", self.outside),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        };
        let response = self.world.call(request).await?;
        let answer = String::from_utf8_lossy(&response.body).into_owned();
        ensure!(response.status == 200, "{method} {path}: {answer}");
        Ok(serde_json::from_str(&answer)?)
    }

    /// Everything that suppliers were asked for, as they tell it.
    ///
    /// # Errors
    /// When the outside world does not answer.
    pub async fn suppliers(&self) -> Result<Value> {
        self.direct("GET", "suppliers", &json!({})).await
    }

    /// All that the emulator keeps of the mails that were sent, as text.
    ///
    /// # Errors
    /// When the emulator does not answer.
    pub async fn mails(&self) -> Result<String> {
        let url = format!("{}/_ministack/ses/messages", self.endpoint);
        let request = Request { method: "GET", url, headers: Vec::new(), body: Vec::new() };
        Ok(String::from_utf8_lossy(&self.world.call(request).await?.body).into_owned())
    }

    /// An order and its facts, as they are now.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn order(&self, order_id: &OrderId) -> Result<(Order, Vec<Recorded>)> {
        let (history, _) = self.world.load(order_id).await?;
        Ok((Order::fold(&history), history))
    }
}
