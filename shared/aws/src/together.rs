//! Calls of several messages that go together, where AWS takes many of a kind at once.
//!
//! A step takes one message and calls as if it were alone. While a batch is taken, such a call waits until every other
//! message of the batch has ended or waits as well, and then goes with all that are waiting. Each message hears only of
//! its own part, and fails only by that or when the whole call fails. Lambda hears nothing of a batch before its slowest
//! message has ended, and so most such waits cost no time. But nobody waits for a message that is [`away`](World::away), with
//! a shop or a supplier: they can take seconds, one after the other more than the function has.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use futures_util::future::{LocalBoxFuture, join_all};
use ports::SideBySide;
use tokio::sync::oneshot;

use crate::world::World;

/// A part of a call, one of several of a kind.
pub(crate) trait Part: Sized + 'static {
    /// What AWS says of it.
    type Answer;

    /// Where parts of this kind wait.
    fn waiting(world: &World) -> &Waiting<Self>;

    /// Makes the calls for all of these, with one answer for each.
    async fn call(world: &World, parts: Vec<Self>) -> Vec<Self::Answer>;
}

/// Those of each message that waits, and where their answers go.
pub(crate) type Waiting<P> = RefCell<Vec<(Vec<P>, oneshot::Sender<Vec<<P as Part>::Answer>>)>>;

/// Makes the calls of one kind that wait. By pointer, so that a function has only kinds in its binary that it calls.
type Calls = for<'a> fn(&'a World) -> LocalBoxFuture<'a, ()>;

/// How many are under way at the same time: a connection each.
const LANES_MAX: usize = 10;

/// The messages of a batch, or the orders, that are taken side by side.
#[derive(Default)]
pub(crate) struct Lanes {
    /// None while nothing is taken side by side.
    all: RefCell<Vec<Lane>>,
    /// The one that is at work this very moment.
    current: Cell<Option<usize>>,
    calls: RefCell<Vec<Calls>>,
}

/// What one of them does.
#[derive(Clone, Default)]
struct Lane {
    has_ended: bool,
    /// At least one of its calls waits for the others.
    is_waiting: bool,
    /// So many of its calls are with others, elsewhere.
    away: usize,
}

impl SideBySide for World {
    async fn side_by_side<T>(&self, works: Vec<impl Future<Output = T>>) -> Vec<T> {
        let mut done = Vec::with_capacity(works.len());
        let mut works = works.into_iter();
        while works.len() > 0 {
            done.extend(self.wave(works.by_ref().take(LANES_MAX).collect()).await);
        }
        done
    }
}

impl World {
    async fn wave<T>(&self, lanes: Vec<impl Future<Output = T>>) -> Vec<T> {
        // In a lane itself, which is waited for already.
        if !self.lanes.all.borrow().is_empty() {
            return join_all(lanes).await;
        }
        let _under_way = UnderWay::begin(&self.lanes, lanes.len());
        let lanes = lanes.into_iter().enumerate().map(|(number, lane)| self.lane(number, lane));
        let mut lanes = pin!(join_all(lanes));
        let (mut done, mut calls) = (None, None);
        poll_fn(|context| {
            loop {
                if done.is_none()
                    && let Poll::Ready(all) = lanes.as_mut().poll(context)
                {
                    done = Some(all);
                }
                if calls.is_none() && self.lanes.all_wait() {
                    calls = Some(Box::pin(self.call_waiting()));
                }
                match calls.as_mut().map(|calls| calls.as_mut().poll(context)) {
                    // Those who waited can go on.
                    Some(Poll::Ready(())) => calls = None,
                    Some(Poll::Pending) => return Poll::Pending,
                    None => return done.take().map_or(Poll::Pending, Poll::Ready),
                }
            }
        })
        .await
    }

    /// One of them: what it calls is known to be its own.
    async fn lane<T>(&self, number: usize, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let done = poll_fn(|context| {
            self.lanes.current.set(Some(number));
            let polled = work.as_mut().poll(context);
            self.lanes.current.set(None);
            polled
        });
        let done = done.await;
        self.lanes.of(number, |lane| lane.has_ended = true);
        done
    }

