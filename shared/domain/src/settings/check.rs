//! What can be wrong with settings that could be read.

use std::collections::BTreeSet;
use std::fmt::Display;

use jiff::tz::TimeZone;

use super::{Channel, Endpoint, Location, Service, Settings, SettingsProblem, Supplier};
use crate::order::announcement::EVENTS;

/// Gathers problems under the path of the thing that is looked at.
pub(super) struct Findings {
    problems: Vec<SettingsProblem>,
}

impl Findings {
    pub(super) fn add(&mut self, is_wrong: bool, field: impl Display, problem: impl Display) {
        if is_wrong {
            let (field, problem) = (field.to_string(), problem.to_string());
            self.problems.push(SettingsProblem { field, problem });
        }
    }

    /// Names in a list: at least one, and none twice.
    pub(super) fn names<'a>(&mut self, list: &str, names: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for (index, name) in names.enumerate() {
            let is_known = !seen.insert(name);
            self.add(
                is_known,
                format_args!("{list}[{index}].id"),
                format_args!("`{name}` is there twice"),
            );
        }
        self.add(seen.is_empty(), list, "none is given");
    }
}

impl Settings {
    /// Everything that is wrong with settings that could be read, in the order of the fields; empty when they can be
    /// used.
    #[must_use]
    pub fn check(&self) -> Vec<SettingsProblem> {
        let mut findings = Findings { problems: Vec::new() };
        findings.add(self.seller.name.trim().is_empty(), "seller.name", "is empty");
        findings.add(self.seller.address.is_empty(), "seller.address", "is empty");
        findings.names("shops", self.shops.iter().map(|shop| shop.id.as_str()));
        for (index, shop) in self.shops.iter().enumerate() {
            findings.add(!is_safe_url(&shop.api), format_args!("shops[{index}].api"), NO_SAFE_URL);
            super::notifications::check(shop, format_args!("shops[{index}]"), &mut findings);
        }
        findings.names("suppliers", self.suppliers.iter().map(|supplier| supplier.id.as_str()));
        for (index, supplier) in self.suppliers.iter().enumerate() {
            check_supplier(supplier, &format!("suppliers[{index}]"), &mut findings);
        }
        findings.names("locations", self.locations.iter().map(|location| location.id.as_str()));
        for (index, location) in self.locations.iter().enumerate() {
            check_location(location, &format!("locations[{index}]"), &mut findings);
        }
        findings.names("services", self.services.iter().map(|service| service.id.as_str()));
        for (index, service) in self.services.iter().enumerate() {
            check_service(service, &format!("services[{index}]"), &mut findings);
        }
        self.check_endpoints(&mut findings);
        self.check_rules(&mut findings);
        super::pages::check(self, &mut findings);
        super::returns::check(self, &mut findings);
        self.check_rates(&mut findings);
        findings.problems
    }

    fn check_endpoints(&self, findings: &mut Findings) {
        if !self.endpoints.is_empty() {
            findings.names("endpoints", self.endpoints.iter().map(|known| known.id.as_str()));
        }
        for (index, endpoint) in self.endpoints.iter().enumerate() {
            let field = |name: &str| format!("endpoints[{index}].{name}");
            findings.add(!is_safe_url(&endpoint.url), field("url"), NO_SAFE_URL);
            for (at, wanted) in endpoint.events.iter().enumerate() {
                let only =
                    Endpoint { events: vec![wanted.clone()], paused: false, ..endpoint.clone() };
                let is_unknown = !EVENTS.iter().any(|event| only.wants(event));
                let problem = format_args!("`{wanted}` is no event");
                findings.add(is_unknown, format_args!("{}[{at}]", field("events")), problem);
            }
        }
    }

    fn check_rules(&self, findings: &mut Findings) {
        let rank = &self.routing.rank;
        findings.add(rank.is_empty(), "routing.rank", "is empty");
        let is_twice = |index: usize| rank[..index].contains(&rank[index]);
        findings.add((0..rank.len()).any(is_twice), "routing.rank", "names one ranking twice");
        let floor_percent = self.routing.margin_floor_percent;
        findings.add(floor_percent > 100, "routing.margin_floor_percent", "is above 100");
        for (index, limit) in self.screening.high_value.iter().enumerate() {
            let field = format!("screening.high_value[{index}]");
            findings.add(limit.minor <= 0, format_args!("{field}.minor"), "is not above 0");
            let before = &self.screening.high_value[..index];
            let is_twice = before.iter().any(|known| known.currency == limit.currency);
            findings.add(is_twice, format_args!("{field}.currency"), "is there twice");
        }
        let (quantity, poll_minutes) = (self.screening.high_quantity, self.tracking.poll_minutes);
        findings.add(quantity == 0, "screening.high_quantity", "is 0: every line would be unusual");
        findings.add(poll_minutes == 0, "tracking.poll_minutes", "is 0");
        findings.add(poll_minutes > MINUTES_MAX, "tracking.poll_minutes", TOO_LONG);
        let stop_after_days = self.tracking.stop_after_days;
        findings.add(stop_after_days == 0, "tracking.stop_after_days", "is 0");
    }

