//! What people agreed on and compilers don't check: who may depend on whom, and what the template must say of each
//! function. A rule that is broken says what to do.

#![expect(clippy::unwrap_used, reason = "what can't be unwrapped fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aws::Config;
use domain::message::Function;
use jiff::Timestamp;
use ports::Clock as _;
use ports::memory::World;
use tests::system::REDELIVERED_AFTER;

/// The crates that each shared crate of ours may depend on; functions may on all of these but `cli`.
const LAYERS: [(&str, &[&str]); 10] = [
    ("deflate", &[]),
    ("domain", &[]),
    ("language", &["domain"]),
    ("letters", &["domain", "language"]),
    ("paper", &["deflate"]),
    ("photo", &[]),
    ("ports", &["domain"]),
    ("connectors", &["domain", "ports"]),
    ("aws", &["deflate", "domain", "ports"]),
    ("cli", &["aws", "domain", "language", "letters", "ports"]),
];

/// All that `domain` may depend on: values, and how they are written.
const VALUE_CRATES: [&str; 6] =
    ["iso_currency", "jiff", "serde", "serde_json", "smol_str", "thiserror"];

/// Crates that reach out of the process, or wait; `aws` and `cli` alone may.
const IO_CRATES: [&str; 6] = ["hyper", "lambda_runtime", "reqwest", "rustls", "tokio", "ureq"];

const MAIN_LINES_MAX: usize = 15;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names in a folder.
fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every file of ours with one of these endings, by its path in the project.
fn files(endings: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<String> =
        ["functions", "shared", "tests"].map(str::to_owned).into_iter().collect();
    while let Some(folder) = folders.pop() {
        for name in names(&folder) {
            let path = format!("{folder}/{name}");
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

/// The names in one table of a `Cargo.toml`: `[dependencies]`.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let lines = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let entries = lines.take_while(|line| !line.starts_with('['));
    let names = entries
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(['.', ' ', '=']));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[track_caller]
fn none(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// `sku-mapping` → `SkuMapping`.
fn pascal_case(name: &str) -> String {
    name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The template's text of one resource, up to the next one.
fn resource<'a>(template: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = template.split_once(&format!("\n  {name}:\n"))?;
    let starts_other = |(at, _): &(usize, &str)| {
        rest[at + 1..].starts_with("  ") && !rest[at + 3..].starts_with(' ')
    };
    let end = rest.match_indices('\n').find(starts_other).map_or(rest.len(), |(at, _)| at);
    Some(&rest[..end])
}

#[test]
fn crates_depend_downwards_only() {
    let mut problems = Vec::new();
    let own: BTreeSet<String> = names("shared").into_iter().chain(names("functions")).collect();
    let mut check = |folder: &str, name: &str, allowed: &[&str]| {
        for dependency in dependencies(&read(format!("{folder}/{name}/Cargo.toml"))) {
            if own.contains(&dependency) && !allowed.contains(&dependency.as_str()) {
                problems.push(format!(
                    "`{name}` depends on `{dependency}`: move what both need down into `domain` or `ports`"
                ));
            }
        }
    };
    for (name, allowed) in LAYERS {
        check("shared", name, allowed);
    }
    let for_functions: Vec<&str> =
        LAYERS.map(|(name, _)| name).into_iter().filter(|name| *name != "cli").collect();
    for function in names("functions") {
        check("functions", &function, &for_functions);
    }
    let listed: BTreeSet<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    for name in names("shared").iter().filter(|name| !listed.contains(name.as_str())) {
        problems.push(format!("`shared/{name}` is new: say in LAYERS what it may depend on"));
    }
    none(problems);
}

#[test]
fn only_aws_and_the_command_line_reach_out_of_the_process() {
    let mut problems = Vec::new();
    for dependency in dependencies(&read("shared/domain/Cargo.toml")) {
        if !VALUE_CRATES.contains(&dependency.as_str()) {
            problems.push(format!(
                "`domain` depends on `{dependency}`: do it in a step or an adapter; or, if it is a crate of plain \
                 values, add it to VALUE_CRATES"
            ));
        }
    }
    let shared = ["deflate", "domain", "language", "paper", "photo", "ports", "connectors"]
        .map(|name| format!("shared/{name}"));
    let functions = names("functions").into_iter().map(|name| format!("functions/{name}"));
    for package in shared.into_iter().chain(functions) {
        for dependency in dependencies(&read(format!("{package}/Cargo.toml"))) {
            let reaches_out =
                IO_CRATES.contains(&dependency.as_str()) || dependency.starts_with("aws-");
            if reaches_out {
                problems.push(format!(
                    "`{package}` depends on `{dependency}`: take a port instead, and implement it in `shared/aws`"
                ));
            }
        }
    }
    none(problems);
}

#[test]
fn only_the_main_files_of_functions_name_aws() {
    let sources = files(&[".rs"]).into_iter().filter(|path| path.starts_with("functions/"));
    let steps = sources.filter(|path| !path.ends_with("/main.rs"));
    let naming = steps.filter(|path| read(path).contains("aws::"));
    none(
        naming
            .map(|path| format!("{path} names `aws`: take a port as an argument instead"))
            .collect(),
    );
}

#[test]
fn a_main_file_only_wires() {
    let mut problems = Vec::new();
    for function in names("functions") {
        let main = read(format!("functions/{function}/src/main.rs"));
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
        let lines = main.lines().filter(is_code).count();
        if lines > MAIN_LINES_MAX {
            problems.push(format!(
                "functions/{function}/src/main.rs has {lines} lines of code, {MAIN_LINES_MAX} at the most: move what it \
                 decides into lib.rs"
            ));
        }
    }
    none(problems);
}

#[test]
fn every_source_file_says_first_what_it_is() {
    let silent = files(&[".rs"]).into_iter().filter(|path| !read(path).starts_with("//! "));
    none(
        silent
            .map(|path| format!("{path} starts without `//!`: say in a line what it is"))
            .collect(),
    );
}

#[test]
fn nothing_is_left_for_later() {
    // Written in two parts, for this file is searched too.
    let words =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("db", "g!(")];
    let mut problems = Vec::new();
    let mut paths = files(&[".rs", ".py", ".toml", ".graphql"]);
    paths.extend(["template.yaml", "Cargo.toml", "Makefile", "README.md"].map(str::to_owned));
    for path in paths {
        for (number, line) in read(&path).lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                problems.push(format!("{path}:{}: `{word}`: do it, or open an issue", number + 1));
            }
        }
    }
    none(problems);
}

