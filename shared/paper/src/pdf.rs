//! Laid-out pages as a PDF/A-3b: PDF 32000-1:2008, and what ISO 19005-3 asks for besides at level B: every font embedded,
//! colours of a known kind, XMP metadata, an identifier, and nothing that depends on anything else.
#![expect(clippy::float_arithmetic, reason = "measures of fonts, never money")]

use std::hash::{DefaultHasher, Hash as _, Hasher};

use deflate::{Effort, zlib};
use pdf_writer::types::{CidFontType, FontFlags, OutputIntentSubtype, SystemInfo};
use pdf_writer::{Chunk, Date, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

use crate::content::{NAMES, TIGHT, Used, draw};
use crate::face::{Face, Measures};
use crate::layout::{PAGE_HEIGHT, PAGE_WIDTH, Page};
use crate::text::Fonts;
use crate::{Invoice, cmap, xmp};

/// What red, green and blue are: sRGB, from <https://github.com/saucecontrol/Compact-ICC-Profiles> (CC0).
static SRGB: &[u8] = include_bytes!("sRGB-v4.icc");

/// Our CIDs are in no catalogue of characters.
const OWN_NUMBERS: SystemInfo =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const RESOURCES: Ref = Ref::new(3);
const METADATA: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
const COLOURS: Ref = Ref::new(6);
const FIRST_FREE: Ref = Ref::new(7);

/// Writes the pages. Errs if a font is damaged.
pub(crate) fn write(
    fonts: &Fonts,
    invoice: &Invoice,
    pages: &[Page],
) -> Result<Vec<u8>, subsetter::Error> {
    let mut used = <[Used; 3]>::default();
    let contents: Vec<Vec<u8>> =
        pages.iter().map(|page| zlib(&draw(page, fonts, &mut used), Effort::MEDIUM)).collect();
    let mut pdf = Pdf::with_settings_and_capacity(TIGHT, 24 * 1024);
    let mut free = FIRST_FREE;
    write_pages(&mut pdf, &contents, &mut free);

    let mut written = Vec::new();
    for ((which, name), used) in NAMES.into_iter().zip(&used) {
        if !used.widths.is_empty() {
            written.push((name, free));
            write_font(&mut pdf, fonts.face(which), used, &mut free)?;
        }
    }
    let mut resources = pdf.indirect(RESOURCES).start::<pdf_writer::writers::Resources>();
    resources.fonts().pairs(written);
    resources.finish();

    write_metadata(&mut pdf, invoice);
    // The same invoice is the same file, so its pages name it.
    let mut hasher = DefaultHasher::new();
    (&invoice.invoice_number, &contents).hash(&mut hasher);
    let identifier = Hasher::finish(&hasher).to_be_bytes().repeat(2);
    pdf.set_file_id((identifier.clone(), identifier));
    Ok(pdf.finish())
}

fn write_pages(pdf: &mut Pdf, contents: &[Vec<u8>], free: &mut Ref) {
    let mut kids = Vec::new();
    for content in contents {
        let (page_at, content_at) = (free.bump(), free.bump());
        kids.push(page_at);
        let mut page = pdf.page(page_at);
        page.parent(PAGES).contents(content_at).pair(Name(b"Resources"), RESOURCES);
        page.media_box(Rect::new(0.0, 0.0, PAGE_WIDTH, PAGE_HEIGHT));
        page.finish();
        pdf.stream(content_at, content).filter(Filter::FlateDecode);
    }
    let count = i32::try_from(kids.len()).unwrap_or(i32::MAX);
    pdf.pages(PAGES).kids(kids).count(count);
}

/// 9.7: a composite font, whose one part has a number for each glyph.
fn write_font(
    pdf: &mut Pdf,
    face: &Face,
    used: &Used,
    free: &mut Ref,
) -> Result<(), subsetter::Error> {
    let [font_at, part_at, descriptor_at, program_at, texts_at] = [(); 5].map(|()| free.bump());
    let measures = face.measures();
    let name = format!("{}+{}", tag(used), measures.name);
    let mut font = pdf.type0_font(font_at);
    let whole_name = if measures.is_cff { format!("{name}-Identity-H") } else { name.clone() };
    font.base_font(Name(whole_name.as_bytes())).encoding_predefined(Name(b"Identity-H"));
    font.descendant_font(part_at).to_unicode(texts_at);
    font.finish();

    let mut part = pdf.cid_font(part_at);
    part.subtype(if measures.is_cff { CidFontType::Type0 } else { CidFontType::Type2 });
    part.base_font(Name(name.as_bytes())).system_info(OWN_NUMBERS).font_descriptor(descriptor_at);
    part.default_width(0.0).widths().consecutive(0, used.widths.iter().copied());
    if !measures.is_cff {
        part.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    part.finish();

    write_descriptor(pdf, descriptor_at, &name, measures, program_at);
    let program = zlib(&face.subset(&used.glyphs)?, Effort::LITTLE);
    let mut program = pdf.stream(program_at, &program);
    program.filter(Filter::FlateDecode);
    if measures.is_cff {
        program.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    }
    program.finish();
    let texts = zlib(&cmap::of(&used.texts), Effort::MEDIUM);
    pdf.stream(texts_at, &texts).filter(Filter::FlateDecode);
    Ok(())
}

fn write_descriptor(chunk: &mut Chunk, at: Ref, name: &str, measures: &Measures, program_at: Ref) {
    let [left, bottom, right, top] = measures.bounds;
    let mut descriptor = chunk.font_descriptor(at);
    descriptor.name(Name(name.as_bytes())).flags(FontFlags::SYMBOLIC);
    descriptor.bbox(Rect::new(left, bottom, right, top)).italic_angle(0.0);
    descriptor.ascent(measures.ascent).descent(measures.descent);
    // How thick stems are no font says; this is what its weight suggests.
    let stem = (10.0 + 0.244 * (f32::from(measures.weight) - 50.0)).round();
    descriptor.cap_height(measures.cap_height).stem_v(stem);
    if measures.is_cff {
        descriptor.font_file3(program_at);
    } else {
        descriptor.font_file2(program_at);
    }
}

/// Six letters that tell this part of a font from others of the same font.
fn tag(used: &Used) -> String {
    let mut hasher = DefaultHasher::new();
    used.glyphs.remapped_gids().for_each(|glyph| glyph.hash(&mut hasher));
    let hash = Hasher::finish(&hasher);
    let letter =
        |at: u32| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(hash >> (8 * at)) as usize % 26]);
    (0..6).map(letter).collect()
}