    fn check_rates(&self, findings: &mut Findings) {
        for (index, rate) in self.rates.iter().enumerate() {
            let (from, to) = (rate.from, rate.to);
            let is_twice =
                self.rates[..index].iter().any(|known| known.from == from && known.to == to);
            let field = |name: &str| format!("rates[{index}].{name}");
            findings.add(from == to, field("to"), format_args!("is `{from}` as well"));
            findings.add(
                is_twice,
                field("from"),
                format_args!("`{from}` to `{to}` is there twice"),
            );
            findings.add(rate.millionths <= 0, field("millionths"), "is not above 0");
        }
    }
}

fn check_supplier(supplier: &Supplier, path: &str, findings: &mut Findings) {
    match &supplier.channel {
        Channel::Api { url, .. } => {
            findings.add(!is_safe_url(url), format_args!("{path}.channel.url"), NO_SAFE_URL);
        }
        Channel::Email { address } => {
            let field = format_args!("{path}.channel.address");
            findings.add(!is_address(address), field, "is no e-mail address");
        }
    }
    let (answer, ship) = (supplier.answer_within_minutes, supplier.ship_within_minutes);
    findings.add(answer == 0, format_args!("{path}.answer_within_minutes"), "is 0");
    findings.add(ship == 0, format_args!("{path}.ship_within_minutes"), "is 0");
    let is_long = |minutes: u32| minutes > MINUTES_MAX;
    findings.add(is_long(answer), format_args!("{path}.answer_within_minutes"), TOO_LONG);
    findings.add(is_long(ship), format_args!("{path}.ship_within_minutes"), TOO_LONG);
    findings.add(supplier.score > 100, format_args!("{path}.score"), "is above 100");
}

fn check_location(location: &Location, path: &str, findings: &mut Findings) {
    let time_zone = &location.time_zone;
    let is_unknown = TimeZone::get(time_zone).is_err();
    findings.add(
        is_unknown,
        format_args!("{path}.time_zone"),
        format_args!("`{time_zone}` is no IANA time zone"),
    );
    let never_works = location.working_days.is_empty();
    findings.add(never_works, format_args!("{path}.working_days"), "is empty");
}

fn check_service(service: &Service, path: &str, findings: &mut Findings) {
    let field = |name: &str| format!("{path}.{name}");
    findings.add(service.weight_max_g == 0, field("weight_max_g"), "is 0");
    let (least, most) = service.days;
    findings.add(
        least > most,
        field("days"),
        format_args!("at least {least} is more than at most {most}"),
    );
    findings.add(service.base.minor < 0, field("base.minor"), "is negative");
    findings.add(service.per_kg_minor < 0, field("per_kg_minor"), "is negative");
    if let (Some(min), Some(max)) = (service.value_min, service.value_max) {
        let is_mixed = min.currency != max.currency;
        findings.add(is_mixed, field("value_max.currency"), "is another than in `value_min`");
        let is_empty = !is_mixed && min.minor > max.minor;
        findings.add(is_empty, field("value_max.minor"), "is less than in `value_min`");
    }
    let is_contradicted = |country| service.to.contains(country);
    if let Some(country) = service.not_to.iter().find(|country| is_contradicted(country)) {
        findings.add(true, field("not_to"), format_args!("`{country}` is in `to` as well"));
    }
}

/// A name, an `@` and a domain, of one address and nothing else; whether anyone reads it, only a mail could tell.
pub(super) fn is_address(address: &str) -> bool {
    let is_foreign = |c: char| c.is_whitespace() || c.is_control() || ",;<>".contains(c);
    address.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !address.contains(is_foreign)
    })
}

/// A year: from now on that is a date which can be counted, and whoever means more has mistaken the unit.
const MINUTES_MAX: u32 = 366 * 24 * 60;

