//! HEIC: boxes in boxes (ISO/IEC 14496-12). `meta` lists items, and where the bytes of each lie (ISO/IEC 23008-12): the
//! pictures, the tiles that a picture is made of, and with them Exif and XMP.
//!
//! Offsets count from the start of the file, so no byte moves: of all boxes that can hold anything, only the bytes of items
//! that are picture are kept, and all others become zeros.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::reader::Reader;

/// Kinds of items that are picture: coded, made of others, or turned, or laid over one another.
const PICTURES: [&[u8; 4]; 5] = [b"hvc1", b"grid", b"iden", b"iovl", b"tmap"];

/// What boxes and items are called that everybody passes over.
const NOTHING: &[u8; 4] = b"free";

/// Properties that decide how a picture is decoded and shown.
const PROPERTIES: [&[u8; 4]; 14] = [
    b"hvcC", b"lhvC", b"ispe", b"colr", b"pixi", b"irot", b"imir", b"clap", b"pasp", b"auxC",
    b"clli", b"mdcv", b"rloc", b"lsel",
];

/// Brands that promise HEVC in still pictures.
const BRANDS: [&[u8]; 4] = [b"heic", b"heix", b"heim", b"heis"];

/// Boxes in one box: telephones write some dozens; one for each tile of a large picture is some hundreds.
const PARTS_MAX: usize = 10_000;

/// A file needs one box for its pictures.
const MDATS_MAX: usize = 16;

/// A box: what it is, and where.
struct Part {
    name: [u8; 4],
    /// Of its name.
    name_at: usize,
    content: Range<usize>,
}

pub(crate) fn is_heic(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    let brands = (|| {
        let length = reader.count(4)?.checked_sub(8)?;
        reader.expect(b"ftyp")?;
        reader.take(length)
    })();
    // The minor version stands between the first brand and the others, and is none.
    brands.is_some_and(|brands| brands.chunks_exact(4).any(|brand| BRANDS.contains(&brand)))
}

pub(crate) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.to_vec();
    let parts = parts(bytes, 0..bytes.len())?;
    let mut metas = parts.iter().filter(|part| &part.name == b"meta");
    let (meta, None) = (metas.next()?, metas.next()) else { return None };
    let mut data = Vec::new();
    for part in &parts {
        match &part.name {
            b"ftyp" | b"meta" => {}
            b"mdat" => {
                data.push(part.content.clone());
                out[part.content.clone()].fill(0);
            }
            _ => blank(&mut out, part),
        }
    }
    if data.len() > MDATS_MAX {
        return None;
    }
    let kept = clean_meta(bytes, &mut out, meta.content.clone())?;
    let mut is_picture_seen = false;
    for within in data {
        is_picture_seen |= restore(bytes, &mut out, &within, &kept);
    }
    is_picture_seen.then_some(out)
}

/// Cleans the list of items; where in the file the pictures lie.
fn clean_meta(bytes: &[u8], out: &mut [u8], content: Range<usize>) -> Option<Vec<Range<usize>>> {
    let parts = parts(bytes, inner(content, 4)?)?;
    let (mut items, mut places, mut idat) = (None, None, None);
    for part in &parts {
        match &part.name {
            b"pitm" | b"iref" | b"dinf" | b"grpl" => {}
            b"hdlr" => out[inner(part.content.clone(), 12)?].fill(0), // A name, and nothing that is used.
            b"iinf" if items.is_none() => items = Some(clean_items(bytes, out, part)?),
            b"iloc" if places.is_none() => places = Some(part.content.clone()),
            b"idat" if idat.is_none() => {
                idat = Some(part.content.clone());
                out[part.content.clone()].fill(0);
            }
            b"iprp" => clean_properties(bytes, out, part)?,
            _ => blank(out, part),
        }
    }
    let (in_file, in_idat) = pictures(&bytes[places?], &items?)?;
    if let Some(idat) = idat {
        let moved = in_idat.into_iter().map(|range| {
            Some(idat.start.checked_add(range.start)?..idat.start.checked_add(range.end)?)
        });
        restore(bytes, out, &idat, &merged(moved.collect::<Option<_>>()?));
    }
    Some(merged(in_file))
}

