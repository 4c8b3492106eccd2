//! What is drawn on a page, in the operators of PDF.
//!
//! Text: PDF 32000-1:2008, 9.4; text that glyphs alone do not tell: 14.9.4.
#![expect(clippy::float_arithmetic, reason = "places on paper, never money")]

use pdf_writer::{Content, Name, Settings, Str, TextStr};
use subsetter::GlyphRemapper;

use crate::face::{Face, Glyph};
use crate::layout::{Item, PAGE_HEIGHT, Page};
use crate::text::{Fonts, Run, Set, Which};

/// As small as can be.
pub(crate) const TIGHT: Settings = Settings { pretty: false };

/// The glyphs of a font that a document has.
#[derive(Default)]
pub(crate) struct Used {
    /// They are numbered as they come; a PDF calls that a CID.
    pub(crate) glyphs: GlyphRemapper,
    /// What each stands for, by that number. The first is for what is missing, and stands for nothing.
    pub(crate) texts: Vec<String>,
    /// In thousandths of the font's size, by that number.
    pub(crate) widths: Vec<f32>,
}

impl Used {
    fn number(&mut self, face: &Face, glyph: u16) -> u16 {
        let number = self.glyphs.remap(glyph);
        let count = usize::from(self.glyphs.num_gids());
        if self.widths.is_empty() {
            self.widths.push(rounded(face.width(0), 1));
        }
        if self.widths.len() < count {
            self.widths.push(rounded(face.width(glyph), 1));
        }
        self.texts.resize(count, String::new());
        number
    }

    /// Whether a glyph says all by itself that it stands for this text. It can say one thing only.
    fn stands_for(&mut self, number: u16, text: &str) -> bool {
        let said = &mut self.texts[usize::from(number)];
        if said.is_empty() {
            text.clone_into(said);
        }
        said == text
    }
}