/// Who made it, when, and what its colours are. Dated by the invoice, since a clock would make every rendering another
/// file.
fn write_metadata(pdf: &mut Pdf, invoice: &Invoice) {
    let title = format!("{} {}", invoice.title, invoice.invoice_number);
    let metadata = xmp::of(&title, &invoice.seller.name, invoice.date, invoice.wording.language);
    pdf.metadata(METADATA, metadata.as_bytes());

    let part = |part: i8| u8::try_from(part).unwrap_or(1);
    let year = u16::try_from(invoice.date.year()).unwrap_or_default();
    let midnight = Date::new(year).month(part(invoice.date.month())).day(part(invoice.date.day()));
    let midnight = midnight.hour(0).minute(0).second(0).utc_offset_hour(0).utc_offset_minute(0);
    let mut info = pdf.document_info(INFO);
    info.title(TextStr(&title)).author(TextStr(&invoice.seller.name));
    info.creator(TextStr("Onward")).creation_date(midnight).modified_date(midnight);
    info.finish();

    pdf.icc_profile(COLOURS, SRGB).n(3);
    let mut catalog = pdf.catalog(CATALOG);
    catalog.pages(PAGES).metadata(METADATA).lang(TextStr(invoice.wording.language));
    let mut intents = catalog.output_intents();
    let mut intent = intents.push();
    intent.subtype(OutputIntentSubtype::PDFA).output_condition_identifier(TextStr("sRGB"));
    intent.info(TextStr("sRGB")).dest_output_profile(COLOURS);
}