#[test]
fn every_function_is_in_the_template_with_its_own_code_and_a_sample_event() {
    let template = read("template.yaml");
    let mut problems = Vec::new();
    for name in names("functions") {
        let pascal = pascal_case(&name);
        let Some(function) = resource(&template, &format!("{pascal}Function")) else {
            problems.push(format!(
                "functions/{name} is not deployed: add `{pascal}Function` to template.yaml"
            ));
            continue;
        };
        let code = format!("CodeUri: target/lambda/{name}/bootstrap.zip");
        if !function.contains(&code) {
            problems.push(format!("`{pascal}Function` runs another's code: write `{code}`"));
        }
        if !function.contains("\n      Policies:\n") {
            problems.push(format!(
                "`{pascal}Function` names no policies: say what it may do, and no more"
            ));
        }
        if !root().join(format!("events/{name}.json")).exists() {
            problems
                .push(format!("`{name}` can't be tried: record an event as events/{name}.json"));
        }
    }
    let known: BTreeSet<String> =
        names("functions").iter().map(|name| format!("{}Function", pascal_case(name))).collect();
    let (_, resources) = template.split_once("\nResources:\n").unwrap();
    let deployed =
        resources.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix("Function:"));
    let unknown =
        deployed.map(|name| format!("{name}Function")).filter(|name| !known.contains(name));
    problems
        .extend(unknown.map(|name| format!("`{name}` has no directory in functions/: remove it")));
    none(problems);
}

#[test]
fn every_queue_has_one_reader_dead_letters_and_alarms() {
    let template = read("template.yaml");
    let queues =
        resource(&template, "Fn::ForEach::Queues").expect("the queues are made by `Fn::ForEach`");
    let mut problems = Vec::new();
    for part in [
        "${Step}Queue:",
        "${Step}DeadLetters:",
        "${Step}DeadLettersAlarm:",
        "${Step}AgeAlarm:",
        "maxReceiveCount: 5 ",
        "VisibilityTimeout: !Ref RetrySeconds",
    ] {
        if !queues.contains(part) {
            problems.push(format!("`Fn::ForEach::Queues` lacks `{part}`: every queue needs it"));
        }
    }
    for step in Function::ALL {
        let pascal = pascal_case(step.name());
        let steps = queues.lines().find(|line| line.trim().starts_with("- [")).unwrap_or_default();
        if !steps.contains(&pascal) {
            problems.push(format!(
                "`{pascal}` has no queue: add it to the list in `Fn::ForEach::Queues`"
            ));
        }
        let function = resource(&template, &format!("{pascal}Function")).unwrap_or_default();
        for part in [
            format!("Queue: !GetAtt {pascal}Queue.Arn"),
            "FunctionResponseTypes: [ReportBatchItemFailures]".to_owned(),
        ] {
            if !function.contains(&part) {
                problems.push(format!(
                    "`{pascal}Function` lacks `{part}`: a message that fails must come back alone"
                ));
            }
        }
    }
    for other in ["ProjectionDeadLetters", "ProjectionDeadLettersAlarm", "ProjectionAgeAlarm"] {
        if resource(&template, other).is_none() {
            problems.push(format!(
                "`{other}` is gone: what the projection can't take must not be lost"
            ));
        }
    }
    let alarms = template.matches("Type: AWS::CloudWatch::Alarm").count();
    let ringing = template.matches("AlarmActions: [!Ref Alarms]").count();
    if alarms != ringing {
        problems
            .push(format!("only {ringing} of {alarms} alarms have `AlarmActions: [!Ref Alarms]`"));
    }
    none(problems);
}

