//! The contracts of the ports, on the world in memory.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::id::ShopId;
use jiff::Timestamp;
use ports::contracts::{self, Catalogue, Run};
use ports::memory::World;

/// The world in memory never waits.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(future)
}

fn world() -> World {
    World::new(Timestamp::from_second(1_795_000_000).expect("a moment of our time"))
}

fn run() -> Run {
    Run::new("memory")
}

#[test]
fn the_clock_keeps_its_contract() {
    contracts::check_clock(&world());
}

#[test]
fn the_pace_keeps_its_contract() {
    block_on(contracts::check_pace(&world()));
}

#[test]
fn events_keep_their_contract() -> Result<()> {
    block_on(contracts::check_events(&world(), &run()))
}

#[test]
fn of_all_who_append_at_once_one_does() -> Result<()> {
    block_on(contracts::check_race(&world(), &run()))
}

#[test]
fn the_last_ten_units_go_to_ten_of_fifty_orders() -> Result<()> {
    block_on(contracts::check_last_units(&world(), &run()))
}

#[test]
fn stock_keeps_its_contract() -> Result<()> {
    block_on(contracts::check_stock(&world(), &run()))
}

#[test]
fn people_keep_their_contract() -> Result<()> {
    block_on(contracts::check_people(&world(), &run()))
}

#[test]
fn notes_keep_their_contract() -> Result<()> {
    block_on(contracts::check_notes(&world(), &run()))
}

#[test]
fn attempts_keep_their_contract() -> Result<()> {
    block_on(contracts::check_attempts(&world(), &run()))
}

#[test]
fn notices_keep_their_contract() -> Result<()> {
    block_on(contracts::check_notices(&world(), &run()))
}

#[test]
fn the_post_keeps_its_contract() -> Result<()> {
    block_on(contracts::check_post(&world(), "shop@merchant.example"))
}

#[test]
fn the_catalogue_keeps_its_contract() -> Result<()> {
    let world = world();
    let stored = Catalogue::new(&run());
    for (shop, sku, mapping) in &stored.sku_mappings {
        let shop = shop.clone().unwrap_or_else(|| ShopId::parse("*").unwrap());
        world.sku_mappings.borrow_mut().insert((shop, sku.clone()), mapping.clone());
    }
    for article in &stored.articles {
        world.articles.borrow_mut().insert(article.article.clone(), article.clone());
    }
    block_on(contracts::check_catalog(&world, &run(), &stored))
}

#[test]
fn bookmarks_keep_their_contract() -> Result<()> {
    block_on(contracts::check_bookmarks(&world(), &run()))
}

#[test]
fn the_queues_keep_their_contract() -> Result<()> {
    block_on(contracts::check_queues(&world(), &run()))
}

#[test]
fn views_keep_their_contract() -> Result<()> {
    block_on(contracts::check_views(&world(), &run()))
}

#[test]
fn the_archives_keep_their_contract() -> Result<()> {
    block_on(contracts::check_archive(&world(), &run()))
}

#[test]
fn secrets_keep_their_contract() -> Result<()> {
    let world = world();
    let stored = BTreeMap::from([
        ("shops/one".to_owned(), vec!["secret".to_owned()]),
        ("shops/two".to_owned(), vec!["new".to_owned(), "old".to_owned()]),
    ]);
    world.secrets.replace(stored.clone());
    block_on(contracts::check_secrets(&world, &stored))
}

#[test]
fn http_keeps_its_contract() -> Result<()> {
    let world = world();
    *world.outside.borrow_mut() = Box::new(|request| {
        anyhow::ensure!(request.url.starts_with("http://outside.example/"), "nobody listens");
        Ok(contracts::echo(&request))
    });
    block_on(contracts::check_http(&world, "http://outside.example"))
}

#[test]
fn mail_keeps_its_contract() -> Result<()> {
    block_on(contracts::check_mail(&world()))
}
