//! Goods that come back.

use super::*;

fn approved(lines: &[(&str, u32, &str)]) -> Vec<Fact> {
    decided(&delivered(), &asked(lines), &with_places(), 0)
}

fn quantity(line: &str, quantity: u32) -> LineQuantity {
    LineQuantity { line_id: line_id(line), quantity }
}

fn received(facts: Vec<Fact>, line: &str, in_all: u32) -> Vec<Fact> {
    then(facts, |order| receive(order, R1, &[quantity(line, in_all)], "eve").unwrap())
}

fn counter(article: &str) -> (ArticleId, StockKey) {
    let key = StockKey {
        supplier: SupplierId::parse("own").unwrap(),
        location: LocationId::parse("passau").unwrap(),
        supplier_sku: format!("own-{article}"),
    };
    (ArticleId::parse(article).unwrap(), key)
}

fn found(findings: &[(&str, Disposition, u32)]) -> Inspection {
    let finding = |(line, disposition, quantity): &(&str, Disposition, u32)| Finding {
        line_id: line_id(line),
        disposition: *disposition,
        quantity: *quantity,
        refund: true,
    };
    Inspection {
        findings: findings.iter().map(finding).collect(),
        counters: [counter("mug")].into(),
        by: "eve".to_owned(),
    }
}

#[test]
fn what_arrives_is_counted_in_all_and_never_twice() {
    let facts = approved(&[("1", 3, "changed_mind")]);
    let first = |order: &Order| receive(order, R1, &[quantity("1", 2)], "eve").unwrap();
    check(&facts, first, &["ReturnReceived"]);
    let facts = received(received(facts, "1", 2), "1", 3);
    assert_eq!(known(&facts).received(&line_id("1")), 3);
    let receive = |line, in_all| receive(&fold(&facts), R1, &[quantity(line, in_all)], "eve");
    let most = "4 units of line `1` are more than 3";
    assert_eq!(receive("1", 4).unwrap_err().to_string(), most);
    let fewer = "3 units of line `1` are on record already; say how many in all";
    assert_eq!(receive("1", 2).unwrap_err().to_string(), fewer);
    assert_eq!(receive("2", 1).unwrap_err().to_string(), "line `2` is not in the return");
}

#[test]
fn nothing_is_received_before_it_was_approved_or_for_a_claim() {
    let facts = requested(&delivered(), &asked(&[("1", 1, "changed_mind")]));
    let refusal = receive(&fold(&facts), R1, &[quantity("1", 1)], "eve").unwrap_err();
    assert_eq!(refusal.to_string(), "the return is requested");
    let facts = decided(&delivered(), &asked(&[("1", 1, "missing")]), &with_places(), 0);
    let refusal = receive(&fold(&facts), R1, &[quantity("1", 1)], "eve").unwrap_err();
    assert_eq!(refusal, approve::Refusal::NoGoods);
    let refusal = receive(&fold(&facts), ReturnId(9), &[quantity("1", 1)], "eve").unwrap_err();
    assert_eq!(refusal, approve::Refusal::Unknown);
}

#[test]
fn what_is_good_goes_back_into_stock_once_and_is_refunded() {
    let facts = received(approved(&[("1", 3, "changed_mind")]), "1", 3);
    let look = |order: &Order| {
        let inspection = found(&[("1", Disposition::Restock, 2), ("1", Disposition::Scrap, 1)]);
        inspect(order, R1, &inspection).unwrap()
    };
    let order = check(&facts, look, &["ReturnInspected", "RefundPlanned", "ReturnClosed"]);
    assert_eq!(order.returns[&R1].stage, Stage::Closed);
    let changes = crate::order::next::stock_changes(&fold(&facts), &look(&fold(&facts)));
    let (_, key) = counter("mug");
    let restock = crate::catalog::Movement::Restock;
    let expected = crate::catalog::StockChange { key, movement: restock, quantity: 2 };
    assert_eq!(changes, [expected]);
}

#[test]
fn units_can_be_inspected_one_after_the_other() {
    let facts = received(approved(&[("1", 3, "changed_mind")]), "1", 2);
    let facts =
        then(facts, |order| inspect(order, R1, &found(&[("1", Disposition::Restock, 1)])).unwrap());
    assert_eq!(known(&facts).stage, Stage::Received);
    let facts = then(facts, |order| {
        let both = [("1", Disposition::Restock, 1), ("1", Disposition::Refurbish, 1)];
        inspect(order, R1, &found(&both)).unwrap()
    });
    assert_eq!(known(&facts).stage, Stage::Inspected);
    let amounts: Vec<i64> =
        fold(&facts).refunds.values().map(|refund| refund.planned.amount.minor).collect();
    assert_eq!(amounts, [2000, 2000]);
    let too_many = found(&[("1", Disposition::Scrap, 1)]);
    let refusal = inspect(&fold(&facts), R1, &too_many).unwrap_err();
    assert_eq!(refusal.to_string(), "3 units of line `1` are more than 2");

    // The third never came: whoever closes the return gives it free again.
    let close = |order: &Order| close(order, R1, "eve", "two of three came").unwrap();
    check(&facts, close, &["ReturnClosed"]);
    let facts = requested(&then(facts, close), &asked(&[("1", 1, "too_small")]));
    assert_eq!(fold(&facts).returns.len(), 2);
}

