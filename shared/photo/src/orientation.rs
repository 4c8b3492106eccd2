//! Which way up a picture is to be shown: the one entry of Exif that makes the picture.
//! <https://www.cipa.jp/std/documents/download_e.html?CIPA_DC-008-2024-E>

use crate::reader::Reader;

/// What Exif begins with in a JPEG.
pub(crate) const PREFIX: &[u8] = b"Exif\0\0";

/// The entry `Orientation`.
const TAG: u16 = 0x0112;

/// The only way of writing it: one number of two bytes.
const SHORT: u16 = 3;

/// The orientation that a TIFF structure names in its first directory, if it is not the usual one.
pub(crate) fn read(tiff: &[u8]) -> Option<u8> {
    let is_low_first = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_low_first { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let mut offset = Reader::new(tiff.get(4..8)?);
    let directory = if is_low_first { offset.count_from_low()? } else { offset.count(4)? };
    let entries = usize::from(short(directory)?);
    (0..entries).map(|entry| directory.checked_add(2 + 12 * entry)).find_map(|at| {
        let at = at?;
        let is_it = short(at)? == TAG && short(at + 2)? == SHORT;
        u8::try_from(short(at + 8)?).ok().filter(|value| is_it && (2..=8).contains(value))
    })
}

/// A TIFF structure that says that, and nothing else.
pub(crate) fn write(orientation: u8) -> [u8; 26] {
    let mut tiff = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    tiff[19] = orientation;
    tiff
}
