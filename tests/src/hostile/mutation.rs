//! How one input becomes another: tokens are replaced by what parsers stumble over, moved, repeated and nested; bytes flip.
//!
//! Everything follows from a seed, so that what broke once breaks again.

use std::ops::Range;

/// What parsers stumble over.
const STUMBLING: [&str; 58] = [
    // Numbers.
    "0",
    "-0",
    "-1",
    "1.5",
    "0.005",
    "1e400",
    "1e5",
    "-1e-400",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "99999999999999999999999999",
    "9223372036854775807",
    "-9223372036854775808",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "100000",
    "100001",
    "9999999999999",
    "\"9999999999999.995\"",
    // Texts.
    "\"\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"\\u202e\"",
    "\"=HYPERLINK(1)\"",
    "\"-1\"",
    "\"\\\"><script>\"",
    "\"A\u{30a}ngstro\u{308}m\"",
    "\u{feff}",
    "\u{0}",
    "\u{2028}",
    "\u{202e}",
    "\u{1f600}",
    "'",
    "\"",
    // Values of other kinds, deep and empty ones.
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "[[[[[[[[]]]]]]]]",
    "{\"a\":1,\"a\":2}",
    // Words with a meaning.
    "JPY",
    "KWD",
    "XAU",
    "EUR",
    "stock",
    "shipped",
    // Times at the edges of what can be written.
    "\"9999-12-31\"",
    "\"-009999-01-01\"",
    "\"9999-12-31T23:59:59Z\"",
    "\"-009999-01-02T00:00:00Z\"",
    "9999-12-31",
    "-009999-01-01",
    "\"2026-11-23T08:00:00+25:59\"",
    "%00%ff",
];

/// Random numbers that are always the same: SplitMix64.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.throw() % end.max(1) as u64).unwrap_or_default()
    }
}

/// Another input, by one to four changes.
#[must_use]
pub fn mutate(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut mutated = input.to_vec();
    for _ in 0..=dice.below(4) {
        mutated = mutate_once(&mutated, dice);
    }
    mutated
}

fn mutate_once(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let tokens = tokens(input);
    if tokens.is_empty() {
        return STUMBLING[dice.below(STUMBLING.len())].as_bytes().to_vec();
    }
    let one = tokens[dice.below(tokens.len())].clone();
    let other = tokens[dice.below(tokens.len())].clone();
    let stumbling = STUMBLING[dice.below(STUMBLING.len())].as_bytes();
    match dice.below(12) {
        0..=4 => replaced(input, &one, stumbling),
        5 => replaced(input, &one, b""),
        6 => replaced(input, &one, &input[other]),
        7 => inserted(input, one.start, stumbling),
        8 => {
            // From one token to another, as often as it takes to be much.
            let (start, end) = (one.start.min(other.start), one.end.max(other.end));
            let times = [1, 2, 40][dice.below(3)];
            inserted(input, end, &input[start..end].repeat(times))
        }
        9 => {
            let mut flipped = input.to_vec();
            let at = dice.below(flipped.len());
            flipped[at] ^= 1 << dice.below(8);
            flipped
        }
        10 => input[..one.start].to_vec(),
        _ => {
            let long = [b"x".repeat(200), b"9".repeat(6_000), b"[".repeat(3_000)];
            replaced(input, &one, &long[dice.below(3)])
        }
    }
}

fn replaced(input: &[u8], range: &Range<usize>, with: &[u8]) -> Vec<u8> {
    [&input[..range.start], with, &input[range.end..]].concat()
}

fn inserted(input: &[u8], at: usize, what: &[u8]) -> Vec<u8> {
    [&input[..at], what, &input[at..]].concat()
}

/// Where tokens stand: quoted texts, words and numbers as a whole, everything else byte by byte.
fn tokens(input: &[u8]) -> Vec<Range<usize>> {
    let is_word =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(byte) || !byte.is_ascii();
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(first) = input.get(start) {
        let rest = &input[start + 1..];
        let length = match first {
            b'"' => rest.iter().position(|byte| *byte == b'"').map_or(1, |end| end + 2),
            first if is_word(first) => {
                1 + rest.iter().position(|byte| !is_word(byte)).unwrap_or(rest.len())
            }
            _ => 1,
        };
        if !first.is_ascii_whitespace() {
            tokens.push(start..start + length);
        }
        start += length;
    }
    tokens
}
