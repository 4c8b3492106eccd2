//! Who ships what: filters, rankings, split policy, one rule at a time.

use super::*;
use crate::catalog::{StockKey, StockLevel};
use crate::order::fact::{Candidate, Hold, RejectReason, Routed};
use crate::order::routing::{Supply, route};
use crate::settings::{Ranking, Split};

/// A world of offers: articles with their stock per offer.
struct Offered {
    articles: Vec<Article>,
    stock: BTreeMap<StockKey, StockLevel>,
    settings: Settings,
    shop_order: ShopOrder,
    at: Timestamp,
}

fn counters(articles: &[Article], units: i64) -> BTreeMap<StockKey, StockLevel> {
    let keys = crate::order::routing::stock_keys(&super::articles(articles));
    keys.into_iter().map(|key| (key, StockLevel { available: units, reserved: 0 })).collect()
}

fn offered(lines: &[ShopLine], articles: &[Article]) -> Offered {
    Offered {
        articles: articles.to_vec(),
        stock: counters(articles, 10),
        settings: settings(),
        shop_order: shop_order(lines),
        at: now(),
    }
}

impl Offered {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn stock(mut self, article: &str, supplier: &str, units: i64) -> Self {
        let sku = format!("{supplier}-{article}");
        let level = self.stock.iter_mut().find(|(key, _)| key.supplier_sku == sku);
        level.unwrap().1.available = units;
        self
    }

    fn route(&self, order: &Order) -> Vec<Fact> {
        let (articles, stock) = (super::articles(&self.articles), self.left(order));
        let supply = Supply { articles: &articles, stock: &stock, settings: &self.settings };
        route(order, supply, self.at)
    }

    /// The stock less what the order has reserved of it.
    fn left(&self, order: &Order) -> BTreeMap<StockKey, StockLevel> {
        let mut stock = self.stock.clone();
        for known in order.fulfillment_orders.values() {
            for share in &known.planned.shares {
                let is_share = |key: &StockKey| key.supplier_sku == share.supplier_sku;
                let level = stock.iter_mut().find(|(key, _)| is_share(key)).unwrap().1;
                level.available -= i64::from(known.units[&share.item].unshipped());
            }
        }
        stock
    }

    fn given(&self) -> Vec<Fact> {
        screened(&self.shop_order, &self.articles)
    }

    fn check(&self, then: &str) -> Order {
        self.check_after(&[], then)
    }

    fn check_after(&self, further: &[Fact], then: &str) -> Order {
        let given: Vec<Fact> = self.given().into_iter().chain(further.iter().cloned()).collect();
        check(&given, |order| self.route(order), &[then])
    }

    fn routed(&self) -> Routed {
        match self.route(&fold(&self.given())).remove(0) {
            Fact::Routed(routed) => routed,
            other => panic!("not routed: {other:?}"),
        }
    }

    fn lost(&self) -> Vec<String> {
        let lost =
            |it: &Candidate| format!("{}: {}", it.supplier, it.lost.as_deref().unwrap_or("chosen"));
        self.routed().candidates.iter().map(lost).collect()
    }
}

/// Routes what was screened, from so many units of each offer.
pub(super) fn route_all(given: &[Fact], units: i64) -> Vec<Fact> {
    let articles = ["mug", "spoon"].map(|name| article(name, &[("nord", "hamburg", 500)]));
    let offered = Offered { stock: counters(&articles, units), ..offered(&[], &articles) };
    offered.route(&fold(given))
}

fn mug() -> Article {
    article("mug", &[("nord", "hamburg", 500), ("sued", "passau", 600)])
}

fn one() -> Offered {
    offered(&[line("1", "mug", 1)], &[mug()])
}

#[test]
fn the_cheapest_place_ships_and_the_others_are_told_why_not() {
    one().check("Routed F1 nord/hamburg by parcel 1×1/mug");
    assert_eq!(one().lost(), ["nord: chosen", "sued: ranked behind nord at hamburg"]);
    assert_eq!(one().routed().settings_version, 7);
}

