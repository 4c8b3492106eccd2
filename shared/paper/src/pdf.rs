//! Laid-out pages as a PDF/A-3b.
#![expect(clippy::float_arithmetic, reason = "places on paper, never money")]

use krilla::color::rgb;
use krilla::configure::{Archival, Configuration, ConfigurationBuilder};
use krilla::error::KrillaError;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use crate::Invoice;
use crate::layout::{Item, PAGE_HEIGHT, PAGE_WIDTH, Page};
use crate::text::Set;

/// Writes the pages. Errs only if we drew something that PDF/A-3b forbids.
pub(crate) fn write(invoice: &Invoice, pages: &[Page]) -> Result<Vec<u8>, KrillaError> {
    let settings = SerializeSettings { configuration: archival(), ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    document.set_metadata(metadata(invoice));
    for page in pages {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).expect("A4 has an area");
        let mut page_out = document.start_page_with(settings);
        let mut surface = page_out.surface();
        for item in &page.items {
            draw(&mut surface, item);
        }
        surface.finish();
        page_out.finish();
    }
    document.finish()
}

fn archival() -> Configuration {
    let builder = ConfigurationBuilder::new().with_archival_validator(Archival::A3_B);
    builder.finish().expect("PDF/A-3b alone contradicts nothing")
}

/// Dated by the invoice, since a clock would make every rendering another file.
fn metadata(invoice: &Invoice) -> Metadata {
    let date = invoice.date;
    let year = u16::try_from(date.year()).unwrap_or_default();
    let part = |part: i8| u8::try_from(part).unwrap_or(1);
    let midnight = DateTime::new(year).month(part(date.month())).day(part(date.day()));
    Metadata::new()
        .title(format!("{} {}", invoice.title, invoice.invoice_number))
        .authors(vec![invoice.seller.name.clone()])
        .creator("Onward".to_owned())
        .language(invoice.wording.language.to_owned())
        .creation_date(midnight.hour(0).minute(0).second(0).utc_offset_hour(0))
}

fn draw(surface: &mut Surface, item: &Item) {
    match item {
        Item::Text { x, baseline, set } => draw_text(surface, *x, *baseline, set),
        Item::Rule { left, right, y, thickness, colour } => {
            let half = thickness * 0.5;
            fill(surface, *colour);
            surface.draw_path(&rectangle(*left, y - half, *right, y + half));
        }
        Item::Panel { left, top, right, bottom, colour } => {
            fill(surface, *colour);
            surface.draw_path(&rounded(*left, *top, *right, *bottom));
        }
    }
}

fn draw_text(surface: &mut Surface, x: f32, baseline: f32, set: &Set) {
    fill(surface, set.style.colour);
    let mut x = x;
    for run in &set.runs {
        let start = Point::from_xy(x, baseline);
        surface.draw_glyphs(start, &run.glyphs, run.font.clone(), &set.text, set.style.size, false);
        x += run.width;
    }
}

fn fill(surface: &mut Surface, [red, green, blue]: [u8; 3]) {
    let paint = rgb::Color::new(red, green, blue).into();
    surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: FillRule::NonZero }));
}

fn rectangle(left: f32, top: f32, right: f32, bottom: f32) -> Path {
    let mut path = PathBuilder::new();
    path.push_rect(
        Rect::from_ltrb(left, top, right, bottom).expect("left of right, and top above bottom"),
    );
    path.finish().expect("a rectangle is a path")
}

fn rounded(left: f32, top: f32, right: f32, bottom: f32) -> Path {
    const RADIUS: f32 = 5.0;
    // How far from the corner the handles of a cubic stand for it to pass as a quarter circle.
    const HANDLE: f32 = RADIUS * 0.448;
    let mut path = PathBuilder::new();
    path.move_to(left + RADIUS, top);
    path.line_to(right - RADIUS, top);
    path.cubic_to(right - HANDLE, top, right, top + HANDLE, right, top + RADIUS);
    path.line_to(right, bottom - RADIUS);
    path.cubic_to(right, bottom - HANDLE, right - HANDLE, bottom, right - RADIUS, bottom);
    path.line_to(left + RADIUS, bottom);
    path.cubic_to(left + HANDLE, bottom, left, bottom - HANDLE, left, bottom - RADIUS);
    path.line_to(left, top + RADIUS);
    path.cubic_to(left, top + HANDLE, left + HANDLE, top, left + RADIUS, top);
    path.close();
    path.finish().expect("a rounded rectangle is a path")
}
