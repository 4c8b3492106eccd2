//! Where everything stands on the pages.
#![expect(clippy::float_arithmetic, reason = "places on paper, never money")]

use crate::text::{Fonts, Set, Style};
use crate::{Error, Invoice, Line, Party, Tax, balance, figures};

/// A4, in points of 1/72 inch.
pub(crate) const PAGE_WIDTH: f32 = 595.28;
pub(crate) const PAGE_HEIGHT: f32 = 841.89;

/// 20 mm left and right.
const MARGIN: f32 = 56.7;
const RIGHT: f32 = PAGE_WIDTH - MARGIN;
const WIDTH: f32 = RIGHT - MARGIN;
const TOP: f32 = 54.0;
const BOTTOM: f32 = PAGE_HEIGHT - 42.0;
const GUTTER: f32 = 18.0;
/// Two columns: seller and buyer, and under the buyer the totals.
const HALF: f32 = (WIDTH - GUTTER) * 0.5;
const SECOND: f32 = MARGIN + HALF + GUTTER;

const INK: [u8; 3] = [0x11, 0x18, 0x27];
const GREY: [u8; 3] = [0x5B, 0x64, 0x75];
const HAIRLINE: [u8; 3] = [0xDD, 0xE1, 0xE7];
const GREEN: [u8; 3] = [0x0B, 0x6B, 0x43];
const GREEN_TINT: [u8; 3] = [0xE8, 0xF5, 0xEE];

const TITLE: Style = Style { size: 25.0, bold: true, tabular: false, colour: INK };
const MARK: Style = Style { size: 12.0, bold: true, tabular: false, colour: INK };
const NAME: Style = Style { size: 10.5, bold: true, tabular: false, colour: INK };
const BODY: Style = Style { size: 9.5, bold: false, tabular: false, colour: INK };
const STRONG: Style = Style { size: 9.5, bold: true, tabular: false, colour: INK };
const FIGURES: Style = Style { size: 9.5, bold: false, tabular: true, colour: INK };
const SOFT: Style = Style { size: 9.5, bold: false, tabular: false, colour: GREY };
const SMALL: Style = Style { size: 8.0, bold: false, tabular: false, colour: GREY };
const LABEL: Style = Style { size: 8.0, bold: true, tabular: false, colour: GREY };
const TOTAL: Style = Style { size: 13.0, bold: true, tabular: false, colour: INK };

const PAID: Style = Style { size: 9.5, bold: true, tabular: false, colour: GREEN };

/// Something on a page. Distances run from the top left.
pub(crate) enum Item {
    Text { x: f32, baseline: f32, set: Set },
    Rule { left: f32, right: f32, y: f32, thickness: f32, colour: [u8; 3] },
    Panel { left: f32, top: f32, right: f32, bottom: f32, colour: [u8; 3] },
}

/// One page, in reading order.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) items: Vec<Item>,
}

/// Lays the invoice out. Errs if a block that must stay whole leaves no room.
pub(crate) fn pages(fonts: &Fonts, invoice: &Invoice) -> Result<Vec<Page>, Error> {
    let footer = block(fonts, "footer", &invoice.footer, SMALL, WIDTH, 6)?;
    let floor = BOTTOM - 22.0 - leading(SMALL) * count(&footer);
    let mut paper = Paper { fonts, pages: vec![Page::default()], y: TOP, floor };
    head(&mut paper, invoice)?;
    let columns = Columns::of(fonts, invoice);
    columns.head(&mut paper, invoice);
    for line in &invoice.lines {
        columns.line(&mut paper, invoice, line);
    }
    totals(&mut paper, invoice)?;
    feet(fonts, &mut paper.pages, invoice, &footer);
    Ok(paper.pages)
}

/// From baseline to baseline.
const fn leading(style: Style) -> f32 {
    style.size * 1.45
}

/// From the top of a line to its baseline: capitals stand in the middle.
const fn ascent(style: Style) -> f32 {
    leading(style) * 0.5 + style.size * 0.36
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a page has fewer lines than a float counts exactly"
)]
fn count(lines: &[Set]) -> f32 {
    lines.len() as f32
}

/// Wraps paragraphs that must stay together, if they are not too many.
fn block(
    fonts: &Fonts,
    field: &'static str,
    paragraphs: &[String],
    style: Style,
    width: f32,
    lines_max: usize,
) -> Result<Vec<Set>, Error> {
    let set: Vec<Set> =
        paragraphs.iter().flat_map(|paragraph| fonts.wrap(paragraph, style, width)).collect();
    if set.len() > lines_max {
        return Err(Error::TooLong { field, lines: set.len(), lines_max });
    }
    Ok(set)
}

/// The pages so far, and how far down the last one is filled.
struct Paper<'a> {
    fonts: &'a Fonts<'a>,
    pages: Vec<Page>,
    y: f32,
    floor: f32,
}

