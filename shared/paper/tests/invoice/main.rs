//! What a rendered invoice says, and which invoices are refused.

mod reader;

use jiff::civil::date;
use paper::{Error, Invoice, Line, Party, Tax, Unavailable, Wording};
use reader::read;

/// What a function finds in its layer.
fn fallback() -> Result<&'static [u8], Unavailable> {
    Ok(include_bytes!("../../layer/fonts/DroidSansFallback.ttf"))
}

fn render(invoice: &Invoice) -> Result<Vec<u8>, Error> {
    paper::render(invoice, fallback)
}

fn missing(text: &str) -> Vec<char> {
    paper::missing(text, fallback).expect("the font is there")
}

#[test]
fn every_figure_and_name_is_in_the_text_of_the_pdf() {
    let pages = read(&render(&invoice()).unwrap());
    let [page] = pages.as_slice() else { panic!("{} pages", pages.len()) };
    let expected = [
        "Invoice",
        "R-2026-7",
        "2026-03-14",
        "#1001", // Numbers.
        "Fjord & Söhne GmbH",
        "20457 Hamburg",
        "Łucja Żółć",
        "81-368 Gdynia", // Parties.
        "Enamel mug",
        "SKU MUG-1",
        "12",
        "1,099.50",
        "13,194.00", // First line.
        "Ελαιόλαδο",
        "Кофе",
        "東京タワー",
        "서울", // Second line.
        "Subtotal",
        "13,204.05",
        "Shipping",
        "6.90",
        "Discount",
        "\u{2212}10.95", // Sum.
        "EUR 13,200.00",
        "of which VAT 20 %",
        "2,200.00",
        "Paid by card", // Total.
        "VAT ID DE 123",
        "Page 1 of 1",
    ];
    for text in expected {
        assert!(page.contains(text), "`{text}` is not in {page}");
    }
}

