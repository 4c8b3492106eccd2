//! The deployed stack, as the demo and the end-to-end tests see it: our API, the tables, and the outside world beside it.

mod aws_calls;
pub mod company;
pub mod faults;
pub mod pump;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use domain::id::OrderId;
use domain::order::{Order, Recorded};
use jiff::Timestamp;
use ports::{Clock as _, Events as _, Http as _, Inbound, Request, Response};
use serde_json::{Value, json};

/// Longer than anything takes, also on a machine that is busy with other things.
const PATIENCE_SECONDS: i64 = 300;

/// Between two looks, each of which is work for the emulator that it can't do for others.
const LOOK: Duration = Duration::from_millis(500);

/// Between two looks at everything, each of which is a lot of work.
const LONG_LOOK: Duration = Duration::from_secs(5);

/// A stack that `tests/local/stack.py` started.
pub struct Stack {
    /// Our own adapters, with an operator's rights.
    pub world: aws::World,
    /// Base URL of our HTTP API.
    pub api: String,
    /// Base URL of the emulator.
    pub endpoint: String,
    /// Base URL of the proxy through which functions reach the emulator.
    pub proxy: String,
    /// Base URL of the outside world.
    pub outside: String,
    /// The demo's secrets, by the names they have below the secrets' path.
    pub secrets: BTreeMap<String, String>,
    /// What the template's resources are called, by their names in the template.
    pub resources: BTreeMap<String, String>,
    /// The process that the functions' processes are children of.
    pub emulator: u32,
    /// The settings that were put in force.
    pub settings_file: PathBuf,
}

/// Runs a check on the stack that the environment names. Without one it says so, and proves nothing.
///
/// # Errors
/// What the check finds.
pub fn on_the_stack(check: impl AsyncFn(&Stack) -> Result<()>) -> Result<()> {
    let Some(stack) = Stack::from_env()? else {
        #[expect(clippy::print_stderr, reason = "nobody may believe that it was checked")]
        {
            eprintln!(
                "ONWARD_STACK is not set: nothing was checked end to end; `make test` does it"
            );
        }
        return Ok(());
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(check(&stack))
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
        let settings_file = Path::new(&file).with_file_name("settings.toml");
        let file =
            std::fs::read_to_string(&file).with_context(|| format!("failed to read `{file}`"))?;
        let described: Value = serde_json::from_str(&file)?;
        let pids = described["pids"].as_object().into_iter().flatten();
        let emulator = pids.into_iter().find(|(_, program)| *program == "emulator.py");
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
            proxy: named("proxy")?,
            outside: named("outside")?,
            secrets: serde_json::from_str(include_str!("../local/secrets.json"))?,
            resources: serde_json::from_value(described["resources"].clone())?,
            emulator: emulator.context("`pids` names no emulator")?.0.parse()?,
            settings_file,
        }))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// Looks again and again until there is something to see.
    ///
    /// # Errors
    /// When there is nothing after a long time, or a look fails.
    pub async fn wait_for<T>(
        &self,
        what: &str,
        look: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        self.wait(what, PATIENCE_SECONDS, LOOK, look).await
    }

    /// The same for what can't be seen before everyone else has done waiting.
    ///
    /// # Errors
    /// When there is nothing after a very long time, or a look fails.
    pub async fn wait_for_rest<T>(
        &self,
        what: &str,
        look: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        self.wait(what, 3 * PATIENCE_SECONDS, LONG_LOOK, look).await
    }

    async fn wait<T>(
        &self,
        what: &str,
        patience_seconds: i64,
        between: Duration,
        mut look: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let began_at = self.now();
        while (self.now() - began_at).get_seconds() < patience_seconds {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            tokio::time::sleep(between).await;
        }
        bail!("after {patience_seconds} seconds there is still no sign of this: {what}")
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

    /// Calls our API as [`Stack::call`] does, and again for as long as it could not answer: so do shops and suppliers.
    ///
    /// # Errors
    /// When it could not for a long time.
    pub async fn call_patiently(&self, inbound: &Inbound) -> Result<Response> {
        let what = format!("an answer to {} {}", inbound.method, inbound.route);
        self.wait_for(&what, async || {
            // No answer at all is a function that died: the next one answers.
            Ok(self.call(inbound).await.ok().filter(|response| response.status < 500))
        })
        .await
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
        let response = self.call_patiently(&inbound).await?;
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
