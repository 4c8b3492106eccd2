//! Faults: one call to the world fails, at will.

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::task::Poll;

use anyhow::{Result, bail};

/// Fails one call to the world: the `n`-th from now.
#[derive(Debug, Default)]
pub struct Faults {
    calls: Cell<u32>,
    plan: Cell<Option<(u32, Fault)>>,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It never took effect.
    Before,
    /// It took effect, and the answer was lost.
    After,
    /// The function was killed before the call took effect: the call never ends, and whoever drives the function drops
    /// it there.
    KilledBefore,
    /// The function was killed after the call took effect.
    KilledAfter,
    /// The function stands still before the call takes effect, until it is polled again.
    HeldBefore,
    /// The function stands still after the call took effect.
    HeldAfter,
}

impl Fault {
    /// Each way to fail.
    pub const ALL: [Self; 4] = [Self::Before, Self::After, Self::KilledBefore, Self::KilledAfter];
    /// Each way to stand still.
    pub const HELD: [Self; 2] = [Self::HeldBefore, Self::HeldAfter];
}

impl Faults {
    /// Counts from here; fails call number `call` (the first is 1).
    pub fn plan(&self, call: u32, fault: Fault) {
        self.calls.set(0);
        self.plan.set(Some((call, fault)));
    }

    /// Fails nothing more, and tells how many calls there were since the last plan.
    pub fn clear(&self) -> u32 {
        self.plan.set(None);
        self.calls.replace(0)
    }

    /// A call to the world, and its effect. Every port goes through here, those too that other crates give the world.
    ///
    /// # Errors
    /// Those of `effect`, and the fault that was planned for this call.
    pub async fn call<T>(&self, effect: impl FnOnce() -> Result<T>) -> Result<T> {
        let call = self.calls.get() + 1;
        self.calls.set(call);
        match self.plan.get().filter(|(planned, _)| *planned == call).map(|(_, fault)| fault) {
            None => effect(),
            Some(Fault::Before) => bail!("planned fault before call {call}"),
            Some(Fault::After) => {
                effect()?;
                bail!("planned fault: the answer to call {call} was lost")
            }
            Some(Fault::KilledBefore) => pending().await,
            Some(Fault::KilledAfter) => {
                effect()?;
                pending().await
            }
            Some(Fault::HeldBefore) => {
                stand_still().await;
                effect()
            }
            Some(Fault::HeldAfter) => {
                let answer = effect();
                stand_still().await;
                answer
            }
        }
    }
}

/// Until whoever drives the function polls it again.
async fn stand_still() {
    let mut is_first = true;
    poll_fn(|_| if std::mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(()) }).await;
}
