//! Answers that get lost after what they were to answer took effect, and processes that are killed in the middle of a
//! call: before it took effect, or after.
//!
//! Each trial is an order of its own, and nothing but one of its calls is spoiled. Whoever asked asks again: the client
//! crate, the queue after some seconds, the shop. In the end the order has the same facts as one without faults, and
//! there is one purchase, one parcel in the shop, one label and one invoice.

use anyhow::Result;
use domain::order::Recorded;
use futures_util::future::try_join_all;
use tests::purchase::Purchase;
use tests::stack::company::SHOPS;
use tests::stack::faults::{Fault, Moment};
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;
use crate::ending::check_ending;
use crate::trial::{AwsCall, Trial, facts};

const CONTACT: AwsCall = ("dynamodb", "PutItem", "payload");
const RECEIPT: AwsCall = ("dynamodb", "PutItem", "Received");
/// Its facts are deflated; stock that has to be there is taken by nothing else.
const RESERVATION: AwsCall = ("dynamodb", "TransactWriteItems", ":needed");
const INTENT: AwsCall = ("dynamodb", "PutItem", "SubmissionStarted");
const OUTCOME: AwsCall = ("dynamodb", "PutItem", "Submitted");
const SHIPMENT: AwsCall = ("dynamodb", "TransactWriteItems", "Shipped");
const PUSH_BACK: AwsCall = ("dynamodb", "PutItem", "ShopUpdated");
const ARCHIVED: AwsCall = ("dynamodb", "PutItem", "Archived");
const HISTORY: AwsCall = ("dynamodb", "Query", "");
const FIRST_MESSAGE: AwsCall = ("sqs", "SendMessage", "MapSkus");
const LABEL: AwsCall = ("s3", "PutObject", "/label");
const INVOICE: AwsCall = ("s3", "PutObject", "/invoice");

#[test]
fn whichever_answer_of_aws_gets_lost_the_order_ends_as_without_it() -> Result<()> {
    const LOST: [AwsCall; 11] = [
        CONTACT,
        RECEIPT,
        FIRST_MESSAGE,
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
        done("OrderIntakeFunction", FIRST_MESSAGE),
        held("SkuMappingFunction", RESERVATION),
        done("SkuMappingFunction", RESERVATION),
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
fn whatever_happens_to_a_function_while_it_buys_or_pushes_back_it_does_so_once() -> Result<()> {
    let buys = ["POST", "/suppliers/"];
    let shows = ["PUT", "/shipments/"];
    check(&[
        Trial::LostOutside(buys),
        Trial::LostOutside(shows),
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
            let purchase = buy();
            trial.disturb(stack, &purchase.order_id(), arrive(stack, &purchase)).await
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

/// Buys, waits until it has arrived, and looks at everything that came of it; gives the facts of the order as it ended.
async fn arrive(stack: &Stack, purchase: &Purchase) -> Result<Vec<Recorded>> {
    let order_id = stack.buy(purchase).await?;
    let mut orders = stack.see_delivered(std::slice::from_ref(&order_id), || Ok(())).await?;
    let (order, history) = orders.remove(0);
    check_ending(stack, purchase.shop, &order_id, &order).await?;
    Ok(history)
}
