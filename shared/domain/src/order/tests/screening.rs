//! Mapping and screening.

use super::*;
use crate::order::fact::Hold;
use crate::order::hold::override_hold;
use crate::order::mapping::{map, skus};
use crate::order::screening::screen;

fn mugs() -> Vec<Fact> {
    received(&shop_order(&[line("1", "mug", 2)]))
}

fn catalogue() -> mapping::Known {
    known(&[article("mug", &[]), article("spoon", &[])])
}

#[test]
fn a_line_becomes_its_articles_and_a_bundle_its_components() {
    check(&mugs(), |order| map(order, &catalogue()), &["Mapped 1×1/mug"]);
    let set = received(&shop_order(&[line("1", "SET", 1)]));
    check(&set, |order| map(order, &catalogue()), &["Mapped 1×1/mug 2×1/spoon"]);
}

#[test]
fn a_line_that_does_not_travel_needs_no_article() {
    let card = ShopLine { ships: false, ..line("1", "GIFT-CARD", 1) };
    check(&received(&shop_order(&[card])), |order| map(order, &catalogue()), &["Mapped"]);
}

#[test]
fn nothing_is_mapped_for_an_order_that_may_not_go_on() {
    let order = shop_order(&[line("1", "mug", 1)]);
    let unpaid = ShopOrder { payment: Payment::Pending, ..order.clone() };
    check(&received(&unpaid), |order| map(order, &catalogue()), &[]);
    let test = ShopOrder { test: true, ..order.clone() };
    check(&received(&test), |order| map(order, &catalogue()), &[]);
    let cancelled = ShopOrder { cancelled: Some("x".to_owned()), ..order };
    check(&received(&cancelled), |order| map(order, &catalogue()), &[]);
}

#[test]
fn an_unmapped_sku_holds_the_order_until_the_catalogue_knows_it() {
    let given = received(&shop_order(&[line("1", "mug", 1), line("2", "POT", 1)]));
    let held = "Held unmapped_sku: not in the catalogue: `POT`";
    let order = check(&given, |order| map(order, &catalogue()), &[held]);
    let better = known(&[article("mug", &[]), article("POT", &[])]);
    check_order(
        &order,
        |order| map(order, &better),
        &["Released unmapped_sku", "Mapped 1×1/mug 1×2/POT"],
    );
}

#[test]
fn a_line_that_is_added_is_mapped_and_screened_and_the_others_stay_as_they_were() {
    let first = shop_order(&[line("1", "mug", 1)]);
    let given = screened(&first, &[article("mug", &[])]);
    let mut edited = first;
    edited.lines.push(line("2", "spoon", 1));
    edited.updated_at = now() + minutes(1);
    let order = fold(&given);
    let order =
        order.clone().after(now(), &receiving::receive(&order, &edited, &contact_ref("home")));
    assert_eq!(skus(&order).into_iter().collect::<Vec<_>>(), ["spoon"]);
    assert!(order.is_screened());
    let order =
        check_order(&order, |order| map(order, &catalogue()), &["Mapped 1×1/mug 1×2/spoon"]);
    assert!(!order.is_screened());
}

fn screens(change: impl FnOnce(&mut ShopOrder, &mut Article, &mut Settings), then: &[&str]) {
    let (mut shop_order, mut mug, mut settings) =
        (shop_order(&[line("1", "mug", 2)]), article("mug", &[]), settings());
    change(&mut shop_order, &mut mug, &mut settings);
    let mut given = received(&shop_order);
    given.extend(map(&fold(&given), &known(&[mug])));
    check(&given, |order| screen(order, &shop_order.contact, &settings), then);
}

#[test]
fn each_check_holds_for_its_own_reason() {
    screens(|_, _, _| {}, &["Screened"]);
    screens(
        |order, _, _| order.contact.shipping.as_mut().unwrap().postal_code = None,
        &["Held address: postal_code: missing", "Screened"],
    );
    screens(
        |order, _, _| order.contact.shipping = None,
        &["Held address: shipping address: missing", "Screened"],
    );
    screens(
        |order, _, _| order.risk_hints.push("proxy".to_owned()),
        &["Held fraud: flagged_by_shop +60", "Screened"],
    );
    screens(
        |_, mug, _| mug.age_min = Some(18),
        &["Held age: proof of age 18 is missing", "Screened"],
    );
    screens(
        |order, mug, _| (mug.age_min, order.wishes.age_verified) = (Some(18), true),
        &["Screened"],
    );
    screens(
        |_, mug, settings| {
            (mug.hazmat, settings.screening.no_hazmat_to) = (true, vec![country("DE")])
        },
        &["Held hazmat: dangerous goods `mug` may not go there", "Screened"],
    );
}

#[test]
fn indicators_of_fraud_add_up() {
    screens(
        |order, _, settings| {
            order.shipping.express = true;
            order.lines[0].quantity = 20;
            settings.screening.high_value = vec![Money { minor: 2490, currency: euro() }];
        },
        &["Held fraud: high_value +25; high_quantity +20; express +15", "Screened"],
    );
    screens(|order, _, _| order.shipping.express = true, &["Screened"]);
}

#[test]
fn several_holds_can_stand_and_each_is_overridden_by_itself() {
    let mut given = mugs();
    given.extend(map(&fold(&given), &catalogue()));
    given.push(Fact::Held { hold: Hold::Age, detail: String::new() });
    given.push(Fact::Held { hold: Hold::Fraud, detail: String::new() });
    let decide = |order: &Order| override_hold(order, Hold::Age, "eve", "seen").unwrap();
    let order = check(&given, decide, &["Overridden age"]);
    assert_eq!(order.holds.keys().copied().collect::<Vec<_>>(), [Hold::Fraud]);
    assert!(override_hold(&order, Hold::Hazmat, "eve", "why").is_err());
}

#[test]
fn a_new_address_is_screened_anew_and_what_was_let_pass_of_the_old_one_is_not() {
    let mut given = mugs();
    given.extend(map(&fold(&given), &catalogue()));
    given.push(Fact::Held { hold: Hold::Address, detail: String::new() });
    given.push(Fact::Overridden { hold: Hold::Address, by: "eve".to_owned(), why: String::new() });
    let order = fold(&given);
    let changed =
        receiving::change_contact(&order, &contact_ref("new"), Some(country("DE")), "eve", None);
    let order = order.after(now(), &changed);
    assert!(order.overridden.is_empty());
    check_order(&order, |order| screen(order, &contact_in("DE"), &settings()), &["Screened"]);
}
