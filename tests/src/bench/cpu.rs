//! CPU time: of this thread, on which functions and the AWS in memory take turns; and how much of it went to the latter.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What this thread has computed so far, in user space and in the kernel.
#[must_use]
pub fn spent() -> Duration {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(spent.tv_nsec).unwrap_or_default())
}

/// CPU time of those who are not functions.
#[derive(Debug, Clone, Default)]
pub struct Meter(Rc<Cell<Duration>>);

impl Meter {
    /// The CPU time of all that was measured so far.
    #[must_use]
    pub fn read(&self) -> Duration {
        self.0.get()
    }

    /// The same work, measured.
    pub fn measured<Work: Future>(&self, work: Work) -> Measured<Work> {
        Measured { work: Box::pin(work), meter: self.clone() }
    }
}

/// Work whose CPU time is measured.
pub struct Measured<Work> {
    work: Pin<Box<Work>>,
    meter: Meter,
}

impl<Work: Future> Future for Measured<Work> {
    type Output = Work::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Work::Output> {
        let before = spent();
        let done = self.work.as_mut().poll(context);
        self.meter.0.set(self.meter.0.get() + spent() - before);
        done
    }
}
