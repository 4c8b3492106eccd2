//! The protocol of `SUPPLIERS.md`, against its schemas.

use std::cell::RefCell;
use std::collections::BTreeMap;

use ports::Inbound;
use serde_json::json;

use super::answer::{Message, is_signed, parse};
use super::*;

const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Answers every call alike, and remembers what was asked.
struct Supplier {
    status: u16,
    reply: String,
    asked: RefCell<Vec<Request>>,
}

impl Http for Supplier {
    async fn call(&self, request: Request) -> Result<Response> {
        self.asked.borrow_mut().push(request);
        let body = self.reply.clone().into_bytes();
        Ok(Response { status: self.status, headers: Vec::new(), body })
    }
}

fn supplier(status: u16, reply: &Value) -> Supplier {
    Supplier { status, reply: reply.to_string(), asked: RefCell::default() }
}

fn now() -> Timestamp {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn submission() -> Submission {
    let address = json!({"name": "Mara Beispiel", "company": "Beispiel AG", "lines": ["Testweg 12"],
        "city": "Leipzig", "region": "SN", "postal_code": "04109", "country": "DE"});
    let words = Personalisation { name: "Engraving".to_owned(), value: "M.".to_owned() };
    Submission {
        reference: "alpenshop/10.01/F1".to_owned(),
        ordered_at: now(),
        service: "parcel".to_owned(),
        leaves_on: jiff::civil::date(2026, 11, 20),
        lines: vec![Line {
            sku: "A/1".to_owned(),
            quantity: 2,
            title: "Cup".to_owned(),
            hs_code: Some("691110".to_owned()),
            personalisation: vec![words],
        }],
        ship_to: ShipTo {
            address: serde_json::from_value(address).unwrap(),
            phone: Some("+49 341 0000000".to_owned()),
        },
        gift_wrap: true,
        gift_note: Some("For you".to_owned()),
        packing: "no_prices",
    }
}

fn with_access<T>(ask: impl FnOnce(Access<'_>) -> T) -> T {
    ask(Access { url: "https://supplier.example/api/", secrets: &[SECRET.to_owned()] })
}

fn submit_to(supplier: &Supplier) -> Result<Taken> {
    with_access(|access| wait(submit(supplier, access, &submission(), now())))
}

fn schema(schema: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

#[test]
fn an_order_is_what_its_schema_says_and_is_signed() {
    let supplier = supplier(200, &json!({"status": "received", "reference": "S1"}));
    submit_to(&supplier).unwrap();
    let request = supplier.asked.take().remove(0);

    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let schema = schema(include_str!("../../schemas/supplier-order.schema.json"));
    assert_eq!(
        schema.iter_errors(&body).map(|error| error.to_string()).collect::<Vec<_>>(),
        [""; 0]
    );
    assert!(!body.to_string().contains("minor"), "there is no price in it");

    assert_eq!(
        (request.method, request.url.as_str()),
        ("POST", "https://supplier.example/api/orders")
    );
    assert_eq!(request.header("idempotency-key"), Some("alpenshop/10.01/F1"));
    assert_eq!(request.header("webhook-id"), Some("submit_alpenshop%2F10%2E01%2FF1"));
    let inbound = Inbound { headers: request.headers, body: request.body, ..Inbound::default() };
    assert!(is_signed(&[SECRET.to_owned()], &inbound, now()));
}

#[test]
fn what_counts_is_the_state_that_the_supplier_returns() {
    let line = |sku: &str, quantity| AnswerLine { supplier_sku: sku.to_owned(), quantity };
    let rejected =
        |lines, reason, detail: &str| Answer::Rejected { lines, reason, detail: detail.to_owned() };
    let all = || vec![Answer::Accepted { lines: Vec::new() }];
    let cancelled =
        || vec![rejected(Vec::new(), RejectReason::Other, "the supplier has it as cancelled")];
    let partly = json!({"status": "partly_accepted", "detail": "sorry\n", "lines": [
        {"sku": "A", "accepted": 2, "rejected": 1, "reason": "out_of_stock"},
        {"sku": "B", "rejected": 3, "reason": "discontinued"},
        {"sku": "C", "accepted": 4},
    ]});
    for (status, reply, answers) in [
        (201, json!({"status": "received"}), Vec::new()),
        (200, json!({"status": "accepted"}), all()),
        (200, json!({"status": "shipped"}), all()),
        (409, json!({"status": "accepted"}), all()),
        (200, json!({"status": "cancelled"}), cancelled()),
        (409, json!({"status": "cancelled"}), cancelled()),
        (422, json!({}), vec![rejected(Vec::new(), RejectReason::Other, "")]),
        (
            422,
            json!({"lines": [{"sku": "A", "reason": "destination"}], "detail": "no"}),
            vec![rejected(Vec::new(), RejectReason::Destination, "no")],
        ),
        (
            200,
            partly,
            vec![
                Answer::Accepted { lines: vec![line("A", 2), line("C", 4)] },
                rejected(vec![line("B", 3)], RejectReason::Discontinued, "sorry"),
                rejected(vec![line("A", 1)], RejectReason::OutOfStock, "sorry"),
            ],
        ),
    ] {
        let taken = submit_to(&supplier(status, &reply)).unwrap();
        assert_eq!(taken.answers, answers, "{status} {reply}");
    }
}

#[test]
fn anything_else_leaves_open_whether_it_was_bought() {
    for (status, reply) in [
        (401, json!({"status": "accepted"})),
        (403, json!({"status": "accepted"})),
        (404, json!({"status": "accepted"})),
        (429, json!({"status": "accepted"})),
        (500, json!({"status": "accepted"})),
        (302, json!({"status": "accepted"})),
        (200, json!({})),
        (409, json!({})),
        (200, json!({"status": "thinking"})),
        (200, json!("accepted")),
        (200, json!({"status": "partly_accepted"})),
        (200, json!({"status": "partly_accepted", "lines": [{"sku": "A", "accepted": -1}]})),
    ] {
        assert!(submit_to(&supplier(status, &reply)).is_err(), "{status} {reply}");
    }
}

#[test]
fn a_cancellation_names_its_order_twice_and_is_answered_in_one_of_three_ways() {
    let ask = |supplier: &Supplier| {
        with_access(|access| {
            wait(cancel(supplier, access, "alpenshop/1001/F1", CancelReason::TimedOut, now()))
        })
    };
    let asked = supplier(200, &json!({"status": "cancelled"}));
    assert_eq!(ask(&asked).unwrap(), CancelReply::Cancelled);
    let request = asked.asked.take().remove(0);
    assert_eq!(request.url, "https://supplier.example/api/orders/alpenshop%2F1001%2FF1/cancel");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, json!({"reference": "alpenshop/1001/F1", "reason": "timed_out"}));

    assert_eq!(ask(&supplier(202, &json!({"status": "pending"}))).unwrap(), CancelReply::Pending);
    let refused = CancelReply::Refused { why: "packed".to_owned() };
    let reply = json!({"status": "refused", "detail": "packed"});
    assert_eq!(ask(&supplier(409, &reply)).unwrap(), refused);
    for (status, reply) in
        [(404, json!({})), (500, json!({"status": "cancelled"})), (200, json!({}))]
    {
        assert!(ask(&supplier(status, &reply)).is_err(), "{status} {reply}");
    }
}

#[test]
fn a_look_up_tells_what_the_supplier_knows() {
    let ask = |status, reply| {
        with_access(|access| {
            wait(look_up(&supplier(status, &reply), access, "alpenshop/1001/F1", now()))
        })
    };
    assert_eq!(ask(404, json!({})).unwrap(), None);
    assert!(ask(200, json!({"status": "accepted"})).unwrap().is_some());
    assert!(ask(503, json!({})).is_err());
}

/// Whether the schema and the reader say the same of a body.
fn agree(is_good: bool, body: &Value) {
    let schema = schema(include_str!("../../schemas/supplier-answer.schema.json"));
    assert_eq!(schema.is_valid(body), is_good, "the schema, of {body}");
    assert_eq!(parse(body.to_string().as_bytes()).is_ok(), is_good, "the reader, of {body}");
}

fn shipped(name: &str, value: Value) -> Value {
    let mut body = json!({"type": "shipped", "reference": "a/1/F1", "carrier": "DHL",
        "number": "0034 0434", "ship_date": "2026-11-20"});
    body[name] = value;
    body
}

#[test]
fn what_the_schema_of_answers_allows_can_be_read() {
    for body in [
        shipped("carrier", json!("DHL")),
        shipped("label_url", json!("https://supplier.example/label.pdf")),
        shipped("lines", json!([{"sku": "A", "quantity": 1}])),
        json!({"type": "accepted", "reference": "a/1/F1"}),
        json!({"type": "rejected", "reference": "a/1/F1", "reason": "out_of_stock", "detail": "none"}),
        json!({"type": "cancel_accepted", "reference": "a/1/F1"}),
        json!({"type": "cancel_rejected", "reference": "a/1/F1", "detail": "packed"}),
        json!({"type": "stock", "location": "hall", "lines": [{"sku": "A", "on_hand": 0}]}),
    ] {
        agree(true, &body);
    }
}

#[test]
fn what_the_schema_of_answers_forbids_is_refused() {
    let accepted =
        |lines: Value| json!({"type": "accepted", "reference": "a/1/F1", "lines": lines});
    let stock = |lines: Value| json!({"type": "stock", "location": "hall", "lines": lines});
    for body in [
        json!({}),
        json!({"type": "accepted"}),
        json!({"type": "accepted", "reference": "a/1"}),
        json!({"type": "bought", "reference": "a/1/F1"}),
        json!({"type": "accepted", "reference": "a/1/F1", "price": 1}),
        accepted(json!([{"sku": "A", "quantity": 0}])),
        accepted(json!([{"sku": "A"}])),
        accepted(json!([{"sku": "x".repeat(129), "quantity": 1}])),
        json!({"type": "stock", "location": "hall"}),
        stock(json!([{"sku": "A", "on_hand": -1}])),
        stock(json!([{"sku": "", "on_hand": 1}])),
        stock(json!(vec![json!({"sku": "A", "on_hand": 1}); 501])),
        shipped("number", json!("123")),
        shipped("number", json!("12345/6")),
        shipped("carrier", json!("")),
        shipped("ship_date", json!("20.11.2026")),
        shipped("label_url", json!("file:///etc/passwd")),
    ] {
        agree(false, &body);
    }
}

#[test]
fn the_sample_event_is_signed_and_can_be_read() {
    let event: Value =
        serde_json::from_str(include_str!("../../../../events/supplier-inbox.json")).unwrap();
    let headers: BTreeMap<String, String> =
        serde_json::from_value(event["headers"].clone()).unwrap();
    let body = event["body"].as_str().unwrap().as_bytes().to_vec();
    let inbound = Inbound { headers: headers.into_iter().collect(), body, ..Inbound::default() };
    let sent_at =
        Timestamp::from_millisecond(event["requestContext"]["timeEpoch"].as_i64().unwrap())
            .unwrap();
    let secrets: Value =
        serde_json::from_str(include_str!("../../../../tests/local/secrets.json")).unwrap();
    let secret = secrets["suppliers/own-warehouse"].as_str().unwrap().to_owned();
    assert!(is_signed(&[secret], &inbound, sent_at));
    assert!(matches!(
        parse(&inbound.body),
        Ok(Message::Answer { answer: Answer::Shipped { .. }, .. })
    ));
}
