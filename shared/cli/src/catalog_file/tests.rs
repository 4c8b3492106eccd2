//! Catalogue files, good and bad.

use super::*;

const HEADER: &str = "sku,shop,article,component_quantity,title,weight_g,hs_code,origin,age_min,hazmat,supplier,location,supplier_sku,unit_cost,currency,stock,restock_on";

const MUG: &str = "MUG,*,mug,,Mug,400,6912.00,DE,,no,nord,hamburg,N-1,3.20,EUR,10,";

/// Reads rows and tells what is refused, and what is taken.
fn check(rows: &[&str], refused: &[(u64, &str, &str)], taken: &[&str]) -> CatalogFile {
    let file = parse(&format!("{HEADER}\n{}\n", rows.join("\n")), |_| Ok(())).unwrap();
    let found: Vec<_> =
        file.refused.iter().map(|it| (it.row, it.column, it.reason.as_str())).collect();
    assert_eq!(found, refused, "{rows:#?}");
    let component = |it: &Component| format!("{}×{}", it.quantity, it.article);
    let entry = |it: &SkuEntry| {
        let parts: Vec<String> = it.mapping.components.iter().map(component).collect();
        let shop = it.shop.as_ref().map_or("*", ShopId::as_str);
        format!("{shop}#{} = {}", it.sku, parts.join(" "))
    };
    let article =
        |it: &Article| format!("{} {} g, {} offers", it.article, it.weight_g, it.offers.len());
    let found: Vec<String> =
        file.sku_entries.iter().map(entry).chain(file.articles.iter().map(article)).collect();
    assert_eq!(found, taken, "{rows:#?}");
    file
}

#[test]
fn a_row_is_a_sku_an_article_and_an_offer() {
    let file = check(&[MUG], &[], &["*#MUG = 1×mug", "mug 400 g, 1 offers"]);
    assert_eq!(file.articles[0].hs_code.as_deref(), Some("691200"));
    assert_eq!(file.articles[0].offers[0].unit_cost.to_string(), "3.20 EUR");
    assert_eq!(file.stock.values().copied().collect::<Vec<_>>(), [10]);
}

#[test]
fn further_rows_of_an_article_add_offers_and_may_leave_out_what_was_said() {
    check(
        &[MUG, "MUG,,mug,,,,,,,,shenzhen,sz,S-1,1.80,USD,500,"],
        &[],
        &["*#MUG = 1×mug", "mug 400 g, 2 offers"],
    );
}

#[test]
fn rows_of_one_sku_with_several_articles_are_a_bundle() {
    check(
        &[MUG, "SET,alpenshop,mug,2,,,,,,,,,,,,,", "SET,alpenshop,tea,1,Tea,100,,,,,,,,,,,"],
        &[],
        &[
            "*#MUG = 1×mug",
            "alpenshop#SET = 2×mug 1×tea",
            "mug 400 g, 1 offers",
            "tea 100 g, 0 offers",
        ],
    );
}

#[test]
fn an_article_that_is_only_named_stays_as_it_is_in_the_catalogue() {
    check(&["SET,,mug,2,,,,,,,,,,,,,"], &[], &["*#SET = 2×mug"]);
}

#[test]
fn every_column_is_refused_with_its_reason_and_the_rest_is_taken() {
    for (row, column, reason) in [
        ("A,,,,A,1,,,,,,,,,,,", "article", "is missing"),
        (
            "A,a b,a,,A,1,,,,,,,,,,,",
            "shop",
            "`a b` is no shop: 1 to 128 characters, none of them a space, a control character, `/` or `#`",
        ),
        ("A,,a,0,A,1,,,,,,,,,,,", "component_quantity", "is 0"),
        ("A,,a,,A,heavy,,,,,,,,,,,", "weight_g", "`heavy` is no whole number, or too large"),
        ("A,,a,,A,1,61091,,,,,,,,,,", "hs_code", "`61091` is no HS code of 6, 8 or 10 digits"),
        (
            "A,,a,,A,1,,Germany,,,,,,,,,",
            "origin",
            "`Germany` is not an ISO 3166-1 alpha-2 country code",
        ),
        ("A,,a,,A,1,,,300,,,,,,,,", "age_min", "`300` is no whole number, or too large"),
        ("A,,a,,A,1,,,,maybe,,,,,,,", "hazmat", "`maybe` is neither `yes` nor `no`"),
        ("A,,a,,A,1,,,,,,hamburg,N,1.00,EUR,,", "supplier", "is missing"),
        ("A,,a,,A,1,,,,,nord,,N,1.00,EUR,,", "location", "is missing"),
        ("A,,a,,A,1,,,,,nord,hamburg,,1.00,EUR,,", "supplier_sku", "is missing"),
        ("A,,a,,A,1,,,,,nord,hamburg,N,1.00,,,", "currency", "is missing"),
        (
            "A,,a,,A,1,,,,,nord,hamburg,N,\"1,00\",EUR,,",
            "unit_cost",
            "`1,00` is not an amount of EUR",
        ),
        ("A,,a,,A,1,,,,,nord,hamburg,N,-1.00,EUR,,", "unit_cost", "is negative"),
        ("A,,a,,A,1,,,,,nord,hamburg,N,1.00,EUR,-1,", "stock", "is negative"),
        (
            "A,,a,,A,1,,,,,nord,hamburg,N,1.00,EUR,1,soon",
            "restock_on",
            "`soon` is no date such as 2026-12-24",
        ),
    ] {
        let file = parse(&format!("{HEADER}\n{row}\n{MUG}\n"), |_| Ok(())).unwrap();
        let found: Vec<_> = file.refused.iter().filter(|it| it.column != "sku").collect();
        let expected = Refused { row: 2, column, reason: reason.to_owned() };
        assert_eq!(found, [&expected], "{row}");
        assert_eq!(file.articles.len(), 1, "{row}");
        assert!(file.sku_entries.iter().all(|entry| entry.sku != "A"), "{row}");
    }
}