impl Paper<'_> {
    fn put(&mut self, item: Item) {
        self.pages.last_mut().expect("there is a first page").items.push(item);
    }

    /// A line of text whose top is this far below the current place.
    fn text(&mut self, x: f32, below: f32, set: Set) {
        let baseline = self.y + below + ascent(set.style);
        self.put(Item::Text { x, baseline, set });
    }

    fn text_right(&mut self, right: f32, below: f32, set: Set) {
        self.text(right - set.width, below, set);
    }

    /// Lines below each other; how high they are.
    fn column(&mut self, x: f32, below: f32, lines: Vec<Set>) -> f32 {
        let mut height = 0.0;
        for set in lines {
            let leading = leading(set.style);
            self.text(x, below + height, set);
            height += leading;
        }
        height
    }

    fn rule(&mut self, left: f32, thickness: f32, colour: [u8; 3]) {
        self.put(Item::Rule { left, right: RIGHT, y: self.y, thickness, colour });
    }

    fn room_for(&self, height: f32) -> bool {
        self.y + height <= self.floor
    }

    /// A fresh page that says whose it is.
    fn turn(&mut self, invoice: &Invoice) {
        self.pages.push(Page::default());
        self.y = TOP;
        if let Some(name) = name(self.fonts, invoice, STRONG) {
            self.text(MARGIN, 0.0, name);
        }
        if let Some(seller) = one_line(self.fonts, &invoice.seller.name, SOFT, HALF) {
            self.text_right(RIGHT, 0.0, seller);
        }
        self.y += 34.0;
    }
}

/// What the document is called on every page but the first; the number alone if the title is too long.
fn name(fonts: &Fonts, invoice: &Invoice, style: Style) -> Option<Set> {
    let number = &invoice.invoice_number;
    let name = one_line(fonts, &format!("{} {number}", invoice.title), style, HALF);
    name.or_else(|| fonts.wrap(number, style, HALF).into_iter().next())
}

/// The text if it fits on one line.
fn one_line(fonts: &Fonts, text: &str, style: Style, width: f32) -> Option<Set> {
    Some(fonts.set(text, style)).filter(|set| set.width <= width)
}

/// Title, numbers, seller and buyer.
fn head(paper: &mut Paper, invoice: &Invoice) -> Result<(), Error> {
    let title = block(paper.fonts, "title", std::slice::from_ref(&invoice.title), TITLE, HALF, 3)?;
    let title_height = paper.column(MARGIN, 0.0, title);
    // Where a letterhead has its mark, on the title's baseline; the whole name or none of it.
    if let Some(mark) = one_line(paper.fonts, &invoice.seller.name, MARK, HALF) {
        paper.text_right(RIGHT, ascent(TITLE) - ascent(MARK), mark);
    }
    paper.y += title_height + 14.0;

    let words = &invoice.wording;
    let column = WIDTH * 0.5;
    let facts = [
        ("invoice_number", words.invoice_number, invoice.invoice_number.clone()),
        ("date", words.date, invoice.date.to_string()),
        ("order_number", words.order_number, invoice.order_number.clone()),
    ];
    for (field, label, value) in facts {
        let value = block(paper.fonts, field, &[value], STRONG, column, 3)?;
        if !value.is_empty() {
            paper.text(MARGIN, 0.0, paper.fonts.set(label, SOFT));
            paper.y += paper.column(MARGIN + 64.0, 0.0, value) + 1.5;
        }
    }
    paper.y += 26.0;

    let from = party(paper, MARGIN, words.from, "seller", &invoice.seller)?;
    let to = party(paper, SECOND, words.billed_to, "buyer", &invoice.buyer)?;
    paper.y += from.max(to) + 32.0;
    Ok(())
}

/// Who they are and where; how high that is.
fn party(
    paper: &mut Paper,
    x: f32,
    label: &str,
    field: &'static str,
    party: &Party,
) -> Result<f32, Error> {
    const BELOW_LABEL: f32 = leading(LABEL) + 2.0;
    paper.text(x, 0.0, paper.fonts.set(label, LABEL));
    let mut lines = block(paper.fonts, field, std::slice::from_ref(&party.name), NAME, HALF, 4)?;
    lines.extend(block(paper.fonts, field, &party.address, BODY, HALF, 12)?);
    Ok(BELOW_LABEL + paper.column(x, BELOW_LABEL, lines))
}

/// The right edges of the table's figures; as wide as the widest figure asks.
struct Columns {
    description_width: f32,
    quantity: f32,
    unit_price: f32,
}

