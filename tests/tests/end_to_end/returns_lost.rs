//! Answers that get lost on the way back of goods and money, and processes that are killed there: at every append and
//! message of a return, and at every call that costs money. In the end the order has the same facts as one without
//! faults, one label was bought, and the money was paid back once.

use anyhow::Result;
use domain::order::Recorded;
use futures_util::future::try_join_all;
use tests::purchase::{Bought, Purchase};
use tests::stack::company::SHOPS;
use tests::stack::faults::{Fault, Moment};
use tests::stack::{Stack, on_the_stack};

use crate::returns::{arrive, check_books, send_back};
use crate::trial::{AwsCall, Trial, facts};

const REQUEST: AwsCall = ("dynamodb", "PutItem", "ReturnRequested");
const LABEL_MESSAGE: AwsCall = ("sqs", "SendMessage", "BuyReturnLabel");
const LABEL_INTENT: AwsCall = ("dynamodb", "PutItem", "ReturnLabelStarted");
const LABEL_OUTCOME: AwsCall = ("dynamodb", "PutItem", "ReturnLabelBought");
const RECEIPT: AwsCall = ("dynamodb", "PutItem", "ReturnReceived");
const INSPECTION: AwsCall = ("dynamodb", "PutItem", "ReturnInspected");
const REFUND_MESSAGE: AwsCall = ("sqs", "SendMessage", "RefundOrder");
const REFUND_INTENT: AwsCall = ("dynamodb", "PutItem", "RefundSubmitted");
const REFUND_OUTCOME: AwsCall = ("dynamodb", "PutItem", "RefundSucceeded");

/// What EasyPost is asked for, and the shop.
const SHIPMENT: [&str; 2] = ["POST", "/v2/shipments\n"];
const LABEL: [&str; 2] = ["POST", "/buy"];
const REFUND: [&str; 2] = ["PUT", "/refunds/"];

#[test]
fn whichever_answer_of_aws_gets_lost_a_return_ends_as_without_it() -> Result<()> {
    const LOST: [AwsCall; 9] = [
        REQUEST,
        LABEL_MESSAGE,
        LABEL_INTENT,
        LABEL_OUTCOME,
        RECEIPT,
        INSPECTION,
        REFUND_MESSAGE,
        REFUND_INTENT,
        REFUND_OUTCOME,
    ];
    check(&LOST.map(Trial::Lost))
}

#[test]
fn wherever_a_function_is_killed_between_two_calls_a_return_ends_as_without_it() -> Result<()> {
    const CONSOLE: &str = "ConsoleFunction";
    const RETURNS: &str = "ReturnsFunction";
    let held = |function, call| Trial::Killed(function, call, Fault::Held);
    let done = |function, call| Trial::Killed(function, call, Fault::AnswerHeld);
    check(&[
        done(CONSOLE, REQUEST),
        held(RETURNS, LABEL_INTENT),
        done(RETURNS, LABEL_INTENT),
        held(RETURNS, LABEL_OUTCOME),
        done(RETURNS, LABEL_OUTCOME),
        done(CONSOLE, INSPECTION),
        held(RETURNS, REFUND_INTENT),
        done(RETURNS, REFUND_INTENT),
        held(RETURNS, REFUND_OUTCOME),
        done(RETURNS, REFUND_OUTCOME),
    ])
}

#[test]
fn whatever_happens_while_a_label_is_bought_or_money_paid_back_it_is_done_once() -> Result<()> {
    let killed = |call, moment| Trial::KilledOutside("ReturnsFunction", call, moment);
    check(&[
        Trial::LostOutside(SHIPMENT),
        Trial::LostOutside(LABEL),
        Trial::LostOutside(REFUND),
        killed(SHIPMENT, Moment::After),
        killed(LABEL, Moment::Before),
        killed(LABEL, Moment::After),
        killed(REFUND, Moment::Before),
        killed(REFUND, Moment::After),
    ])
}

/// Tries all at once, and beside them a return with which nothing goes wrong.
fn check(trials: &[Trial]) -> Result<()> {
    on_the_stack(async |stack| {
        let (sku, _) = stack.offer(trials.len() + 1).await?;
        let line = Bought { sku, quantity: 1, unit_price_minor: 2490 };
        // The shop that pays back with one `PUT`.
        let buy = || stack.purchase(SHOPS[2], &[line]);
        let returns = try_join_all(trials.iter().map(async |trial| {
            let purchase = buy();
            let order_id = arrive(stack, &purchase).await?;
            trial.disturb(stack, &order_id, come_back(stack, &purchase)).await
        }));
        let twin = buy();
        let twins = async {
            arrive(stack, &twin).await?;
            come_back(stack, &twin).await
        };
        let (returns, twin) = futures_util::try_join!(returns, twins)?;
        for (trial, history) in trials.iter().zip(&returns) {
            assert_eq!(facts(history), facts(&twin), "{trial:?}");
        }
        Ok(())
    })
}

/// Sends a purchase back, and looks at everything that came of it; gives the facts of the order as it ended.
async fn come_back(stack: &Stack, purchase: &Purchase) -> Result<Vec<Recorded>> {
    send_back(stack, purchase).await?;
    check_books(stack, purchase, 1, &[2490 + purchase.shipping_minor()]).await?;
    let bought = stack.purchases(&purchase.order_id()).await?;
    assert_eq!(bought.into_values().collect::<Vec<_>>(), [1], "it was bought once");
    Ok(stack.order(&purchase.order_id()).await?.1)
}
