//! Fonts, as functions find them on AWS.

/// What **documents** finds in its layer.
pub static FALLBACK_FONT: &[u8] =
    include_bytes!("../../shared/paper/layer/fonts/DroidSansFallback.ttf");
