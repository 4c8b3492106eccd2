//! What no compiler sees: that every text which a page names is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use domain::language::Language;
use domain::settings::returns::Returns;
use language::Texts;

/// The names of texts in a source or a template: what stands in quotation marks after one of these.
fn named(source: &str) -> BTreeSet<String> {
    let calls = ["say(\"", "say_with(\"", "with(\"", "Some(\""];
    let after = calls.iter().flat_map(|call| source.split(call).skip(1));
    let names = after.filter_map(|rest| rest.split('"').next());
    names.filter(|name| name.contains('-')).map(str::to_owned).collect()
}

#[test]
fn every_text_that_a_page_names_is_there() {
    let texts = Texts::new(Language::English);
    let mut names = BTreeSet::new();
    for folder in ["src", "templates"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !path.ends_with("tests.rs") {
                names.extend(named(&fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(names.len() > 50, "{names:?}");
    let missing: Vec<_> = names.iter().filter(|name| !texts.has(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_standing_and_every_reason_of_our_own_has_its_words() {
    let texts = Texts::new(Language::English);
    for standing in [
        "requested",
        "photos_asked",
        "review",
        "approved",
        "replace",
        "keep",
        "in_transit",
        "received",
        "inspected",
        "closed",
        "declined",
        "cancelled",
    ] {
        assert!(texts.has(&format!("stage-{standing}")), "{standing}");
        assert!(texts.has(&format!("stage-{standing}-text")), "{standing}");
    }
    for reason in Returns::default().reasons {
        assert!(texts.has(&format!("reason-{}", reason.id)), "{}", reason.id);
    }
}
