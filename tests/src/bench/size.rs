//! How large an item is, and what reading and writing it costs, by AWS's published rules:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::expression::Item;

/// The bytes of an item: the names of its attributes, and their values.
#[must_use]
pub fn bytes(item: &Item) -> u64 {
    item.iter().map(|(name, value)| name.len() as u64 + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> u64 {
    let text = |kind: &str| value[kind].as_str();
    if let Some(text) = text("S") {
        return text.len() as u64;
    }
    if let Some(digits) = text("N") {
        return number_bytes(digits);
    }
    if let Some(binary) = text("B") {
        return STANDARD.decode(binary).map_or(0, |bytes| bytes.len() as u64);
    }
    1
}

/// One byte for each two significant digits, and one more; one more again below zero. The pairs stand on both sides of the
/// decimal point, so that `120` takes two as `1` `20` does, and `1200` one. Our numbers have no fractions.
fn number_bytes(number: &str) -> u64 {
    let digits = number.trim_start_matches('-').trim_start_matches('0');
    let significant = digits.trim_end_matches('0').len();
    let zeros = digits.len() - significant;
    let pairs = (significant + zeros % 2).div_ceil(2) as u64;
    pairs + 1 + u64::from(number.starts_with('-'))
}

/// Write units of an item: one for each KB.
#[must_use]
pub fn write_units(bytes: u64) -> u64 {
    bytes.div_ceil(1024).max(1)
}

/// Halves of read units of what one request reads: one for each 4 KB, twice as many if it is consistent.
#[must_use]
pub fn read_halves(bytes: u64, is_consistent: bool) -> u64 {
    bytes.div_ceil(4096).max(1) * if is_consistent { 2 } else { 1 }
}
