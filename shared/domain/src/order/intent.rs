//! Intents to buy or to pay where nobody drops repeats, and whose turn it is while one has no outcome.
//!
//! Queues deliver twice, now and then both at once. A delivery that finds an intent leaves it alone while the one that
//! put it on record may still be at it; then it looks whether it was bought; and if not, it renews the intent. Of all
//! that looked in vain one alone can: the append's condition sees to that.

use jiff::{SignedDuration, Timestamp};

/// An intent that has had no outcome for so long, however often it was tried, is put before a person.
const DOUBT_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// An intent on record that has no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intent {
    /// When it was put on record first: nothing was bought before.
    pub since: Timestamp,
    /// When it was renewed last.
    pub at: Timestamp,
}

impl Intent {
    pub(super) fn begun(at: Timestamp) -> Self {
        Self { since: at, at }
    }

    /// The same intent, put on record once more; a new one if there was none.
    pub(super) fn again(known: Option<Self>, at: Timestamp) -> Self {
        Self { since: known.map_or(at, |known| known.since), at }
    }

    /// Whether whoever put it on record may still be at it. `patience` is longer than any delivery may take. The longer
    /// it was tried in vain, the longer is waited: what is out of order for a day does not fill the facts.
    #[must_use]
    pub fn may_be_under_way(&self, now: Timestamp, patience: SignedDuration) -> bool {
        now < self.at + patience.max(self.at.duration_since(self.since) / 4)
    }

    /// Whether it is time for a person to find out.
    pub(super) fn is_for_a_person(&self, now: Timestamp) -> bool {
        now >= self.since + DOUBT_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: SignedDuration = SignedDuration::from_secs(80);

    #[test]
    fn an_intent_is_left_alone_for_as_long_as_a_delivery_may_take_from_when_it_was_renewed() {
        let begun_at = Timestamp::UNIX_EPOCH;
        let begun = Intent::begun(begun_at);
        assert!(
            begun.may_be_under_way(begun_at + PATIENCE - SignedDuration::from_secs(1), PATIENCE)
        );
        assert!(!begun.may_be_under_way(begun_at + PATIENCE, PATIENCE));
        let renewed = Intent::again(Some(begun), begun_at + PATIENCE);
        assert!(renewed.may_be_under_way(begun_at + PATIENCE, PATIENCE));
        assert!(!renewed.may_be_under_way(begun_at + PATIENCE * 2, PATIENCE));
        assert_eq!(renewed.since, begun_at);
    }

    #[test]
    fn an_intent_that_comes_to_nothing_for_a_day_is_renewed_less_than_forty_times() {
        let begun_at = Timestamp::UNIX_EPOCH;
        let (mut intent, mut now, mut renewed) = (Intent::begun(begun_at), begun_at, 0);
        while !intent.is_for_a_person(now) {
            now += SignedDuration::from_secs(10);
            if !intent.may_be_under_way(now, PATIENCE) {
                intent = Intent::again(Some(intent), now);
                renewed += 1;
            }
        }
        assert!((10..40).contains(&renewed), "{renewed}");
    }
}
