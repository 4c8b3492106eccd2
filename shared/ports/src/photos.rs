//! Photos that customers show: what they upload, past our functions, and what is kept of it. Neither lasts for ever.

use anyhow::Result;

/// The bucket of photos. What was uploaded is as it came, and nobody but us may see it; what is kept tells nothing but what
/// it shows.
pub trait Photos {
    /// What a browser sends to upload one file. Calls nobody.
    fn upload_form(&self, upload: &Upload) -> Result<UploadForm>;

    /// The keys of what was uploaded under a prefix and not discarded, in order; the first thousand.
    async fn uploads(&self, prefix: &str) -> Result<Vec<String>>;

    /// What was uploaded, unless it was discarded.
    async fn upload(&self, key: &str) -> Result<Option<Vec<u8>>>;

    /// Discards what was uploaded, if it is there.
    async fn discard_upload(&self, key: &str) -> Result<()>;

    /// Keeps a photo. The same again changes nothing; its key contains its hash.
    async fn keep_photo(&self, key: &str, media_type: &str, bytes: &[u8]) -> Result<()>;

    /// Where a photo that is kept can be seen for some minutes, by whoever has this link. Calls nobody.
    fn photo_link(&self, key: &str, media_type: &str) -> Result<String>;
}

/// What may be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Where it will lie, and nowhere else.
    pub key: String,
    /// How many bytes it may have; at least 1.
    pub bytes_max: usize,
    /// Where the browser goes on once it is there: an absolute address, without a query.
    pub then: String,
}

/// A form that uploads one file, as `multipart/form-data`: its fields in this order, then the file as `file`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadForm {
    /// Where it is sent.
    pub action: String,
    /// Names and values. They let anyone who has them upload, once or often, that one file, for an hour.
    pub fields: Vec<(String, String)>,
}

impl UploadForm {
    /// A field's value.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
