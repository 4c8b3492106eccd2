//! A font: what it has, how it sets a text, and the part of it that a document needs.
#![expect(clippy::float_arithmetic, reason = "widths on paper, never money")]

use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use harfrust::{
    Direction, Feature, GlyphBuffer, ShapePlan, ShapePlanKey, Shaper, ShaperData, Tag,
    UnicodeBuffer,
};
use skrifa::raw::TableProvider as _;
use skrifa::{FontRef, GlyphId, MetadataProvider as _};
use subsetter::GlyphRemapper;

static REGULAR: LazyLock<Face> =
    LazyLock::new(|| Face::vendored(include_bytes!("../fonts/Inter-Regular.otf")));
static SEMI_BOLD: LazyLock<Face> =
    LazyLock::new(|| Face::vendored(include_bytes!("../fonts/Inter-SemiBold.otf")));

/// A font that was read, and how it shapes texts.
pub(crate) struct Face {
    bytes: &'static [u8],
    parsed: FontRef<'static>,
    shaping: ShaperData,
    /// How scripts are shaped, each with figures of one width and without: to work it out takes longer than to shape.
    plans: Mutex<Vec<Arc<ShapePlan>>>,
    measures: Measures,
}

/// What a PDF says of a font, in thousandths of its size.
#[derive(Debug, Clone)]
pub(crate) struct Measures {
    pub(crate) name: String,
    pub(crate) bounds: [f32; 4],
    pub(crate) ascent: f32,
    pub(crate) descent: f32,
    pub(crate) cap_height: f32,
    pub(crate) weight: u16,
    units_per_em: f32,
    /// Whether its outlines are PostScript's, not TrueType's.
    pub(crate) is_cff: bool,
}

/// Where a glyph stands, in fractions of the size of its font, and what it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Glyph {
    pub(crate) id: u16,
    pub(crate) advance: f32,
    pub(crate) x_offset: f32,
    pub(crate) y_offset: f32,
    /// The bytes of the line's text.
    pub(crate) text: Range<usize>,
}

impl Face {
    pub(crate) fn regular() -> &'static Self {
        &REGULAR
    }

    pub(crate) fn semi_bold() -> &'static Self {
        &SEMI_BOLD
    }

    fn vendored(bytes: &'static [u8]) -> Self {
        Self::new(bytes).expect("a vendored font parses")
    }

    /// None if that is no font that can be set and embedded.
    pub(crate) fn new(bytes: &'static [u8]) -> Option<Self> {
        let parsed = FontRef::new(bytes).ok()?;
        let measures = Measures::of(&parsed)?;
        let shaping = ShaperData::new(&parsed);
        Some(Self { bytes, shaping, plans: Mutex::default(), measures, parsed })
    }

    pub(crate) fn has(&self, character: char) -> bool {
        self.parsed.charmap().map(character).is_some()
    }

    pub(crate) fn measures(&self) -> &Measures {
        &self.measures
    }

    /// The glyphs of a part of a text, in which `shown` stands for each character.
    pub(crate) fn shape(
        &self,
        text: &str,
        range: Range<usize>,
        tabular: bool,
        shown: impl Fn(char) -> char,
    ) -> Vec<Glyph> {
        let mut buffer = UnicodeBuffer::new();
        for (offset, character) in text[range.clone()].char_indices() {
            // The place in the text stays that of the true character, which is what gets copied and searched.
            let place = u32::try_from(range.start + offset).expect("a line is shorter than 4 GB");
            buffer.add(shown(character), place);
        }
        buffer.set_direction(Direction::LeftToRight);
        buffer.guess_segment_properties();
        let features = [Feature::new(Tag::new(b"tnum"), u32::from(tabular), ..)];
        let shaper = self.shaping.shaper(&self.parsed).build();
        let plan = self.plan(&shaper, &buffer, &features);
        let shaped = shaper.shape_with_plan(&plan, buffer, &features);
        let missing = self.glyph('□');
        glyphs(&shaped, self.measures.units_per_em, range.end, missing)
    }

    fn plan(
        &self,
        shaper: &Shaper<'_>,
        buffer: &UnicodeBuffer,
        features: &[Feature],
    ) -> Arc<ShapePlan> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let (script, direction) = (Some(buffer.script()), buffer.direction());
        let language = buffer.language();
        let key = ShapePlanKey::new(script, direction).language(language.as_ref());
        let key = key.features(features);
        if let Some(plan) = plans.iter().find(|plan| key.matches(plan)) {
            return Arc::clone(plan);
        }
        let plan = ShapePlan::new(shaper, direction, script, language.as_ref(), features);
        let plan = Arc::new(plan);
        plans.push(Arc::clone(&plan));
        plan
    }

    fn glyph(&self, character: char) -> u16 {
        let glyph = self.parsed.charmap().map(character);
        glyph.and_then(|glyph| u16::try_from(glyph.to_u32()).ok()).unwrap_or_default()
    }

    /// In thousandths of the font's size.
    pub(crate) fn width(&self, glyph: u16) -> f32 {
        let units = self.parsed.hmtx().ok().and_then(|widths| widths.advance(GlyphId::from(glyph)));
        f32::from(units.unwrap_or_default()) * 1000.0 / self.measures.units_per_em
    }

    /// A font of these glyphs alone, as a PDF holds it.
    pub(crate) fn subset(&self, glyphs: &GlyphRemapper) -> Result<Vec<u8>, subsetter::Error> {
        let font = subsetter::subset(self.bytes, 0, glyphs)?;
        // Of a PostScript font a PDF wants the outlines alone.
        let outlines = FontRef::new(&font)
            .ok()
            .and_then(|font| Some(font.table_data(Tag::new(b"CFF "))?.as_bytes().to_vec()));
        Ok(outlines.unwrap_or(font))
    }
}

