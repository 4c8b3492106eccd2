//! `openapi.yaml` describes the routes that `template.yaml` deploys, no more and no fewer. `tests/openapi` holds it against what
//! the deployed functions answer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// `POST /webhooks/{kind}/{shop}`, as the template's events name them.
fn deployed(template: &str) -> BTreeSet<String> {
    let events: Vec<&str> = template.split("Type: HttpApi").skip(1).collect();
    let value = |event: &str, name: &str| {
        let (_, rest) =
            event.split_once(name).unwrap_or_else(|| panic!("a route without `{name}`"));
        rest.trim_start().split([',', ' ', '\n', '}']).next().unwrap_or_default().to_owned()
    };
    let path = |event: &str| {
        let (_, rest) = event.split_once("Path: \"").expect("paths stand in quotation marks");
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    let route =
        |event: &&str| format!("{} {}", value(event, "Method:").to_uppercase(), path(event));
    events.iter().map(route).collect()
}

/// The same, as the description names them.
fn described(description: &str) -> BTreeSet<String> {
    let (_, paths) = description.split_once("\npaths:\n").expect("there are paths");
    let mut routes = BTreeSet::new();
    let mut path = "";
    for line in paths.lines().take_while(|line| line.is_empty() || line.starts_with(' ')) {
        let Some(key) = line.strip_suffix(':') else { continue };
        if let Some(name) = key.strip_prefix("  ").filter(|name| name.starts_with('/')) {
            path = name;
        } else if let Some(method) = key.strip_prefix("    ")
            && ["get", "put", "post", "patch", "delete"].contains(&method)
        {
            routes.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    routes
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let (deployed, described) =
        (deployed(&read("template.yaml")), described(&read("openapi.yaml")));
    assert!(deployed.len() > 5, "{deployed:?}");
    let missing: Vec<_> = deployed.difference(&described).collect();
    let unknown: Vec<_> = described.difference(&deployed).collect();
    assert!(missing.is_empty(), "describe in openapi.yaml: {missing:?}");
    assert!(unknown.is_empty(), "not deployed, remove from openapi.yaml: {unknown:?}");
}
