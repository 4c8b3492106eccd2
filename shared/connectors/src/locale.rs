//! The language that a customer bought in, as shops have it.

/// A language as IETF has it; none of what can't be one.
pub(crate) fn read(tag: Option<String>) -> Option<String> {
    let is_tag = |tag: &String| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        (2..=35).contains(&tag.len()) && tag.chars().all(is_plain)
    };
    tag.filter(is_tag).map(|tag| tag.replace('_', "-"))
}
