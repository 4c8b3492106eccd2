//! Whether an invoice is complete and adds up.

use crate::{Error, Invoice, Line};

/// The first field that is missing or wrong, from top to bottom.
pub(crate) fn check(invoice: &Invoice) -> Result<(), Error> {
    let required = [
        ("title", &invoice.title),
        ("invoice_number", &invoice.invoice_number),
        ("seller.name", &invoice.seller.name),
        ("buyer.name", &invoice.buyer.name),
        ("currency", &invoice.currency),
    ];
    for (field, text) in required {
        if text.trim().is_empty() {
            return Err(Error::Empty { field });
        }
    }
    if invoice.lines.is_empty() {
        return Err(Error::Empty { field: "lines" });
    }
    for (index, line) in invoice.lines.iter().enumerate() {
        check_line(index, line)?;
    }
    let computed = total(invoice);
    if i128::from(invoice.total_minor) != computed {
        let (field, stated) = ("total_minor".to_owned(), invoice.total_minor);
        return Err(Error::Unbalanced { field, stated, computed });
    }
    Ok(())
}

/// What the lines come to. Wide enough for any number of lines of any amount.
pub(crate) fn subtotal(invoice: &Invoice) -> i128 {
    invoice.lines.iter().map(|line| i128::from(line.total_minor)).sum()
}

fn total(invoice: &Invoice) -> i128 {
    let taxes: i128 = invoice.taxes.iter().map(|tax| i128::from(tax.amount_minor)).sum();
    let added = if invoice.taxes_included { 0 } else { taxes };
    subtotal(invoice) + i128::from(invoice.shipping_minor) - i128::from(invoice.discount_minor)
        + added
}

/// A unit price is rounded to the minor unit, so it is off by up to a half, and so many times that is how far
/// a line's total (say, net of tax, rounded once) may lie from quantity times price.
fn check_line(index: usize, line: &Line) -> Result<(), Error> {
    let computed = i128::from(line.quantity) * i128::from(line.unit_price_minor);
    let off = (i128::from(line.total_minor) - computed).abs();
    if off * 2 <= i128::from(line.quantity) {
        return Ok(());
    }
    let field = format!("lines[{index}].total_minor");
    Err(Error::Unbalanced { field, stated: line.total_minor, computed })
}