    /// Calls, together with the other lanes if there are any. Gives an answer for each part. In a box: else whoever awaits it,
    /// up to `main`, would have all of it in its own type.
    pub(crate) fn call_together<P: Part>(
        &self,
        parts: Vec<P>,
    ) -> LocalBoxFuture<'_, Vec<P::Answer>> {
        let Some(number) = self.lanes.current.get().filter(|_| self.lanes.are_several()) else {
            return Box::pin(P::call(self, parts));
        };
        Box::pin(async move {
            let (answers, answered) = oneshot::channel();
            let is_first = P::waiting(self).borrow().is_empty();
            P::waiting(self).borrow_mut().push((parts, answers));
            self.lanes.of(number, |lane| lane.is_waiting = true);
            if is_first {
                self.lanes.calls.borrow_mut().push(call_waiting::<P>);
            }
            answered.await.expect("whoever takes lanes side by side answers all that wait")
        })
    }

    /// Does something that may take long, and that no other lane is to wait for.
    pub(crate) async fn away<T>(&self, work: impl Future<Output = T>) -> T {
        let _away = Away::begin(&self.lanes);
        work.await
    }

    /// Makes all calls that wait now, those of different kinds side by side.
    async fn call_waiting(&self) {
        self.lanes.all.borrow_mut().iter_mut().for_each(|lane| lane.is_waiting = false);
        let calls = self.lanes.calls.take();
        join_all(calls.into_iter().map(|call| call(self))).await;
    }
}

impl Lanes {
    /// Whether someone waits, and nobody is left to wait for.
    fn all_wait(&self) -> bool {
        let all = self.all.borrow();
        let is_idle = |lane: &Lane| lane.has_ended || lane.is_waiting || lane.away > 0;
        all.iter().any(|lane| lane.is_waiting) && all.iter().all(is_idle)
    }

    fn are_several(&self) -> bool {
        self.all.borrow().iter().filter(|lane| !lane.has_ended).count() > 1
    }

    /// Notes something of a lane, unless it is of those before.
    fn of(&self, number: usize, note: impl FnOnce(&mut Lane)) {
        if let Some(lane) = self.all.borrow_mut().get_mut(number) {
            note(lane);
        }
    }
}

/// Lanes that are taken, until this is dropped: also when nobody waits for them any more.
struct UnderWay<'a>(&'a Lanes);

impl<'a> UnderWay<'a> {
    fn begin(lanes: &'a Lanes, count: usize) -> Self {
        *lanes.all.borrow_mut() = vec![Lane::default(); count];
        Self(lanes)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.all.borrow_mut().clear();
    }
}

/// A lane that is away, until this is dropped: also when nobody waits for it any more.
struct Away<'a>(&'a Lanes, Option<usize>);

impl<'a> Away<'a> {
    fn begin(lanes: &'a Lanes) -> Self {
        let current = lanes.current.get();
        if let Some(number) = current {
            lanes.of(number, |lane| lane.away += 1);
        }
        Self(lanes, current)
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.1 {
            self.0.of(number, |lane| lane.away = lane.away.saturating_sub(1));
        }
    }
}

