//! Photos as telephones and programs write them, full of what nobody is to know, and what is left of them.

use super::*;

/// What the samples say of their maker, in Exif, XMP, IPTC, comments, names and films.
const PRIVATE: [&[u8]; 3] = [b"Unverkennbar", b"Geheimratsgasse", b"2026:11:22"];

const PROGRESSIVE: &[u8] = include_bytes!("../../../fuzz/corpus/photo/progressive.jpg");
const PLAIN: &[u8] = include_bytes!("../../../fuzz/corpus/photo/plain.jpg");
const PALETTE: &[u8] = include_bytes!("../../../fuzz/corpus/photo/palette.png");
const EXTENDED: &[u8] = include_bytes!("../../../fuzz/corpus/photo/extended.webp");
const LOSSLESS: &[u8] = include_bytes!("../../../fuzz/corpus/photo/lossless.webp");
const TILES: &[u8] = include_bytes!("../../../fuzz/corpus/photo/tiles.heic");

// These two an encoder wrote, x265 by libheif 1.23.6 (the Python package pillow-heif 1.8.1): drawings of ours, with the Exif
// and the XMP of a telephone, one of them with an alpha plane. Of what is left of them libheif shows the same pixels.
const CAMERA: &[u8] = include_bytes!("../../../fuzz/corpus/photo/camera.heic");
const ALPHA: &[u8] = include_bytes!("../../../fuzz/corpus/photo/alpha.heic");

const SAMPLES: [(Kind, &[u8]); 8] = [
    (Kind::Jpeg, PROGRESSIVE),
    (Kind::Jpeg, PLAIN),
    (Kind::Png, PALETTE),
    (Kind::Webp, EXTENDED),
    (Kind::Webp, LOSSLESS),
    (Kind::Heic, TILES),
    (Kind::Heic, CAMERA),
    (Kind::Heic, ALPHA),
];

fn has(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|it| it == word)
}

#[test]
fn what_a_photo_tells_besides_is_left_out() {
    for (kind, sample) in SAMPLES {
        let clean = clean(sample).unwrap_or_else(|unfit| panic!("{kind:?}: {unfit}"));
        assert_eq!(clean.kind, kind);
        assert!(PRIVATE.iter().all(|word| !has(&clean.bytes, word)), "{kind:?} tells something");
    }
    for telling in [PROGRESSIVE, PALETTE, EXTENDED, TILES, CAMERA, ALPHA] {
        assert!(PRIVATE.iter().any(|word| has(telling, word)), "a sample has nothing to tell");
    }
}

#[test]
fn what_is_clean_stays_as_it_is() {
    for (kind, sample) in SAMPLES {
        let once = clean(sample).unwrap();
        assert_eq!(clean(&once.bytes), Ok(once), "{kind:?}");
    }
}

#[test]
fn each_scan_of_a_picture_is_kept_byte_by_byte() {
    let cleaned = clean(PROGRESSIVE).unwrap().bytes;
    let scans = |bytes: &[u8]| bytes.windows(2).filter(|pair| pair == b"\xff\xda").count();
    let end = PROGRESSIVE.windows(2).position(|pair| pair == b"\xff\xd9").unwrap() + 2;
    assert!(scans(&cleaned) > 3);
    assert_eq!(scans(&cleaned), scans(&PROGRESSIVE[..end]));
    assert!(cleaned.ends_with(&PROGRESSIVE[end - 40..end]));
    // Nothing stood in this one but picture.
    assert_eq!(clean(PLAIN).unwrap().bytes, PLAIN);
    assert_eq!(clean(LOSSLESS).unwrap().bytes, LOSSLESS);
}

#[test]
fn a_photo_still_stands_the_right_way_up() {
    let exif = [orientation::PREFIX, &orientation::write(6)].concat();
    assert!(has(&clean(PROGRESSIVE).unwrap().bytes, &exif));
    assert!(has(&clean(EXTENDED).unwrap().bytes, &orientation::write(6)));
    assert_eq!(orientation::read(&orientation::write(6)), Some(6));
    assert_eq!(orientation::read(&orientation::write(1)), None, "it is the usual one");
    assert_eq!(orientation::read(b"MM\0*\xff\xff\xff\xff"), None);
    // In the new format that is a property, and stays.
    assert!(has(&clean(TILES).unwrap().bytes, b"irot\x01"));
}

#[test]
fn of_heic_the_pictures_stay_where_they_are_and_all_else_becomes_nothing() {
    let cleaned = clean(TILES).unwrap().bytes;
    assert_eq!(cleaned.len(), TILES.len());
    let picture: Vec<u8> = (1..97).collect();
    let tile: Vec<u8> = (100..150).collect();
    let place = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).position(|it| it == part);
    for part in [picture, tile] {
        assert!(place(TILES, &part).is_some());
        assert_eq!(place(&cleaned, &part), place(TILES, &part));
    }
    assert!(!has(&cleaned, b"mpvd") && !has(&cleaned, b"uuid") && !has(&cleaned, b"udes"));
    assert!(!has(&cleaned, b"xmpmeta"));
}

#[test]
fn of_a_heic_that_an_encoder_wrote_the_pictures_stay_with_all_that_shows_them() {
    // Where the pictures lie, by the lists of items; Exif and XMP follow.
    for (sample, pictures) in [(CAMERA, 527..1430), (ALPHA, 756..1697)] {
        let cleaned = clean(sample).unwrap().bytes;
        assert_eq!(cleaned[pictures.clone()], sample[pictures.clone()]);
        assert!(cleaned[pictures.end..].iter().all(|byte| *byte == 0));
        let mut list = sample[..pictures.start].to_vec();
        for (name, left) in
            [(&b"Exif"[..], &b"free"[..]), (b"mime", b"free"), (b"application/rdf+xml", &[0; 19])]
        {
            let at = list.windows(name.len()).position(|it| it == name).unwrap();
            list[at..at + name.len()].copy_from_slice(left);
        }
        assert_eq!(cleaned[..pictures.start], list, "but for what Exif and XMP are called");
        assert!(has(&cleaned, b"irot\x03"), "the right way up");
    }
}

#[test]
fn what_is_no_photo_is_refused() {
    let unfit = |bytes: &[u8]| clean(bytes).unwrap_err();
    for foreign in [&b""[..], b"GIF89a", b"%PDF-1.7", b"<svg/>", b"BM", b"RIFF\0\0\0\0WAVE"] {
        assert_eq!(unfit(foreign), Unfit::Foreign);
    }
    assert_eq!(unfit(b"\0\0\0\x14ftypavif\0\0\0\0mif1"), Unfit::Foreign);
    let mut big = PLAIN.to_vec();
    big.resize(BYTES_MAX + 1, 0);
    assert_eq!(unfit(&big), Unfit::TooBig);
    for broken in [&PLAIN[..200], &PALETTE[..60], &EXTENDED[..60], &TILES[..400]] {
        assert_eq!(unfit(broken), Unfit::Broken);
    }
    assert_eq!(unfit(b"\xff\xd8\xff\xd9"), Unfit::Broken, "there is no picture");
}

#[test]
fn a_list_of_items_that_tells_the_same_place_any_number_of_times_is_refused_at_once() {
    // Extents of no length take no bytes to tell.
    let at = TILES.windows(4).position(|name| name == b"iloc").unwrap() + 8;
    let mut hostile = TILES.to_vec();
    hostile[at] = 0x40;
    assert_eq!(clean(&hostile), Err(Unfit::Broken));
}