/// The fonts of a document by the names that pages have for them.
pub(crate) const NAMES: [(Which, Name<'static>); 3] =
    [(Which::Regular, Name(b"R")), (Which::SemiBold, Name(b"B")), (Which::Fallback, Name(b"F"))];

/// Draws a page, and notes the glyphs that it takes.
pub(crate) fn draw(page: &Page, fonts: &Fonts, used: &mut [Used; 3]) -> Vec<u8> {
    let mut pen =
        Pen { content: Content::with_settings(TIGHT), fonts, used, colour: [0; 3], font: None };
    for item in &page.items {
        match item {
            Item::Text { x, baseline, set } => pen.text(*x, *baseline, set),
            Item::Rule { left, right, y, thickness, colour } => {
                pen.colour(*colour);
                let bottom = place(PAGE_HEIGHT - y - thickness * 0.5);
                let width = place(right - left);
                pen.content.rect(place(*left), bottom, width, place(*thickness)).fill_nonzero();
            }
            Item::Panel { left, top, right, bottom, colour } => {
                pen.colour(*colour);
                rounded_rectangle(&mut pen.content, *left, *top, *right, *bottom);
            }
        }
    }
    pen.content.finish().into_vec()
}

struct Pen<'a> {
    content: Content,
    fonts: &'a Fonts<'a>,
    used: &'a mut [Used; 3],
    /// As a page begins: black.
    colour: [u8; 3],
    font: Option<(Which, f32)>,
}

impl Pen<'_> {
    fn colour(&mut self, colour: [u8; 3]) {
        if self.colour != colour {
            let [red, green, blue] = colour.map(|part| rounded(f32::from(part) / 255.0, 3));
            self.content.set_fill_rgb(red, green, blue);
            self.colour = colour;
        }
    }

    fn text(&mut self, x: f32, baseline: f32, set: &Set) {
        self.colour(set.style.colour);
        let mut x = x;
        for run in &set.runs {
            self.content.begin_text();
            if self.font != Some((run.font, set.style.size)) {
                let (_, name) = NAMES[run.font as usize];
                self.content.set_font(name, set.style.size);
                self.font = Some((run.font, set.style.size));
            }
            self.content.next_line(place(x), place(PAGE_HEIGHT - baseline));
            self.run(run, set);
            self.content.end_text();
            x += run.width;
        }
    }

    /// Glyphs of one place in the text belong together: where one alone does not say what they stand for, the text
    /// stands beside them.
    fn run(&mut self, run: &Run, set: &Set) {
        let face = self.fonts.face(run.font);
        let mut plain: Vec<(u16, &Glyph)> = Vec::new();
        for cluster in run.glyphs.chunk_by(|glyph, next| glyph.text == next.text) {
            let text = &set.text[cluster[0].text.clone()];
            let used = &mut self.used[run.font as usize];
            let numbered: Vec<(u16, &Glyph)> =
                cluster.iter().map(|glyph| (used.number(face, glyph.id), glyph)).collect();
            if let [(number, _)] = numbered[..]
                && used.stands_for(number, text)
            {
                plain.extend(numbered);
                continue;
            }
            self.show(run.font, &plain, set.style.size);
            plain.clear();
            let mut span = self.content.begin_marked_content_with_properties(Name(b"Span"));
            span.properties().actual_text(TextStr(text));
            drop(span);
            self.show(run.font, &numbered, set.style.size);
            self.content.end_marked_content();
        }
        self.show(run.font, &plain, set.style.size);
    }

    /// Shows glyphs one after the other, each as far from the next as the shaper has it.
    fn show(&mut self, font: Which, glyphs: &[(u16, &Glyph)], size: f32) {
        for level in glyphs.chunk_by(|(_, glyph), (_, next)| glyph.y_offset == next.y_offset) {
            let rise = level[0].1.y_offset;
            if rise != 0.0 {
                self.content.set_rise(place(rise * size));
            }
            self.show_level(font, level);
            if rise != 0.0 {
                self.content.set_rise(0.0);
            }
        }
    }

    fn show_level(&mut self, font: Which, glyphs: &[(u16, &Glyph)]) {
        let widths = &self.used[font as usize].widths;
        let mut shown = self.content.show_positioned();
        let mut items = shown.items();
        let mut together: Vec<u8> = Vec::with_capacity(glyphs.len() * 2);
        // How far the pen is behind the place where the shaper wants it, in thousandths.
        let mut behind = 0.0;
        for (number, glyph) in glyphs {
            let before = behind + glyph.x_offset * 1000.0;
            if before.abs() >= 0.5 {
                items.show(Str(&together)).adjust(-before.round());
                together.clear();
                behind -= before.round();
            }
            together.extend(number.to_be_bytes());
            behind += glyph.advance * 1000.0 - widths[usize::from(*number)];
        }
        items.show(Str(&together));
    }
}

/// To a hundredth of a point, the 3,500th part of a millimetre.
fn place(points: f32) -> f32 {
    rounded(points, 2)
}

fn rounded(number: f32, decimals: i32) -> f32 {
    let scale = 10_f32.powi(decimals);
    (number * scale).round() / scale
}

fn rounded_rectangle(content: &mut Content, left: f32, top: f32, right: f32, bottom: f32) {
    const RADIUS: f32 = 5.0;
    // How far from the corner the handles of a cubic stand for it to pass as a quarter circle.
    const HANDLE: f32 = RADIUS * 0.448;
    let [left, right] = [left, right].map(place);
    let [top, bottom] = [PAGE_HEIGHT - top, PAGE_HEIGHT - bottom].map(place);
    content.move_to(left + RADIUS, top).line_to(right - RADIUS, top);
    content.cubic_to(right - HANDLE, top, right, top - HANDLE, right, top - RADIUS);
    content.line_to(right, bottom + RADIUS);
    content.cubic_to(right, bottom + HANDLE, right - HANDLE, bottom, right - RADIUS, bottom);
    content.line_to(left + RADIUS, bottom);
    content.cubic_to(left + HANDLE, bottom, left, bottom + HANDLE, left, bottom + RADIUS);
    content.line_to(left, top - RADIUS);
    content.cubic_to(left, top - HANDLE, left + HANDLE, top, left + RADIUS, top);
    content.close_path().fill_nonzero();
}
