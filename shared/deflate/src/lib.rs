//! Bytes made smaller by DEFLATE (RFC 1951), with a compressor that is kept for the next: it is so large that to make a new
//! one takes as long as to deflate an order.

use std::cell::RefCell;

use miniz_oxide::DataFormat;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, compress_to_output};

/// How hard to try, as zlib counts it: from 1, the fastest, to 9.
#[derive(Debug, Clone, Copy)]
pub struct Effort(pub u8);

impl Effort {
    /// For what hardly gets smaller by trying harder.
    pub const LITTLE: Self = Self(1);
    /// Nearly as small as can be, in half the time.
    pub const MEDIUM: Self = Self(4);
    /// zlib's own middle: JSON shrinks to a sixth, and more effort gains one percent.
    pub const USUAL: Self = Self(6);
}

thread_local! {
    static COMPRESSOR: RefCell<CompressorOxide> = RefCell::default();
}

/// With nothing around it. The same bytes for the same bytes, whatever came before.
#[must_use]
pub fn raw(bytes: &[u8], effort: Effort) -> Vec<u8> {
    deflated(bytes, DataFormat::Raw, effort)
}

/// With a head and a checksum (RFC 1950). The same bytes for the same bytes, whatever came before.
#[must_use]
pub fn zlib(bytes: &[u8], effort: Effort) -> Vec<u8> {
    deflated(bytes, DataFormat::Zlib, effort)
}

fn deflated(bytes: &[u8], format: DataFormat, Effort(level): Effort) -> Vec<u8> {
    COMPRESSOR.with_borrow_mut(|compressor| {
        compressor.reset();
        compressor.set_format_and_level(format, level);
        let mut deflated = Vec::with_capacity(bytes.len() / 2);
        compress_to_output(compressor, bytes, TDEFLFlush::Finish, |part| {
            deflated.extend_from_slice(part);
            true
        });
        deflated
    })
}

#[cfg(test)]
mod tests {
    use std::thread;

    use miniz_oxide::inflate::{decompress_to_vec, decompress_to_vec_zlib};

    use super::*;

    #[test]
    fn a_compressor_that_was_used_writes_what_a_new_one_would() {
        let long = (0..20_000_u32).flat_map(|number| (number * number).to_le_bytes());
        let texts = [b"".to_vec(), b"a line of an order, ".repeat(200), long.collect()];
        for effort in [Effort::LITTLE, Effort::MEDIUM, Effort::USUAL] {
            for text in &texts {
                let used = (raw(text, effort), zlib(text, effort));
                let own = text.clone();
                let new = thread::spawn(move || raw(&own, effort)).join().unwrap();
                assert!(used.0 == new, "{effort:?}");
                let own = text.clone();
                let new = thread::spawn(move || zlib(&own, effort)).join().unwrap();
                assert!(used.1 == new, "{effort:?}");
                assert!(decompress_to_vec(&used.0).unwrap() == *text);
                assert!(decompress_to_vec_zlib(&used.1).unwrap() == *text);
            }
        }
    }
}
