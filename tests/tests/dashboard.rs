//! The dashboard and the alarms name what there is, and price it as `tests/bench/prices.toml` does. A metric that nobody
//! publishes would be an empty graph, or an alarm that never rings, and nobody would notice.

#![expect(clippy::unwrap_used, reason = "what can't be unwrapped fails the test")]

use std::collections::BTreeSet;

use aws::Metric;
use domain::message::Function;
use domain::order::phase::Phase;
use serde_json::Value;
use tests::bench::memory_mb;
use tests::bench::prices::Prices;

const TEMPLATE: &str = include_str!("../../template.yaml");

/// What AWS publishes: namespace, metric, its first dimension, and the type of the resource that this names.
const PUBLISHED: [(&str, &str, &str, &str); 11] = [
    ("AWS/ApiGateway", "5xx", "ApiId", "AWS::Serverless::HttpApi"),
    ("AWS/ApiGateway", "Count", "ApiId", "AWS::Serverless::HttpApi"),
    ("AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", "AWS::DynamoDB::Table"),
    ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", "AWS::DynamoDB::Table"),
    ("AWS/Lambda", "Duration", "FunctionName", "AWS::Serverless::Function"),
    ("AWS/Lambda", "Errors", "FunctionName", "AWS::Serverless::Function"),
    ("AWS/Lambda", "Invocations", "FunctionName", "AWS::Serverless::Function"),
    ("AWS/Lambda", "IteratorAge", "FunctionName", "AWS::Serverless::Function"),
    ("AWS/Logs", "IncomingBytes", "LogGroupName", "AWS::Logs::LogGroup"),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "AWS::SQS::Queue"),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "AWS::SQS::Queue"),
];

/// The stack's name, which our own metrics stand under.
const OURS: &str = "${AWS::StackName}";

/// A metric as the dashboard or an alarm names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    namespace: String,
    metric: String,
    /// Names and what they refer to: `QueueName`, `RoutingQueue`.
    dimensions: Vec<(String, String)>,
    id: String,
}

fn widgets() -> Vec<Value> {
    let (_, rest) = TEMPLATE.split_once("\n          - |\n").unwrap();
    let (body, _) = rest.split_once("\n          - {").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    body["widgets"].as_array().unwrap().clone()
}

