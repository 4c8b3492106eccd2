//! One thing that goes wrong while an order, or a return of it, takes its course.

use anyhow::{Context as _, Result, ensure};
use domain::id::OrderId;
use domain::order::Recorded;
use tests::journey::names;
use tests::stack::Stack;
use tests::stack::faults::{Call, Fault, Moment, Rule};

/// A call of a function to AWS: whom, what, and a word in it beside the order's id. That of an append is its fact.
pub(crate) type AwsCall = (&'static str, &'static str, &'static str);

/// A delivery tries thrice.
const REFUSALS: u32 = 7;

/// What goes wrong with one order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trial {
    /// A call to AWS takes effect and its answer gets lost.
    Lost(AwsCall),
    /// A call to AWS is refused for now: with this error and status, as often as fails two deliveries and half of a third.
    Refused(AwsCall, &'static str, u16),
    /// The function is killed while it waits for the answer to a call to AWS: one that is held back, or one that took
    /// effect.
    Killed(&'static str, AwsCall, Fault),
    /// A call to somebody outside, with this method and this word beside the order's number, takes effect and its answer
    /// gets lost.
    LostOutside([&'static str; 2]),
    /// The function is killed while it makes such a call.
    KilledOutside(&'static str, [&'static str; 2], Moment),
}

impl Trial {
    /// Sees to it that this goes wrong with the order while its story is told.
    pub(crate) async fn disturb<T>(
        self,
        stack: &Stack,
        order_id: &OrderId,
        story: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let told = async {
            match self {
                Self::Lost(call) => {
                    let rule = spoil(stack, order_id, call, Fault::AnswerLost, 1).await?;
                    let end = story.await?;
                    ensure!(stack.spoiled(rule).await? == 1, "no answer was lost");
                    Ok(end)
                }
                Self::Refused(call, code, status) => {
                    let refused = Fault::Refused(code, status);
                    let rule = spoil(stack, order_id, call, refused, REFUSALS).await?;
                    let end = story.await?;
                    let refusals = stack.spoiled(rule).await?;
                    ensure!(refusals == REFUSALS as usize, "it was refused {refusals} times");
                    Ok(end)
                }
                Self::Killed(function, call, fault) => {
                    let rule = spoil(stack, order_id, call, fault, 1).await?;
                    let kill = kill_in_call(stack, order_id, function, rule, (call, fault));
                    Ok(futures_util::try_join!(story, kill)?.0)
                }
                Self::LostOutside(words) => {
                    let about = about(order_id, words);
                    stack.hold(&about, Moment::Lost).await?;
                    let end = story.await?;
                    ensure!(stack.is_held(&about).await?, "no answer was lost");
                    Ok(end)
                }
                Self::KilledOutside(function, words, moment) => {
                    let about = about(order_id, words);
                    stack.hold(&about, moment).await?;
                    let kill = async {
                        let is_held = async || Ok(stack.is_held(&about).await?.then_some(()));
                        stack.wait_for("the call is held", is_held).await?;
                        kill(stack, function)
                    };
                    Ok(futures_util::try_join!(story, kill)?.0)
                }
            }
        };
        told.await.with_context(|| format!("{self:?}"))
    }
}

fn about<'a>(order_id: &'a OrderId, [method, word]: [&'static str; 2]) -> [&'a str; 3] {
    [method, word, order_id.order()]
}

async fn spoil(
    stack: &Stack,
    order_id: &OrderId,
    (service, operation, word): AwsCall,
    fault: Fault,
    times: u32,
) -> Result<Rule> {
    let about = [order_id.as_str(), word];
    stack.spoil(Call { service, operation, about: &about }, fault, times).await
}

/// Kills the function as soon as it is in the call, or, if the call is to take effect, as soon as it has.
async fn kill_in_call(
    stack: &Stack,
    order_id: &OrderId,
    function: &'static str,
    rule: Rule,
    (call, fault): (AwsCall, Fault),
) -> Result<()> {
    let is_in = async || Ok((stack.spoiled(rule).await? > 0).then_some(()));
    stack.wait_for("the call is made", is_in).await?;
    if fault == Fault::AnswerHeld && call.0 == "dynamodb" {
        let is_stored = async || {
            let (_, history) = stack.order(order_id).await?;
            // The facts of a plan are deflated: its call is known by another word.
            let fact = if call.2 == ":needed" { "Routed" } else { call.2 };
            Ok(history.iter().any(|recorded| recorded.fact.name() == fact).then_some(()))
        };
        stack.wait_for("the call took effect", is_stored).await?;
    }
    kill(stack, function)
}

/// Kills all processes of the function. Where there is none, somebody else has just killed it, in this call, too.
fn kill(stack: &Stack, function: &'static str) -> Result<()> {
    stack.kill(Some(function))?;
    ensure!(stack.was_killed(function)?, "there was no {function} to kill");
    Ok(())
}

/// The names of an order's facts. Scans are left out: how many looks they came in depends on when one looked.
pub(crate) fn facts(history: &[Recorded]) -> Vec<&'static str> {
    let mut names = names(history);
    names.retain(|name| *name != "Tracked");
    names.sort_unstable();
    names
}