impl Columns {
    fn of(fonts: &Fonts, invoice: &Invoice) -> Self {
        let width = |head: &str, cells: Vec<String>| {
            let cells = cells.iter().map(|cell| fonts.set(cell, FIGURES).width);
            cells.fold(fonts.set(head, LABEL).width, f32::max)
        };
        let words = &invoice.wording;
        let of_lines =
            |cell: &dyn Fn(&Line) -> String| invoice.lines.iter().map(cell).collect::<Vec<_>>();
        let total =
            width(&amount_head(invoice), of_lines(&|line| money(invoice, line.total_minor)));
        let unit_price =
            width(words.unit_price, of_lines(&|line| money(invoice, line.unit_price_minor)));
        let quantity = width(words.quantity, of_lines(&|line| line.quantity.to_string()));
        let unit_price_right = RIGHT - total.max(64.0) - GUTTER;
        let quantity_right = unit_price_right - unit_price.max(52.0) - GUTTER;
        Self {
            description_width: quantity_right - quantity - GUTTER - MARGIN,
            quantity: quantity_right,
            unit_price: unit_price_right,
        }
    }

    fn head(&self, paper: &mut Paper, invoice: &Invoice) {
        let words = &invoice.wording;
        paper.text(MARGIN, 0.0, paper.fonts.set(words.description, LABEL));
        paper.text_right(self.quantity, 0.0, paper.fonts.set(words.quantity, LABEL));
        paper.text_right(self.unit_price, 0.0, paper.fonts.set(words.unit_price, LABEL));
        paper.text_right(RIGHT, 0.0, paper.fonts.set(&amount_head(invoice), LABEL));
        paper.y += leading(LABEL) + 5.0;
        paper.rule(MARGIN, 0.9, INK);
    }

    fn line(&self, paper: &mut Paper, invoice: &Invoice, line: &Line) {
        const PADDING: f32 = 7.0;
        let mut texts = paper.fonts.wrap(&line.description, BODY, self.description_width);
        if !line.sku.trim().is_empty() {
            let sku = format!("{} {}", invoice.wording.sku, line.sku);
            texts.extend(paper.fonts.wrap(&sku, SMALL, self.description_width));
        }
        let height = texts.iter().map(|set| leading(set.style)).sum::<f32>().max(leading(BODY));
        if !paper.room_for(height + PADDING * 2.0) {
            paper.turn(invoice);
            self.head(paper, invoice);
        }
        paper.y += PADDING;
        // Drawn in the order in which a screen reader should say it.
        let mut texts = texts.into_iter();
        if let Some(set) = texts.next() {
            paper.text(MARGIN, 0.0, set);
        }
        self.figures(paper, invoice, line);
        paper.y += leading(BODY);
        for set in texts {
            // Only a description longer than a page gets here.
            if !paper.room_for(leading(set.style)) {
                paper.turn(invoice);
                self.head(paper, invoice);
                paper.y += PADDING;
            }
            paper.y += paper.column(MARGIN, 0.0, vec![set]);
        }
        // A last line in small type leaves more air below itself than the first one does above.
        paper.y += PADDING - 1.0;
        paper.rule(MARGIN, 0.5, HAIRLINE);
    }

    fn figures(&self, paper: &mut Paper, invoice: &Invoice, line: &Line) {
        paper.text_right(self.quantity, 0.0, paper.fonts.set(&line.quantity.to_string(), FIGURES));
        paper.text_right(
            self.unit_price,
            0.0,
            paper.fonts.set(&money(invoice, line.unit_price_minor), FIGURES),
        );
        paper.text_right(RIGHT, 0.0, paper.fonts.set(&money(invoice, line.total_minor), FIGURES));
    }
}

fn amount_head(invoice: &Invoice) -> String {
    format!("{} ({})", invoice.wording.amount, invoice.currency)
}

fn money(invoice: &Invoice, minor: i64) -> String {
    figures::amount(minor.into(), invoice.currency_exponent, &invoice.wording)
}

/// From the subtotal to the note that it is paid, on one page.
fn totals(paper: &mut Paper, invoice: &Invoice) -> Result<(), Error> {
    const LINES_MAX: usize = 24;
    let taxes: Vec<Row> =
        invoice.taxes.iter().map(|tax| tax_row(paper.fonts, invoice, tax)).collect();
    let lines = taxes.iter().map(|row| row.label.len()).sum();
    if lines > LINES_MAX {
        return Err(Error::TooLong { field: "taxes", lines, lines_max: LINES_MAX });
    }
    let paid: Vec<String> = invoice.paid.iter().cloned().collect();
    let paid = block(paper.fonts, "paid", &paid, PAID, HALF - 24.0, 4)?;
    let total = format!("{} {}", invoice.currency, money(invoice, invoice.total_minor));
    let total = Row::of(paper.fonts, invoice.wording.total, &total, TOTAL, TOTAL);
    let mut above = before_total(paper.fonts, invoice);
    let mut below = Vec::new();
    if invoice.taxes_included { &mut below } else { &mut above }.extend(taxes);

    let rows = above.iter().chain(&below).map(Row::height).sum::<f32>() + total.height();
    if !paper.room_for(rows + ABOVE_TOTALS + AROUND_RULE * 2.0 + panel_height(&paid)) {
        paper.turn(invoice);
    }
    paper.y += ABOVE_TOTALS;
    above.into_iter().for_each(|row| row.draw(paper));
    paper.y += AROUND_RULE;
    paper.rule(SECOND, 0.9, INK);
    paper.y += AROUND_RULE;
    total.draw(paper);
    below.into_iter().for_each(|row| row.draw(paper));
    paid_panel(paper, paid);
    Ok(())
}