fn call_waiting<P: Part>(world: &World) -> LocalBoxFuture<'_, ()> {
    let waiting = P::waiting(world).take();
    Box::pin(async move {
        let (parts, lanes): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .map(|(parts, answers)| {
                let count = parts.len();
                (parts, (count, answers))
            })
            .unzip();
        let mut answered = P::call(world, parts.into_iter().flatten().collect()).await.into_iter();
        for (count, answers) in lanes {
            // Nobody hears it whose message has failed by something else meanwhile.
            drop(answers.send(answered.by_ref().take(count).collect()));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use anyhow::{Result, bail, ensure};
    use futures_util::FutureExt as _;
    use futures_util::future::{join, select, try_join};
    use std::future::pending;
    use tokio::task::yield_now;

    /// A number that is doubled, unless it brings bad luck.
    struct Double(u32);

    thread_local! {
        static WAITING: &'static Waiting<Double> = Box::leak(Box::default());
        static CALLS: RefCell<Vec<Vec<u32>>> = RefCell::default();
    }

    impl Part for Double {
        type Answer = Result<u32>;

        fn waiting(_: &World) -> &Waiting<Self> {
            WAITING.with(|waiting| *waiting)
        }

        async fn call(_: &World, parts: Vec<Self>) -> Vec<Self::Answer> {
            CALLS.with_borrow_mut(|calls| calls.push(parts.iter().map(|part| part.0).collect()));
            yield_now().await;
            let double = |Double(number)| {
                ensure!(number != 13, "bad luck");
                Ok(2 * number)
            };
            parts.into_iter().map(double).collect()
        }
    }

    /// What became of lanes, and the calls that were made.
    fn taken(
        lanes: Vec<impl AsyncFnOnce(&World) -> Result<u32>>,
    ) -> (Vec<Option<u32>>, Vec<Vec<u32>>) {
        let world = World::new(Config::sample());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let lanes = lanes.into_iter().map(|lane| lane(&world)).collect();
        let done = runtime.block_on(world.side_by_side(lanes));
        (done.into_iter().map(Result::ok).collect(), CALLS.take())
    }

    async fn doubled(world: &World, numbers: &[u32]) -> Result<u32> {
        let parts = numbers.iter().copied().map(Double).collect();
        let doubled = world.call_together(parts).await.into_iter();
        Ok(doubled.collect::<Result<Vec<_>>>()?.into_iter().sum())
    }

    #[test]
    fn calls_go_together_and_each_lane_hears_of_its_own_part() {
        let numbers = [[1, 2], [3, 13], [4, 5]];
        let lanes =
            numbers.map(|numbers| async move |world: &World| doubled(world, &numbers).await);
        let (done, calls) = taken(lanes.into());
        assert_eq!(calls, [[1, 2, 3, 13, 4, 5]]);
        assert_eq!(done, [Some(6), None, Some(18)]);
    }

    #[test]
    fn a_lane_waits_for_those_under_way_and_for_nobody_who_has_ended() {
        let lanes = [(0, 1), (0, 2), (7, 1), (3, 0)].map(|(turns, calls)| {
            async move |world: &World| {
                for _ in 0..turns {
                    yield_now().await;
                }
                let mut number = turns + 1;
                for _ in 0..calls {
                    number = doubled(world, &[number]).await?;
                }
                Ok(number)
            }
        });
        let (done, calls) = taken(lanes.into());
        assert_eq!(calls, [vec![1, 1, 8], vec![2]]);
        assert_eq!(done, [Some(2), Some(4), Some(16), Some(4)]);
    }

    #[test]
    fn a_lane_that_makes_two_calls_at_once_waits_for_the_others_like_any() {
        let lanes = [0, 5].map(|turns| {
            async move |world: &World| {
                for _ in 0..turns {
                    yield_now().await;
                }
                let (one, other) = join(doubled(world, &[1]), doubled(world, &[2])).await;
                Ok(one? + other?)
            }
        });
        let (done, calls) = taken(lanes.into());
        assert_eq!(calls, [[1, 2, 1, 2]]);
        assert_eq!(done, [Some(6), Some(6)]);
    }

    #[test]
    fn lanes_that_nobody_waits_for_any_more_hold_up_nobody() {
        let world = World::new(Config::sample());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let works =
                vec![pending::<()>().left_future(), doubled(&world, &[1]).map(drop).right_future()];
            let lanes = world.side_by_side(works);
            drop(select(pin!(lanes), pin!(yield_now())).await);
            let lanes = [2, 3].map(async |number| doubled(&world, &[number]).await.unwrap());
            assert_eq!(world.side_by_side(lanes.into()).await, [4, 6]);
        });
        assert_eq!(CALLS.take().last().map(|last| last.len()), Some(3), "what waited goes along");
    }

    #[test]
    fn nobody_waits_for_a_lane_that_is_away() {
        let lanes = [0, 0, 5].map(|turns| {
            async move |world: &World| {
                let long = async {
                    for _ in 0..turns {
                        yield_now().await;
                    }
                };
                if turns > 0 {
                    world.away(long).await;
                }
                doubled(world, &[turns]).await
            }
        });
        let (_, calls) = taken(lanes.into());
        assert_eq!(calls, [vec![0, 0], vec![5]]);
    }

    #[test]
    fn a_lane_that_fails_while_it_waits_keeps_nobody_waiting() {
        let lanes = [true, false].map(|fails| {
            async move |world: &World| {
                let other = async { if fails { bail!("not now") } else { Ok(()) } };
                Ok(try_join(doubled(world, &[7]), other).await?.0)
            }
        });
        let (done, _) = taken(lanes.into());
        assert_eq!(done, [None, Some(14)]);
    }

    #[test]
    fn whoever_calls_beside_the_lanes_is_heard_too() {
        let world = World::new(Config::sample());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let lanes = world.side_by_side(vec![yield_now(), yield_now()]);
        let (_, beside) = runtime.block_on(join(lanes, doubled(&world, &[7])));
        assert_eq!(beside.unwrap(), 14);
    }

    #[test]
    fn lanes_within_a_lane_wait_for_nobody_who_waits_for_them() {
        let lanes = [1, 3].map(|first| {
            async move |world: &World| {
                let within = [first, first + 1].map(async |number| doubled(world, &[number]).await);
                let done = world.side_by_side(within.into()).await.into_iter();
                Ok(done.collect::<Result<Vec<_>>>()?.into_iter().sum())
            }
        });
        let (done, _) = taken(lanes.into());
        assert_eq!(done, [Some(6), Some(14)]);
    }

    #[test]
    fn whoever_is_alone_calls_at_once() {
        let lane = async |world: &World| {
            doubled(world, &[1]).await?;
            doubled(world, &[2]).await
        };
        let (done, calls) = taken(vec![lane]);
        assert_eq!((done, calls), (vec![Some(4)], vec![vec![1], vec![2]]));
    }
}
