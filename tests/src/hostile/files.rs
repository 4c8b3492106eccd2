//! What operators import: a file that was accepted must not break the orders that come under it.

use cli::catalog_file;
use cli::operator::Operator as _;
use domain::settings::Settings;
use ports::Catalog as _;

use super::stage::{self, Stage, lamp};
use crate::purchase::Bought;

/// A settings file. Settings that are taken have an order go through them.
pub(super) fn settings(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match cli::settings_file::parse(text) {
        Ok(settings) => {
            let written = serde_json::to_string(&settings).expect("settings can be written");
            let read: Settings = serde_json::from_str(&written).expect("settings can be read");
            assert_eq!(read, settings);
            Stage::with("nobody bought", stage::nobody_bought, |stage| {
                stage.journey.system.world.settings.replace(Some(settings.into()));
                see_through(stage);
            });
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            let lines = text.lines().count() + 1;
            for mistake in mistakes {
                assert!((1..=lines).contains(&mistake.line) && mistake.column >= 1, "{mistake}");
            }
        }
    }
}

/// A catalogue file. What is taken of it is bought.
pub(super) fn catalog(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(file) = catalog_file::parse(text, |_| Ok(())) else { return };
    let refused = catalog_file::refused_csv(&file.refused).expect("a report can be written");
    assert!(refused.split(|byte| *byte == b'\n').count() > file.refused.len());
    for article in &file.articles {
        for offer in &article.offers {
            assert!(offer.unit_cost.minor >= 0, "{offer:?}");
        }
    }
    assert!(file.stock.values().all(|on_hand| *on_hand >= 0));
    let components = file.sku_entries.iter().flat_map(|entry| &entry.mapping.components);
    assert!(components.clone().all(|component| component.quantity > 0));
    Stage::with("nobody bought", stage::nobody_bought, |stage| {
        let world = &stage.journey.system.world;
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime needs nothing").block_on(async {
            for (key, on_hand) in &file.stock {
                world.report_stock(key, *on_hand).await.expect("the world in memory takes it");
            }
            world.put_articles(&file.articles).await.expect("the world in memory takes it");
            world.put_sku_mappings(&file.sku_entries).await.expect("the world in memory takes it");
        });
        see_through(stage);
    });
}

/// Orders of a few and of very many units go as far as they get in some days.
fn see_through(stage: &mut Stage) {
    for (number, quantity) in [(1001, 1), (1002, 100_000)] {
        let mut purchase = lamp(&stage.journey);
        purchase.order = number;
        purchase.lines = vec![Bought { quantity, ..purchase.lines[0] }];
        let webhook = stage.journey.webhook(&purchase);
        stage.call(&webhook);
    }
    stage.check();
    stage.journey.hours(30);
}
