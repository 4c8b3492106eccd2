//! WebP: chunks in one of RIFF. <https://www.rfc-editor.org/rfc/rfc9649>, section 2.

use crate::orientation;
use crate::reader::Reader;

/// Of the flags in `VP8X`: there is a colour profile, there is transparency. Not: animation, XMP.
const FLAGS_KEPT: u8 = 0b0011_0000;

/// There is Exif.
const FLAG_EXIF: u8 = 0b0000_1000;

pub(crate) fn is_webp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")
}

/// Animations are refused: they are many pictures, each with parts of its own.
pub(crate) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    reader.expect(b"RIFF")?;
    let length = reader.count_from_low()?;
    let mut reader = Reader::new(reader.take(length)?);
    reader.expect(b"WEBP")?;
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    let (mut flags, mut way_up, mut is_picture_seen) = (None, None, false);
    while !reader.rest().is_empty() {
        let name = reader.name()?;
        let length = reader.count_from_low()?;
        let content = reader.take(length)?;
        if length % 2 == 1 {
            reader.take(1)?;
        }
        match &name {
            b"VP8X" if flags.is_none() && !is_picture_seen => {
                flags = Some(out.len() + 8);
                let mut content: [u8; 10] = content.try_into().ok()?;
                content[0] &= FLAGS_KEPT;
                write(&mut out, &name, &content);
            }
            b"VP8 " | b"VP8L" if !is_picture_seen => {
                is_picture_seen = true;
                write(&mut out, &name, content);
            }
            b"ALPH" | b"ICCP" => write(&mut out, &name, content),
            b"EXIF" => {
                let tiff = content.strip_prefix(orientation::PREFIX).unwrap_or(content);
                way_up = way_up.or_else(|| orientation::read(tiff));
            }
            _ => {}
        }
    }
    if let (Some(flags), Some(way_up)) = (flags, way_up) {
        out[flags] |= FLAG_EXIF;
        write(&mut out, b"EXIF", &orientation::write(way_up));
    }
    let length = u32::try_from(out.len() - 8).ok()?;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    is_picture_seen.then_some(out)
}

fn write(out: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    let length = u32::try_from(content.len()).expect("no photo is as long as four gigabytes");
    out.extend_from_slice(name);
    out.extend(length.to_le_bytes());
    out.extend_from_slice(content);
    if content.len() % 2 == 1 {
        out.push(0);
    }
}
