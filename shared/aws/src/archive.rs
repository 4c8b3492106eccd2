//! The archives in S3: what was refused, and the documents, which nobody can change (the bucket has an Object Lock).
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::order::documents::Archived;
use ports::{Archive, Request};
use sha2::{Digest, Sha256};

use crate::signed::{Service, percent_encoded, succeed};
use crate::world::World;

/// There is an object of that key already.
const PRECONDITION_FAILED: u16 = 412;

impl Archive for World {
    async fn refuse(&self, key: &str, payload: &[u8]) -> Result<()> {
        let request =
            self.put_object(&self.config.bucket_refused, key, "application/octet-stream", payload);
        let answered = self.call_repeatedly(Service::S3, request).await;
        answered.and_then(succeed).context("failed to keep what was refused")?;
        Ok(())
    }

    async fn keep_document(&self, key: &str, media_type: &str, bytes: &[u8]) -> Result<()> {
        let mut request = self.put_object(&self.config.bucket_documents, key, media_type, bytes);
        // Else each redelivery would add a version that has to be kept for years.
        request.headers.push(("if-none-match".to_owned(), "*".to_owned()));
        let answered = self.call_repeatedly(Service::S3, request).await;
        match answered {
            Ok(response) if response.status == PRECONDITION_FAILED => Ok(()),
            answered => {
                let kept = answered.and_then(succeed);
                kept.with_context(|| format!("failed to keep document `{key}`")).map(drop)
            }
        }
    }
}

impl World {
    /// A document's bytes, as they are on record; of an object that holds many, only these are read. No function may.
    ///
    /// # Errors
    /// When the world says not now, or what lies there is not the document.
    pub async fn document(&self, archived: &Archived) -> Result<Vec<u8>> {
        let Archived { key, sha256, .. } = archived;
        let range = archived
            .range()
            .map(|range| ("range".to_owned(), format!("bytes={}-{}", range.start(), range.end())));
        let request = Request {
            method: "GET",
            url: self.object_url(&self.config.bucket_documents, key),
            headers: range.into_iter().collect(),
            body: Vec::new(),
        };
        let answered = self.call_repeatedly(Service::S3, request).await.and_then(succeed);
        let found = answered.with_context(|| format!("failed to read document `{key}`"))?;
        let is_it = format!("{:x}", Sha256::digest(&found.body)) == *sha256;
        ensure!(is_it, "what lies in `{key}` has another `sha256` than {sha256}");
        Ok(found.body)
    }

    /// With a checksum, which a bucket with an Object Lock insists on, and which proves that all bytes arrived.
    pub(crate) fn put_object(
        &self,
        bucket: &str,
        key: &str,
        media_type: &str,
        bytes: &[u8],
    ) -> Request {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Request {
            method: "PUT",
            url: self.object_url(bucket, key),
            headers: vec![
                header("content-type", media_type),
                header("x-amz-checksum-sha256", &STANDARD.encode(Sha256::digest(bytes))),
            ],
            body: bytes.to_vec(),
        }
    }

    /// The bucket is in the host's name; in the path where one host stands in for all of AWS.
    pub(crate) fn object_url(&self, bucket: &str, key: &str) -> String {
        let path: Vec<String> = key.split('/').map(percent_encoded).collect();
        let path = path.join("/");
        let endpoint = self.endpoint(Service::S3);
        match endpoint.strip_prefix("https://s3.") {
            Some(domain) => format!("https://{bucket}.s3.{domain}/{path}"),
            None => format!("{endpoint}/{bucket}/{path}"),
        }
    }
}
