//! The AWS services of which we need a call or two: S3 `PutObject` and its like, SSM `GetParametersByPath`, SES `SendEmail`,
//! SNS `Publish`.
//!
//! Each of them is one signed HTTP request. Their client crates would take three quarters of the time that this workspace
//! takes to build (`aws-sdk-ssm` 90 s, `aws-sdk-s3` 64 s, `aws-sdk-sesv2` 46 s on two cores) and most of a binary's size.
//! What they would do besides is here: the signature by AWS's own `aws-sigv4`, the endpoint, and repeating what is safe to
//! repeat. The requests are written where they are used.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningParams, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use jiff::SignedDuration;
use ports::{Clock, Request, Response};

use crate::metrics::{self, Metric};
use crate::world::World;

/// How often a call that may be repeated is made. After that the queue tries again later.
const ATTEMPTS_MAX: u32 = 3;

/// Before the second attempt; twice that before the third.
const PAUSE: Duration = Duration::from_millis(100);

/// A service that is called without a client crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Simple Storage Service, the bucket in the host's name.
    S3,
    /// CloudWatch Logs.
    Logs,
    /// Parameter Store.
    Ssm,
    /// Mail.
    Ses,
    /// SMS.
    Sns,
}

impl Service {
    /// Its name in signatures.
    fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Logs => "logs",
            Self::Ssm => "ssm",
            Self::Ses => "ses",
            Self::Sns => "sns",
        }
    }

    /// Its name in URLs.
    fn host(self) -> &'static str {
        match self {
            Self::Ses => "email",
            Self::S3 | Self::Logs | Self::Ssm | Self::Sns => self.name(),
        }
    }

    /// S3 alone takes paths as they are and wants the hash of the body as a header.
    fn signing_settings(self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if self == Self::S3 {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        settings
    }
}

impl World {
    /// Where a service is: its regional endpoint, or what stands in for all of AWS.
    pub(crate) fn endpoint(&self, service: Service) -> String {
        let region = &self.config.region;
        let aws = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let own = || format!("https://{}.{region}.{aws}", service.host());
        self.config
            .endpoint_url
            .clone()
            .map_or_else(own, |url| url.trim_end_matches('/').to_owned())
    }

    /// Calls a service once; whatever it answers is an answer.
    pub(crate) async fn call_signed(&self, service: Service, request: Request) -> Result<Response> {
        let is_put = service == Service::S3 && request.method == "PUT";
        metrics::count(Metric::Objects, is_put.into());
        let signed = self.sign(service, request, self.now().into())?;
        self.transport.call(signed).await
    }

    /// Calls a service, and calls again when it has a moment of weakness. Only for what may happen twice.
    pub(crate) async fn call_repeatedly(
        &self,
        service: Service,
        request: Request,
    ) -> Result<Response> {
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS_MAX {
            match self.call_signed(service, request.clone()).await {
                Ok(response) if !is_passing(&response) => return Ok(response),
                Ok(_) | Err(_) => tokio::time::sleep(pause).await,
            }
            pause *= 2;
        }
        self.call_signed(service, request).await
    }

    /// A URL that lets whoever has it make one call, a GET, for a while. Its query is already as S3 wants it.
    pub(crate) fn presigned(
        &self,
        service: Service,
        url: String,
        lifetime: SignedDuration,
        at: SystemTime,
    ) -> Result<String> {
        let identity = self.credentials().into();
        let mut settings = service.signing_settings();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
        settings.expires_in = Some(lifetime.unsigned_abs());
        let params = self.signing_params(service, &identity, settings, at)?;
        let body = SignableBody::UnsignedPayload;
        let signable = SignableRequest::new("GET", url.as_str(), std::iter::empty(), body);
        let (signed, _) = sign(signable.context("failed to sign")?, &params)
            .context("failed to sign")?
            .into_parts();
        let (_, query) = signed.into_parts();
        let query = query.iter().map(|(name, value)| format!("&{name}={}", percent_encoded(value)));
        let signed = format!("{url}{}", query.collect::<String>());
        Ok(if url.contains('?') { signed } else { signed.replacen('&', "?", 1) })
    }

    fn signing_params<'a>(
        &'a self,
        service: Service,
        identity: &'a Identity,
        settings: SigningSettings,
        at: SystemTime,
    ) -> Result<SigningParams<'a>> {
        let params = v4::SigningParams::builder()
            .identity(identity)
            .region(&self.config.region)
            .name(service.name())
            .time(at)
            .settings(settings)
            .build();
        Ok(params.context("failed to sign")?.into())
    }

    fn sign(&self, service: Service, mut request: Request, at: SystemTime) -> Result<Request> {
        let identity = self.credentials().into();
        let params = self.signing_params(service, &identity, service.signing_settings(), at)?;
        let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let body = SignableBody::Bytes(&request.body);
        let signable = SignableRequest::new(request.method, request.url.as_str(), headers, body);
        let (signed, _) = sign(signable.context("failed to sign")?, &params)
            .context("failed to sign")?
            .into_parts();
        let (headers, _) = signed.into_parts();
        request.headers.extend(
            headers.iter().map(|header| (header.name().to_owned(), header.value().to_owned())),
        );
        Ok(request)
    }
}

