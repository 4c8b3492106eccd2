//! What the lines of all shops have in common: how amounts are spread over units, and how large an order may be.

use std::collections::BTreeSet;

use domain::id::LineId;
use domain::shop_order::ShopLine;

use crate::json::{Field, Result};

/// Lines that an order has at the most, as Shopify has it. A `Received` fact of that many stays below the 400 KB of an
/// item of DynamoDB.
const LINES_MAX: usize = 500;

/// What an order's goods are worth at the most, minor units: sums of a few of them stay inside an `i64`.
const GOODS_MINOR_MAX: i128 = 1_000_000_000_000_000;

/// Characters that are kept of a title.
const TITLE_CHARS_MAX: usize = 200;

/// Characters that an article number has at the most, as our own names have.
const SKU_CHARS_MAX: usize = 128;

/// The share of a line that is still wanted: price of a unit, and what all of them cost less than that price says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spread {
    pub(crate) unit_price_minor: i64,
    pub(crate) discount_minor: i64,
}

/// Spreads what a line of `ordered` units costs in all over its units, and takes `current` of them. A price is rounded
/// up, and what this adds is given as a discount, so that the sum is exact.
pub(crate) fn spread(total_minor: i64, ordered: u32, current: u32) -> Spread {
    let (total, units, taken) =
        (i128::from(total_minor), i128::from(ordered.max(1)), i128::from(current));
    let unit_price = -(-total).div_euclid(units);
    // Half a unit up, as shops do.
    let share = (2 * total * taken + units).div_euclid(2 * units);
    let minor =
        |minor: i128| i64::try_from(minor).expect("a share of an i64, or what rounding adds to it");
    Spread {
        unit_price_minor: minor(unit_price),
        discount_minor: minor((unit_price * taken - share).max(0)),
    }
}

/// Reads the lines of an order, each with `read`, and sees that they are plausible together.
pub(crate) fn read<'a, T>(
    field: &Field<'a>,
    read: impl Fn(&Field<'a>) -> Result<T>,
    line: impl Fn(&T) -> &ShopLine,
) -> Result<Vec<T>> {
    let elements = field.list()?;
    if elements.len() > LINES_MAX {
        return Err(field.refuse(format!("has more than {LINES_MAX} elements")));
    }
    let mut known: BTreeSet<LineId> = BTreeSet::new();
    let mut goods_minor = 0_i128;
    let mut lines = Vec::with_capacity(elements.len());
    for element in &elements {
        let read = read(element)?;
        let line = line(&read);
        if !known.insert(line.line_id.clone()) {
            return Err(element.object()?.field("id").refuse("is the id of another line too"));
        }
        // By its amount: what one line takes off must not hide what another adds.
        goods_minor += i128::from(line.unit_price_minor).abs() * i128::from(line.quantity);
        lines.push(read);
    }
    if goods_minor > GOODS_MINOR_MAX {
        return Err(field.refuse("is worth more than can be counted"));
    }
    Ok(lines)
}

/// A line's id, which the shop gave it.
pub(crate) fn line_id(field: &Field<'_>, id: &str) -> Result<LineId> {
    LineId::parse(id).map_err(|_| {
        field.refuse("is not 1 to 128 characters without a space, a control character, `/` or `#`")
    })
}

/// An article number; empty when the shop gave none.
pub(crate) fn sku(field: Option<Field<'_>>) -> Result<String> {
    let Some(field) = field else { return Ok(String::new()) };
    let sku = field.text_or_number()?.trim().to_owned();
    if sku.chars().count() > SKU_CHARS_MAX {
        return Err(field.refuse(format!("is longer than {SKU_CHARS_MAX} characters")));
    }
    Ok(sku)
}

/// A title, cut off where it becomes unreasonable.
pub(crate) fn title(text: Option<String>) -> String {
    text.unwrap_or_default().chars().take(TITLE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_units_cost_is_exact_to_the_cent() {
        let check = |total, ordered, current, unit_price_minor, discount_minor| {
            let expected = Spread { unit_price_minor, discount_minor };
            assert_eq!(spread(total, ordered, current), expected, "{total}/{ordered}×{current}");
        };
        check(19_566, 1, 1, 19_566, 0);
        check(6_000, 3, 3, 2_000, 0);
        check(1_000, 3, 3, 334, 2);
        check(1_000, 3, 2, 334, 1);
        check(1_000, 3, 1, 334, 1);
        check(1_000, 3, 0, 334, 0);
        check(0, 2, 2, 0, 0);
        check(500, 0, 0, 500, 0);
        check(-1_000, 3, 3, -333, 1);
        check(i64::MAX, 1, 1, i64::MAX, 0);
    }
}
