//! What an order of each shop becomes.

use domain::address::{Address, Country};
use domain::id::LineId;
use domain::money::Currency;
use domain::settings::ShopKind::{self, Onward, Shopify, Woocommerce};
use domain::shop_order::{
    Contact, Payment, Personalisation, ShippingChoice, ShopLine, ShopOrder, ShopParcel, Wishes,
};
use serde_json::{Value, json};

use crate::{ONWARD, SHOPIFY, WOOCOMMERCE, read};

fn line(id: &str, sku: &str, title: &str, quantity: u32, price: i64, ships: bool) -> ShopLine {
    ShopLine {
        line_id: LineId::parse(id).unwrap(),
        sku: sku.to_owned(),
        title: title.to_owned(),
        quantity,
        unit_price_minor: price,
        ships,
    }
}

fn personalisation(line: &str, name: &str, value: &str) -> Personalisation {
    let line_id = LineId::parse(line).unwrap();
    Personalisation { line_id, name: name.to_owned(), value: value.to_owned() }
}

fn owned(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// An order of this kind with some places changed; a place that is not there yet is added.
fn with(kind: ShopKind, changes: &[(&str, Value)]) -> Result<ShopOrder, String> {
    let sample = match kind {
        Shopify => SHOPIFY,
        Woocommerce => WOOCOMMERCE,
        Onward => ONWARD,
    };
    let mut order: Value = serde_json::from_slice(sample).unwrap();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = order.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        parent.insert(name.to_owned(), value.clone());
    }
    read(kind, order.to_string().as_bytes())
}

#[test]
fn an_order_of_shopify() {
    let expected = ShopOrder {
        order: "820982911946154508".to_owned(),
        number: "#1002".to_owned(),
        placed_at: "2026-11-20T08:14:58Z".parse().unwrap(),
        updated_at: "2026-11-20T08:15:02Z".parse().unwrap(),
        test: false,
        payment: Payment::Paid,
        cancelled: None,
        is_sent: false,
        currency: Currency::parse("EUR").unwrap(),
        lines: vec![
            // Three for 60.00 less 10.00, one of them refunded.
            line("866550311766439020", "MUG-BLUE", "Blue mug", 2, 16_67, true),
            line("866550311766439021", "", "Gift card", 1, 25_00, false),
            line("866550311766439022", "EBOOK", "How to fill a mug", 1, 8_07, false),
        ],
        shipping: ShippingChoice { title: "Schnell".to_owned(), express: true, price_minor: 7_90 },
        discount_minor: 1,
        tax_minor: 11_86,
        tax_included: true,
        total_minor: 74_30,
        wishes: Wishes { gift_wrap: true, invoice: true, age_verified: true },
        risk_hints: Vec::new(),
        parcels: None,
        contact: Contact {
            email: owned("anna@example.com"),
            language: owned("de-CH"),
            phone: owned("+41 44 668 18 00"),
            shipping: Some(Address {
                name: "Anna Muster".to_owned(),
                company: None,
                lines: vec!["Bahnhofstrasse 1".to_owned(), "c/o Keller".to_owned()],
                city: "Zürich".to_owned(),
                region: owned("ZH"),
                postal_code: owned("8001"),
                country: Country::parse("CH").ok(),
            }),
            billing: None,
            gift_note: owned("Alles Gute, Oma!"),
            personalisation: vec![personalisation("866550311766439020", "Engraving", "Anna")],
        },
    };
    assert_eq!(read(Shopify, SHOPIFY), Ok(expected));
}

#[test]
fn an_order_of_woocommerce() {
    let address = Address {
        name: "Jean Dupont".to_owned(),
        company: None,
        lines: vec!["5 rue de la Paix".to_owned()],
        city: "Paris".to_owned(),
        region: None,
        postal_code: owned("75002"),
        country: Country::parse("FR").ok(),
    };
    let expected = ShopOrder {
        order: "727".to_owned(),
        number: "W-727".to_owned(),
        placed_at: "2026-11-20T09:28:02Z".parse().unwrap(),
        updated_at: "2026-11-20T09:28:08Z".parse().unwrap(),
        test: false,
        payment: Payment::Paid,
        cancelled: None,
        is_sent: false,
        currency: Currency::parse("EUR").unwrap(),
        lines: vec![
            line("315", "POSTER-A2", "Poster", 3, 3_34, true),
            line("316", "4711", "Frame", 1, 50_05, true),
            line("317", "FILE", "Wallpaper file", 1, 0, false),
        ],
        shipping: ShippingChoice {
            title: "Chronopost Express".to_owned(),
            express: true,
            price_minor: 5_00,
        },
        // A fee below zero, and what rounding the posters' price up added.
        discount_minor: 5_02,
        tax_minor: 11_41,
        tax_included: false,
        total_minor: 71_46,
        wishes: Wishes { gift_wrap: false, invoice: false, age_verified: true },
        risk_hints: Vec::new(),
        parcels: Some(Vec::new()),
        contact: Contact {
            email: owned("jean@example.com"),
            language: owned("fr"),
            phone: owned("+33 1 23 45 67 89"),
            shipping: Some(address.clone()),
            billing: Some(address),
            gift_note: owned("Bon anniversaire"),
            personalisation: vec![personalisation("315", "Dedication", "Pour Léa")],
        },
    };
    assert_eq!(read(Woocommerce, WOOCOMMERCE), Ok(expected));
}