/// The ids of items that are picture. Names are left out, and what the other items were: nobody is to look for Exif in zeros.
fn clean_items(bytes: &[u8], out: &mut [u8], part: &Part) -> Option<BTreeSet<u64>> {
    let count_len = if bytes[part.content.clone()].first()? == &0 { 2 } else { 4 };
    let mut pictures = BTreeSet::new();
    for item in parts(bytes, inner(part.content.clone(), 4 + count_len)?)? {
        let mut reader = Reader::new(&bytes[item.content.clone()]);
        let id_len = match (&item.name, reader.number(1)?) {
            (b"infe", 2) => 2,
            (b"infe", 3) => 4,
            _ => return None,
        };
        reader.take(3)?;
        let id = reader.number(id_len)?;
        reader.take(2)?;
        let kind = inner(item.content.clone(), 6 + id_len)?;
        let names = inner(item.content, 10 + id_len)?;
        if PICTURES.contains(&&reader.name()?) {
            pictures.insert(id);
        } else {
            out[kind.start..names.start].copy_from_slice(NOTHING);
        }
        out[names].fill(0);
    }
    Some(pictures)
}

/// A property that is left out stays in its place, for the others are counted.
fn clean_properties(bytes: &[u8], out: &mut [u8], part: &Part) -> Option<()> {
    for part in parts(bytes, part.content.clone())? {
        match &part.name {
            b"ipma" => {}
            b"ipco" => {
                for property in parts(bytes, part.content)? {
                    if !PROPERTIES.contains(&&property.name) {
                        blank(out, &property);
                    }
                }
            }
            _ => blank(out, &part),
        }
    }
    Some(())
}

type Ranges = Vec<Range<usize>>;

/// Where the bytes of pictures lie: in the file, and in the box `idat`.
fn pictures(iloc: &[u8], items: &BTreeSet<u64>) -> Option<(Ranges, Ranges)> {
    let mut reader = Reader::new(iloc);
    let version = reader.number(1)?;
    reader.take(3)?;
    let sizes = reader.count(2)?;
    let [offset_len, length_len, base_len, index_len] =
        [12, 8, 4, 0].map(|shift| sizes >> shift & 15);
    // An extent without a length would be the whole file, and could be told any number of times in no bytes.
    if version > 2
        || length_len == 0
        || [offset_len, length_len, base_len, index_len].iter().any(|len| *len > 8)
    {
        return None;
    }
    let id_len = if version < 2 { 2 } else { 4 };
    let (mut in_file, mut in_idat) = (Vec::new(), Vec::new());
    for _ in 0..reader.number(id_len)? {
        let id = reader.number(id_len)?;
        let method = if version == 0 { 0 } else { reader.number(2)? & 15 };
        let is_here = reader.number(2)? == 0;
        let base = reader.count(base_len)?;
        for _ in 0..reader.number(2)? {
            if version > 0 {
                reader.take(index_len)?;
            }
            let start = base.checked_add(reader.count(offset_len)?)?;
            let end = start.checked_add(reader.count(length_len)?)?;
            match method {
                _ if !is_here || !items.contains(&id) => {}
                0 => in_file.push(start..end),
                1 => in_idat.push(start..end),
                _ => return None,
            }
        }
    }
    Some((in_file, in_idat))
}

/// Brings back what lies in these ranges, as far as they lie within; tells whether there was anything.
fn restore(bytes: &[u8], out: &mut [u8], within: &Range<usize>, kept: &[Range<usize>]) -> bool {
    let mut is_any = false;
    for range in kept {
        let common = range.start.max(within.start)..range.end.min(within.end);
        if !common.is_empty() {
            out[common.clone()].copy_from_slice(&bytes[common]);
            is_any = true;
        }
    }
    is_any
}

/// The same ranges, in order and none twice: else a small file could have a large one copied any number of times.
fn merged(mut ranges: Ranges) -> Ranges {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Ranges = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// What is left of a range after so many bytes.
fn inner(range: Range<usize>, skip: usize) -> Option<Range<usize>> {
    let start = range.start.checked_add(skip)?;
    (start <= range.end).then_some(start..range.end)
}

/// Makes a box one that everybody passes over, with nothing in it.
fn blank(out: &mut [u8], part: &Part) {
    out[part.name_at..part.name_at + 4].copy_from_slice(NOTHING);
    out[part.content.clone()].fill(0);
}

/// The boxes in a range, one after the other.
fn parts(bytes: &[u8], within: Range<usize>) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut at = within.start;
    while at < within.end {
        let mut reader = Reader::new(&bytes[at..within.end]);
        let (short, name) = (reader.count(4)?, reader.name()?);
        let (head, length) = match short {
            0 => (8, within.end - at), // Up to the end.
            1 => (16, reader.count(8)?),
            length => (8, length),
        };
        let end = at.checked_add(length).filter(|end| length >= head && *end <= within.end)?;
        parts.push(Part { name, name_at: at + 4, content: at + head..end });
        if parts.len() > PARTS_MAX {
            return None;
        }
        at = end;
    }
    Some(parts)
}
