//! Streams made smaller, as PDF 32000-1:2008, 7.4.4 has it.

use std::cell::RefCell;

use miniz_oxide::DataFormat;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, compress_to_output};

thread_local! {
    /// Kept, since it is so large that making a new one takes longer than what it is made for.
    static COMPRESSOR: RefCell<CompressorOxide> = RefCell::default();
}

/// How hard to try.
#[derive(Clone, Copy)]
pub(crate) enum Effort {
    /// For outlines of glyphs, which trying harder makes smaller by half a percent, in four times the time.
    Little = 1,
    /// For text.
    Usual = 6,
}

/// The same bytes for the same bytes, whatever came before.
pub(crate) fn deflated(bytes: &[u8], effort: Effort) -> Vec<u8> {
    COMPRESSOR.with_borrow_mut(|compressor| {
        compressor.reset();
        compressor.set_format_and_level(DataFormat::Zlib, effort as u8);
        let mut deflated = Vec::with_capacity(bytes.len() / 2);
        compress_to_output(compressor, bytes, TDEFLFlush::Finish, |part| {
            deflated.extend_from_slice(part);
            true
        });
        deflated
    })
}