const TOO_LONG: &str = "is more than a year";

const NO_SAFE_URL: &str = "is no `https://` address";

/// `https://` and a host; `http://` only to this very machine.
pub(super) fn is_safe_url(url: &str) -> bool {
    let host = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
    // No name before an `@`, which would make the host look like another.
    let is_clean = !url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@');
    if let Some(rest) = url.strip_prefix("https://") {
        return is_clean && !host(rest).is_empty();
    }
    let host = url.strip_prefix("http://").map(host).unwrap_or_default();
    let without_port = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
    is_clean && ["127.0.0.1", "localhost", "[::1]"].contains(&without_port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn settings() -> Settings {
        serde_json::from_value(serde_json::json!({
            "seller": { "name": "Alpen Trade GmbH", "address": ["Marienplatz 8", "80331 München"] },
            "shops": [{ "id": "alpenshop", "kind": "shopify", "api": "https://alpenshop.example" }],
            "suppliers": [
                { "id": "nordwaren", "channel": { "by": "api", "url": "http://127.0.0.1:9000/nord" } },
                { "id": "atelier", "channel": { "by": "email", "address": "orders@atelier.example" } },
            ],
            "locations": [{
                "id": "hamburg", "country": "DE", "time_zone": "Europe/Berlin", "cut_off": "14:00:00",
            }],
            "services": [{
                "id": "parcel", "carrier": "DHL", "weight_max_g": 31500, "days": [1, 3],
                "base": { "minor": 490, "currency": "EUR" },
            }],
            "routing": {
                "rank": ["cost"], "split": "when_needed", "margin_floor_percent": 5, "cooling_off_seconds": 600,
            },
            "rates": [{ "from": "USD", "to": "EUR", "millionths": 920_000, "on": "2026-11-02" }],
        }))
        .unwrap()
    }

    fn check(change: impl FnOnce(&mut Settings), expected: &[&str]) {
        let mut settings = settings();
        change(&mut settings);
        let found: Vec<String> = settings
            .check()
            .into_iter()
            .map(|problem| format!("{}: {}", problem.field, problem.problem))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn good_settings_have_no_problem() {
        check(|_| {}, &[]);
    }

    #[test]
    fn a_name_that_is_there_twice_is_found() {
        check(
            |settings| settings.shops.push(settings.shops[0].clone()),
            &["shops[1].id: `alpenshop` is there twice"],
        );
        check(
            |settings| settings.locations.push(settings.locations[0].clone()),
            &["locations[1].id: `hamburg` is there twice"],
        );
        check(|settings| settings.services.clear(), &["services: none is given"]);
    }

    #[test]
    fn a_plain_http_address_is_for_this_machine_only() {
        for (url, is_safe) in [
            ("https://alpenshop.example", true),
            ("https://alpenshop.example/api?x=1", true),
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true),
            ("http://[::1]:8080/a", true),
            ("http://alpenshop.example", false),
            ("http://127.0.0.1.evil.example", false),
            ("http://localhost:80@evil.example", false),
            ("https://", false),
            ("https://a b", false),
            ("ftp://a", false),
        ] {
            assert_eq!(is_safe_url(url), is_safe, "{url}");
        }
        check(
            |settings| settings.shops[0].api = "http://alpenshop.example".to_owned(),
            &["shops[0].api: is no `https://` address"],
        );
    }

    #[test]
    fn every_rule_names_the_field_that_breaks_it() {
        check(
            |settings| {
                settings.seller.name.clear();
                settings.suppliers[0].answer_within_minutes = 0;
                settings.suppliers[0].ship_within_minutes = u32::MAX;
                settings.suppliers[0].score = 101;
                settings.suppliers[1].channel = Channel::Email { address: "@".to_owned() };
                settings.locations[0].time_zone = "Europe/Atlantis".to_owned();
                settings.locations[0].working_days.clear();
                let service = &mut settings.services[0];
                service.weight_max_g = 0;
                service.days = (3, 1);
                service.base.minor = -1;
                service.per_kg_minor = -1;
                service.value_min = Some(crate::money::Money { minor: 2, ..service.base });
                service.value_max = Some(crate::money::Money { minor: 1, ..service.base });
                service.to = vec![settings.locations[0].country];
                service.not_to = service.to.clone();
            },
            &[
                "seller.name: is empty",
                "suppliers[0].answer_within_minutes: is 0",
                "suppliers[0].ship_within_minutes: is more than a year",
                "suppliers[0].score: is above 100",
                "suppliers[1].channel.address: is no e-mail address",
                "locations[0].time_zone: `Europe/Atlantis` is no IANA time zone",
                "locations[0].working_days: is empty",
                "services[0].weight_max_g: is 0",
                "services[0].days: at least 3 is more than at most 1",
                "services[0].base.minor: is negative",
                "services[0].per_kg_minor: is negative",
                "services[0].value_max.minor: is less than in `value_min`",
                "services[0].not_to: `DE` is in `to` as well",
            ],
        );
    }

    #[test]
    fn an_endpoint_is_told_known_events_at_a_safe_address() {
        let endpoint = |url: &str, events: &[&str]| Endpoint {
            id: crate::id::EndpointId::parse("crm").unwrap(),
            url: url.to_owned(),
            events: events.iter().map(|&event| event.to_owned()).collect(),
            paused: false,
        };
        let good = endpoint("https://crm.example/hook", &["order.*", "parcel.delivered"]);
        assert!(good.wants("order.held") && good.wants("parcel.delivered"));
        assert!(!good.wants("parcel.moved"));
        let bad = endpoint("http://crm.example", &["order.eaten", "*"]);
        check(
            |settings| settings.endpoints = vec![good, bad],
            &[
                "endpoints[1].id: `crm` is there twice",
                "endpoints[1].url: is no `https://` address",
                "endpoints[1].events[0]: `order.eaten` is no event",
            ],
        );
    }

    #[test]
    fn what_may_come_back_must_make_sense() {
        let place = |id: &str, more: serde_json::Value| {
            let mut place = serde_json::json!({ "id": id, "address": { "name": "Returns", "lines": ["Hafen 1"],
                "city": "Passau", "postal_code": "94032", "country": "DE" } });
            place.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            place
        };
        let returns = serde_json::json!({
            "window_days": 0,
            "reasons": [{ "id": "damaged", "kind": "claim", "liability": "carrier", "window_days": 0 }],
            "rules": [
                { "name": "a", "then": "decline" },
                { "name": "a", "then": "ask_photos", "reasons": ["boredom"] },
                { "name": "b", "then": "review", "value_min": { "minor": 9, "currency": "EUR" },
                  "value_max": { "minor": 8, "currency": "EUR" } },
            ],
            "destinations": [
                place("ours", serde_json::json!({ "location": "bremen" })),
                place("ours", serde_json::json!({})),
                place("theirs", serde_json::json!({ "supplier": "nobody" })),
            ],
            "labels": { "by": "easypost", "api": "http://labels.example", "parcel_mm": [0, 1, 1] },
        });
        check(
            |settings| settings.returns = serde_json::from_value(returns).unwrap(),
            &[
                "returns.window_days: is 0",
                "returns.reasons[0].window_days: is 0",
                "returns.rules[0].why: is needed: the customer has to be told",
                "returns.rules[1].reasons: `boredom` is none of `returns.reasons`",
                "returns.rules[1].photos_missing: has to be `true`: else photos would be asked for again and again",
                "returns.rules[1].name: `a` is there twice",
                "returns.rules[2].value_max.minor: is less than in `value_min`",
                "returns.destinations[0].location: `bremen` is none of `locations`",
                "returns.destinations[1].id: `ours` is there twice",
                "returns.destinations[1].supplier: has a destination already; a second one would never be used",
                "returns.destinations[2].supplier: `nobody` is none of `suppliers`",
                "returns.labels.api: is no `https://` address",
                "returns.labels.parcel_mm: has a side of 0",
            ],
        );
    }

    #[test]
    fn rules_and_rates_must_make_sense() {
        check(
            |settings| {
                settings.routing.rank.clear();
                settings.routing.margin_floor_percent = 101;
                settings.screening.high_quantity = 0;
                settings.tracking.poll_minutes = 0;
                settings.tracking.stop_after_days = 0;
                settings.rates.push(settings.rates[0].clone());
                settings.rates[1].millionths = 0;
            },
            &[
                "routing.rank: is empty",
                "routing.margin_floor_percent: is above 100",
                "screening.high_quantity: is 0: every line would be unusual",
                "tracking.poll_minutes: is 0",
                "tracking.stop_after_days: is 0",
                "rates[1].from: `USD` to `EUR` is there twice",
                "rates[1].millionths: is not above 0",
            ],
        );
    }
}
