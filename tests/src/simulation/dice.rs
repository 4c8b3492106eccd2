//! Chance that replays: every die is named after what it decides, so that leaving out an order or a disturbance changes
//! nothing of what chance does to the others.

/// A stream of chance.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    /// The die that decides this, in the run of this seed.
    pub(crate) fn new(seed: u64, decides: &str, of: &str) -> Self {
        let mut state = seed ^ 0xcbf2_9ce4_8422_2325;
        for byte in decides.bytes().chain([0]).chain(of.bytes()) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self { state }
    }

    /// SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to below `end`, which is at least 1.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A number in a range, both ends included.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        least + i64::try_from(self.below(most.abs_diff(least) + 1)).unwrap_or_default()
    }

    /// A number of units in a range, both ends included.
    pub(crate) fn units(&mut self, least: u32, most: u32) -> u32 {
        least + u32::try_from(self.below(u64::from(most - least) + 1)).unwrap_or_default()
    }

    /// True in so many of a thousand cases.
    pub(crate) fn happens(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.below(of.len() as u64)).unwrap_or_default()]
    }

    /// A number from 1 to `most`, each order of magnitude as likely as the next: what happens at any moment of an
    /// order's life happens in its first seconds as often as in its last days.
    pub(crate) fn spread(&mut self, most: i64) -> i64 {
        let bits = u64::from(most.max(1).ilog2());
        let scale = self.below(bits + 1);
        let end = 1_i64 << (scale + 1);
        self.between(end / 2, end).min(most)
    }
}