/// Whether it may answer otherwise in a moment. Throttling is a 400 in JSON protocols.
pub(crate) fn is_passing(response: &Response) -> bool {
    response.status >= 500
        || response.status == 429
        || error_code(response).is_some_and(|code| code.contains("Throttling"))
}

/// Fails with the status and AWS's own word for what went wrong, and with nothing else of an answer.
pub(crate) fn succeed(response: Response) -> Result<Response> {
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    let code = error_code(&response).unwrap_or_else(|| "no error code".to_owned());
    bail!("it answered {}, {code}", response.status)
}

/// `x-amzn-errortype`, `{"__type": …}` or `<Code>…</Code>`; without the namespace before and the address behind it.
pub(crate) fn error_code(response: &Response) -> Option<String> {
    let body = String::from_utf8_lossy(&response.body);
    let quoted = |after: &str, until: char| {
        let (_, rest) = body.split_once(after)?;
        rest.trim_start_matches([' ', ':', '"']).split(until).next().map(str::to_owned)
    };
    let code = response
        .header("x-amzn-errortype")
        .map(str::to_owned)
        .or_else(|| quoted("\"__type\"", '"'))
        .or_else(|| quoted("<Code>", '<'))?;
    let code = code.rsplit('#').next()?.split(':').next()?;
    Some(code.chars().filter(char::is_ascii_alphanumeric).take(64).collect())
}

/// Writes a text into a path or a query: everything but letters, digits and `-._~` becomes `%XX`.
pub(crate) fn percent_encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn world() -> World {
        World::new(Config::sample())
    }

    fn authorization(
        service: Service,
        method: &'static str,
        url: &str,
        headers: &[(&str, &str)],
    ) -> String {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let body = b"{}".to_vec();
        let request = Request { method, url: url.to_owned(), headers: headers.collect(), body };
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        let signed = world().sign(service, request, at).unwrap();
        signed.header("authorization").unwrap().to_owned()
    }

    /// The expected values are botocore's.
    #[test]
    fn a_signature_is_the_one_that_botocore_makes() {
        let mail = authorization(
            Service::Ses,
            "POST",
            "https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails",
            &[("content-type", "application/json")],
        );
        assert_eq!(
            mail.rsplit_once('=').unwrap().1,
            "ab7dddb2408f2998a677b540d079e05230414bed94473f57fda7015d3847ad5c"
        );
        let object = authorization(
            Service::S3,
            "PUT",
            "https://bucket.s3.eu-central-1.amazonaws.com/invoices/a%20b%C3%BC%3D.pdf",
            &[("content-type", "application/pdf"), ("if-none-match", "*")],
        );
        assert_eq!(
            object.rsplit_once('=').unwrap().1,
            "a06fd0b5afc44a0a3c82452883ac33ee0cba6f36dc952f76664fa0179dbae48e"
        );
    }

    #[test]
    fn a_service_is_in_its_region() {
        assert_eq!(world().endpoint(Service::Ses), "https://email.eu-central-1.amazonaws.com");
    }

    #[test]
    fn an_error_says_the_code_and_nothing_of_the_rest() {
        let answer = |header: Option<&str>, body: &str| Response {
            status: 400,
            headers: header
                .map(|code| ("x-amzn-errortype".to_owned(), code.to_owned()))
                .into_iter()
                .collect(),
            body: body.as_bytes().to_vec(),
        };
        let check = |response: Response, expected: &str| {
            assert_eq!(succeed(response).unwrap_err().to_string(), expected);
        };
        check(
            answer(Some("MessageRejected:http://internal/"), "{}"),
            "it answered 400, MessageRejected",
        );
        let json =
            r#"{"__type": "com.amazonaws.ssm#ThrottlingException", "message": "a@b.example"}"#;
        check(answer(None, json), "it answered 400, ThrottlingException");
        let xml = "<Error><Code>AccessDenied</Code><Message>a@b.example</Message></Error>";
        check(answer(None, xml), "it answered 400, AccessDenied");
        check(answer(None, "a@b.example"), "it answered 400, no error code");
    }

    #[test]
    fn what_is_not_plain_is_written_in_percent() {
        assert_eq!(percent_encoded("a b/ü~"), "a%20b%2F%C3%BC~");
    }
}