#[test]
fn each_filter_gives_its_reason() {
    let reason = |change: fn(&mut Offered), expected: &str| {
        let found = one().with(change).lost();
        assert_eq!(found, [format!("nord: {expected}"), "sued: chosen".to_owned()]);
    };
    reason(
        |it| it.settings.suppliers.retain(|known| known.id.as_str() != "nord"),
        "supplier is not in the settings",
    );
    reason(
        |it| it.settings.locations.retain(|known| known.id.as_str() != "hamburg"),
        "location is not in the settings",
    );
    reason(|it| it.settings.suppliers[0].paused = true, "supplier is paused");
    reason(|it| it.settings.locations[0].ships_to = vec![country("FR")], "does not ship there");
    reason(
        |it| it.settings.locations[0].country = country("FR"),
        "no carrier service for its weight, value and destination",
    );
    reason(
        |it| it.articles[0].offers[0].unit_cost.currency = Currency::parse("USD").unwrap(),
        "no exchange rate for its currency",
    );
    let none = one().stock("mug", "nord", 0);
    assert_eq!(none.lost(), ["nord: out of stock", "sued: chosen"]);
}

#[test]
fn rankings_count_in_the_order_of_the_settings() {
    let ranked = |rank: &[Ranking], winner: &str| {
        let offered = one().with(|it| it.settings.routing.rank = rank.to_vec());
        offered.check(&format!("Routed F1 {winner} by parcel 1×1/mug"));
    };
    ranked(&[Ranking::Cost], "nord/hamburg");
    ranked(&[Ranking::Priority, Ranking::Cost], "sued/passau");
    ranked(&[Ranking::Score], "sued/passau");
    ranked(&[Ranking::Speed, Ranking::Cost], "nord/hamburg");
}

#[test]
fn speed_counts_from_the_next_departure() {
    let offered = one().with(|it| {
        it.settings.routing.rank = vec![Ranking::Speed, Ranking::Cost];
        it.settings.locations[0].cut_off = jiff::civil::time(9, 0, 0, 0);
    });
    offered.check("Routed F1 sued/passau by parcel 1×1/mug");
}

#[test]
fn one_place_that_has_it_all_is_preferred_to_two_cheaper_ones() {
    let lines = [line("1", "mug", 1), line("2", "spoon", 1)];
    let spoon = article("spoon", &[("sued", "passau", 600), ("far", "shenzhen", 10)]);
    let both = offered(&lines, &[mug(), spoon]);
    both.check("Routed F1 sued/passau by parcel 1×1/mug 1×2/spoon");
}

fn parted() -> Offered {
    let lines = [line("1", "mug", 1), line("2", "spoon", 1)];
    let mug = article("mug", &[("nord", "hamburg", 500)]);
    offered(&lines, &[mug, article("spoon", &[("sued", "passau", 600)])])
}

#[test]
fn an_order_is_split_when_needed_and_only_then() {
    parted().check("Routed F1 nord/hamburg by parcel 1×1/mug F2 sued/passau by parcel 1×2/spoon");
}

#[test]
fn an_order_that_may_not_be_split_waits_as_a_whole() {
    let whole = parted().with(|it| it.settings.routing.split = Split::Never);
    whole.check("Routed 1×1/mug on 2026-12-04 1×2/spoon on 2026-12-04");
    assert_eq!(whole.lost()[0], "nord: has not all of the order");
}

#[test]
fn a_split_takes_from_each_place_what_it_has_and_no_more() {
    let many = offered(&[line("1", "mug", 10)], &[mug()]);
    many.stock("mug", "nord", 4).stock("mug", "sued", 3).check(
        "Routed F1 nord/hamburg by parcel 4×1/mug F2 sued/passau by parcel 3×1/mug 3×1/mug on 2026-12-04",
    );
}

#[test]
fn two_lines_share_one_counter() {
    let lines = [line("1", "mug", 2), line("2", "mug", 2)];
    let mug = article("mug", &[("nord", "hamburg", 500)]);
    let shared = offered(&lines, &[mug]).stock("mug", "nord", 3);
    shared.check("Routed F1 nord/hamburg by parcel 2×1/mug 1×2/mug 1×2/mug on 2026-12-04");
}

#[test]
fn goods_too_heavy_for_one_parcel_go_in_several() {
    let lines = [line("1", "mug", 10), line("2", "spoon", 10)];
    let offers = [("nord", "hamburg", 500)];
    offered(&lines, &[article("mug", &offers), article("spoon", &offers)])
        .check("Routed F1 nord/hamburg by parcel 10×1/mug F2 nord/hamburg by parcel 10×2/spoon");
}

