//! The demo: what customers buy, what goes wrong on the way, and what is to become of it.

mod cast;
mod report;
mod returns;
mod stage;

use std::time::Duration;

use anyhow::{Result, bail};
use domain::id::OrderId;
use domain::order::phase::Phase;
use domain::order::{Order, Recorded};
use jiff::Timestamp;

use crate::stack::Stack;
use stage::Stage;

pub use report::write_report;
pub use returns::Returned;

/// How long all of it may take.
const SECONDS_MAX: i64 = 90;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(300);

/// An order of the demo, as it turned out.
pub struct Outcome {
    /// What it shows.
    pub title: &'static str,
    /// Which.
    pub order_id: OrderId,
    /// Where it should stand in the end.
    pub expected: Phase,
    /// Where it stands.
    pub order: Order,
    /// What happened.
    pub history: Vec<Recorded>,
    /// What is not as it should be.
    pub problems: Vec<String>,
}

/// Everything that came of it.
pub struct Demo {
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Each order.
    pub outcomes: Vec<Outcome>,
    /// What came back.
    pub returns: Vec<Returned>,
    /// Mails to customers.
    pub mails: usize,
    /// What is wrong with the whole.
    pub problems: Vec<String>,
}

impl Demo {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty() && self.outcomes.iter().all(|outcome| outcome.problems.is_empty())
    }
}

/// Sends every order to the stack, plays customers, operators, suppliers and carriers, and waits until each order is
/// where it should be.
///
/// # Errors
/// When the stack does not answer.
pub async fn run(stack: &Stack, mut say: impl FnMut(&str)) -> Result<Demo> {
    let began_at = stack.now();
    let mut stage = Stage::open(stack, cast::parts(began_at)).await?;
    stage.send_first_webhooks(&mut say).await?;
    while !stage.is_over() {
        if (stack.now() - began_at).get_seconds() > SECONDS_MAX {
            say("out of time");
            break;
        }
        stage.look(&mut say).await?;
        tokio::time::sleep(LOOK).await;
    }
    let mut problems = stage.audit().await?;
    let Some(outcomes) = stage.outcomes() else { bail!("no order was ever looked at") };
    let returns = returns::come_back(stack, &outcomes, &mut say).await?;
    let mails = returns::mails(stack, &outcomes).await?;
    if mails == 0 {
        problems.push("no customer got a mail".to_owned());
    }
    Ok(Demo { began_at, ended_at: stack.now(), outcomes, returns, mails, problems })
}
