//! What people type: into mails, tables, pages and documents it goes as text, and as nothing else.

use domain::settings::ShopKind::Onward;
use serde_json::Value;
use tests::journey::Journey;

use crate::{booked, order_of, signed};

/// Texts that mean something to a spreadsheet, a page, a mail, a log or an eye.
const TRICKS: [&str; 16] = [
    "=HYPERLINK(\"https://evil.example\")",
    "+49*1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "  =1+1",
    "\u{ff1d}1+1",
    "a\r\nBcc: eve@evil.example",
    "a\nb,\"c\";d",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "{{7*7}}${7*7}%s%n",
    "\u{202e}gnp.exe\u{202c}",
    "nul \u{0} and bell \u{7}",
    "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467} Zürich 東京 مرحبا",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
];

/// An order with one text in all places where a person can type, to the supplier that is reached by mail.
fn ordered(text: &str) -> Journey {
    let mut journey = Journey::begin();
    let mut order: Value = serde_json::from_str(order_of(Onward)).unwrap();
    for place in [
        "/lines/0/title",
        "/lines/0/personalisation/0/name",
        "/lines/0/personalisation/0/value",
        "/wishes/gift_note",
        "/shipping/title",
        "/addresses/shipping/company",
        "/addresses/shipping/region",
        "/addresses/billing/name",
        "/customer/email",
        "/customer/phone",
    ] {
        *order.pointer_mut(place).unwrap() = text.into();
    }
    order["addresses"]["shipping"]["name"] = format!("{text} Mara").into();
    order["lines"][0]["sku"] = "ONW-SCARF".into();
    order["lines"].as_array_mut().unwrap().truncate(1);
    order["number"] = text.into();
    order["id"] = "1001".into();
    let inbound = signed(&journey, Onward, order.to_string());
    assert_eq!(journey.tells(&inbound).status, 200);
    booked(&journey, "onward-direct", "1001", &[("1", 2)]);
    // Screening may stop what looks like no address; a person lets it pass.
    let order_id = journey.order_ids()[0].clone();
    for hold in ["address", "margin", "fraud"] {
        journey.decides(&order_id, "overrides", &serde_json::json!({ "hold": hold }));
    }
    journey.minutes(2);
    journey
}

#[test]
fn no_cell_that_a_supplier_opens_is_a_formula() {
    for trick in TRICKS {
        let journey = ordered(trick);
        let mails = journey.system.world.mails.borrow();
        let mail = mails.last().expect("the supplier got a mail");
        assert!(!mail.subject.contains(['\r', '\n']), "{trick:?}");
        let (_, _, table) = &mail.attachments[0];
        let table = String::from_utf8(table.clone()).unwrap();
        let table = table.strip_prefix('\u{feff}').unwrap();
        let rows = rows(table);
        assert_eq!(rows.len(), 2, "{table}");
        assert_eq!(rows[0].len(), rows[1].len(), "{table}");
        for cell in &rows[1] {
            let first = cell.trim_start().chars().next().unwrap_or('a');
            assert!(!"=+-@\t\r\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(first), "{cell:?}");
        }
    }
}

/// RFC 4180: the cells of each row.
fn rows(table: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut is_quoted = false;
    let mut chars = table.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !is_quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !is_quoted => {}
            c => cell.push(c),
        }
    }
    rows
}

#[test]
fn whatever_people_type_gets_to_the_door_with_all_its_documents() {
    for trick in TRICKS {
        let mut journey = ordered(trick);
        journey.answers_mail("action=answer");
        journey.answers_mail("action=ship&carrier=Colissimo&number=6A12345678901");
        journey.hours(1);
        journey.carriers_deliver();
        journey.hours(30);
        journey.check();
        let order_id = journey.order_ids()[0].clone();
        assert_eq!(journey.phase(&order_id), "delivered", "{trick:?}");
        let documents = journey.system.world.documents.borrow();
        assert!(documents.values().any(|(_, bytes)| bytes.starts_with(b"%PDF-")), "{trick:?}");
    }
}

#[test]
fn a_page_shows_text_and_runs_nothing() {
    for trick in TRICKS {
        let mut journey = ordered(trick);
        let token = {
            let mails = journey.system.world.mails.borrow();
            let (_, rest) = mails.last().unwrap().text.split_once("/answers/").unwrap();
            rest.lines().next().unwrap().to_owned()
        };
        let visit = ports::Inbound {
            method: "GET".to_owned(),
            route: "/answers/{token}".to_owned(),
            parameters: [("token".to_owned(), token)].into(),
            ..ports::Inbound::default()
        };
        let page = journey.tells(&visit).body;
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        assert!(!page.contains("evil.example") && !page.contains("Mara"), "{page}");
    }
}