/// Leaving and arriving of what is submitted at a moment, after ten minutes of cooling-off, to a cut-off at two o'clock.
fn leaves(at: &str, location: usize, expected: &str) {
    let offers = [[("nord", "hamburg", 500)], [("far", "shenzhen", 500)]];
    let mug = article("mug", &offers[location]);
    let at = at.parse().unwrap();
    let routed = offered(&[line("1", "mug", 1)], &[mug]).with(|it| it.at = at).routed();
    assert_eq!(routed.fulfillment_orders[0].leaves_on.to_string(), expected, "{at}");
}

#[test]
fn the_cut_off_counts_in_the_locations_own_time_and_on_its_working_days() {
    leaves("2026-11-20T12:49:59Z", 0, "2026-11-20");
    leaves("2026-11-20T12:50:00Z", 0, "2026-11-23"); // 14:00 in Hamburg, a Friday.
    leaves("2026-11-21T08:00:00Z", 0, "2026-11-23"); // A Saturday.
    leaves("2026-11-20T05:49:59Z", 1, "2026-11-20");
    leaves("2026-11-20T05:50:00Z", 1, "2026-11-23"); // 14:00 in Shenzhen.
    leaves("2026-11-22T23:00:00Z", 1, "2026-11-23"); // Already Monday there.
    leaves("2026-07-17T11:49:00Z", 0, "2026-07-17"); // Summer time: an hour earlier.
    leaves("2026-07-17T11:50:00Z", 0, "2026-07-20");
    leaves("2026-03-29T00:30:00Z", 0, "2026-03-30"); // The night the clocks change.
    leaves("2026-10-25T00:30:00Z", 0, "2026-10-26");
}

#[test]
fn arrival_counts_from_departure() {
    let planned = one().routed().fulfillment_orders.remove(0);
    assert_eq!(planned.submit_at, now() + minutes(10));
    let (earliest, latest) = planned.arrives;
    assert_eq!(
        (earliest.to_string(), latest.to_string()),
        ("2026-11-22".into(), "2026-11-24".into())
    );
}

#[test]
fn who_paid_for_speed_gets_it() {
    let express = one().with(|it| it.shop_order.shipping.express = true);
    express.check("Routed F1 nord/hamburg by express 1×1/mug");
}

#[test]
fn who_did_not_pay_for_speed_gets_it_where_nothing_else_goes() {
    let only = one().with(|it| it.settings.services.retain(|service| service.express));
    only.check("Routed F1 nord/hamburg by express 1×1/mug");
}

#[test]
fn light_and_cheap_goods_go_slowly_and_valuable_ones_by_a_line_of_their_own() {
    let far = |price_minor: i64, quantity: u32| {
        let mug = article("mug", &[("far", "shenzhen", 100)]);
        let line = ShopLine { unit_price_minor: price_minor, ..line("1", "mug", quantity) };
        offered(&[line], &[mug])
    };
    far(3000, 1).check("Routed F1 far/shenzhen by small-packet 1×1/mug");
    far(3001, 1).check("Routed F1 far/shenzhen by line 1×1/mug");
    far(100, 6).check("Routed F1 far/shenzhen by line 6×1/mug");
}

#[test]
fn dangerous_goods_travel_only_where_they_are_taken() {
    let dangerous = |offers| {
        let lamp = Article { hazmat: true, ..article("lamp", offers) };
        offered(&[line("1", "lamp", 1)], &[lamp])
    };
    dangerous(&[("nord", "hamburg", 500)]).check("Routed F1 nord/hamburg by parcel 1×1/lamp");
    dangerous(&[("far", "shenzhen", 500)]).check(
        "Held no_supplier: `lamp`: no carrier service for its weight, value and destination",
    );
}

#[test]
fn goods_that_pass_customs_need_their_data_unless_a_person_lets_them_go() {
    let bare = Article { hs_code: None, ..article("mug", &[("far", "shenzhen", 100)]) };
    let held = offered(&[line("1", "mug", 1)], &[bare]);
    let order = held.check("Held customs_data: `mug`: customs data are missing");
    let overridden =
        Fact::Overridden { hold: Hold::CustomsData, by: "eve".into(), why: "ok".into() };
    let order = order.after(now(), &[overridden]);
    check_order(
        &order,
        |order| held.route(order),
        &["Routed F1 far/shenzhen by small-packet 1×1/mug"],
    );
    let at_home = Article { hs_code: None, ..mug() };
    offered(&[line("1", "mug", 1)], &[at_home]).check("Routed F1 nord/hamburg by parcel 1×1/mug");
}

#[test]
fn what_nobody_offers_holds_the_order() {
    let orphan = offered(&[line("1", "mug", 1)], &[article("mug", &[])]);
    orphan.check("Held no_supplier: `mug`: nobody offers it");
}