const ABOVE_TOTALS: f32 = 12.0;
const AROUND_RULE: f32 = 6.5;

/// A label, and its figure on the right.
struct Row {
    label: Vec<Set>,
    figure: Set,
}

impl Row {
    fn of(
        fonts: &Fonts,
        label: &str,
        figure: &str,
        label_style: Style,
        figure_style: Style,
    ) -> Self {
        let figure = fonts.set(figure, figure_style);
        Self { label: fonts.wrap(label, label_style, HALF - figure.width - GUTTER), figure }
    }

    fn height(&self) -> f32 {
        let label = self.label.iter().map(|set| leading(set.style)).sum::<f32>();
        label.max(leading(self.figure.style)) + 4.0
    }

    fn draw(self, paper: &mut Paper) {
        let height = self.height();
        paper.column(SECOND, 0.0, self.label);
        paper.text_right(RIGHT, 0.0, self.figure);
        paper.y += height;
    }
}

/// What the total is made of, taxes aside; nothing if it is the lines alone.
fn before_total(fonts: &Fonts, invoice: &Invoice) -> Vec<Row> {
    let row = |label, minor| {
        let figure = figures::amount(minor, invoice.currency_exponent, &invoice.wording);
        Row::of(fonts, label, &figure, SOFT, FIGURES)
    };
    let words = &invoice.wording;
    let mut rows = vec![row(words.subtotal, balance::subtotal(invoice))];
    if invoice.shipping_minor != 0 {
        rows.push(row(words.shipping, invoice.shipping_minor.into()));
    }
    if invoice.discount_minor != 0 {
        rows.push(row(words.discount, -i128::from(invoice.discount_minor)));
    }
    let alone = rows.len() == 1 && (invoice.taxes_included || invoice.taxes.is_empty());
    if alone { Vec::new() } else { rows }
}

fn tax_row(fonts: &Fonts, invoice: &Invoice, tax: &Tax) -> Row {
    let of_which = if invoice.taxes_included { invoice.wording.of_which } else { "" };
    let label = format!("{of_which} {}", tax.label);
    Row::of(fonts, &label, &money(invoice, tax.amount_minor), SOFT, FIGURES)
}

const ABOVE_PANEL: f32 = 10.0;
const PANEL_PADDING: f32 = 7.0;

/// With the space above it.
fn panel_height(paid: &[Set]) -> f32 {
    if paid.is_empty() {
        return 0.0;
    }
    ABOVE_PANEL + PANEL_PADDING * 2.0 + leading(PAID) * count(paid)
}

fn paid_panel(paper: &mut Paper, paid: Vec<Set>) {
    if paid.is_empty() {
        return;
    }
    let bottom = paper.y + panel_height(&paid);
    paper.y += ABOVE_PANEL;
    paper.put(Item::Panel { left: SECOND, top: paper.y, right: RIGHT, bottom, colour: GREEN_TINT });
    paper.column(SECOND + 12.0, PANEL_PADDING, paid);
    paper.y = bottom;
}

/// The small print and the page number, once it is known how many pages there are.
fn feet(fonts: &Fonts, pages: &mut [Page], invoice: &Invoice, footer: &[Set]) {
    let page_count = pages.len();
    let words = &invoice.wording;
    for (index, page) in pages.iter_mut().enumerate() {
        let mut paper =
            Paper { fonts, pages: vec![std::mem::take(page)], y: BOTTOM, floor: PAGE_HEIGHT };
        paper.y -= leading(SMALL) * (count(footer) + 1.0);
        if !footer.is_empty() {
            paper.y -= 6.0;
            paper.rule(MARGIN, 0.5, HAIRLINE);
            paper.y += 6.0;
        }
        paper.y += paper.column(MARGIN, 0.0, footer.to_vec());
        if let Some(name) = name(fonts, invoice, SMALL) {
            paper.text(MARGIN, 0.0, name);
        }
        let number = format!("{} {} {} {page_count}", words.page, index + 1, words.of);
        paper.text_right(RIGHT, 0.0, fonts.set(&number, SMALL));
        *page = paper.pages.remove(0);
    }
}
