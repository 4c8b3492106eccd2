//! `Pace`, by the wall clock: the other one may stand still while Lambda has us frozen between two events.

use jiff::SignedDuration;
use ports::{Clock, Pace};

use crate::world::World;

impl Pace for World {
    async fn turn(&self, whom: &'static str, interval: SignedDuration) {
        let now = self.now();
        let last = self.turns.borrow().get(whom).copied();
        // A clock that was set back must not keep us longer.
        let pause = last.map_or(SignedDuration::ZERO, |last| {
            (last + interval).duration_since(now).clamp(SignedDuration::ZERO, interval)
        });
        self.turns.borrow_mut().insert(whom, now + pause);
        self.away((self.pause)(pause.unsigned_abs())).await;
    }
}
