//! What must be true of every letter.

use domain::language::Language;
use domain::order::notice::Notice;

use super::*;
use crate::sample::NOTICES;

fn order_id() -> OrderId {
    sample::order_id().unwrap()
}

fn settings() -> Settings {
    let settings = serde_json::from_value(serde_json::json!({
        "seller": { "name": "Alpen Trade", "address": ["München"] },
        "shops": [], "suppliers": [], "locations": [], "services": [],
        "routing": { "rank": ["cost"], "split": "never", "margin_floor_percent": 0, "cooling_off_seconds": 0 },
    }));
    sample::furnish(&settings.unwrap()).unwrap()
}

/// Looks at each letter, by its name.
fn each(look: impl Fn(&str, Language, &Content, Written)) {
    let (order, sender, links) =
        (sample::order().unwrap(), sample::sender().unwrap(), sample::links());
    for language in Language::ALL {
        let texts = Texts::new(language);
        let settings = &settings();
        let scene = Scene {
            texts: &texts,
            shop: &sender.name,
            settings,
            order_id: &order_id(),
            order: &order,
            links: &links,
        };
        for notice in NOTICES {
            let content = Content::of(notice, scene);
            let content = content.unwrap_or_else(|| panic!("{notice}: the sample lacks it"));
            let written = content.write(scene).unwrap();
            assert!(content.brief(scene).starts_with("Alpenshop: "), "{notice}");
            look(&notice.to_string(), language, &content, written);
        }
        let link = Content::of_link(sample::LINK, scene);
        look("link", language, &link, link.write(scene).unwrap());
    }
}

#[test]
fn every_letter_is_written_in_every_language_with_nothing_left_open() {
    each(|notice, language, _, written| {
        for text in [&written.subject, &written.text, &written.html] {
            let open = ["mail-", "{ $", "{$", "{{", "{%"].into_iter().find(|it| text.contains(it));
            assert_eq!(open, None, "{notice} in {language:?}: {text}");
        }
        assert!(written.html.contains(&format!("<html lang=\"{}\">", language.code())));
        assert!(written.text.contains("#1042"), "{notice}: {}", written.text);
    });
}

#[test]
fn text_and_html_say_the_same() {
    each(|notice, _, content, written| {
        let escaped =
            |words: &str| words.replace('&', "&#38;").replace('"', "&#34;").replace('\'', "&#39;");
        for block in &content.blocks {
            let words: Vec<&String> = match block {
                Block::Paragraph(words) | Block::Quote(words) => vec![words],
                Block::Detail(name, lines) => std::iter::once(name).chain(lines).collect(),
                Block::Articles(heading, articles) => {
                    heading.iter().chain(articles.iter().map(|(title, _)| title)).collect()
                }
                Block::Button(name, link) => vec![name, link],
            };
            for words in words {
                assert!(
                    written.text.contains(words),
                    "{notice}: `{words}` is not in {}",
                    written.text
                );
                let words = escaped(words);
                assert!(
                    written.html.contains(&words),
                    "{notice}: `{words}` is not in {}",
                    written.html
                );
            }
        }
    });
}

#[test]
fn a_return_has_the_number_that_stands_on_its_page_and_its_label() {
    each(|name, _, _, written| {
        if let Some((_, return_id)) = name.split_once("return-approved/") {
            let rma = format!("alpenshop/1042/{return_id}");
            assert!(written.subject.contains(&rma) && written.text.contains(&rma), "{name}");
        }
    });
}

#[test]
fn what_someone_typed_is_shown_as_text() {
    let (mut order, sender) = (sample::order().unwrap(), sample::sender().unwrap());
    let script = "<script>alert(1)</script>";
    order.received.as_mut().unwrap().lines[0].title = script.to_owned();
    let (texts, links, settings) = (Texts::new(Language::English), Links::default(), settings());
    let scene = Scene {
        texts: &texts,
        shop: &sender.name,
        settings: &settings,
        order_id: &order_id(),
        order: &order,
        links: &links,
    };
    let written = Content::of(Notice::Confirmed, scene).unwrap().write(scene).unwrap();
    assert!(!written.html.contains("<script"), "{}", written.html);
    assert!(written.text.contains(script));
}

/// The confirmation, as HTML, of a merchant whose pages look like this.
fn looks(pages: &serde_json::Value) -> String {
    let (order, links, texts) =
        (sample::order().unwrap(), sample::links(), Texts::new(Language::German));
    let mut settings = settings();
    settings.pages = serde_json::from_value(pages.clone()).unwrap();
    let scene = Scene {
        texts: &texts,
        shop: "Alpenshop",
        settings: &settings,
        order_id: &order_id(),
        order: &order,
        links: &links,
    };
    Content::of(Notice::Confirmed, scene).unwrap().write(scene).unwrap().html
}

#[test]
fn a_letter_looks_like_the_merchants_pages() {
    let logo = "https://alpen.example/logo.png?a=1&b=2";
    let html = looks(&serde_json::json!({"name": "Alpen & Co", "accent": "#0050b3", "logo": logo}));
    let image = "<img class=\"logo\" src=\"https://alpen.example/logo.png?a=1&#38;b=2\" alt=\"Alpen &#38; Co\"";
    assert!(html.contains(image), "{html}");
    assert!(
        html.contains("class=\"button\" style=\"background: #0050b3; color: #ffffff\""),
        "{html}"
    );
    assert!(!html.contains("class=\"brand\">Alpen"), "the logo says it: {html}");

    let html = looks(&serde_json::json!({"name": "Alpen & Co"}));
    assert!(
        html.contains("<p class=\"brand\">Alpen &#38; Co</p>") && !html.contains("<img"),
        "{html}"
    );
    let html = looks(&serde_json::json!({}));
    assert!(html.contains("<p class=\"brand\">Alpenshop</p>"), "{html}");
}

#[test]
fn no_setting_gets_out_of_the_place_that_is_made_for_it() {
    let trick = "\"></style><script>alert(1)</script>";
    let html = looks(&serde_json::json!({"name": trick, "accent": trick, "logo": trick}));
    assert!(!html.contains("<script") && !html.contains("\"></style>"), "{html}");
    assert_eq!(html.matches("</style>").count(), 1);
}
