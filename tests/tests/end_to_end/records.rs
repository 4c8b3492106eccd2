//! What is written down: views, settings, logs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use cli::command::Command;
use domain::id::OrderId;
use domain::order::Order;
use domain::order::fact::Fact;
use domain::views::{self, Row};
use ports::{Catalog as _, Events as _};
use tests::purchase::{Destination, LEIPZIG};
use tests::stack::company::SHOPS;
use tests::stack::{Stack, on_the_stack};

use crate::PLENTY;

#[test]
fn the_views_are_what_a_rebuild_would_make_of_the_facts() -> Result<()> {
    on_the_stack(async |stack| {
        stack.buy(&stack.purchase(SHOPS[0], &[PLENTY[0]])).await?;
        let out = stack
            .wait_for_rest("the views of every order are in step with its facts", async || {
                let Some(before) = settled(stack).await? else { return Ok(None) };
                let out = run(Command::RebuildViews).await?;
                // Only if nothing happened meanwhile does it prove anything.
                Ok((settled(stack).await? == Some(before)).then_some(out))
            })
            .await?;
        assert!(out.ends_with("; 0 rows changed\n"), "{out}");
        Ok(())
    })
}

/// The version of every order; none while the projection is behind with one.
async fn settled(stack: &Stack) -> Result<Option<BTreeMap<OrderId, u64>>> {
    let mut versions = BTreeMap::new();
    for order_id in stack.world.order_ids().await? {
        let (history, version) = stack.world.load(&order_id).await?;
        let stored = stack.world.rows(&order_id).await?;
        let wanted = views::rows(&order_id, &Order::fold(&history), version);
        if shown(&stored) != shown(&wanted) {
            return Ok(None);
        }
        versions.insert(order_id, version);
    }
    Ok(Some(versions))
}

/// All but the version: rows that show the same are not written again.
fn shown(rows: &[Row]) -> BTreeSet<String> {
    rows.iter().map(|row| format!("{:?}", Row { version: 0, ..row.clone() })).collect()
}

#[test]
fn changed_settings_are_picked_up_within_a_minute_without_a_deploy() -> Result<()> {
    on_the_stack(async |stack| {
        let file = stack.settings_file.display().to_string();
        run(Command::PutSettings { file }).await?;
        let version = aws::World::from_env()?.settings().await?.version;
        let changed_at = stack.now();
        let seen_at = stack
            .wait_for("a decision names the new settings", async || {
                let order_id = stack.buy(&stack.purchase(SHOPS[2], &[PLENTY[2]])).await?;
                let ordered_at = stack.now();
                let used = versions_used(stack, &order_id).await?;
                Ok((used == [version, version]).then_some(ordered_at))
            })
            .await?;
        let seconds = (seen_at - changed_at).get_seconds();
        assert!(seconds <= 65, "it took {seconds} seconds");
        Ok(())
    })
}

/// Of which version the settings were that screening and routing decided by.
async fn versions_used(stack: &Stack, order_id: &OrderId) -> Result<[u64; 2]> {
    let what = format!("{order_id} is screened and routed");
    stack
        .wait_for(&what, async || {
            let (_, history) = stack.order(order_id).await?;
            let (mut screened, mut routed) = (None, None);
            for recorded in &history {
                match &recorded.fact {
                    Fact::Screened { settings_version, .. } => screened = Some(*settings_version),
                    Fact::Routed(fact) => routed = Some(fact.settings_version),
                    _ => {}
                }
            }
            Ok(screened.zip(routed).map(<[u64; 2]>::from))
        })
        .await
}

/// What an operator's command prints.
pub(crate) async fn run(command: Command) -> Result<String> {
    let mut out = Vec::new();
    let is_well = cli::run(command, aws::World::from_env, &mut out, &mut std::io::sink()).await?;
    let out = String::from_utf8_lossy(&out).into_owned();
    ensure!(is_well, "{out}");
    Ok(out)
}

/// Somebody of whom no line can speak by chance.
const UNMISTAKABLE: Destination = Destination {
    name: "Wilhelmine Unverkennbar",
    street: "Geheimratsgasse 77",
    postal_code: "04109",
    city: "Leipzig",
    country: "DE",
    billing_country: "DE",
};

#[test]
fn the_logs_hold_no_personal_data_and_no_secrets() -> Result<()> {
    on_the_stack(async |stack| {
        // One who gets what she bought; one whose address is wrong; one who is not understood; one who is forged.
        let mut delivered = stack.purchase(SHOPS[1], &[PLENTY[1]]);
        let mut held = stack.purchase(SHOPS[2], &[PLENTY[2]]);
        let mut broken = stack.purchase(SHOPS[0], &[PLENTY[0]]);
        delivered.to = UNMISTAKABLE;
        held.to = Destination { postal_code: "", ..UNMISTAKABLE };
        broken.to = UNMISTAKABLE;
        let order_id = stack.buy(&delivered).await?;
        let held_id = stack.buy(&held).await?;
        let text = String::from_utf8(stack.webhook(&broken).body)?;
        let text = text.replace("customer@example.com", "\u{1}customer@example.com");
        let secret = stack.secret("shops/alpenshop");
        let unreadable =
            broken.signed("orders/paid", secret, stack.now(), text[..text.len() - 9].into());
        assert_eq!(stack.call_patiently(&unreadable).await?.status, 400);
        let mut forged = stack.webhook(&broken);
        forged.body.push(b' ');
        assert_eq!(stack.call_patiently(&forged).await?.status, 401);
        // What a person mistypes on a queue may hold anything, too.
        let stray = format!(r#"{{"type":"{}","order_id":"{order_id}"}}"#, UNMISTAKABLE.name);
        stack.send_text("ScreeningQueue", &stray).await?;
        stack.see_delivered(&[order_id], || Ok(())).await?;
        stack
            .wait_for("the bad address holds its order", async || {
                Ok((!stack.order(&held_id).await?.0.holds.is_empty()).then_some(()))
            })
            .await?;

        let logs = stack.log_lines("Logs").await?;
        let functions = stack.resources.iter().filter(|(name, _)| name.ends_with("Function"));
        // Whom no order of these tests needs; `silence.py` reads what they say in all other tests.
        let unneeded = ["Console", "Reconciliation", "Returns", "RmaPortal", "TrackingInbox"];
        let is_needed = |name: &str| !unneeded.contains(&name.trim_end_matches("Function"));
        for (name, function) in functions.filter(|(name, _)| is_needed(name)) {
            let is_heard = logs.iter().any(|line| line.contains(function) && line.contains("INFO"));
            assert!(is_heard, "among {} lines there is none of {name}", logs.len());
        }
        check_silence(stack, &logs)
    })
}

/// No line says what nobody may read.
fn check_silence(stack: &Stack, logs: &[String]) -> Result<()> {
    let words = [UNMISTAKABLE.name, "Unverkennbar", UNMISTAKABLE.street, "Geheimratsgasse"];
    let others = [LEIPZIG.name, LEIPZIG.street, "customer@example.com"];
    let secrets = stack.secrets.iter().flat_map(|(name, secret)| {
        let bare = secret.strip_prefix("whsec_").unwrap_or(secret);
        [(name.as_str(), bare), (name.as_str(), secret.as_str())]
    });
    let persons = words.iter().chain(&others).map(|word| ("personal data", *word));
    for (what, word) in persons.chain(secrets) {
        let found = logs.iter().find(|line| line.contains(word));
        assert!(found.is_none(), "a log line holds {what}: {found:?}");
    }
    Ok(())
}