fn lines() -> impl Iterator<Item = Vec<Value>> {
    let of = |widget: Value| widget["properties"]["metrics"].as_array().unwrap().clone();
    widgets().into_iter().flat_map(of).map(|line| line.as_array().unwrap().clone())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What `${RoutingQueue.QueueName}` is about.
fn resource(reference: &str) -> String {
    let name = reference.trim_start_matches("${").trim_end_matches('}');
    let name = name.split('.').next().unwrap();
    if name == "Facts" { "Events".to_owned() } else { name.to_owned() }
}

fn on_dashboard() -> Vec<Named> {
    let metrics = lines().filter(|line| line[0].is_string());
    let named = metrics.map(|mut line| {
        let id = line.pop_if(|last| last.is_object()).unwrap_or_default();
        let dimensions = line[2..].chunks(2);
        let dimension = |pair: &[Value]| (text(&pair[0]), resource(pair[1].as_str().unwrap()));
        Named {
            namespace: text(&line[0]),
            metric: text(&line[1]),
            dimensions: dimensions.map(dimension).collect(),
            id: id["id"].as_str().unwrap_or_default().to_owned(),
        }
    });
    named.collect()
}

fn of_alarms() -> Vec<Named> {
    let alarms = TEMPLATE.split("Type: AWS::CloudWatch::Alarm").skip(1);
    let named = alarms.map(|alarm| {
        let (alarm, _) = alarm.split_once("TreatMissingData").unwrap();
        let value = |key: &str| {
            let line = alarm.lines().find_map(|line| line.trim().strip_prefix(key));
            line.map(|value| value.trim().to_owned())
        };
        let dimension = value("Dimensions:").map(|text| {
            let (name, rest) =
                text.split_once("Name: ").unwrap().1.split_once(", Value: ").unwrap();
            let reference = rest.trim_start_matches("!GetAtt").trim_start_matches("!Ref");
            let reference = reference.trim_start_matches([' ', '[']).trim_start_matches("!Sub \"");
            let until = [' ', '.', '"', ',', ']'];
            let reference = reference.split(until).next().unwrap();
            (name.to_owned(), reference.to_owned())
        });
        let namespace = value("Namespace:").unwrap().replace("!Ref AWS::StackName", OURS);
        Named {
            namespace,
            metric: value("MetricName:").unwrap(),
            dimensions: dimension.into_iter().collect(),
            id: String::new(),
        }
    });
    named.collect()
}

/// `sku-mapping` → `SkuMapping`.
fn pascal_case(name: &str) -> String {
    name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn is_there(name: &str, kind: &str) -> bool {
    let step = Function::ALL.into_iter().map(|step| pascal_case(step.name()));
    let forms = step.map(|step| name.replace(&step, "${Step}"));
    let mut forms = forms.chain([name.to_owned()]);
    forms.any(|form| {
        TEMPLATE.lines().collect::<Vec<_>>().windows(3).any(|lines| {
            let is_named = lines[0].trim_start_matches(['-', ' ']) == format!("{form}:");
            is_named && lines[1..].iter().any(|line| line.trim() == format!("Type: {kind}"))
        })
    })
}

fn own() -> Vec<Metric> {
    let mut own = vec![Metric::Failed, Metric::Objects, Metric::Orders, Metric::QueueSends];
    own.extend(Phase::ALL.map(Metric::Phase));
    own
}

/// Why nobody publishes it; none if somebody does.
fn problem(named: &Named) -> Option<String> {
    let Named { namespace, metric, dimensions, .. } = named;
    let names: Vec<&str> = dimensions.iter().map(|(name, _)| name.as_str()).collect();
    if namespace == OURS {
        let by_filter = TEMPLATE.contains(&format!("MetricName: {metric}, MetricValue"));
        let is_ours = |own: &Metric| own.name() == *metric && own.dimensions() == names;
        let is_told = own().iter().any(is_ours) || (by_filter && names.is_empty());
        return (!is_told).then(|| format!("no function tells `{metric}` by {names:?}"));
    }
    let is_it = |known: &&(&str, &str, &str, &str)| {
        known.0 == namespace && known.1 == metric && names.first() == Some(&known.2)
    };
    let Some((.., kind)) = PUBLISHED.iter().find(is_it) else {
        return Some(format!("AWS publishes no `{namespace}` `{metric}` by {names:?}"));
    };
    let of = &dimensions[0].1;
    (!is_there(of, kind)).then(|| format!("there is no `{of}` of type {kind}"))
}

#[test]
fn every_metric_on_the_dashboard_and_of_the_alarms_is_published_by_somebody() {
    let (dashboard, alarms) = (on_dashboard(), of_alarms());
    assert!(dashboard.len() > 80 && alarms.len() > 6, "{dashboard:?} {alarms:?}");
    let problems: Vec<String> = dashboard.iter().chain(&alarms).filter_map(problem).collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn the_dashboard_shows_all_that_functions_tell() {
    let shown: BTreeSet<String> = on_dashboard()
        .into_iter()
        .filter(|named| named.namespace == OURS)
        .map(|named| named.metric)
        .collect();
    let told: BTreeSet<String> = own().into_iter().map(Metric::name).collect();
    assert_eq!(shown, told);
}

#[test]
fn the_dashboard_leaves_out_no_function_no_table_and_no_queue() {
    let named = on_dashboard();
    let mut missing = Vec::new();
    let mut want = |metric: &str, of: &str, id: &str| {
        let is_it = |it: &&Named| {
            it.metric == metric
                && it.dimensions.last().is_some_and(|(_, it)| it == of)
                && it.id == id
        };
        if !named.iter().any(|it| is_it(&it)) {
            missing.push(format!("`{metric}` of `{of}` as `{id}`"));
        }
    };
    let queued: Vec<&str> = Function::ALL.iter().map(|function| function.name()).collect();
    for code in TEMPLATE.split("CodeUri: target/lambda/").skip(1) {
        let name = code.split('/').next().unwrap();
        let (resource, id) = (format!("{}Function", pascal_case(name)), name.replace('-', "_"));
        let kind = if queued.contains(&name) { "batch" } else { "call" };
        want("Invocations", &resource, &format!("{kind}_{id}"));
        want("Duration", &resource, &format!("time_{id}"));
        want("Duration", &resource, "");
    }
    for step in queued.iter().map(|name| pascal_case(name)) {
        want("ApproximateAgeOfOldestMessage", &format!("{step}Queue"), "");
        want("ApproximateNumberOfMessagesVisible", &format!("{step}DeadLetters"), "");
    }
    for table in ["Events", "People", "Catalog", "Views", "due"] {
        let id = table.to_lowercase();
        want("ConsumedWriteCapacityUnits", table, &format!("write_{id}"));
        want("ConsumedReadCapacityUnits", table, &format!("read_{id}"));
    }
    assert!(missing.is_empty(), "the dashboard lacks\n{}\n", missing.join("\n"));
}

/// A second of a function with four times the memory is three more of 128 MB.
fn larger() -> String {
    let functions = TEMPLATE.split("CodeUri: target/lambda/").skip(1);
    let names = functions.map(|code| code.split('/').next().unwrap());
    let more = names.map(|name| (name.replace('-', "_"), memory_mb(name).unwrap() / 128 - 1));
    let larger = more.filter(|(_, more)| *more > 0);
    larger.map(|(id, more)| format!(" + {more} * FILL(time_{id}, 0)")).collect()
}

#[test]
fn an_order_costs_on_the_dashboard_what_it_costs_in_the_price_table() {
    let prices = Prices::read().unwrap();
    let price = |of: &str| prices.dollars(of).unwrap().to_owned();
    let sum = |prefix: &str| format!("SUM(FILL(METRICS('{prefix}_'), 0))");
    let [writes, reads, batches, calls, times, bytes] =
        ["write", "read", "batch", "call", "time", "bytes"].map(sum);
    let (write, read) = (price("write_unit"), price("read_unit"));
    let larger = larger();
    let expected = [
        format!("({write} * {writes} + {read} * {reads}) / orders"),
        format!("{} * (FILL(sends, 0) + 2 * {batches}) / orders", price("queue_request")),
        format!("{} * ({batches} + {calls}) / orders", price("invocation")),
        format!("{} * ({times}{larger}) * 128 / 1024 / 1000 / orders", price("gb_second")),
        format!("{} * FILL(requests, 0) / orders", price("api_request")),
        format!("{} * FILL(objects, 0) / orders", price("object")),
        format!("{} * {bytes} / 1073741824 / orders", price("log_gb")),
    ];
    let stated = lines().filter_map(|line| Some(line[0]["expression"].as_str()?.to_owned()));
    assert_eq!(stated.collect::<Vec<_>>(), expected);
}