#[test]
fn an_order_in_our_own_json() {
    let expected = ShopOrder {
        order: "A-1001".to_owned(),
        number: "1001".to_owned(),
        placed_at: "2026-11-20T08:15:00Z".parse().unwrap(),
        updated_at: "2026-11-20T08:15:02.5Z".parse().unwrap(),
        test: false,
        payment: Payment::Paid,
        cancelled: None,
        is_sent: false,
        currency: Currency::parse("JPY").unwrap(),
        lines: vec![
            line("1", "TEA", "Green tea", 2, 1200, true),
            line("2", "", "Tasting", 1, 3000, false),
        ],
        shipping: ShippingChoice { title: "Takkyubin".to_owned(), express: true, price_minor: 500 },
        discount_minor: 100,
        tax_minor: 490,
        tax_included: true,
        total_minor: 5800,
        wishes: Wishes { gift_wrap: true, invoice: true, age_verified: false },
        risk_hints: vec!["velocity".to_owned()],
        parcels: None,
        contact: Contact {
            email: owned("mia@example.com"),
            language: owned("ja"),
            phone: owned("+81 3 1234 5678"),
            shipping: Some(Address {
                name: "Mia Beispiel".to_owned(),
                company: None,
                lines: vec!["1-1 Chiyoda".to_owned()],
                city: "Tokyo".to_owned(),
                region: None,
                postal_code: owned("100-0001"),
                country: Country::parse("JP").ok(),
            }),
            billing: None,
            gift_note: owned("Enjoy"),
            personalisation: vec![personalisation("1", "Label", "Für Mia")],
        },
    };
    assert_eq!(read(Onward, ONWARD), Ok(expected));
}

#[test]
fn how_far_a_payment_is_in_shopify() {
    for (status, payment) in [
        ("pending", Payment::Pending),
        ("expired", Payment::Pending),
        ("authorized", Payment::Authorized),
        ("partially_paid", Payment::PartlyPaid),
        ("paid", Payment::Paid),
        ("partially_refunded", Payment::PartlyRefunded),
        ("refunded", Payment::Refunded),
        ("voided", Payment::Voided),
    ] {
        let order = with(Shopify, &[("/financial_status", json!(status))]).unwrap();
        assert_eq!(order.payment, payment, "{status}");
    }
}

#[test]
fn only_the_status_processing_of_woocommerce_lets_goods_out() {
    let check = |status: &str, payment, cancelled: Option<&str>, ships| {
        let order = with(Woocommerce, &[("/status", json!(status))]).unwrap();
        assert_eq!(order.payment, payment, "{status}");
        assert_eq!(order.cancelled.as_deref(), cancelled, "{status}");
        assert_eq!(order.lines[0].ships && !order.is_sent, ships, "{status}");
    };
    check("processing", Payment::Paid, None, true);
    // It is on its way already.
    check("completed", Payment::Paid, None, false);
    check("pending", Payment::Pending, None, true);
    check("on-hold", Payment::Pending, None, true);
    // The customer may try again.
    check("failed", Payment::Pending, None, true);
    check("checkout-draft", Payment::Pending, None, true);
    check("awaiting-proof", Payment::Pending, None, true);
    check("refunded", Payment::Refunded, None, true);
    check("cancelled", Payment::Pending, Some("cancelled"), true);
    check("trash", Payment::Pending, Some("trash"), true);
}

#[test]
fn what_woocommerce_gave_back_in_part_is_for_a_person() {
    let refunds = json!([{"id": 1, "reason": "", "total": "-3.00"}]);
    let order = with(Woocommerce, &[("/refunds", refunds)]).unwrap();
    assert_eq!(order.payment, Payment::PartlyRefunded);
    assert_eq!(order.risk_hints, ["refunded_in_part"]);
}

