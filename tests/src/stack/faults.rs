//! What can go wrong on a deployed stack, at will: a function's call to AWS that is refused, held or loses its answer, and
//! a function's process that is killed. Calls to suppliers and shops can be held, too; see `bin/outside.rs`.
//!
//! Functions reach AWS through microburst (PyPI), which passes on every call that no rule is about.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result, ensure};
use ports::{Http as _, Request};
use serde_json::{Value, json};

use super::Stack;

/// A call of a function to AWS.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Whom, as signatures name it: `dynamodb`, `sqs`, `s3`, `ses`.
    pub service: &'a str,
    /// What, as the service's API names it: `PutItem`. Empty for anything, as with SES, whose second version the proxy
    /// does not tell apart.
    pub operation: &'a str,
    /// Words that all stand in its body; for S3, in its path.
    pub about: &'a [&'a str],
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It takes effect, and its answer gets lost.
    AnswerLost,
    /// It takes effect, and its answer never comes.
    AnswerHeld,
    /// It is held, and never takes effect.
    Held,
    /// AWS refuses it for now, with this error and status.
    Refused(&'static str, u16),
}

/// A rule that spoils calls.
#[derive(Debug, Clone, Copy)]
pub struct Rule(u64);

/// When a call to somebody outside is held, or cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nobody has acted on it.
    Before,
    /// It was acted on, and the answer is on its way.
    After,
    /// It was acted on, and the answer gets lost.
    Lost,
}

impl Moment {
    fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Lost => "lost",
        }
    }
}

impl Stack {
    /// Spoils the next such calls.
    ///
    /// # Errors
    /// When the proxy does not answer.
    pub async fn spoil(&self, call: Call<'_>, fault: Fault, times: u32) -> Result<Rule> {
        let mut rule = json!({"service": call.service, "times": times});
        if !call.operation.is_empty() {
            rule["operation"] = json!(call.operation);
        }
        if call.service == "s3" {
            rule["resource"] = json!(call.about.concat());
        } else {
            let about = call.about.iter().map(|word| format!("contains(to_string(@), '{word}')"));
            rule["body"] = json!(about.collect::<Vec<_>>().join(" && "));
        }
        match fault {
            Fault::AnswerLost => rule["response"] = json!({"abort_bytes": 0}),
            // A byte or two of an answer take minutes.
            Fault::AnswerHeld => rule["response"] = json!({"bandwidth_kbps": 0.000_01}),
            Fault::Held => rule["timeout_ms"] = json!(60_000),
            Fault::Refused(code, status) => rule["error"] = json!({"code": code, "status": status}),
        }
        let added = self.ask_proxy("PATCH", "rules", &json!([rule])).await?;
        Ok(Rule(added[0]["id"].as_u64().context("the rule has no id")?))
    }

    /// How many calls a rule has spoiled so far.
    ///
    /// # Errors
    /// When the proxy does not answer.
    pub async fn spoiled(&self, rule: Rule) -> Result<usize> {
        let path = format!("fired?rule_id={}&limit=2000", rule.0);
        let fired = self.ask_proxy("GET", &path, &Value::Null).await?;
        Ok(fired.as_array().map_or(0, Vec::len))
    }

    async fn ask_proxy(&self, method: &'static str, path: &str, body: &Value) -> Result<Value> {
        let request = Request {
            method,
            url: format!("{}/_microburst/{path}", self.proxy),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: if body.is_null() { Vec::new() } else { body.to_string().into_bytes() },
        };
        let response = self.world.call(request).await?;
        let answer = String::from_utf8_lossy(&response.body).into_owned();
        ensure!(response.status == 200, "{method} {path}: {answer}");
        Ok(serde_json::from_str(&answer)?)
    }

    /// Holds the next call to somebody outside whose method, URL and body hold all these words, until whoever made it
    /// gives up; or, if its answer is to get lost, ends it without one.
    ///
    /// # Errors
    /// When the outside world does not answer.
    pub async fn hold(&self, about: &[&str], moment: Moment) -> Result<()> {
        let hold = json!({"about": about, "moment": moment.name()});
        self.direct("POST", "holds", &hold).await?;
        Ok(())
    }

    /// Whether such a call was held.
    ///
    /// # Errors
    /// When the outside world does not answer.
    pub async fn is_held(&self, about: &[&str]) -> Result<bool> {
        let held = self.direct("GET", "holds", &Value::Null).await?;
        Ok(held.as_array().is_some_and(|held| held.contains(&json!(about))))
    }

    /// Kills every process that runs one of the template's functions, or any if none is named; how many there were.
    ///
    /// # Errors
    /// When processes can't be seen or killed.
    pub fn kill(&self, function: Option<&str>) -> Result<u32> {
        let name = function.map(|function| self.resource(function)).transpose()?;
        let mut killed = 0;
        for process in fs::read_dir("/proc")? {
            let folder = process?.path();
            let pid = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if pid.parse::<u32>().is_err() {
                continue;
            }
            // A process that has ended meanwhile has no files any more.
            let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
            if parent(&read("stat")) != Some(self.emulator)
                || !read("cmdline").split('\0').next().is_some_and(|it| it.ends_with("/bootstrap"))
            {
                continue;
            }
            let environment = read("environ");
            let mut variables = environment.split('\0');
            let own = variables.find_map(|it| it.strip_prefix("AWS_LAMBDA_FUNCTION_NAME="));
            if name.is_none_or(|name| own == Some(name)) {
                let status = Command::new("kill").args(["-KILL", pid]).status();
                let is_killed = status.context("there is no `kill`")?.success();
                killed += u32::from(is_killed);
                let mut known = KILLED.lock().expect("nobody panics with it");
                known.extend(own.filter(|_| is_killed).map(str::to_owned));
            }
        }
        Ok(killed)
    }

    /// Whether any process of the function was ever killed, by whichever test.
    pub fn was_killed(&self, function: &str) -> Result<bool> {
        let name = self.resource(function)?;
        Ok(KILLED.lock().expect("nobody panics with it").contains(name))
    }
}

/// The functions of which a process was killed.
static KILLED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// `/proc/PID/stat`: the parent is the second field behind the name, which stands in brackets and may hold anything.
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
