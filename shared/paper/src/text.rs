//! Fonts, and text made into glyphs and lines.
#![expect(clippy::float_arithmetic, reason = "widths on paper, never money")]

use std::cell::OnceCell;
use std::sync::LazyLock;

use harfrust::{Direction, Feature, ShaperData, Tag, UnicodeBuffer};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{FontRef, MetadataProvider};
use unicode_linebreak::BreakOpportunity;

use crate::Unavailable;

/// Prints where no font has the character; Inter has it.
const MISSING: char = '□';

static REGULAR: LazyLock<Face> =
    LazyLock::new(|| Face::vendored(include_bytes!("../fonts/Inter-Regular.otf")));
static SEMI_BOLD: LazyLock<Face> =
    LazyLock::new(|| Face::vendored(include_bytes!("../fonts/Inter-SemiBold.otf")));

/// A font, as the shaper and as the PDF library each want it.
struct Face {
    parsed: FontRef<'static>,
    shaping: ShaperData,
    embedded: Font,
}

impl Face {
    fn vendored(bytes: &'static [u8]) -> Self {
        Self::new(bytes).expect("a vendored font parses and can be embedded")
    }

    fn new(bytes: &'static [u8]) -> Option<Self> {
        let parsed = FontRef::new(bytes).ok()?;
        let shaping = ShaperData::new(&parsed);
        Some(Self { shaping, embedded: Font::new(bytes.into(), 0)?, parsed })
    }

    fn has(&self, character: char) -> bool {
        self.parsed.charmap().map(character).is_some()
    }
}

/// The fonts of one document: Inter, and one that is asked for when a character comes that Inter does not have.
pub(crate) struct Fonts<'a> {
    fallback: OnceCell<Result<Face, Unavailable>>,
    get: &'a dyn Fn() -> Result<&'static [u8], Unavailable>,
}

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) size: f32,
    pub(crate) bold: bool,
    /// Figures of one width, so that columns of them line up.
    pub(crate) tabular: bool,
    /// Red, green, blue.
    pub(crate) colour: [u8; 3],
}

/// A line of text, ready to be drawn.
#[derive(Clone, Debug)]
pub(crate) struct Set {
    pub(crate) text: String,
    pub(crate) runs: Vec<Run>,
    pub(crate) style: Style,
    pub(crate) width: f32,
}

/// The part of a line that one font sets. The glyphs point into the line's text.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) font: Font,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    pub(crate) width: f32,
}

impl<'a> Fonts<'a> {
    pub(crate) fn new(get: &'a dyn Fn() -> Result<&'static [u8], Unavailable>) -> Self {
        Self { fallback: OnceCell::new(), get }
    }

    /// Errs if the second font was asked for and could not be had: what was set is not what it should be.
    pub(crate) fn check(self) -> Result<(), Unavailable> {
        self.fallback.into_inner().transpose().map(drop)
    }

    /// See [`crate::missing`].
    pub(crate) fn missing(&self, text: &str) -> Vec<char> {
        let style = Style { size: 1.0, bold: false, tabular: false, colour: [0; 3] };
        let is_missing =
            |character: &char| matches!(self.source(*character, style), Source::Nowhere { .. });
        clean(text).chars().filter(is_missing).collect()
    }

    /// Sets a text on one line.
    pub(crate) fn set(&self, text: &str, style: Style) -> Set {
        self.set_cleaned(clean(text), style)
    }

    /// Sets a text on as many lines as a column of this width needs; none for an empty text.
    pub(crate) fn wrap(&self, text: &str, style: Style, width: f32) -> Vec<Set> {
        let text = clean(text);
        let advances = self.advances(&text, style);
        let fits = |start: usize, end: usize| {
            let visible = start + text[start..end].trim_end().len();
            advances[start..visible].iter().sum::<f32>() <= width
        };
        let mut lines = Vec::new();
        let (mut start, mut fitting) = (0, 0);
        for (end, _) in breaks(&text) {
            if !fits(start, end) && fitting > start {
                lines.push(start..fitting);
                start = fitting;
            }
            // A word wider than the column is cut wherever it is full.
            while !fits(start, end) {
                let cut = cut(&text, start, end, &fits);
                if cut == end {
                    break;
                }
                lines.push(start..cut);
                start = cut;
            }
            fitting = end;
        }
        if start < text.len() {
            lines.push(start..text.len());
        }
        let set = |line| self.set_cleaned(str::trim_end(&text[line]).to_owned(), style);
        lines.into_iter().map(set).collect()
    }

    /// The width that starts at each byte of the text.
    fn advances(&self, text: &str, style: Style) -> Vec<f32> {
        let mut advances = vec![0.0; text.len()];
        for run in self.set_cleaned(text.to_owned(), style).runs {
            for glyph in run.glyphs {
                advances[glyph.text_range.start] += glyph.x_advance * style.size;
            }
        }
        advances
    }