#[test]
fn rows_that_contradict_each_other_are_refused_from_the_second_on() {
    let taken = ["*#MUG = 1×mug", "mug 400 g, 1 offers"];
    check(
        &[MUG, ",,mug,,,450,,,,,,,,,,,"],
        &[(3, "weight_g", "an earlier row says `400`")],
        &taken,
    );
    check(
        &[MUG, "MUG,,mug,,,,,,,,nord,hamburg,N-1,3.30,EUR,,"],
        &[(3, "unit_cost", "an earlier row says `3.20 EUR`")],
        &taken,
    );
    check(
        &[MUG, "MUG,,mug,,,,,,,,nord,hamburg,N-1,3.20,EUR,11,"],
        &[(3, "stock", "an earlier row says `10`")],
        &taken,
    );
    check(
        &[MUG, "MUG,,mug,2,,,,,,,,,,,,,"],
        &[(3, "component_quantity", "an earlier row says `1`")],
        &taken,
    );
}

#[test]
fn half_a_bundle_is_not_taken() {
    check(
        &[MUG, "SET,,mug,,,,,,,,,,,,,,", "SET,,tea,,Tea,light,,,,,,,,,,,"],
        &[
            (3, "sku", "SKU `SET` is left as it was: another of its rows is refused"),
            (4, "weight_g", "`light` is no whole number, or too large"),
        ],
        &["*#MUG = 1×mug", "mug 400 g, 1 offers"],
    );
}

#[test]
fn an_article_with_an_offer_needs_a_title_and_a_weight() {
    check(
        &["TEA,,tea,,Tea,,,,,,nord,hamburg,T,1.00,EUR,5,"],
        &[
            (2, "sku", "SKU `TEA` is left as it was: another of its rows is refused"),
            (2, "weight_g", "is missing in every row of article `tea`"),
        ],
        &[],
    );
}

#[test]
fn a_spreadsheets_semicolons_byte_order_mark_and_missing_columns_are_fine() {
    let file = parse("\u{feff}Article;Title;weight_g\r\nmug; Mug ;400\r\n", |_| Ok(())).unwrap();
    assert_eq!(file.articles[0].title, "Mug");
    assert!(file.refused.is_empty());
}

#[test]
fn a_row_of_another_length_is_refused() {
    let file = parse("article,title\nmug\ntea,Tea\n", |_| Ok(())).unwrap();
    assert_eq!(file.refused.len(), 2, "{:?}", file.refused);
    assert_eq!(file.refused[0].row, 2);
}

#[test]
fn a_file_with_another_header_is_refused() {
    for (text, expected) in [
        ("", "the column `article` is missing"),
        ("sku,title\n", "the column `article` is missing"),
        ("article,article\n", "the column `article` is there twice"),
    ] {
        assert_eq!(parse(text, |_| Ok(())).unwrap_err().to_string(), expected);
    }
    let error = parse("article,colour\n", |_| Ok(())).unwrap_err().to_string();
    assert!(error.starts_with("`colour` is no column; the columns are sku, shop"), "{error}");
}

#[test]
fn the_report_of_refused_rows_is_a_csv_file() {
    let refused = [Refused { row: 2, column: "stock", reason: "`a, b` is bad".to_owned() }];
    let written = String::from_utf8(refused_csv(&refused).unwrap()).unwrap();
    assert_eq!(written, "row,column,reason\n2,stock,\"`a, b` is bad\"\n");
}

#[test]
fn the_catalogue_of_the_demo_is_good() {
    let file = parse(include_str!("../../../../tests/demo/catalog.csv"), |_| Ok(())).unwrap();
    assert_eq!(file.refused, []);
    assert!(file.articles.len() >= 15, "{}", file.articles.len());
}
