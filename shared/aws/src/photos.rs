//! Photos of customers, in a bucket without an Object Lock: `uploads/` as they came, for a day, `photos/` as they are kept.
//!
//! A browser uploads straight into the bucket, by a form that we sign: S3 takes one file under the one key, of no more than
//! so many bytes, and sends the browser back to us.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html>

use anyhow::{Context, Result};
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ports::{Clock as _, Photos, Request, Upload, UploadForm};
use serde_json::json;

use crate::signed::{Service, percent_encoded, succeed};
use crate::world::World;

/// How long a form can be sent. Whoever takes longer to find a picture gets a new one with the page.
const UPLOAD_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// How long a link to a photo works.
const SEEN_WITHIN: SignedDuration = SignedDuration::from_mins(15);

/// What an upload is stored as, whatever it says of itself: nothing that a browser would show.
const UPLOAD_TYPE: &str = "application/octet-stream";

const NOT_FOUND: u16 = 404;

impl Photos for World {
    fn upload_form(&self, upload: &Upload) -> Result<UploadForm> {
        let bucket = &self.config.bucket_photos;
        let fields = self.signed_fields(bucket, upload, self.now()).context("failed to sign")?;
        Ok(UploadForm { action: self.object_url(bucket, ""), fields })
    }

    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
    async fn uploads(&self, prefix: &str) -> Result<Vec<String>> {
        let bucket = self.object_url(&self.config.bucket_photos, "");
        // Keys come as they would be written in a URL, and so without anything that XML writes otherwise.
        let prefix = percent_encoded(prefix);
        let url = format!("{bucket}?encoding-type=url&list-type=2&prefix={prefix}");
        let answered = self.call_repeatedly(Service::S3, request("GET", url)).await;
        let response = answered.and_then(succeed).context("failed to list uploads")?;
        Ok(listed(&String::from_utf8_lossy(&response.body)))
    }

    async fn upload(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let url = self.object_url(&self.config.bucket_photos, key);
        match self.call_repeatedly(Service::S3, request("GET", url)).await {
            Ok(response) if response.status == NOT_FOUND => Ok(None),
            answered => {
                let response = answered.and_then(succeed).context("failed to get an upload")?;
                Ok(Some(response.body))
            }
        }
    }

    async fn discard_upload(&self, key: &str) -> Result<()> {
        let url = self.object_url(&self.config.bucket_photos, key);
        let answered = self.call_repeatedly(Service::S3, request("DELETE", url)).await;
        answered.and_then(succeed).context("failed to discard an upload").map(drop)
    }

    async fn keep_photo(&self, key: &str, media_type: &str, bytes: &[u8]) -> Result<()> {
        let request = self.put_object(&self.config.bucket_photos, key, media_type, bytes);
        let answered = self.call_repeatedly(Service::S3, request).await;
        let kept = answered.and_then(succeed);
        kept.with_context(|| format!("failed to keep photo `{key}`")).map(drop)
    }

    /// As a download of its own type: no browser takes it for a page, however it is opened.
    fn photo_link(&self, key: &str, media_type: &str) -> Result<String> {
        let url = self.object_url(&self.config.bucket_photos, key);
        let name = key.rsplit('/').next().unwrap_or_default();
        let disposition = percent_encoded(&format!("attachment; filename=\"{name}\""));
        let media_type = percent_encoded(media_type);
        let url = format!(
            "{url}?response-cache-control=no-store&response-content-disposition={disposition}\
             &response-content-type={media_type}"
        );
        self.presigned(Service::S3, url, SEEN_WITHIN, self.now().into())
    }
}

