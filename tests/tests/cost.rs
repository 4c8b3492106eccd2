//! What an order costs on AWS, and what functions are made of, does not grow unseen: exact counts, held to the tables in
//! `tests/bench`.

use anyhow::{Context as _, Result};
use aws::Metric;
use domain::id::OrderId;
use domain::order::Order;
use domain::order::phase::{Phase, phase};
use domain::views::{number_pk, order_pk, rows};
use ports::{Events as _, Views as _};
use tests::bench::archive::{copy_due, copy_id};
use tests::bench::budget::{
    BUILT, Budget, COSTS, PARTS, TOOLCHAIN, budget, figures, held, is_updating, title,
};
use tests::bench::growth::{STORED, counted, polled};
use tests::bench::onward::{Answers, Onward};
use tests::bench::parts::{built, parts};
use tests::bench::start::names;
use tests::bench::stories::{ARRIVALS, STORIES, Told, sample, tell, told};
use tests::bench::usage::{Measure, Usage};

#[test]
fn an_order_costs_what_it_may() -> Result<()> {
    let mut counted = Budget::new();
    for (story, arrival) in told() {
        counted.insert(title(story, arrival), figures(&tell(story, arrival)?)?);
    }
    let wrong = held(COSTS, &counted)?;
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    Ok(())
}

#[test]
fn functions_are_made_of_what_they_may() -> Result<()> {
    let counted = names()?.into_iter().map(|function| {
        let parts = parts(&function)?;
        Ok((function, parts))
    });
    let wrong = held(PARTS, &counted.collect::<Result<_>>()?)?;
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    Ok(())
}

#[test]
fn functions_are_as_large_as_they_may_be() -> Result<()> {
    let built = built()?;
    let is_known = cfg!(target_arch = "x86_64") && built[TOOLCHAIN] == budget(BUILT)?[TOOLCHAIN];
    if !is_known && !is_updating() {
        eprintln!("sizes in tests/bench/built.toml are another compiler's: none was compared");
        return Ok(());
    }
    let wrong = held(BUILT, &built)?;
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    Ok(())
}

#[test]
fn functions_tell_of_an_order_what_it_used() -> Result<()> {
    let (story, arrival) = (STORIES[0], ARRIVALS[2]);
    let Told { orders, usage, .. } = tell(story, arrival)?;
    let sends = ["SendMessage", "SendMessageBatch"]
        .map(|request| usage.0[&Measure::QueueRequests].get(request).copied().unwrap_or_default());
    let told = aws::told();
    let told = |metric| told.get(&metric).copied().unwrap_or_default();
    assert_eq!(told(Metric::Orders), orders);
    assert_eq!(told(Metric::Phase(Phase::Delivered)), orders);
    assert_eq!(told(Metric::Objects), usage.all(Measure::Objects));
    assert_eq!(told(Metric::QueueSends), sends.iter().sum::<u64>());
    assert_eq!(told(Metric::Failed), 0);
    Ok(())
}

#[test]
fn an_order_costs_the_same_however_many_are_stored() -> Result<()> {
    let sample = sample()?;
    for story in STORIES {
        let few = counted(&sample, story, ARRIVALS[0], STORED[0])?;
        let many = counted(&sample, story, ARRIVALS[0], STORED[1])?;
        assert_eq!(few, many, "{}", story.name);
    }
    Ok(())
}

#[test]
fn polling_takes_what_is_due_and_not_what_is_stored() -> Result<()> {
    let sample = sample()?;
    let (few, _) = polled(&sample, 10, STORED[0])?;
    let (many, _) = polled(&sample, 10, STORED[1])?;
    assert_eq!(few, many);
    let (alone, _) = polled(&sample, 1, STORED[1])?;
    let reads = |used: &Usage| used.all(Measure::ReadHalves);
    assert!(reads(&alone) < reads(&many), "{alone:?}, {many:?}");
    Ok(())
}

#[test]
fn orders_of_long_ago_are_found_by_every_key_and_can_be_changed() -> Result<()> {
    let onward = Onward::begin(Answers::AsPriced)?;
    onward.store(&sample()?, 100);
    let order_id = OrderId::parse(&copy_id(42))?;
    let order = onward.order(&order_id)?;
    assert_eq!(phase(&order), Phase::Delivered);
    let number = order.parcels.values().next().map(|parcel| parcel.number.clone());
    let number_pk = number_pk(&format!("{}-42", number.context("it has a parcel")?));
    onward.look(async |world| {
        assert_eq!(world.lookup(&number_pk).await?, std::slice::from_ref(&order_id));
        let due: Vec<String> =
            world.due(&copy_due(42)).await?.into_iter().map(|row| row.pk).collect();
        assert_eq!(due, [order_pk(&order_id)]);
        // Its row is written anew, and is due no more.
        let (history, version) = world.load(&order_id).await?;
        let rows = rows(&order_id, &Order::fold(&history), version + 1);
        world.replace(&rows).await?;
        assert_eq!(world.due(&copy_due(42)).await?, []);
        assert_eq!(world.due(&copy_due(43)).await?.len(), 1);
        Ok(())
    })
}
