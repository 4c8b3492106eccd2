//! Every way into Onward, as a value: what comes in can be written down, and come in again.

use std::collections::BTreeSet;

use domain::id::OrderId;
use domain::message::Message;
use domain::settings::Settings;
use ports::Inbound;

/// Something that comes in, and which function it comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// Someone calls the API.
    Call(Inbound),
    /// A queue delivers.
    Deliver(Message),
    /// The stream delivers new facts of an order: these appends.
    Project(OrderId, BTreeSet<u64>),
    /// A minute has passed.
    Tick,
    /// A quarter of an hour has passed.
    Look,
    /// An operator changes something from the command line.
    Operate(Operation),
}

/// A command of `onward` that writes.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// `onward settings put`
    PutSettings(Box<Settings>),
    /// `onward catalog import`, with what is in the file.
    ImportCatalog(String),
    /// `onward views rebuild`
    RebuildViews,
}

impl Entry {
    /// The function that it comes to, by the name of its directory; `onward` for what operators type.
    #[must_use]
    pub fn function(&self) -> &'static str {
        match self {
            Self::Call(inbound) => match inbound.route.split('/').nth(1) {
                Some("webhooks") => "order-intake",
                Some("suppliers" | "answers") => "supplier-inbox",
                Some("tracking") => "tracking-inbox",
                Some("returns" | "order" | "track") => "rma-portal",
                Some("orders") => "console",
                _ => "none",
            },
            Self::Deliver(message) => message.function().name(),
            Self::Project(..) => "projection",
            Self::Tick => "clock",
            Self::Look => "reconciliation",
            Self::Operate(_) => "onward",
        }
    }
}
