//! What a shop is told of a request to change one of its orders: the same for every kind of shop.

use domain::order::amendment::Verdict;
use jiff::Timestamp;

/// What came of a request.
#[derive(Debug, Clone, Copy)]
pub struct ShopAnswer<'a> {
    /// The shop's own id of the order.
    pub order: &'a str,
    /// Which of the order's requests, counted from 1.
    pub request: u16,
    /// What kind of request it was: `cancellation`, `edit`, `address`.
    pub about: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// Why, in words for the customer; may be empty.
    pub why: &'static str,
    /// When it was asked for.
    pub asked_at: Timestamp,
}

impl ShopAnswer<'_> {
    /// How its sentence begins: the same for the same answer to the same request, and for no other.
    pub(crate) fn opening(&self) -> String {
        let word = match self.verdict {
            Verdict::Done => "done",
            Verdict::Partly => "done in part",
            Verdict::TooLate => "too late",
            Verdict::Asked | Verdict::Pending => "asked for",
            Verdict::Replaced => "replaced",
        };
        let about = match self.about {
            "address" => "new address",
            about => about,
        };
        format!("Request {} ({about}): {word}.", self.request)
    }

    /// It in words for people.
    pub(crate) fn sentence(&self) -> String {
        let opening = self.opening();
        let mut why = self.why.chars();
        match why.next() {
            None => opening,
            Some(first) => format!("{opening} {}{}.", first.to_uppercase(), why.as_str()),
        }
    }
}
