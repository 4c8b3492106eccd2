//! The whole system under a simulated world in which everything goes wrong: the same seeds each time. `make soak` runs
//! others, for as long as one likes.

#![expect(clippy::unwrap_used, reason = "what can't be unwrapped fails the test")]

mod planted;

use std::collections::BTreeSet;

use tests::simulation::{Plan, run, shrink};

/// Orders of each seed.
const ORDERS: u32 = 200;
/// How often a seed that fails is run again to find the least that makes it fail.
const TRIES: u32 = 100;

/// Runs so many seeds from this one on. Each test is a thread.
fn all_promises_are_kept(first: u64, count: u64) {
    for seed in first..first + count {
        let plan = Plan::new(seed, ORDERS);
        if run(&plan).trouble.is_none() {
            continue;
        }
        let (small, outcome) = shrink(&plan, TRIES);
        let Plan { orders, disturbances, .. } = small;
        let trace = outcome.trace.join("\n");
        let trouble = outcome.trouble.expect("the shrunk plan fails, too");
        let order_id = trouble.order_id.map(|order_id| order_id.to_string()).unwrap_or_default();
        panic!(
            "seed {seed}: {order_id}: {}\norders {orders:?}, disturbances {disturbances:?}\n{trace}\n\
             To see it again: make soak SEED={seed}",
            trouble.what
        );
    }
}

/// Seeds of `make soak` that once failed, where one order alone did.
const FAILED_ONCE: [(u64, u32); 5] = [
    // A line was added to an order that WooCommerce had completed, and never shipped.
    (196, 99),
    // An operator's change was on record and not sent yet when another step, which had loaded before it, ended.
    (346, 179),
    // A supplier refused to cancel, and did not say which units it would not ship.
    (419, 145),
    // Two parcels of one order had the same number, one after the other.
    (329, 59),
    (655, 198),
];

#[test]
fn what_failed_once_in_one_order_does_not_fail_again() {
    for (seed, order) in FAILED_ONCE {
        let plan = Plan { orders: BTreeSet::from([order]), ..Plan::new(seed, 0) };
        let trouble = run(&plan).trouble.map(|trouble| trouble.what);
        assert_eq!(trouble, None, "seed {seed}, order {order}");
    }
}

#[test]
fn every_promise_is_kept_whatever_goes_wrong() {
    all_promises_are_kept(1, 6);
}

#[test]
fn every_promise_is_kept_whatever_else_goes_wrong() {
    all_promises_are_kept(7, 6);
}

#[test]
fn a_seed_comes_to_the_same_end_each_time() {
    let plan = Plan::new(7, 40);
    let outcome = run(&plan);
    assert_eq!(run(&plan), outcome);
    assert_ne!(run(&Plan::new(8, 40)).fingerprint, outcome.fingerprint);
}

#[test]
fn nothing_goes_wrong_in_a_world_where_nothing_goes_wrong() {
    let calm = Plan { disturbances: Default::default(), ..Plan::new(3, 60) };
    let outcome = run(&calm);
    assert_eq!((outcome.trouble, outcome.deaths), (None, 0));
    assert!(outcome.phases["delivered"] >= 40, "{:?}", outcome.phases);
}
