//! Patterns of postal codes: a regular expression without repetition, small enough to need no engine.
//!
//! `d` is a digit, `[A-CX]` one of a set, `(A|B)` a choice, `?` makes what stands before it optional; anything else is
//! itself. Patterns are generated, so a broken one is our mistake and matches nothing.

/// Codes longer than this match nothing; a set of places in a code is a number with a bit for each.
const LEN_MAX: usize = 30;

/// Whether the whole code, in capitals and without separators, fits the pattern.
pub(super) fn matches(pattern: &str, code: &str) -> bool {
    let code = code.as_bytes();
    if code.len() > LEN_MAX {
        return false;
    }
    let mut pattern = pattern.as_bytes();
    let ends = choice(&mut pattern, code, 1);
    pattern.is_empty() && ends & (1 << code.len()) != 0
}

/// From each place of `starts`, the places that one of the alternatives can reach.
fn choice(pattern: &mut &[u8], code: &[u8], starts: u32) -> u32 {
    let mut ends = sequence(pattern, code, starts);
    while take(pattern, b'|') {
        ends |= sequence(pattern, code, starts);
    }
    ends
}

fn sequence(pattern: &mut &[u8], code: &[u8], starts: u32) -> u32 {
    let mut places = starts;
    while let [first, ..] = pattern
        && !matches!(first, b'|' | b')')
    {
        let ends = term(pattern, code, places);
        places = if take(pattern, b'?') { places | ends } else { ends };
    }
    places
}

fn term(pattern: &mut &[u8], code: &[u8], starts: u32) -> u32 {
    let [first, rest @ ..] = *pattern else { return 0 };
    *pattern = rest;
    match first {
        b'(' => {
            let ends = choice(pattern, code, starts);
            if take(pattern, b')') { ends } else { 0 }
        }
        b'[' => {
            let Some(len) = pattern.iter().position(|byte| *byte == b']') else { return 0 };
            let (set, rest) = pattern.split_at(len);
            *pattern = &rest[1..];
            step(code, starts, |byte| is_in(set, byte))
        }
        b'd' => step(code, starts, |byte| byte.is_ascii_digit()),
        literal => step(code, starts, |byte| byte == *literal),
    }
}

/// One character further, from every place where it fits.
fn step(code: &[u8], starts: u32, fits: impl Fn(u8) -> bool) -> u32 {
    let from = |place: &usize| starts & (1 << place) != 0 && fits(code[*place]);
    (0..code.len()).filter(from).fold(0, |ends, place| ends | 1 << (place + 1))
}

fn is_in(set: &[u8], byte: u8) -> bool {
    match set {
        [low, b'-', high, rest @ ..] => (*low..=*high).contains(&byte) || is_in(rest, byte),
        [member, rest @ ..] => *member == byte || is_in(rest, byte),
        [] => false,
    }
}

fn take(pattern: &mut &[u8], byte: u8) -> bool {
    let Some(rest) = pattern.strip_prefix(&[byte]) else { return false };
    *pattern = rest;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_codes_only() {
        let check = |pattern, code, expected| {
            assert_eq!(matches(pattern, code), expected, "{code} against {pattern}");
        };
        check("ddddd", "80331", true);
        check("ddddd", "8033", false);
        check("ddddd", "803311", false);
        check("ddddd(dddd)?", "902101234", true);
        check("ddddd(dddd)?", "9021012", false);
        check("[A-CX]d", "X1", true);
        check("[A-CX]d", "D1", false);
        check("AB|(C|D)?E", "AB", true);
        check("AB|(C|D)?E", "E", true);
        check("AB|(C|D)?E", "ABE", false);
        check("d(d(d)?)?", "12", true);
        check("", "", true);
        check("d", "ü", false);
        check("d)d", "11", false);
        check("dd", &"1".repeat(31), false);
    }
}
