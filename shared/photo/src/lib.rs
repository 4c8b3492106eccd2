//! Photos from strangers: what a file is, by its bytes, and the same picture without whatever else the file tells: where it
//! was taken, when, by which camera, what it showed before it was cut, the film that a telephone puts behind it.
//!
//! No picture is decoded or encoded again. Each format is taken apart as far as its standard names the parts, and only
//! parts that are known to make the picture are kept; so what nobody has heard of yet is left out as well. Which way up a
//! picture is to be shown makes the picture, and stays.
//!
//! [`img-parts`](https://docs.rs/img-parts) takes three of the four formats apart, too, and leaves what stands between and
//! behind the scans of a JPEG in one piece with them: that is where telephones put their films.

mod heic;
mod jpeg;
mod orientation;
mod png;
mod reader;
mod webp;

#[cfg(test)]
mod tests;

/// How many bytes a photo may have. A cleaned one has no more than it came with, but for 36 that say which way up it is.
pub const BYTES_MAX: usize = 10_000_000;

/// What a photo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ISO/IEC 10918-1
    Jpeg,
    /// ISO/IEC 15948
    Png,
    /// RFC 9649
    Webp,
    /// ISO/IEC 23008-12, with HEVC in it
    Heic,
}

impl Kind {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
        }
    }

    /// What names of its files end with.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Heic => "heic",
        }
    }
}

/// A photo that tells nothing but what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clean {
    /// What it is.
    pub kind: Kind,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Why a file can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is something else.
    #[error("it is no JPEG, PNG, WebP or HEIC")]
    Foreign,
    /// It is too big.
    #[error("it has more than {BYTES_MAX} bytes")]
    TooBig,
    /// It begins like a photo, and does not go on like one; or nobody can tell what in it is picture.
    #[error("it can't be read as the photo that it begins as")]
    Broken,
}

/// Takes a photo, and leaves out all that is not picture. The same bytes always become the same bytes, and what is clean
/// stays as it is.
///
/// # Errors
/// When it is no photo, or none that can be cleaned.
pub fn clean(bytes: &[u8]) -> Result<Clean, Unfit> {
    if bytes.len() > BYTES_MAX {
        return Err(Unfit::TooBig);
    }
    let kind = kind(bytes).ok_or(Unfit::Foreign)?;
    let cleaned = match kind {
        Kind::Jpeg => jpeg::clean(bytes),
        Kind::Png => png::clean(bytes),
        Kind::Webp => webp::clean(bytes),
        Kind::Heic => heic::clean(bytes),
    };
    cleaned.map(|bytes| Clean { kind, bytes }).ok_or(Unfit::Broken)
}

/// What a file is, by how it begins.
#[must_use]
pub fn kind(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(jpeg::BEGIN) {
        Some(Kind::Jpeg)
    } else if bytes.starts_with(png::BEGIN) {
        Some(Kind::Png)
    } else if webp::is_webp(bytes) {
        Some(Kind::Webp)
    } else if heic::is_heic(bytes) {
        Some(Kind::Heic)
    } else {
        None
    }
}
