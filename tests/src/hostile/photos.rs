//! What customers upload: whatever it is, it becomes a photo that stays as it is, or is refused.

use photo::{Clean, clean};

/// What grows at the most, by telling again which way up it is.
const GROWTH_MAX: usize = 36;

/// A file that someone uploaded as a photo.
pub(super) fn photo(bytes: &[u8]) {
    let Ok(Clean { kind, bytes: cleaned }) = clean(bytes) else { return };
    assert!(cleaned.len() <= bytes.len() + GROWTH_MAX, "{kind:?} grew");
    assert_eq!(photo::kind(&cleaned), Some(kind));
    let again = clean(&cleaned).unwrap_or_else(|unfit| panic!("{kind:?}, cleaned: {unfit}"));
    assert_eq!(again.bytes, cleaned, "{kind:?}: something was left the first time");
}
