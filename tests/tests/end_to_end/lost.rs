//! Answers that get lost after what they were to answer took effect, and processes that are killed in the middle of a
//! call: before it took effect, or after.
//!
//! Each trial is an order of its own, and nothing but one of its calls is spoiled. Whoever asked asks again: the client
//! crate, the queue after some seconds, the shop. In the end the order has the same facts as one without faults, and
//! there is one purchase, one parcel in the shop, one label and one invoice.

use std::collections::BTreeSet;
use std::sync::Mutex;

use anyhow::{Result, ensure};
use domain::id::OrderId;
use domain::order::Recorded;
use futures_util::future::try_join_all;
use tests::purchase::Purchase;
use tests::stack::company::SHOPS;
use tests::stack::faults::{Call, Fault, Moment, Rule};
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;
use crate::ending::check_ending;

/// A call of a function to AWS: whom, what, and a word in it beside the order's id. That of an append is its fact.
type AwsCall = (&'static str, &'static str, &'static str);

const CONTACT: AwsCall = ("dynamodb", "PutItem", "payload");
const RECEIPT: AwsCall = ("dynamodb", "PutItem", "Received");
const MAPPING: AwsCall = ("dynamodb", "PutItem", "Mapped");
const RESERVATION: AwsCall = ("dynamodb", "TransactWriteItems", "Routed");
const INTENT: AwsCall = ("dynamodb", "PutItem", "SubmissionStarted");
const OUTCOME: AwsCall = ("dynamodb", "PutItem", "Submitted");
const SHIPMENT: AwsCall = ("dynamodb", "TransactWriteItems", "Shipped");
const PUSH_BACK: AwsCall = ("dynamodb", "PutItem", "ShopUpdated");
const ARCHIVED: AwsCall = ("dynamodb", "PutItem", "Archived");
const HISTORY: AwsCall = ("dynamodb", "Query", "");
const FIRST_MESSAGE: AwsCall = ("sqs", "SendMessage", "MapSkus");
const ROUTE_MESSAGE: AwsCall = ("sqs", "SendMessage", "RouteOrder");
const LABEL: AwsCall = ("s3", "PutObject", "/label");
const INVOICE: AwsCall = ("s3", "PutObject", "/invoice");

/// A delivery tries thrice.
const REFUSALS: u32 = 7;

/// What goes wrong with one order.
#[derive(Debug, Clone, Copy)]
enum Trial {
    /// A call to AWS takes effect and its answer gets lost.
    Lost(AwsCall),
    /// A call to AWS is refused for now: with this error and status, as often as fails two deliveries and half of a third.
    Refused(AwsCall, &'static str, u16),
    /// The function is killed while it waits for the answer to a call to AWS: one that is held back, or one that took
    /// effect.
    Killed(&'static str, AwsCall, Fault),
    /// The function is killed while it calls somebody outside, with this method and this word beside the order's number.
    KilledOutside(&'static str, [&'static str; 2], Moment),
}

#[test]
fn whichever_answer_of_aws_gets_lost_the_order_ends_as_without_it() -> Result<()> {
    const LOST: [AwsCall; 13] = [
        CONTACT,
        RECEIPT,
        FIRST_MESSAGE,
        MAPPING,
        ROUTE_MESSAGE,
        RESERVATION,
        INTENT,
        OUTCOME,
        SHIPMENT,
        PUSH_BACK,
        LABEL,
        INVOICE,
        ARCHIVED,
    ];
    check(&LOST.map(Trial::Lost))
}

#[test]
fn wherever_a_function_is_killed_between_two_calls_the_order_ends_as_without_it() -> Result<()> {
    let held = |function, call| Trial::Killed(function, call, Fault::Held);
    let done = |function, call| Trial::Killed(function, call, Fault::AnswerHeld);
    check(&[
        held("OrderIntakeFunction", RECEIPT),
        done("OrderIntakeFunction", RECEIPT),
        done("ScreeningFunction", ROUTE_MESSAGE),
        held("RoutingFunction", RESERVATION),
        done("RoutingFunction", RESERVATION),
        held("SupplierForwardingFunction", INTENT),
        done("SupplierForwardingFunction", INTENT),
        held("SupplierForwardingFunction", OUTCOME),
        done("SupplierForwardingFunction", OUTCOME),
        held("DocumentsFunction", LABEL),
        done("DocumentsFunction", ARCHIVED),
        held("ShopSyncFunction", PUSH_BACK),
        done("ShopSyncFunction", PUSH_BACK),
    ])
}

#[test]
fn a_function_that_is_killed_while_it_buys_or_pushes_back_does_so_once() -> Result<()> {
    let buys = ["POST", "/suppliers/"];
    let shows = ["PUT", "/shipments/"];
    check(&[
        Trial::KilledOutside("SupplierForwardingFunction", buys, Moment::Before),
        Trial::KilledOutside("SupplierForwardingFunction", buys, Moment::After),
        Trial::KilledOutside("ShopSyncFunction", shows, Moment::Before),
        Trial::KilledOutside("ShopSyncFunction", shows, Moment::After),
    ])
}

#[test]
fn however_often_aws_says_not_now_the_order_ends_as_without_it() -> Result<()> {
    const THROUGHPUT: &str = "ProvisionedThroughputExceededException";
    check(&[
        Trial::Refused(CONTACT, THROUGHPUT, 400),
        Trial::Refused(RECEIPT, "ThrottlingException", 400),
        Trial::Refused(FIRST_MESSAGE, "RequestThrottled", 403),
        Trial::Refused(HISTORY, THROUGHPUT, 400),
        Trial::Refused(RESERVATION, "ThrottlingException", 400),
        Trial::Refused(INTENT, THROUGHPUT, 400),
        Trial::Refused(OUTCOME, "InternalServerError", 500),
        Trial::Refused(INVOICE, "SlowDown", 503),
    ])
}

/// Tries all at once, and beside them an order with which nothing goes wrong.
fn check(trials: &[Trial]) -> Result<()> {
    on_the_stack(async |stack| {
        // The shop that shows parcels with one `PUT`.
        let buy = || stack.purchase(SHOPS[2], &[PLENTY[2]]);
        let twin = buy();
        let orders = try_join_all(trials.iter().map(async |trial| {
            let ended = try_one(stack, &buy(), *trial).await;
            ended.map_err(|error| error.context(format!("{trial:?}")))
        }));
        let twins = async { stack.see_delivered(&[stack.buy(&twin).await?], || Ok(())).await };
        let (orders, twins) = futures_util::try_join!(orders, twins)?;
        let expected = facts(&twins[0].1);
        for (trial, history) in trials.iter().zip(&orders) {
            assert_eq!(facts(history), expected, "{trial:?}");
        }
        Ok(())
    })
}

/// Buys, and sees to it that what was to go wrong does; gives the facts of the order as it ended.
async fn try_one(stack: &Stack, purchase: &Purchase, trial: Trial) -> Result<Vec<Recorded>> {
    let order_id = purchase.order_id();
    let is_over = async || {
        let order_ids = [stack.buy(purchase).await?];
        stack.see_delivered(&order_ids, || Ok(())).await
    };
    let mut orders = match trial {
        Trial::Lost(call) => {
            let rule = spoil(stack, &order_id, call, Fault::AnswerLost, 1).await?;
            let orders = is_over().await?;
            ensure!(stack.spoiled(rule).await? == 1, "no answer was lost");
            orders
        }
        Trial::Refused(call, code, status) => {
            let refused = Fault::Refused(code, status);
            let rule = spoil(stack, &order_id, call, refused, REFUSALS).await?;
            let orders = is_over().await?;
            let refusals = stack.spoiled(rule).await?;
            ensure!(refusals == REFUSALS as usize, "it was refused {refusals} times");
            orders
        }
        Trial::Killed(function, call, fault) => {
            let rule = spoil(stack, &order_id, call, fault, 1).await?;
            let kill = kill_in_call(stack, &order_id, function, rule, (call, fault));
            futures_util::try_join!(is_over(), kill)?.0
        }
        Trial::KilledOutside(function, [method, word], moment) => {
            let about = [method, word, purchase.order_id().order()].map(str::to_owned);
            let about = about.each_ref().map(String::as_str);
            stack.hold(&about, moment).await?;
            let kill = async {
                let is_held = async || Ok(stack.is_held(&about).await?.then_some(()));
                stack.wait_for("the call is held", is_held).await?;
                kill(stack, function)
            };
            futures_util::try_join!(is_over(), kill)?.0
        }
    };
    let (order, history) = orders.remove(0);
    check_ending(stack, purchase.shop, &order_id, &order).await?;
    Ok(history)
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
            Ok(history.iter().any(|recorded| recorded.fact.name() == call.2).then_some(()))
        };
        stack.wait_for("the call took effect", is_stored).await?;
    }
    kill(stack, function)
}

/// Kills all processes of the function. Where there is none, another trial has just killed it, in this call, too.
fn kill(stack: &Stack, function: &'static str) -> Result<()> {
    static KILLED: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    let killed = stack.kill(Some(function))?;
    let mut known = KILLED.lock().expect("nobody panics with it");
    if killed > 0 {
        known.insert(function);
    }
    ensure!(known.contains(function), "there was no {function} to kill");
    Ok(())
}

/// The names of an order's facts. Scans are left out: how many looks they came in depends on when one looked.
fn facts(history: &[Recorded]) -> Vec<&'static str> {
    let names = history.iter().map(|recorded| recorded.fact.name());
    let mut names: Vec<_> = names.filter(|name| *name != "Tracked").collect();
    names.sort_unstable();
    names
}
