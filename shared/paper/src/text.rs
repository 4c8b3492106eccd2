//! Text made into glyphs and lines.
#![expect(clippy::float_arithmetic, reason = "widths on paper, never money")]

use std::cell::OnceCell;
use std::ops::Range;

use unicode_linebreak::BreakOpportunity;

use crate::Unavailable;
use crate::face::{Face, Glyph};

/// Prints where no font has the character; Inter has it.
const MISSING: char = '□';

/// The fonts of one document: Inter, and one that is asked for when a character comes that Inter does not have.
pub(crate) struct Fonts<'a> {
    fallback: OnceCell<Result<Face, Unavailable>>,
    get: &'a dyn Fn() -> Result<&'static [u8], Unavailable>,
}

/// Which font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Regular,
    SemiBold,
    Fallback,
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
    pub(crate) font: Which,
    pub(crate) glyphs: Vec<Glyph>,
    pub(crate) width: f32,
}

impl<'a> Fonts<'a> {
    pub(crate) fn new(get: &'a dyn Fn() -> Result<&'static [u8], Unavailable>) -> Self {
        Self { fallback: OnceCell::new(), get }
    }

    /// Errs if the second font was asked for and could not be had: what was set is not what it should be.
    pub(crate) fn checked(self) -> Result<Self, Unavailable> {
        match self.fallback.into_inner().transpose()? {
            Some(face) => Ok(Self { fallback: OnceCell::from(Ok(face)), ..self }),
            None => Ok(Self { fallback: OnceCell::new(), ..self }),
        }
    }

    pub(crate) fn face(&self, font: Which) -> &Face {
        match font {
            Which::Regular => Face::regular(),
            Which::SemiBold => Face::semi_bold(),
            Which::Fallback => self.fallback().expect("it has a character that was set"),
        }
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
        let whole = self.set(text, style);
        if whole.text.is_empty() {
            return Vec::new();
        }
        if whole.width <= width {
            return vec![whole];
        }
        let text = &whole.text;
        let advances = advances(&whole);
        let fits = |start: usize, end: usize| {
            let visible = start + text[start..end].trim_end().len();
            advances[start..visible].iter().sum::<f32>() <= width
        };
        let mut lines = Vec::new();
        let (mut start, mut fitting) = (0, 0);
        for (end, _) in breaks(text) {
            if !fits(start, end) && fitting > start {
                lines.push(start..fitting);
                start = fitting;
            }
            // A word wider than the column is cut wherever it is full.
            while !fits(start, end) {
                let cut = cut(text, start, end, &fits);
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
        let set = |line: Range<usize>| self.set_cleaned(text[line].trim_end().to_owned(), style);
        lines.into_iter().map(set).collect()
    }

    fn set_cleaned(&self, text: String, style: Style) -> Set {
        let mut runs: Vec<Run> = Vec::new();
        let sources = text.char_indices().map(|(at, it)| (at, self.source(it, style)));
        let mut sources = sources.peekable();
        while let Some((start, source)) = sources.next() {
            while sources.next_if(|(_, next)| *next == source).is_some() {}
            let end = sources.peek().map_or(text.len(), |(at, _)| *at);
            runs.push(self.run(source, &text, start..end, style));
        }
        let width = runs.iter().map(|run| run.width).sum();
        Set { text, runs, style, width }
    }

    fn run(&self, source: Source, text: &str, range: Range<usize>, style: Style) -> Run {
        let (font, is_missing) = match source {
            Source::Font(font) => (font, false),
            Source::Nowhere { bold } => (if bold { Which::SemiBold } else { Which::Regular }, true),
        };
        let shown = |character| if is_missing { MISSING } else { character };
        let glyphs = self.face(font).shape(text, range, style.tabular, shown);
        let width = glyphs.iter().map(|glyph| glyph.advance).sum::<f32>() * style.size;
        Run { font, glyphs, width }
    }

    /// Where a character's glyph comes from.
    fn source(&self, character: char, style: Style) -> Source {
        if is_in_inter(character) {
            return Source::Font(if style.bold { Which::SemiBold } else { Which::Regular });
        }
        // Asked in this order, so that only such a character needs the large font.
        let is_there = self.fallback().is_some_and(|face| face.has(character));
        if is_there { Source::Font(Which::Fallback) } else { Source::Nowhere { bold: style.bold } }
    }

    fn fallback(&self) -> Option<&Face> {
        let get = || Face::new((self.get)()?).ok_or_else(|| "it is no font".into());
        self.fallback.get_or_init(get).as_ref().ok()
    }
}

/// Both weights of Inter have the same characters, every printable one of ASCII among them.
fn is_in_inter(character: char) -> bool {
    matches!(character, ' '..='~') || Face::regular().has(character)
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

/// The width that starts at each byte of the text.
fn advances(set: &Set) -> Vec<f32> {
    let mut advances = vec![0.0; set.text.len()];
    for glyph in set.runs.iter().flat_map(|run| &run.glyphs) {
        advances[glyph.text.start] += glyph.advance * set.style.size;
    }
    advances
}

/// Where a character's glyph comes from.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Font(Which),
    Nowhere { bold: bool },
}

/// One space for any run of white space and control characters, and no pictographs.
fn clean(text: &str) -> String {
    let spaced =
        text.chars().filter(|&character| is_in_inter(character) || !is_pictograph(character));
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
