//! How long answers take: made-up time, so that an invocation waits for its calls as it would on AWS, for those that it makes
//! together at once and for the others one after the other, and nobody waits for the bench.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::task::yield_now;

/// All is quiet if nobody called for so many turns of the runtime. In each of them it looks for what has arrived: from an answer
/// to the call that follows from it, it takes a few.
const QUIET_TURNS: u32 = 24;

/// A clock that stands still while anyone has something to do.
#[derive(Clone, Default)]
pub struct Latency(Rc<Clock>);

#[derive(Default)]
struct Clock {
    now: Cell<Duration>,
    calls: Cell<u64>,
    /// Answers, by when they are due and the order of their calls.
    waiting: RefCell<BTreeMap<(Duration, u64), oneshot::Sender<()>>>,
    has_call: Notify,
}

impl Latency {
    /// What has passed so far.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.0.now.get()
    }

    /// Waits so long, while somebody lets time [`pass`](Self::pass).
    pub async fn wait(&self, time: Duration) {
        let call = self.0.calls.get() + 1;
        self.0.calls.set(call);
        let (release, released) = oneshot::channel();
        self.0.waiting.borrow_mut().insert((self.now() + time, call), release);
        self.0.has_call.notify_one();
        // The sender is dropped only with the whole bench.
        drop(released.await);
    }

    /// Lets time pass for ever: until the next answer is due, when nobody has anything to do before.
    pub async fn pass(self) {
        loop {
            self.quiet().await;
            let next = self.0.waiting.borrow_mut().pop_first();
            let Some(((due, _), release)) = next else {
                self.0.has_call.notified().await;
                continue;
            };
            self.0.now.set(due);
            // Whoever gave up does not wait any more.
            release.send(()).ok();
        }
    }

    async fn quiet(&self) {
        let (mut seen, mut turns) = (self.0.calls.get(), 0);
        while turns < QUIET_TURNS {
            yield_now().await;
            turns = if self.0.calls.get() == seen { turns + 1 } else { 0 };
            seen = self.0.calls.get();
        }
    }
}
