//! What must have come in at least once in the stories. A function, message, route, answer, command or fact that no story
//! has is not tried with faults, and that is an error.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cli::command::{Command, HELP};
use domain::message::Message;
use domain::order::refund::fact::RefundFact;
use domain::order::returns::fact::ReturnFact;
use domain::settings::ShopKind;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tests::system::{Entry, Operation};

use super::{Delivery, deliveries};

/// Words that name what there is, or what came in.
type Names = BTreeSet<String>;

#[test]
fn all_that_can_come_in_comes_in_somewhere() {
    let deliveries = deliveries();
    let came = |name: fn(&Entry) -> Option<String>| -> Names {
        deliveries.iter().filter_map(|delivery| name(&delivery.entry)).collect()
    };
    check("functions", &functions(), &came(|entry| Some(entry.function().to_owned())));
    check("messages", &variants::<Message>(json!({"type": "?"})), &came(message));
    check("routes", &routes(), &came(route));
    check("kinds of webhooks", &variants::<ShopKind>(json!("?")), &came(webhook));
    check("answers of suppliers", &answers(), &came(answer));
    check("buttons in mails to suppliers", &buttons(), &came(button));
    check("commands that write", &commands(), &came(command));
    check("facts", &all_facts(), &facts(&deliveries));
}

#[track_caller]
fn check(what: &str, wanted: &Names, came: &Names) {
    assert!(!wanted.is_empty(), "{what}: there are none");
    let missing: Vec<_> = wanted.difference(came).collect();
    assert!(missing.is_empty(), "{what} that are in no story of faults/stories.rs: {missing:?}");
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every name that a type knows on the wire: whoever reads one that it does not know lists them all.
fn variants<T: DeserializeOwned>(unknown: Value) -> Names {
    let Err(error) = serde_json::from_value::<T>(unknown) else { panic!("`?` is known") };
    let error = error.to_string();
    let (_, names) = error.split_once("expected one of ").expect("it lists what it knows");
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The directories of functions, and the command line.
fn functions() -> Names {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    let names = fs::read_dir(root).expect("it is there").map(|entry| {
        let name = entry.expect("it can be read").file_name();
        name.into_string().expect("it is plain")
    });
    names.chain(["onward".to_owned()]).collect()
}

fn message(entry: &Entry) -> Option<String> {
    let Entry::Deliver(message) = entry else { return None };
    let message = serde_json::to_value(message).expect("it is JSON");
    message["type"].as_str().map(str::to_owned)
}

/// Method and path of everything that the template gives the API.
fn routes() -> Names {
    let template = read("template.yaml");
    let api = template.lines().filter(|line| line.contains("Type: HttpApi,"));
    let after = |line: &str, name: &str| {
        let (_, rest) = line.split_once(name).expect("a route has a method and a path");
        rest.split([',', '"', ' ']).find(|word| !word.is_empty()).unwrap_or_default().to_owned()
    };
    api.map(|line| format!("{} {}", after(line, "Method:"), after(line, "Path:"))).collect()
}

fn route(entry: &Entry) -> Option<String> {
    let Entry::Call(inbound) = entry else { return None };
    Some(format!("{} {}", inbound.method, inbound.route))
}

fn webhook(entry: &Entry) -> Option<String> {
    let Entry::Call(inbound) = entry else { return None };
    inbound.route.starts_with("/webhooks/").then(|| inbound.parameter("kind").to_owned())
}

/// What our protocol lets suppliers say.
fn answers() -> Names {
    let schema = read("shared/connectors/schemas/supplier-answer.schema.json");
    let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
    let types = schema["properties"]["type"]["enum"].as_array().expect("they are listed");
    types.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn answer(entry: &Entry) -> Option<String> {
    let Entry::Call(inbound) = entry else { return None };
    let is_answer = inbound.route == "/suppliers/{supplier}/answers";
    let body: Value = serde_json::from_slice(&inbound.body).ok().filter(|_| is_answer)?;
    body["type"].as_str().map(str::to_owned)
}

/// The buttons of the page behind the link in a mail.
fn buttons() -> Names {
    let page = read("shared/connectors/src/supplier_mail/page.rs");
    let buttons = page.split(r#"name=\"action\" value=\""#).skip(1);
    buttons.filter_map(|rest| rest.split('\\').next()).map(str::to_owned).collect()
}

fn button(entry: &Entry) -> Option<String> {
    let Entry::Call(inbound) = entry else { return None };
    let form =
        str::from_utf8(&inbound.body).ok().filter(|_| inbound.route.starts_with("/answers/"))?;
    let (_, rest) = form.split_once("action=")?;
    rest.split('&').next().map(str::to_owned)
}

/// The commands of `onward` that write, by what its help says.
fn commands() -> Names {
    let typed = HELP.lines().filter_map(|line| line.split("  ").next());
    let typed = typed.map(|line| line.replace("SHOP/ORDER", "shop/1").replace("QUEUE", "routing"));
    typed
        .filter_map(|line| {
            let words = line.split(' ').skip(1).filter(|word| !word.starts_with('['));
            let words = words.filter(|word| !word.ends_with(']')).map(Into::into);
            let command =
                Command::parse(words).unwrap_or_else(|error| panic!("`{line}`: {error:#}"));
            writes(&command).map(str::to_owned)
        })
        .collect()
}

/// What a command writes by. A new one must be put on one side or the other.
fn writes(command: &Command) -> Option<&'static str> {
    match command {
        Command::PutSettings { .. } => Some("settings put"),
        Command::ImportCatalog { .. } => Some("catalog import"),
        Command::RebuildViews => Some("views rebuild"),
        // It moves messages between queues, and writes nothing else. This world has no dead letters; the command's own
        // tests break it half-way.
        Command::Redrive { .. } => None,
        Command::Help
        | Command::CheckSettings { .. }
        | Command::PreviewMails { .. }
        | Command::ShowOrder { .. }
        | Command::GetDocuments { .. } => None,
    }
}

fn command(entry: &Entry) -> Option<String> {
    let Entry::Operate(operation) = entry else { return None };
    let name = match operation {
        Operation::PutSettings(_) => "settings put",
        Operation::ImportCatalog(_) => "catalog import",
        Operation::RebuildViews => "views rebuild",
    };
    Some(name.to_owned())
}

/// Facts that are stored and that nothing writes any more.
const OF_OLD: [&str; 1] = ["TrackingRegistered"];

/// Every fact that there is, those of returns and refunds included.
fn all_facts() -> Names {
    let unknown = || json!({"type": "?"});
    let of_orders = read("shared/domain/src/order/fact.rs");
    let named = of_orders.lines().filter_map(|line| {
        let (_, name) = line.trim().strip_prefix("Self::")?.split_once(" => \"")?;
        let name = name.strip_suffix("\",").filter(|name| !OF_OLD.contains(name))?;
        name.starts_with(char::is_uppercase).then_some(name)
    });
    let back =
        variants::<ReturnFact>(unknown()).into_iter().chain(variants::<RefundFact>(unknown()));
    named.map(str::to_owned).chain(back).collect()
}

/// Every fact that was on record when something came in: what followed it was tried.
fn facts(deliveries: &[Delivery]) -> Names {
    let streams = deliveries.iter().flat_map(|delivery| delivery.before.world.streams.values());
    let facts = streams.flatten().flat_map(|(_, facts)| facts);
    facts.map(|fact| fact.name().to_owned()).collect()
}
