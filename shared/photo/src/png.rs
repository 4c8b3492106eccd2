//! PNG: chunks, each with its length, name and checksum. <https://www.w3.org/TR/png-3/>, section 5.

use crate::reader::Reader;

pub(crate) const BEGIN: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What makes the picture. Left out are texts, times, Exif, and the further frames of animations.
const PICTURE: [&[u8; 4]; 13] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"sBIT", b"bKGD", b"pHYs",
];

pub(crate) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    reader.expect(BEGIN)?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(BEGIN);
    let (mut is_first, mut is_picture_seen) = (true, false);
    loop {
        let chunk = reader.rest();
        let length = reader.count(4)?;
        let name = reader.name()?;
        reader.take(length)?;
        reader.take(4)?;
        if is_first && &name != b"IHDR" {
            return None;
        }
        is_first = false;
        is_picture_seen |= &name == b"IDAT";
        if PICTURE.contains(&&name) {
            out.extend_from_slice(&chunk[..length + 12]);
        }
        if &name == b"IEND" {
            return is_picture_seen.then_some(out);
        }
    }
}
