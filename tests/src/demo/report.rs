//! What the demo tells when it is over: a table for people, and `target/demo.json` for machines.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use domain::id::OrderId;
use domain::order::Recorded;
use domain::order::documents::Archived;
use domain::order::phase::phase;
use serde_json::{Value, json};

use super::{Demo, Outcome, Returned};
use crate::stack::Stack;

/// Prints the table and writes the file.
///
/// # Errors
/// When either can't be written.
pub fn write_report(demo: &Demo, stack: &Stack, out: &mut impl Write) -> Result<()> {
    for outcome in &demo.outcomes {
        write_order(demo, outcome, out)?;
    }
    writeln!(out, "\nWhat came back:")?;
    for returned in &demo.returns {
        let Returned { title, order_id, return_id, stage, .. } = returned;
        let refund = returned.refund.map(|stage| format!(", refund {stage}")).unwrap_or_default();
        writeln!(out, "✓ {order_id}/{return_id} {stage}{refund}: {title}")?;
        writeln!(out, "    the customer's page: {}", returned.link)?;
    }
    writeln!(out, "{} mails told customers of `onward-direct` what became of theirs.", demo.mails)?;
    for problem in demo.outcomes.iter().flat_map(|outcome| &outcome.problems).chain(&demo.problems)
    {
        writeln!(out, "WRONG: {problem}")?;
    }
    let seconds = (demo.ended_at - demo.began_at).get_seconds();
    let count = demo.outcomes.len();
    let verdict = if demo.is_ok() { "each is where it should be" } else { "something is wrong" };
    writeln!(out, "\n{count} orders in {seconds} s: {verdict}.")?;
    writeln!(out, "All of this as JSON: target/demo.json. To look around yourself: make up.")?;
    write_json(demo, stack, seconds)
}

/// The order's line, then its facts with the seconds since the demo began, its parcels and documents.
fn write_order(demo: &Demo, outcome: &Outcome, out: &mut impl Write) -> Result<()> {
    let mark = if outcome.problems.is_empty() { "✓" } else { "✗" };
    let phase = phase(&outcome.order).name();
    writeln!(out, "\n{mark} {:<22} {phase:<12} {}", outcome.order_id.as_str(), outcome.title)?;
    let seconds = |recorded: &Recorded| {
        let millis = recorded.at.duration_since(demo.began_at).as_millis();
        format!("{} {}.{}", recorded.fact.name(), millis / 1000, millis % 1000 / 100)
    };
    let facts: Vec<String> = outcome.history.iter().map(seconds).collect();
    for line in facts.chunks(7) {
        writeln!(out, "    {}", line.join(" · "))?;
    }
    for standing in outcome.order.holds.values() {
        writeln!(out, "    held: {}", standing.detail)?;
    }
    for (item, waiting) in &outcome.order.backorders {
        writeln!(
            out,
            "    waits for {} of {}, expected on {}",
            waiting.quantity, item.article, waiting.expected_on
        )?;
    }
    for (parcel_id, parcel) in &outcome.order.parcels {
        writeln!(out, "    {parcel_id} by {} {}", parcel.carrier, parcel.number)?;
    }
    for archived in outcome.order.documents.values() {
        let Archived { document, bytes, sha256, .. } = archived;
        writeln!(
            out,
            "    {document} ({bytes} bytes, sha256 {}…) in {}",
            &sha256[..12],
            archived.place(&outcome.order_id)
        )?;
    }
    Ok(())
}

fn write_json(demo: &Demo, stack: &Stack, seconds: i64) -> Result<()> {
    let orders: Vec<Value> = demo.outcomes.iter().map(order_json).collect();
    let report = json!({
        "orders": orders,
        "returns": demo.returns.iter().map(return_json).collect::<Vec<_>>(),
        "mails": demo.mails,
        "problems": demo.problems,
        "seconds": seconds,
        "ok": demo.is_ok(),
        "api": stack.api,
    });
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target"));
    fs::create_dir_all(folder)?;
    Ok(fs::write(folder.join("demo.json"), serde_json::to_string_pretty(&report)?)?)
}

fn return_json(returned: &Returned) -> Value {
    json!({
        "id": format!("{}/{}", returned.order_id, returned.return_id),
        "order": returned.order_id,
        "title": returned.title,
        "stage": returned.stage,
        "refund": returned.refund,
        "sent_again": returned.sent_again,
        "link": returned.link,
    })
}

fn order_json(outcome: &Outcome) -> Value {
    let order_id: &OrderId = &outcome.order_id;
    let fact = |recorded: &Recorded| json!({"at": recorded.at, "type": recorded.fact.name()});
    let document = |archived: &Archived| {
        let mut document = json!(archived);
        document["entry"] = json!(archived.entry(order_id));
        document
    };
    let parcel = |parcel: &domain::order::Parcel| json!({"carrier": parcel.carrier, "number": parcel.number, "status": parcel.status()});
    json!({
        "id": order_id,
        "shop": order_id.shop(),
        "title": outcome.title,
        "phase": phase(&outcome.order).name(),
        "expected_phase": outcome.expected.name(),
        "facts": outcome.history.iter().map(fact).collect::<Vec<_>>(),
        "parcels": outcome.order.parcels.values().map(parcel).collect::<Vec<_>>(),
        "documents": outcome.order.documents.values().map(document).collect::<Vec<_>>(),
        "problems": outcome.problems,
    })
}
