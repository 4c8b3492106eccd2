//! What is read now and then, and kept for a while.

use anyhow::Result;
use futures_util::future::LocalBoxFuture;
use jiff::{SignedDuration, Timestamp};
use ports::Clock;
use tokio::sync::Mutex;

/// Something that was read a moment ago. However many messages ask for it side by side, one of them reads it, and the
/// others wait for that.
pub(crate) struct Kept<T> {
    age_max: SignedDuration,
    known: Mutex<Option<(T, Timestamp)>>,
}

impl<T: Clone> Kept<T> {
    /// Something that nobody has read yet, and that is read again when it is as old as that.
    pub(crate) fn new(age_max: SignedDuration) -> Self {
        Self { age_max, known: Mutex::default() }
    }

    /// What is known, or else what `read` finds out: in a box, or whoever awaits this, up to `main`, would have all of it in its
    /// own type.
    ///
    /// # Errors
    /// Those of `read`; whoever asks next reads.
    pub(crate) async fn get<'a>(
        &self,
        clock: &impl Clock,
        read: impl FnOnce() -> LocalBoxFuture<'a, Result<T>>,
    ) -> Result<T> {
        let mut known = self.known.lock().await;
        let now = clock.now();
        if let Some((value, read_at)) = &*known {
            let age = now.duration_since(*read_at);
            // What was read in the future was read by a clock that was set back.
            if SignedDuration::ZERO <= age && age < self.age_max {
                return Ok(value.clone());
            }
        }
        let value = read().await?;
        *known = Some((value.clone(), now));
        Ok(value)
    }

    /// Has whoever asks next read it again.
    pub(crate) async fn forget(&self) {
        *self.known.lock().await = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;
    use futures_util::future::{join, join_all};
    use std::cell::Cell;

    const MINUTE: SignedDuration = SignedDuration::from_mins(1);

    struct Watch(Cell<Timestamp>);

    impl Watch {
        fn passes(&self, time: SignedDuration) {
            self.0.set(self.0.get() + time);
        }
    }

    impl Clock for Watch {
        fn now(&self) -> Timestamp {
            self.0.get()
        }
    }

    /// Asks so often at once, and counts how often it was read.
    fn asked(kept: &Kept<u32>, watch: &Watch, times: usize) -> u32 {
        let reads = Cell::new(0);
        let ask = || {
            kept.get(watch, || {
                Box::pin(async {
                    reads.set(reads.get() + 1);
                    tokio::task::yield_now().await;
                    Ok(7)
                })
            })
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(join_all((0..times).map(|_| ask())));
        assert!(found.into_iter().all(|found| found.unwrap() == 7));
        reads.get()
    }

    #[test]
    fn however_many_ask_at_once_one_reads() {
        let (kept, watch) = (Kept::new(MINUTE), Watch(Cell::default()));
        assert_eq!(asked(&kept, &watch, 10), 1);
    }

    #[test]
    fn it_is_read_again_when_it_is_too_old_or_from_the_future() {
        let (kept, watch) = (Kept::new(MINUTE), Watch(Cell::default()));
        let minutes = [0, 0, 1, -1];
        let reads = minutes.map(|minutes| {
            watch.passes(MINUTE * minutes);
            asked(&kept, &watch, 1)
        });
        assert_eq!(reads, [1, 0, 1, 1]);
    }

    #[test]
    fn what_was_forgotten_is_read_again() {
        let (kept, watch) = (Kept::new(MINUTE), Watch(Cell::default()));
        asked(&kept, &watch, 1);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(kept.forget());
        assert_eq!(asked(&kept, &watch, 1), 1);
    }

    #[test]
    fn who_waited_for_a_read_that_failed_reads() {
        let (kept, watch) = (Kept::new(MINUTE), Watch(Cell::default()));
        let fails = kept.get(&watch, || {
            Box::pin(async {
                tokio::task::yield_now().await;
                bail!("not now")
            })
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (failed, found) =
            runtime.block_on(join(fails, kept.get(&watch, || Box::pin(async { Ok(8) }))));
        assert!(failed.is_err());
        assert_eq!(found.unwrap(), 8);
    }
}