#[test]
fn a_unit_can_be_withheld_from_the_refund() {
    let facts = received(approved(&[("1", 2, "changed_mind")]), "1", 2);
    let mut inspection = found(&[("1", Disposition::Restock, 1), ("1", Disposition::Keep, 1)]);
    inspection.findings[1].refund = false;
    let facts = then(facts, |order| inspect(order, R1, &inspection).unwrap());
    assert_eq!(fold(&facts).refunds[&crate::id::RefundId(1)].planned.amount.minor, 2000);
}

#[test]
fn nothing_is_restocked_where_nobody_sells_it() {
    let facts = received(approved(&[("1", 1, "changed_mind")]), "1", 1);
    let mut inspection = found(&[("1", Disposition::Restock, 1)]);
    inspection.counters.clear();
    let refusal = inspect(&fold(&facts), R1, &inspection).unwrap_err();
    assert_eq!(refusal.field(), "disposition");
}

#[test]
fn what_is_here_must_be_looked_at_before_the_return_is_closed() {
    let facts = received(approved(&[("1", 1, "changed_mind")]), "1", 1);
    let refusal = close(&fold(&facts), R1, "eve", "why").unwrap_err();
    assert_eq!(refusal, approve::Refusal::NotInspected);
}

#[test]
fn what_was_never_sent_expires_and_counts_all_the_same_when_it_comes() {
    use crate::order::returns::receive::expire;
    let facts = approved(&[("1", 1, "changed_mind")]);
    let send_by = known(&facts).approved.unwrap().send_by.unwrap();
    assert!(expire(&fold(&facts), R1, send_by - minutes(1)).is_empty());
    let order = check(&facts, |order| expire(order, R1, send_by), &["ReturnCancelled"]);
    assert_eq!(order.returns[&R1].why.as_deref(), Some("it was not sent in time"));
    let facts = received(then(facts, |order| expire(order, R1, send_by)), "1", 1);
    assert_eq!(known(&facts).stage, Stage::Received);
}

#[test]
fn what_comes_after_its_time_belongs_to_the_newer_return_of_the_same_unit() {
    let facts = approved(&[("1", 3, "changed_mind")]);
    let facts = then(facts, |order| cancel(order, R1, Side::Customer, "customer", "why").unwrap());
    let facts = requested(&facts, &asked(&[("1", 3, "too_small")]));
    let refusal = receive(&fold(&facts), R1, &[quantity("1", 1)], "eve").unwrap_err();
    assert_eq!(refusal, approve::Refusal::Stage(Stage::Cancelled));
}

#[test]
fn a_bundle_goes_back_into_stock_part_by_part() {
    let offers = [("nord", "hamburg", 500)];
    let articles = [article("mug", &offers), article("spoon", &offers)];
    let mut facts = screened(&shop_order(&[line("1", "SET", 2)]), &articles);
    facts.extend(routing::route_all(&facts, 10));
    facts.push(Fact::SubmissionStarted { fulfillment_order_id: f(1) });
    // Of the second set a spoon is still on its way.
    facts.push(shipped(1, &[("1", "mug", 2), ("1", "spoon", 3)]));
    facts.push(arrived(1, 1));
    let left = refused(&facts, &asked(&[("1", 2, "changed_mind")]));
    assert_eq!(left, Refusal::TooMany { line_id: line_id("1"), asked: 2, left: 1 });
    let facts = decided(&facts, &asked(&[("1", 1, "changed_mind")]), &with_places(), 0);
    let facts = received(facts, "1", 1);
    let mut inspection = found(&[("1", Disposition::Restock, 1)]);
    inspection.counters.extend([counter("spoon")]);
    let inspected = inspect(&fold(&facts), R1, &inspection).unwrap();
    let changes = crate::order::next::stock_changes(&fold(&facts), &inspected);
    let told: Vec<_> =
        changes.iter().map(|change| (&*change.key.supplier_sku, change.quantity)).collect();
    assert_eq!(told, [("own-mug", 1), ("own-spoon", 2)]);
}