    fn set_cleaned(&self, text: String, style: Style) -> Set {
        let mut runs: Vec<Run> = Vec::new();
        let mut sources = text
            .char_indices()
            .map(|(at, character)| (at, self.source(character, style)))
            .peekable();
        while let Some((start, source)) = sources.next() {
            while sources.next_if(|(_, next)| *next == source).is_some() {}
            let end = sources.peek().map_or(text.len(), |(at, _)| *at);
            runs.push(source.run(self.face(source), &text, start..end, style));
        }
        let width = runs.iter().map(|run| run.width).sum();
        Set { text, runs, style, width }
    }

    /// Where a character's glyph comes from.
    fn source(&self, character: char, style: Style) -> Source {
        if REGULAR.has(character) {
            return if style.bold { Source::SemiBold } else { Source::Regular };
        }
        // Asked in this order, so that only such a character needs the large font.
        let is_there = self.fallback().is_some_and(|face| face.has(character));
        if is_there { Source::Fallback } else { Source::Nowhere { bold: style.bold } }
    }

    fn face(&self, source: Source) -> &Face {
        match source {
            Source::Regular | Source::Nowhere { bold: false } => &REGULAR,
            Source::SemiBold | Source::Nowhere { bold: true } => &SEMI_BOLD,
            Source::Fallback => self.fallback().expect("it has the character"),
        }
    }

    fn fallback(&self) -> Option<&Face> {
        let get = || Face::new((self.get)()?).ok_or_else(|| "it is no font".into());
        self.fallback.get_or_init(get).as_ref().ok()
    }
}

fn breaks(text: &str) -> impl Iterator<Item = (usize, BreakOpportunity)> {
    unicode_linebreak::linebreaks(text)
}

/// The last place before `end` up to which the text fits; at least one character on, or there would be no end.
fn cut(text: &str, start: usize, end: usize, fits: &impl Fn(usize, usize) -> bool) -> usize {
    let places = text[start..end].char_indices().map(|(offset, _)| start + offset).skip(1);
    let mut cut = None;
    for place in places {
        if cut.is_some() && !fits(start, place) {
            break;
        }
        cut = Some(place);
    }
    cut.unwrap_or(end)
}

/// Where a character's glyph comes from.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Regular,
    SemiBold,
    Fallback,
    Nowhere { bold: bool },
}

impl Source {
    fn run(self, face: &Face, text: &str, range: std::ops::Range<usize>, style: Style) -> Run {
        let mut buffer = UnicodeBuffer::new();
        for (offset, character) in text[range.clone()].char_indices() {
            let shown = if matches!(self, Self::Nowhere { .. }) { MISSING } else { character };
            // The place in the text stays that of the true character, which is what gets copied and searched.
            let place = u32::try_from(range.start + offset).expect("a line is shorter than 4 GB");
            buffer.add(shown, place);
        }
        buffer.set_direction(Direction::LeftToRight);
        buffer.guess_segment_properties();
        let tabular = Feature::new(Tag::new(b"tnum"), u32::from(style.tabular), ..);
        let shaped = face.shaping.shaper(&face.parsed).build().shape(buffer, &[tabular]);
        let glyphs = glyphs(&shaped, face.embedded.units_per_em(), range.end);
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * style.size;
        Run { font: face.embedded.clone(), glyphs, width }
    }
}

/// The shaper's glyphs in the PDF library's terms: fractions of the font size, and ranges of the text.
fn glyphs(shaped: &harfrust::GlyphBuffer, units_per_em: f32, end: usize) -> Vec<KrillaGlyph> {
    let em = |units: i32| f32::from(i16::try_from(units).unwrap_or(i16::MAX)) / units_per_em;
    let place = |cluster: u32| usize::try_from(cluster).unwrap_or(end);
    let infos = shaped.glyph_infos();
    let glyph = |(index, position): (usize, &harfrust::GlyphPosition)| {
        let cluster = infos[index].cluster;
        let next = infos[index..].iter().map(|info| info.cluster).find(|&next| next > cluster);
        KrillaGlyph::new(
            GlyphId::new(infos[index].glyph_id),
            em(position.x_advance),
            em(position.x_offset),
            em(position.y_offset),
            em(position.y_advance),
            place(cluster)..next.map_or(end, place),
            None,
        )
    };
    shaped.glyph_positions().iter().enumerate().map(glyph).collect()
}

/// One space for any run of white space and control characters, and no pictographs.
fn clean(text: &str) -> String {
    let spaced =
        text.chars().filter(|&character| REGULAR.has(character) || !is_pictograph(character));
    let spaced: String =
        spaced.map(|character| if character.is_control() { ' ' } else { character }).collect();
    // Not the no-break space, which holds figures together.
    spaced.split([' ', '\u{3000}']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Emoji, dingbats, flags, and the invisible characters that join and vary them.
fn is_pictograph(character: char) -> bool {
    matches!(character,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{20E3}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{231A}'..='\u{23FF}' | '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}'
        | '\u{1F000}'..='\u{1FAFF}' | '\u{E0000}'..='\u{E0FFF}')
}