#[test]
fn every_variable_that_is_read_is_set() {
    let template = read("template.yaml");
    let config = read("shared/aws/src/config.rs");
    let (code, _) = config.split_once("#[cfg(test)]").unwrap();
    let quoted = ["required(\"", "optional(\""].map(|call| code.split(call).skip(1));
    let mut variables: BTreeSet<String> = quoted
        .into_iter()
        .flatten()
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .filter(|name| !name.starts_with("AWS_")) // Those are set by Lambda.
        .collect();
    let queue = |step: Function| format!("QUEUE_{}", step.name().replace('-', "_").to_uppercase());
    variables.extend(Function::ALL.map(queue));
    assert!(variables.len() > 10, "{variables:?}");
    let unset = variables.into_iter().filter(|name| !template.contains(&format!(" {name}: ")));
    none(
        unset
            .map(|name| format!("`{name}` is read and never set: set it in template.yaml"))
            .collect(),
    );
}

#[test]
fn facts_are_only_ever_added() {
    let template = read("template.yaml");
    let mut problems = Vec::new();
    for (number, line) in template.lines().enumerate() {
        let place = format!("template.yaml:{}", number + 1);
        if line.contains("Events.Arn") {
            let action =
                line.split_once("Action: ").and_then(|(_, rest)| rest.split_once(", Resource:"));
            let actions = action.map(|(actions, _)| actions.trim_matches(['[', ']']).split(", "));
            let may = |action: &str| ["dynamodb:PutItem", "dynamodb:Query"].contains(&action);
            if !actions.is_some_and(|mut actions| actions.all(may)) {
                problems.push(format!(
                    "{place}: on `Events` functions may `dynamodb:PutItem` and `dynamodb:Query` and nothing else; write \
                     the statement in one line"
                ));
            }
        }
        let wildcards =
            ["dynamodb:*", "Resource: \"*\"", "Resource: '*'", "Action: \"*\"", "${Events"];
        for wildcard in wildcards.iter().filter(|wildcard| line.contains(**wildcard)) {
            problems.push(format!(
                "{place}: `{wildcard}` would reach `Events`, too: name what is meant"
            ));
        }
    }
    assert!(template.contains("Resource: !GetAtt Events.Arn"));
    none(problems);
}

#[test]
fn a_queue_waits_six_times_as_long_as_a_function_may_take() {
    let template = read("template.yaml");
    let default = |name: &str| -> u32 {
        let parameter = resource(&template, name).unwrap_or_else(|| panic!("`{name}` is gone"));
        let (_, rest) = parameter.split_once("Default: ").unwrap();
        rest.lines().next().unwrap().trim().parse().unwrap()
    };
    let (timeout, retry) = (default("TimeoutSeconds"), default("RetrySeconds"));
    let windows = template.split("MaximumBatchingWindowInSeconds: ").skip(1);
    let seconds = |rest: &str| rest.split_whitespace().next()?.parse::<u32>().ok();
    let wanted = 6 * timeout + windows.filter_map(seconds).max().unwrap_or_default();
    assert!(
        retry >= wanted,
        "a message could be delivered again while it is being worked on: set the default of RetrySeconds to {wanted}"
    );
    // Whoever finds that something was begun leaves it alone for longer than a function may take, and not for so long
    // that the queue comes again before.
    let patience = Config::read(|name| match name {
        "TIMEOUT_SECONDS" => Some(timeout.to_string()),
        "RETRY_SECONDS" => Some(retry.to_string()),
        name => Some(name.to_owned()),
    });
    let patience = patience.unwrap().patience;
    assert_eq!(patience, World::new(Timestamp::UNIX_EPOCH).patience(), "in memory as on AWS");
    assert_eq!(REDELIVERED_AFTER.as_secs(), i64::from(retry), "in memory as on AWS");
    let own = template.lines().filter(|line| line.trim().starts_with("Timeout:")).count();
    assert_eq!(own, 1, "a function has a `Timeout` of its own: RetrySeconds does not know it");
    assert!(template.contains("    Timeout: !Ref TimeoutSeconds\n"));
}

#[test]
fn every_promise_of_the_readme_is_kept_by_a_test_that_exists() {
    let readme = read("README.md");
    let (_, rest) =
        readme.split_once("## What we promise").expect("the README tells what we promise");
    let (promises, _) = rest.split_once("\n## ").unwrap();
    let tests: String = files(&[".rs"]).iter().map(read).collect();
    let rows = promises.lines().filter(|line| line.starts_with("| ")).skip(2);
    let mut missing = Vec::new();
    for row in rows {
        let (promise, kept_by) = row.trim_matches(['|', ' ']).rsplit_once(" | ").unwrap();
        let named: Vec<&str> = kept_by.split('`').skip(1).step_by(2).collect();
        let is_there = |name: &str| {
            if name.contains('/') {
                root().join(name).exists()
            } else {
                tests.contains(&format!("fn {name}("))
            }
        };
        if named.is_empty() {
            missing.push(format!("nothing keeps the promise: {promise}"));
        }
        let unknown = named.iter().filter(|name| !is_there(name));
        missing.extend(
            unknown.map(|name| format!("there is no `{name}`, which is to keep: {promise}")),
        );
    }
    none(missing);
}
