//! From where we fetch a file that a supplier names.

use super::{Channel, Supplier};

impl Supplier {
    /// Whether we fetch a file of that URL for the supplier: from its own server, or from the web over TLS. Never from a
    /// place that has no public name, which it may be that only we can reach.
    #[must_use]
    pub fn may_name(&self, url: &str) -> bool {
        let own = match &self.channel {
            Channel::Api { url, .. } => origin(url),
            Channel::Email { .. } => None,
        };
        origin(url).is_some_and(|origin| own == Some(origin) || is_public(origin))
    }
}

/// Scheme, host and port of a URL; none where a name before the host makes it look like another.
fn origin(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#', '\\']).next()?;
    let is_plain =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.:[]".contains(c));
    is_plain.then(|| &url[..scheme.len() + "://".len() + host.len()])
}

/// Whether it is reached over TLS by a name of the public kind: `labels.example`, and no number, however written.
fn is_public(origin: &str) -> bool {
    let Some(host) = origin.strip_prefix("https://") else { return false };
    let name = host.split(':').next().unwrap_or_default();
    let Some((_, top)) = name.trim_end_matches('.').rsplit_once('.') else { return false };
    let is_private = ["internal", "lan", "local", "localhost"].contains(&top);
    top.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_private
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SupplierId;

    #[test]
    fn a_supplier_names_files_on_its_own_server_and_on_the_web() {
        let supplier = |channel| Supplier {
            id: SupplierId::parse("nordwaren").unwrap(),
            channel,
            answer_within_minutes: 60,
            ship_within_minutes: 60,
            score: 50,
            paused: false,
        };
        let by_api = supplier(Channel::Api {
            url: "http://127.0.0.1:9000/nord".to_owned(),
            drops_repeats: true,
        });
        let by_mail = supplier(Channel::Email { address: "a@b.example".to_owned() });
        for (url, own, any) in [
            ("http://127.0.0.1:9000/labels/1.pdf", true, false),
            ("https://labels.example/1.pdf?key=x", true, true),
            ("https://labels.example:8443#x", true, true),
            ("http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", false, false),
            ("http://labels.example/1.pdf", false, false),
            ("https://127.0.0.1/", false, false),
            ("https://127.1/", false, false),
            ("https://0x7f.0x1/", false, false),
            ("https://[::1]/", false, false),
            ("https://localhost/", false, false),
            ("https://metadata.internal/", false, false),
            ("https://169.254.169.254./", false, false),
            ("https://labels.example@127.0.0.1/", false, false),
            ("https://127.0.0.1\\@labels.example/", false, false),
            ("https:///labels.example", false, false),
            ("file:///etc/passwd", false, false),
            ("labels.example", false, false),
        ] {
            assert_eq!(by_api.may_name(url), own, "{url}");
            assert_eq!(by_mail.may_name(url), any, "{url}");
        }
    }
}