impl World {
    /// The fields of a form, the last of them the signature of what all others may be.
    fn signed_fields(
        &self,
        bucket: &str,
        upload: &Upload,
        at: Timestamp,
    ) -> Result<Vec<(String, String)>> {
        let (credentials, region) = (&self.config.credentials, &self.config.region);
        let utc = at.to_zoned(TimeZone::UTC);
        let (day, moment) = (utc.strftime("%Y%m%d"), utc.strftime("%Y%m%dT%H%M%SZ").to_string());
        let credential = format!("{}/{day}/{region}/s3/aws4_request", credentials.access_key_id);
        let mut fields = vec![
            ("key", upload.key.clone()),
            ("Content-Type", UPLOAD_TYPE.to_owned()),
            ("success_action_redirect", upload.then.clone()),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", credential),
            ("x-amz-date", moment),
        ];
        // Those of a function's role are good with it alone.
        let token = credentials.session_token.clone();
        fields.extend(token.map(|token| ("x-amz-security-token", token)));
        let exactly = |(name, value): &(&str, String)| json!(["eq", format!("${name}"), value]);
        let mut conditions: Vec<_> = fields.iter().map(exactly).collect();
        conditions.push(json!({"bucket": bucket}));
        conditions.push(json!(["content-length-range", 1, upload.bytes_max]));
        let until = (at + UPLOAD_WITHIN).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        let policy =
            STANDARD.encode(json!({"expiration": until, "conditions": conditions}).to_string());
        let key = generate_signing_key(&credentials.secret_access_key, at.into(), region, "s3");
        let signature = calculate_signature(key, policy.as_bytes());
        fields.extend([("policy", policy), ("x-amz-signature", signature)]);
        Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

fn request(method: &'static str, url: String) -> Request {
    Request { method, url, headers: Vec::new(), body: Vec::new() }
}

/// The keys in a list of objects.
fn listed(xml: &str) -> Vec<String> {
    let keys = xml.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
    keys.map(|(key, _)| percent_decoded(key)).collect()
}

/// A space may have become a plus, and our keys have neither.
fn percent_decoded(text: &str) -> String {
    let mut rest = text.as_bytes();
    let mut decoded = Vec::new();
    while let Some((byte, after)) = rest.split_first() {
        let code =
            after.get(..2).filter(|_| *byte == b'%').and_then(|code| str::from_utf8(code).ok());
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        decoded.push(code.unwrap_or(*byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, Mac as _};
    use serde_json::Value;
    use sha2::Sha256;

    use super::*;
    use crate::config::Config;

    fn world() -> World {
        World::new(Config::sample()).with_clock(|| Timestamp::from_second(1_795_000_000).unwrap())
    }

    fn form() -> UploadForm {
        let key = "uploads/shop/1/R1/1/7".to_owned();
        let then = "https://api.example/order/returns/R1".to_owned();
        world().upload_form(&Upload { key, bytes_max: 10_000_000, then }).unwrap()
    }

    fn policy(form: &UploadForm) -> Value {
        let policy = STANDARD.decode(form.field("policy").unwrap()).unwrap();
        serde_json::from_slice(&policy).unwrap()
    }

    /// S3 refuses a form with a field that its policy does not name, but for these
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>).
    #[test]
    fn each_field_of_a_form_may_be_what_it_is_and_nothing_else() {
        let form = form();
        assert_eq!(form.action, "https://some.s3.eu-central-1.amazonaws.com/");
        let policy = policy(&form);
        assert_eq!(policy["expiration"], "2026-11-18T12:06:40.000Z");
        let conditions = policy["conditions"].as_array().unwrap();
        for (name, value) in &form.fields {
            let is_exempt = ["policy", "x-amz-signature"].contains(&name.as_str());
            let condition = json!(["eq", format!("${name}"), value]);
            assert_eq!(conditions.contains(&condition), !is_exempt, "{name}");
        }
        assert!(conditions.contains(&json!({"bucket": "some"})));
        assert!(conditions.contains(&json!(["content-length-range", 1, 10_000_000])));
        assert_eq!(conditions.len(), form.fields.len());
        assert_eq!(form.field("x-amz-security-token"), Some("session"));
        assert_eq!(form.field("Content-Type"), Some("application/octet-stream"));
    }

    /// The steps of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html>, one by one.
    #[test]
    fn a_form_is_signed_as_s3_checks_it() {
        let form = form();
        let mac = |key: &[u8], text: &str| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        };
        let credential = form.field("x-amz-credential").unwrap();
        assert_eq!(credential, "AKIDEXAMPLE/20261118/eu-central-1/s3/aws4_request");
        assert_eq!(form.field("x-amz-date"), Some("20261118T110640Z"));
        let secret = b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_vec();
        let key = credential.split('/').skip(1).fold(secret, |key, part| mac(&key, part));
        let signature = mac(&key, form.field("policy").unwrap());
        let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(form.field("x-amz-signature"), Some(signature.as_str()));
    }

    /// The signature is botocore's.
    #[test]
    fn a_link_to_a_photo_is_a_download_for_a_quarter_of_an_hour() {
        let link = world().photo_link("photos/shop/1/R1/ab.jpg", "image/jpeg").unwrap();
        for part in [
            "https://some.s3.eu-central-1.amazonaws.com/photos/shop/1/R1/ab.jpg?",
            "&response-content-disposition=attachment%3B%20filename%3D%22ab.jpg%22",
            "&response-content-type=image%2Fjpeg",
            "&X-Amz-Expires=900",
            "&X-Amz-Security-Token=session",
            "&X-Amz-Signature=65ea163769942d4e09930d7440b797cd872ea4a225b37e471d1d5fbae13325d9",
        ] {
            assert!(link.contains(part), "{part}: {link}");
        }
    }

    #[test]
    fn keys_are_read_as_they_were_written() {
        let xml = "<ListBucketResult><Contents><Key>uploads/shop/%231%25/R1/1-2</Key><Size>3</Size></Contents>\
                   <Contents><Key>uploads/b%C3%BC/%zz%4</Key></Contents></ListBucketResult>";
        assert_eq!(listed(xml), ["uploads/shop/#1%/R1/1-2", "uploads/bü/%zz%4"]);
        assert!(listed("<ListBucketResult/>").is_empty());
    }
}
