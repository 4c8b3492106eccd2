//! What customers are sent, and the record of it.

use anyhow::Result;
use domain::id::OrderId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Mail and SMS to customers. Nothing here knows a key by which a second sending would be told from the first: put the
/// intent on record before, see [`Notices`].
pub trait Post {
    /// Sends one letter. `Err` when nobody knows whether it went out.
    async fn send_letter(&self, letter: &Letter) -> Result<Sending>;

    /// Sends one text message. `Err` when nobody knows whether it went out.
    async fn send_text(&self, text: &TextMessage) -> Result<Sending>;
}

/// A mail to a customer. Personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The sender's name and address; without one, that of the stack itself.
    pub from: (String, Option<String>),
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// One address.
    pub to: String,
    /// What stands for the address wherever that must not: a keyed hash of it. It comes back with bounces and complaints;
    /// without one, nobody learns of them.
    pub recipient: Option<String>,
    /// The subject.
    pub subject: String,
    /// What it says, as text.
    pub text: String,
    /// What it says, as HTML.
    pub html: String,
}

/// An SMS to a customer. Personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// A number in E.164: `+4934112345`.
    pub to: String,
    /// What it says.
    pub text: String,
}

/// What became of a sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sending {
    /// It went out, under this id.
    Sent {
        /// The service's name for it.
        message_id: String,
    },
    /// It did not, and will not.
    Refused {
        /// The service's word for why.
        why: String,
    },
    /// It did not, and may later.
    NotNow {
        /// The service's word for why.
        why: String,
    },
}

/// What customers were told: items of the `People` table, beside their contact. Each is named by what it tells and how:
/// `mail/shipped/P1`.
pub trait Notices {
    /// Puts on record that something is about to be sent. `false` when it is on record already: then it was sent, or
    /// nobody knows. What is known not to have gone out, and may later, can begin again.
    async fn begin_notice(&self, order_id: &OrderId, notice: &str, at: Timestamp) -> Result<bool>;

    /// Puts on record what came of it.
    async fn end_notice(
        &self,
        order_id: &OrderId,
        notice: &str,
        at: Timestamp,
        outcome: &Outcome,
    ) -> Result<()>;

    /// All that is on record of an order, by name.
    async fn notices(&self, order_id: &OrderId) -> Result<Vec<Noticed>>;

    /// Whether nobody writes any more to whom this keyed hash stands for.
    async fn is_suppressed(&self, recipient: &str) -> Result<bool>;

    /// Nobody does from now on.
    async fn suppress(&self, recipient: &str, at: Timestamp) -> Result<()>;
}

/// One thing that a customer was told, or was to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed {
    /// Its name.
    pub notice: String,
    /// When it was about to be sent.
    pub at: Timestamp,
    /// What came of it; none where nobody knows.
    pub outcome: Option<Outcome>,
}

/// What came of a notice. This is stored: only add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It went out, under this id.
    Sent {
        /// The service's name for it.
        message_id: String,
    },
    /// The service would not take it.
    Refused {
        /// The service's word for why.
        why: String,
    },
    /// The service could not take it; it is tried again.
    PutOff,
    /// Nobody writes to that address any more.
    Suppressed,
    /// It could not be told in time.
    Stale,
}

impl Outcome {
    /// Its name, as people see it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Refused { .. } => "refused",
            Self::PutOff => "put_off",
            Self::Suppressed => "suppressed",
            Self::Stale => "stale",
        }
    }
}