impl Measures {
    fn of(font: &FontRef<'_>) -> Option<Self> {
        let head = font.head().ok()?;
        let scale = 1000.0 / f32::from(head.units_per_em());
        let hhea = font.hhea().ok()?;
        let cap_height = font.os2().ok().and_then(|os2| os2.s_cap_height());
        let thousandths = |units: i16| (f32::from(units) * scale).round();
        let [ascent, descent] =
            [hhea.ascender(), hhea.descender()].map(|it| thousandths(it.to_i16()));
        let name = font.localized_strings(skrifa::string::StringId::POSTSCRIPT_NAME);
        Some(Self {
            name: name.english_or_first()?.chars().collect(),
            bounds: [head.x_min(), head.y_min(), head.x_max(), head.y_max()].map(thousandths),
            ascent,
            descent,
            cap_height: cap_height.map_or(ascent, thousandths),
            weight: font.os2().map_or(400, |os2| os2.us_weight_class()),
            is_cff: font.cff().is_ok(),
            units_per_em: f32::from(head.units_per_em()),
        })
    }
}

/// The shaper's glyphs, each with the text that it stands for; for what has no glyph, `missing`.
fn glyphs(shaped: &GlyphBuffer, units_per_em: f32, end: usize, missing: u16) -> Vec<Glyph> {
    let em = |units: i32| f32::from(i16::try_from(units).unwrap_or(i16::MAX)) / units_per_em;
    let place = |cluster: u32| usize::try_from(cluster).unwrap_or(end);
    let infos = shaped.glyph_infos();
    let glyph = |(index, position): (usize, &harfrust::GlyphPosition)| {
        let cluster = infos[index].cluster;
        let next = infos[index..].iter().map(|info| info.cluster).find(|&next| next > cluster);
        let id = u16::try_from(infos[index].glyph_id).unwrap_or_default();
        Glyph {
            id: if id == 0 { missing } else { id },
            advance: em(position.x_advance),
            x_offset: em(position.x_offset),
            y_offset: em(position.y_offset),
            text: place(cluster)..next.map_or(end, place),
        }
    };
    shaped.glyph_positions().iter().enumerate().map(glyph).collect()
}
