//! What must be true of every language.

use std::collections::{BTreeMap, BTreeSet};

use domain::money::Currency;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use jiff::civil::date;

use super::*;

/// Each text's arguments.
fn texts(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut texts = BTreeMap::new();
    for source in sources(language) {
        let read = fluent_syntax::parser::parse(source);
        let read = read.unwrap_or_else(|(_, wrong)| panic!("{language:?}: {wrong:?}"));
        for entry in read.body {
            let Entry::Message(message) = entry else { continue };
            let mut arguments = BTreeSet::new();
            note_arguments(&message.value.unwrap(), &mut arguments);
            let is_new = texts.insert(message.id.name.to_owned(), arguments).is_none();
            assert!(is_new, "{language:?}: `{}` is there twice", message.id.name);
        }
    }
    texts
}

fn note_arguments(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let selector = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                for variant in variants {
                    note_arguments(&variant.value, arguments);
                }
                selector
            }
        };
        if let InlineExpression::VariableReference { id } = selector {
            arguments.insert(id.name.to_owned());
        }
    }
}

#[test]
fn every_language_has_the_same_texts_with_the_same_arguments() {
    let english = texts(Language::English);
    assert!(english.len() > 50);
    for language in Language::ALL {
        let own = texts(language);
        let names = |texts: &BTreeMap<String, _>| texts.keys().cloned().collect::<BTreeSet<_>>();
        let (own_names, expected) = (names(&own), names(&english));
        let missing: Vec<_> = expected.difference(&own_names).collect();
        let unknown: Vec<_> = own_names.difference(&expected).collect();
        assert!(missing.is_empty() && unknown.is_empty(), "{language:?}: {missing:?} {unknown:?}");
        for (name, arguments) in own {
            assert_eq!(arguments, english[&name], "{language:?}: `{name}`");
        }
        // What the bundle would refuse, it refuses here.
        assert_eq!(Texts::new(language).language(), language);
    }
}

#[test]
fn a_number_chooses_the_form_of_its_language() {
    let units =
        |language, count: u32| Texts::new(language).with("units", &[("count", count.into())]);
    assert_eq!(units(Language::English, 1), "1 unit");
    assert_eq!(units(Language::English, 2), "2 units");
    assert_eq!(units(Language::German, 2), "2 Stück");
    // French has no plural for nothing.
    assert_eq!(units(Language::French, 0), "0 article");
    assert_eq!(units(Language::French, 2), "2 articles");
    assert_eq!(units(Language::Chinese, 2), "2 件");
}

#[test]
fn a_day_is_written_as_its_readers_write_it() {
    let check = |language, day: &str, weekday: &str| {
        let texts = Texts::new(language);
        assert_eq!(texts.date(date(2026, 11, 24)), day);
        assert_eq!(texts.weekday(date(2026, 11, 24)), weekday);
    };
    check(Language::English, "24 November 2026", "Tuesday 24 November");
    check(Language::German, "24. November 2026", "Dienstag, 24. November");
    check(Language::French, "24 novembre 2026", "mardi 24 novembre");
    check(Language::Chinese, "2026年11月24日", "11月24日星期二");
}

#[test]
fn money_is_written_as_its_readers_write_it() {
    let check = |language, minor, code: &str, written: &str| {
        let money = Money { minor, currency: Currency::parse(code).unwrap() };
        assert_eq!(Texts::new(language).money(money), written);
    };
    check(Language::English, 123_450, "EUR", "€1,234.50");
    check(Language::English, 1250, "CHF", "CHF\u{a0}12.50");
    check(Language::English, -5, "USD", "\u{2212}$0.05");
    check(Language::German, 123_450, "EUR", "1.234,50\u{a0}€");
    check(Language::German, 1200, "JPY", "1.200\u{a0}JPY");
    check(Language::French, 123_450, "EUR", "1\u{202f}234,50\u{a0}€");
    check(Language::Chinese, 1250, "CNY", "CNY\u{a0}12.50");
}

#[test]
fn a_text_that_is_not_there_is_seen_by_its_key() {
    let texts = Texts::new(Language::English);
    assert_eq!(texts.text("no-such-text"), "no-such-text");
    assert_eq!(texts.find("no-such-text", &[]), None);
    assert!(texts.has("units") && !texts.has("no-such-text"));
}