/// ISO 19005-3, 6.1 to 6.6, at level B; qpdf and veraPDF look closer.
#[test]
fn a_file_says_that_it_is_a_pdf_a_and_has_what_that_takes() {
    let pdf = render(&invoice()).unwrap();
    let text = String::from_utf8_lossy(&pdf);
    let count = |part: &str| text.matches(part).count();
    assert!(text.starts_with("%PDF-1.7\n%\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\n"));
    assert_eq!(count(r#"pdfaid:part="3" pdfaid:conformance="B""#), 1);
    for part in
        ["/ID[", "/Type/Metadata/Subtype/XML", "/S/GTS_PDFA1", "/DestOutputProfile", "/Lang(en)"]
    {
        assert_eq!(count(part), 1, "{part}");
    }
    // Regular, bold, and what is neither Latin nor Greek nor Cyrillic; each with its outlines in the file.
    assert_eq!(count("/Type/FontDescriptor"), 3);
    assert_eq!((count("/FontFile3 "), count("/FontFile2 ")), (2, 1));
    for part in ["/Encrypt", "/LZWDecode", "/JavaScript", "/Launch", "/SMask", "/F("] {
        assert_eq!(count(part), 0, "{part}");
    }
}

#[test]
fn names_that_xml_would_stumble_over_are_metadata_like_others() {
    let mut invoice = invoice();
    invoice.seller.name = "A <b> & \u{1}C\u{FFFF}".to_owned();
    let pdf = render(&invoice).unwrap();
    assert!(String::from_utf8_lossy(&pdf).contains("<rdf:li>A &lt;b&gt; &amp;  C</rdf:li>"));
}

#[test]
fn whatever_is_drawn_is_drawn_by_a_glyph_and_stays_in_the_text() {
    let texts = [
        "soft\u{AD}hyphen",
        "no\u{A0}break",
        "x\u{301} q\u{303}\u{323}",
        "ﬁ Å Å",
        "Ǆ ǅ ½ № ™ … ₿",
        "שלום ไทย",
        "ｶﾞ 가 𠮷",
        "a\u{2028}b",
    ];
    for text in texts {
        let mut invoice = invoice();
        invoice.lines[0].description = text.to_owned();
        let page = read(&render(&invoice).unwrap()).concat();
        assert!(page.contains(text), "{text:?} is not in {page}");
        assert!(!page.contains('\u{FFFD}'), "{text:?} has no glyph");
    }
}

#[test]
fn the_same_invoice_gives_the_same_bytes() {
    assert!(render(&invoice()).unwrap() == render(&invoice()).unwrap());
}

#[test]
fn lines_that_overflow_a_page_repeat_the_head_and_count_the_pages() {
    let mut invoice = invoice();
    let line = invoice.lines[0].clone();
    invoice.lines = (1..=100).map(|n| Line { sku: format!("N-{n}."), ..line.clone() }).collect();
    balance(&mut invoice);
    let pages = read(&render(&invoice).unwrap());
    assert!(pages.len() > 3);
    for (index, page) in pages.iter().enumerate() {
        assert!(page.contains("R-2026-7") && page.contains("VAT ID DE 123"));
        assert!(page.contains(&format!("Page {} of {}", index + 1, pages.len())));
        assert_eq!(page.contains("Unit price"), page.contains("SKU N-"));
        assert_eq!(page.contains("Subtotal"), index + 1 == pages.len());
    }
    for n in 1..=100 {
        assert_eq!(pages.iter().filter(|page| page.contains(&format!("SKU N-{n}."))).count(), 1);
    }
}

#[test]
fn a_description_longer_than_a_page_goes_on_to_the_next() {
    let mut invoice = invoice();
    invoice.lines[0].description = (0..2_000).map(|n| format!("word{n} ")).collect();
    let pages = read(&render(&invoice).unwrap());
    assert!(pages.len() > 2);
    for n in 0..2_000 {
        assert!(pages.iter().any(|page| page.contains(&format!("word{n}"))));
    }
}

#[test]
fn a_word_wider_than_its_column_is_cut_and_loses_nothing() {
    let mut invoice = invoice();
    invoice.lines[0].description = "Ä0123456789".repeat(30);
    let page = read(&render(&invoice).unwrap()).concat();
    // The figures of the line come right after the description's first line.
    let description = page.replace('\n', "").replace("121,099.5013,194.00", "");
    assert!(description.contains(&invoice.lines[0].description), "{page}");
}

#[test]
fn a_character_without_a_glyph_is_told_and_stays_in_the_text() {
    let mut invoice = invoice();
    invoice.buyer.name = "🎁 Łucja שלום\tŻółć".to_owned();
    assert_eq!(missing(&invoice.buyer.name), ['ש', 'ל', 'ו', 'ם']);
    let page = read(&render(&invoice).unwrap()).concat();
    assert!(page.contains("Łucja שלום Żółć"), "{page}");
}

#[test]
fn a_font_that_is_not_there_is_an_error_where_it_is_needed_and_nowhere_else() {
    let mut invoice = invoice();
    let nothing = || Err("nobody has it".into());
    let error = paper::render(&invoice, nothing).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(matches!(error, Error::Font(_)) && cause == "nobody has it", "{error}: {cause}");
    let garbage: &[u8] = b"a page that says where the font has moved";
    assert!(matches!(paper::render(&invoice, || Ok(garbage)), Err(Error::Font(_))));
    invoice.lines[1].description = "Ελαιόλαδο, Кофе, Łódź €".to_owned();
    paper::render(&invoice, nothing).unwrap();
}

#[test]
fn decomposed_accents_are_composed() {
    let mut invoice = invoice();
    invoice.buyer.name = "Zoe\u{308} A\u{30A}ngstro\u{308}m".to_owned();
    assert_eq!(missing(&invoice.buyer.name), []);
    render(&invoice).unwrap();
}

#[test]
fn taxes_on_top_are_part_of_the_sum() {
    let mut invoice = invoice();
    invoice.taxes_included = false;
    invoice.total_minor = 1_320_000 + 220_000;
    let page = read(&render(&invoice).unwrap()).concat();
    assert!(page.contains("EUR 15,400.00") && !page.contains("of which"));
}

#[test]
fn currencies_without_decimals_have_none() {
    let mut invoice = invoice();
    (invoice.currency, invoice.currency_exponent) = ("JPY".to_owned(), 0);
    assert!(read(&render(&invoice).unwrap()).concat().contains("JPY 1,320,000"));
}

#[test]
fn a_net_price_may_be_off_by_its_rounding_but_no_further() {
    let mut invoice = invoice();
    invoice.lines[0].total_minor += 6; // Half a cent for each of twelve.
    balance(&mut invoice);
    render(&invoice).unwrap();
    invoice.lines[0].total_minor += 1;
    balance(&mut invoice);
    refused(&invoice, "`lines[0].total_minor` is 1319407, but its parts make 1319400");
}

#[test]
fn what_does_not_add_up_is_refused_by_name() {
    let check = |change: fn(&mut Invoice), message: &str| {
        let mut invoice = invoice();
        change(&mut invoice);
        refused(&invoice, message);
    };
    check(|i| i.total_minor += 1, "`total_minor` is 1320001, but its parts make 1320000");
    check(|i| i.shipping_minor = 0, "`total_minor` is 1320000, but its parts make 1319310");
    check(|i| i.discount_minor = -1_095, "`total_minor` is 1320000, but its parts make 1322190");
    check(|i| i.taxes_included = false, "`total_minor` is 1320000, but its parts make 1540000");
    check(|i| i.lines[1].quantity = 2, "`lines[1].total_minor` is 1005, but its parts make 2010");
    check(|i| i.lines.clear(), "`lines` is empty");
    check(|i| i.invoice_number = " ".to_owned(), "`invoice_number` is empty");
    check(|i| i.buyer.name.clear(), "`buyer.name` is empty");
}

#[test]
fn blocks_that_leave_no_room_are_refused_by_name() {
    let mut invoice = invoice();
    invoice.footer = vec!["small print".to_owned(); 7];
    refused(&invoice, "`footer` takes 7 printed lines, more than the 6 there is room for");
}

fn refused(invoice: &Invoice, message: &str) {
    let err: Error = render(invoice).expect_err("an invoice that must be refused");
    assert_eq!(err.to_string(), message);
}

fn invoice() -> Invoice {
    let line = |description: &str, quantity, unit_price_minor| Line {
        description: description.to_owned(),
        sku: "MUG-1".to_owned(),
        quantity,
        unit_price_minor,
        total_minor: i64::from(quantity) * unit_price_minor,
    };
    Invoice {
        title: "Invoice".to_owned(),
        invoice_number: "R-2026-7".to_owned(),
        order_number: "#1001".to_owned(),
        date: date(2026, 3, 14),
        seller: party("Fjord & Söhne GmbH", &["Hafenstraße 14", "20457 Hamburg"]),
        buyer: party("Łucja Żółć", &["ul. Świętojańska 27/4", "81-368 Gdynia"]),
        currency: "EUR".to_owned(),
        currency_exponent: 2,
        lines: vec![
            line("Enamel mug", 12, 109_950),
            line("Ελαιόλαδο, Кофе, 東京タワー, 서울", 1, 1_005),
        ],
        shipping_minor: 690,
        discount_minor: 1_095,
        taxes: vec![Tax { label: "VAT 20 %".to_owned(), amount_minor: 220_000 }],
        taxes_included: true,
        total_minor: 1_320_000,
        paid: Some("Paid by card".to_owned()),
        footer: vec!["VAT ID DE 123".to_owned()],
        wording: Wording::ENGLISH,
    }
}

fn party(name: &str, address: &[&str]) -> Party {
    Party { name: name.to_owned(), address: address.iter().map(ToString::to_string).collect() }
}

fn balance(invoice: &mut Invoice) {
    let lines: i64 = invoice.lines.iter().map(|line| line.total_minor).sum();
    invoice.total_minor = lines + invoice.shipping_minor - invoice.discount_minor;
}
