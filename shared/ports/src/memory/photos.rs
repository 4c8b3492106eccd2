//! Photos in memory. A form says in plain fields what S3 is told in a signed policy.

use anyhow::Result;

use super::World;
use crate::{Photos, Upload, UploadForm};

/// Where browsers upload photos, in this world.
pub const UPLOAD_URL: &str = "https://photos.example/";

impl Photos for World {
    fn upload_form(&self, upload: &Upload) -> Result<UploadForm> {
        let fields = [
            ("key", upload.key.clone()),
            ("success_action_redirect", upload.then.clone()),
            ("bytes_max", upload.bytes_max.to_string()),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value)).into();
        Ok(UploadForm { action: UPLOAD_URL.to_owned(), fields })
    }

    async fn uploads(&self, prefix: &str) -> Result<Vec<String>> {
        self.faults
            .call(|| {
                let uploads = self.uploads.borrow();
                Ok(uploads.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
            })
            .await
    }

    async fn upload(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.faults.call(|| Ok(self.uploads.borrow().get(key).cloned())).await
    }

    async fn discard_upload(&self, key: &str) -> Result<()> {
        self.faults
            .call(|| {
                self.uploads.borrow_mut().remove(key);
                Ok(())
            })
            .await
    }

    async fn keep_photo(&self, key: &str, media_type: &str, bytes: &[u8]) -> Result<()> {
        self.faults
            .call(|| {
                let photo = (media_type.to_owned(), bytes.to_vec());
                self.photos.borrow_mut().insert(key.to_owned(), photo);
                Ok(())
            })
            .await
    }

    fn photo_link(&self, key: &str, _media_type: &str) -> Result<String> {
        Ok(format!("{UPLOAD_URL}{key}"))
    }
}
