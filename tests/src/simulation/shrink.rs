//! From a plan that fails to a small one that still does: fewer disturbances, fewer orders, fewer steps.

use std::collections::BTreeSet;

use super::{Outcome, Plan, run};

/// Leaves out whatever the failure does not need, one thing after the other, and traces the order concerned. `tries` is
/// how often it may run a plan.
#[must_use]
pub fn shrink(plan: &Plan, mut tries: u32) -> (Plan, Outcome) {
    let mut best = plan.clone();
    let mut outcome = run(&best);
    let mut fails = |plan: &Plan| {
        tries = tries.checked_sub(1)?;
        Some(run(plan)).filter(|outcome| outcome.trouble.is_some())
    };
    let concerned = outcome.trouble.as_ref().and_then(|trouble| trouble.order_id.clone());
    let number = concerned.and_then(|order_id| order_id.order().parse::<u32>().ok());
    let mut attempt = |best: &mut Plan, outcome: &mut Outcome, candidate: Plan| {
        let Some(failed) = fails(&candidate) else { return false };
        (*best, *outcome) = (candidate, failed);
        true
    };
    if let Some(number) = number {
        let alone = BTreeSet::from([number - 100_000]);
        let candidate = Plan { orders: alone, ..best.clone() };
        attempt(&mut best, &mut outcome, candidate);
    }
    let mut part = best.orders.len().div_ceil(2);
    while part >= 1 && best.orders.len() > 1 {
        let orders: Vec<u32> = best.orders.iter().copied().collect();
        for left_out in orders.chunks(part) {
            let orders: BTreeSet<u32> =
                best.orders.iter().copied().filter(|number| !left_out.contains(number)).collect();
            if !orders.is_empty() {
                let candidate = Plan { orders, ..best.clone() };
                attempt(&mut best, &mut outcome, candidate);
            }
        }
        part /= 2;
    }
    for disturbance in plan.disturbances.iter().rev() {
        let mut fewer = best.clone();
        fewer.disturbances.remove(disturbance);
        attempt(&mut best, &mut outcome, fewer);
    }
    best.trace = outcome.trouble.as_ref().and_then(|trouble| trouble.order_id.clone());
    let outcome = run(&best);
    (best, outcome)
}