#[test]
fn nothing_of_woocommerce_ships_twice_or_for_nothing() {
    let ships = |pointer, value| with(Woocommerce, &[(pointer, value)]).unwrap().lines[0].ships;
    assert!(ships("/needs_processing", json!(true)));
    assert!(!ships("/needs_processing", json!(false)));
    assert!(!ships("/line_items/0/downloadable", json!(true)));
    // Its parts are lines of their own.
    assert!(!ships("/line_items/0/bundled_items", json!([316])));
    assert!(!ships("/line_items/0/composite_children", json!([316])));
    assert!(ships("/line_items/0/bundled_by", json!("315")));
}

#[test]
fn a_cancelled_order_of_shopify_says_why_in_its_own_words_only() {
    let at = ("/cancelled_at", json!("2026-11-20T12:00:00+01:00"));
    let why = |reason| with(Shopify, &[at.clone(), ("/cancel_reason", reason)]).unwrap().cancelled;
    assert_eq!(why(json!("fraud")), owned("fraud"));
    assert_eq!(why(json!("Anna changed her mind")), owned("other"));
    assert_eq!(why(json!(null)), owned("other"));
}

#[test]
fn what_still_ships_of_a_line_of_shopify() {
    let check = |changes: &[(&str, Value)], quantity, ships, hints: &[&str]| {
        let order = with(Shopify, changes).unwrap();
        let line = &order.lines[0];
        assert_eq!((line.quantity, line.ships), (quantity, ships), "{changes:?}");
        assert_eq!(order.risk_hints, hints, "{changes:?}");
    };
    let (current, fulfillable, status) = (
        "/line_items/0/current_quantity",
        "/line_items/0/fulfillable_quantity",
        "/line_items/0/fulfillment_status",
    );
    let refund = |quantity: u32| {
        let line = json!({"line_item_id": 866_550_311_766_439_020_u64, "quantity": quantity});
        ("/refunds", json!([{"refund_line_items": [line]}]))
    };
    check(&[(current, json!(0)), (fulfillable, json!(0))], 0, true, &[]);
    // Older versions have no current quantity.
    check(&[(current, json!(null)), (fulfillable, json!(null))], 3, true, &[]);
    check(&[(current, json!(null)), (fulfillable, json!(null)), refund(2)], 1, true, &[]);
    check(&[(current, json!(null)), (fulfillable, json!(null)), refund(9)], 0, true, &[]);
    // It is on its way from somewhere else.
    check(&[(status, json!("fulfilled")), (fulfillable, json!(0))], 2, false, &[]);
    check(&[(status, json!("partial")), (fulfillable, json!(1))], 2, true, &["fulfilled_in_part"]);
    check(&[("/line_items/0/requires_shipping", json!(false))], 2, false, &[]);
    check(&[("/line_items/0/gift_card", json!(true))], 2, false, &[]);
}

#[test]
fn discounts_of_shopify_count_once() {
    let check = |changes: &[(&str, Value)], unit_price_minor: i64, discount_minor: i64| {
        let order = with(Shopify, changes).unwrap();
        let seen = (order.lines[0].unit_price_minor, order.discount_minor);
        assert_eq!(seen, (unit_price_minor, discount_minor), "{changes:?}");
    };
    let (total, parts) = ("/line_items/0/total_discount", "/line_items/0/discount_allocations");
    check(&[(total, json!("10.00"))], 16_67, 1);
    check(&[(total, json!("6.00")), (parts, json!([]))], 18_00, 0);
    check(&[(total, json!(null)), (parts, json!(null))], 20_00, 0);
    check(&[(parts, json!([{"amount": "3.00"}, {"amount": "3.00"}]))], 18_00, 0);
}

#[test]
fn people_may_be_unknown() {
    let changes =
        ["email", "contact_email", "customer", "shipping_address", "note", "note_attributes"];
    let changes = changes.map(|name| (format!("/{name}"), Value::Null));
    let changes: Vec<_> = changes.iter().map(|(at, value)| (at.as_str(), value.clone())).collect();
    let contact = with(Shopify, &changes).unwrap().contact;
    assert_eq!(
        Contact { personalisation: Vec::new(), language: None, ..contact },
        Contact::default()
    );

    // Without leave to see customers' details all of an address is null.
    let hidden = json!({"first_name": null, "address1": null, "city": null, "country_code": null});
    assert_eq!(with(Shopify, &[("/shipping_address", hidden)]).unwrap().contact.shipping, None);
    assert_eq!(with(Woocommerce, &[("/billing", json!(null))]).unwrap().contact.shipping, None);
    let country = ("/shipping_address/country_code", json!("Switzerland"));
    assert_eq!(with(Shopify, &[country]).unwrap().contact.shipping.unwrap().country, None);
}

#[test]
fn another_documents_id_is_refused() {
    let id = ("/admin_graphql_api_id", json!("gid://shopify/DraftOrder/820982911946154508"));
    assert_eq!(
        with(Shopify, &[id]).unwrap_err(),
        "`admin_graphql_api_id` is not that of the order in `id`"
    );
}