#[test]
fn what_nobody_has_is_backordered_to_the_day_that_a_supplier_said() {
    let none = || one().stock("mug", "nord", 0).stock("mug", "sued", 0);
    none().check("Routed 1×1/mug on 2026-12-04");
    let dated = |on: &str| {
        let on = on.parse().unwrap();
        none().with(|it| it.articles[0].offers[0].restock_on = Some(on))
    };
    dated("2026-11-30").check("Routed 1×1/mug on 2026-11-30");
    dated("2026-11-01").check("Routed 1×1/mug on 2026-12-04");
}

#[test]
fn a_backorders_day_stays_what_was_said_and_stock_ends_it() {
    let mut none = one().stock("mug", "nord", 0).stock("mug", "sued", 0);
    let order = none.check("Routed 1×1/mug on 2026-12-04");
    none.at = now() + SignedDuration::from_hours(48);
    check_order(&order, |order| none.route(order), &[]);
    let some = none.stock("mug", "sued", 1);
    let order = check_order(
        &order,
        |order| some.route(order),
        &["Routed F1 sued/passau by parcel 1×1/mug"],
    );
    assert!(order.backorders.is_empty());
}

#[test]
fn an_order_that_earns_too_little_is_held_unless_a_person_lets_it_go() {
    // 24.90 in, 5.00 and 4.00 out: 15.90 are 63 %.
    let floor = |percent| one().with(|it| it.settings.routing.margin_floor_percent = percent);
    floor(63).check("Routed F1 nord/hamburg by parcel 1×1/mug");
    let order = floor(64).check("Held margin: earns 15.90 of 24.90 EUR, less than 64 %");
    let overridden = Fact::Overridden { hold: Hold::Margin, by: "eve".into(), why: "ok".into() };
    let order = order.after(now(), &[overridden]);
    let decide = |order: &Order| floor(64).route(order);
    check_order(&order, decide, &["Routed F1 nord/hamburg by parcel 1×1/mug"]);
}

#[test]
fn units_that_came_back_cost_nothing_and_go_elsewhere_at_once() {
    let two = offered(&[line("1", "mug", 2)], &[mug()]);
    let order = two.check("Routed F1 nord/hamburg by parcel 2×1/mug");
    let returned = Fact::Rejected {
        fulfillment_order_id: f(1),
        units: vec![Units { item: item_id("1", "mug"), quantity: 1 }],
        reason: RejectReason::OutOfStock,
        detail: String::new(),
    };
    let order =
        order.after(now(), &[Fact::SubmissionStarted { fulfillment_order_id: f(1) }, returned]);
    let late = two.with(|it| it.at = now() + minutes(30));
    let Fact::Routed(routed) = late.route(&order).remove(0) else { panic!("not routed") };
    assert_eq!(planned(&routed.fulfillment_orders[0]), "F2 sued/passau by parcel 1×1/mug");
    assert_eq!(routed.fulfillment_orders[0].submit_at, now() + minutes(30));
    // 44.90 in; 5.00 and 4.00 out for the first, 6.00 and 4.00 for the second.
    assert_eq!(routed.margin_minor, Some(2590));
    let reason = routed.candidates[0].lost.as_deref();
    assert_eq!(reason, Some("rejected this order before, or did not answer"));
}

#[test]
fn what_is_routed_anew_while_it_rests_rests_to_the_end() {
    let order = one().check("Routed F1 nord/hamburg by parcel 1×1/mug");
    let order = order.clone().after(now(), &crate::order::cancel::unplan(&order));
    let soon = one().with(|it| it.at = now() + minutes(2));
    let Fact::Routed(routed) = soon.route(&order).remove(0) else { panic!("not routed") };
    assert_eq!(routed.fulfillment_orders[0].submit_at, now() + minutes(10));
}

#[test]
fn nothing_is_routed_that_may_not_go_on() {
    let idle = |change: fn(&mut ShopOrder), cut: usize| {
        let offered = one().with(|it| change(&mut it.shop_order));
        let given = offered.given();
        check(&given[..given.len() - cut], |order| offered.route(order), &[]);
    };
    idle(|it| it.payment = Payment::Pending, 0);
    idle(|it| it.test = true, 0);
    idle(|it| it.cancelled = Some("x".to_owned()), 0);
    idle(|it| it.contact.shipping = None, 0);
    idle(|_| {}, 1); // Not screened.
}
