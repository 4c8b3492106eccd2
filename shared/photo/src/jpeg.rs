//! JPEG: segments, of which some are followed by a scan of the picture, up to the end of the image.
//! <https://www.w3.org/Graphics/JPEG/itu-t81.pdf>, annex B.

use crate::orientation;
use crate::reader::Reader;

/// The start of the image and that of the first segment.
pub(crate) const BEGIN: &[u8] = b"\xff\xd8\xff";

const END: [u8; 2] = [0xff, 0xd9];
const SCAN: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;

/// What JFIF says of colours and proportions; its thumbnail comes after.
const JFIF_LEN: usize = 12;

pub(crate) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    reader.expect(&BEGIN[..2])?;
    let (mut head, mut body) = (Vec::new(), Vec::with_capacity(bytes.len()));
    let (mut way_up, mut is_frame_seen, mut is_scan_seen) = (None, false, false);
    while let Some(marker) = next_marker(&mut reader, is_scan_seen)? {
        if matches!(marker, 0x01 | 0xd0..=0xd7) {
            continue; // They stand alone, and say nothing here.
        }
        let length = reader.count(2)?.checked_sub(2)?;
        let content = reader.take(length)?;
        match marker {
            APP0 if content.starts_with(b"JFIF\0") && head.is_empty() => {
                let mut without_thumbnail = content.get(..JFIF_LEN)?.to_vec();
                without_thumbnail.extend([0, 0]);
                write(&mut head, marker, &without_thumbnail);
            }
            APP1 => {
                let tiff = content.strip_prefix(orientation::PREFIX);
                way_up = way_up.or_else(|| tiff.and_then(orientation::read));
            }
            _ if makes_the_picture(marker, content) => write(&mut body, marker, content),
            _ => {}
        }
        is_frame_seen |= is_frame(marker);
        if marker == SCAN {
            is_scan_seen = true;
            let scan = reader.take(scan_len(reader.rest()))?;
            body.extend_from_slice(scan);
        }
    }
    if !is_frame_seen || !is_scan_seen {
        return None;
    }
    if let Some(way_up) = way_up {
        let exif = [orientation::PREFIX, &orientation::write(way_up)].concat();
        write(&mut head, APP1, &exif);
    }
    Some([&BEGIN[..2], &head, &body, &END].concat())
}

/// The next marker; none at the end of the image. Cameras that lose power, and some programs, write no end.
#[expect(clippy::option_option, reason = "no marker is good, and no byte is not")]
fn next_marker(reader: &mut Reader<'_>, may_end: bool) -> Option<Option<u8>> {
    if reader.rest().is_empty() && may_end {
        return Some(None);
    }
    reader.expect(&[0xff])?;
    loop {
        match reader.take(1)?[0] {
            0xff => {} // Any number of these may fill the space before a marker.
            0xd9 => return Some(None),
            0x00 | 0xd8 => return None,
            marker => return Some(Some(marker)),
        }
    }
}

fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

fn makes_the_picture(marker: u8, content: &[u8]) -> bool {
    match marker {
        0xc4 | 0xcc | SCAN..=0xdf => true, // Tables, scans, and what they need.
        APP2 => content.starts_with(b"ICC_PROFILE\0"),
        APP14 => content.starts_with(b"Adobe"),
        _ => is_frame(marker),
    }
}

fn write(out: &mut Vec<u8>, marker: u8, content: &[u8]) {
    let length =
        u16::try_from(content.len() + 2).expect("a segment was read with as long a length");
    out.extend([0xff, marker]);
    out.extend(length.to_be_bytes());
    out.extend_from_slice(content);
}

/// How many bytes of a scan come before the next marker.
fn scan_len(rest: &[u8]) -> usize {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7);
    rest.windows(2).position(is_marker).unwrap_or(rest.len())
}