#[test]
fn what_apps_leave_in_free_fields_is_no_danger() {
    let blob = "x".repeat(100_000);
    let field = json!([{"name": "customizer", "value": blob}]);
    let hidden = json!([{"name": "_customizer", "value": blob}]);
    let meta = json!([{"id": 1, "key": "_customizer", "value": blob}]);
    for (kind, changes) in [
        (Shopify, [("/note_attributes", field.clone()), ("/line_items/0/properties", hidden)]),
        (Shopify, [("/note_attributes", json!([])), ("/note", json!(blob))]),
        (Woocommerce, [("/meta_data", meta), ("/customer_note", json!(blob))]),
    ] {
        assert!(with(kind, &changes).is_ok(), "{kind:?}");
    }
    // What is to be written on the goods must not get lost.
    assert_eq!(
        with(Shopify, &[("/line_items/0/properties", field)]).unwrap_err(),
        "`line_items[0].properties[0].value` is longer than 5000 characters"
    );
}

#[test]
fn properties_may_be_a_list_or_an_object() {
    let properties = |value| {
        let order = with(Shopify, &[("/line_items/0/properties", value)]).unwrap();
        let texts = order.contact.personalisation.into_iter();
        texts.map(|text| format!("{}={}", text.name, text.value)).collect::<Vec<_>>()
    };
    assert_eq!(
        properties(json!({"Name": "Anna", "_id": "1", "Year": 1984})),
        ["Name=Anna", "Year=1984"]
    );
    assert_eq!(properties(json!([{"name": "Name", "value": true}])), ["Name=true"]);
    assert_eq!(properties(json!([{"name": "Name", "value": ""}])), [""; 0]);
    assert_eq!(properties(json!(null)), [""; 0]);
}

/// What a shop shows as sent, in few words.
fn sent(kind: ShopKind, changes: &[(&str, Value)]) -> Vec<String> {
    let parcels = with(kind, changes).unwrap().parcels.unwrap();
    let said = |parcel: &ShopParcel| {
        let lines = parcel.lines.as_ref().map(|lines| {
            lines
                .iter()
                .map(|(line, units)| format!("{units}×{line}"))
                .collect::<Vec<_>>()
                .join(" ")
        });
        let stands = if parcel.stands { "" } else { " taken back" };
        format!("{:?} {}{stands}", parcel.numbers, lines.as_deref().unwrap_or("?"))
    };
    parcels.iter().map(said).collect()
}

#[test]
fn what_shopify_shows_as_sent_is_seen() {
    let fulfillment = |status: &str, numbers: Value, quantity: u32| {
        let line = json!({"id": 866_550_311_766_439_020_u64, "quantity": quantity});
        json!({"status": status, "tracking_numbers": numbers, "tracking_number": "OLD", "line_items": [line]})
    };
    let fulfillments = json!([
        fulfillment("success", json!(["A", "B"]), 2),
        fulfillment("open", json!([]), 1),
        fulfillment("cancelled", json!(["C"]), 1),
    ]);
    let line = "866550311766439020";
    assert_eq!(
        sent(Shopify, &[("/fulfillments", fulfillments)]),
        [
            format!("[\"A\", \"B\"] 2×{line}"),
            format!("[\"OLD\"] 1×{line}"),
            format!("[\"C\"] 1×{line} taken back")
        ]
    );
    assert!(sent(Shopify, &[("/fulfillments", json!([]))]).is_empty());
    // Then it says which units, and nobody has to guess.
    let status = ("/line_items/0/fulfillment_status", json!("partial"));
    let units = ("/line_items/0/fulfillable_quantity", json!(1));
    let order = with(Shopify, &[status, units, ("/fulfillments", json!([]))]).unwrap();
    assert_eq!(order.risk_hints, [""; 0]);
}

#[test]
fn what_woocommerce_shows_as_sent_is_seen() {
    let item = json!({"tracking_number": " T-1 ", "tracking_provider": "dhl"});
    let meta = |value: Value| json!([{"id": 1, "key": "_wc_shipment_tracking_items", "value": value}, {"key": "x"}]);
    let tracking = [("/meta_data", meta(json!([item, "?", {}])))];
    assert_eq!(sent(Woocommerce, &tracking), ["[\"T-1\"] ?"]);
    assert!(sent(Woocommerce, &[("/meta_data", meta(json!("a:1:{}")))]).is_empty());
    assert!(sent(Woocommerce, &[]).is_empty());
    let lines = sent(Woocommerce, &[("/status", json!("completed"))]);
    assert!(lines[0].starts_with("[] 3×315 "), "{lines:?}");
}
