//! What can go wrong, each for itself: a failing run is shrunk by leaving them out one after the other.

use std::fmt;

/// One way in which the world misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disturbance {
    /// Functions die at a call, before or after it took effect.
    Deaths,
    /// Calls fail before they took effect: throttled, or nobody there.
    Failures,
    /// Calls take effect, and the answer is lost.
    LostAnswers,
    /// Functions stand still between two calls, and others overtake them.
    Pauses,
    /// Queues deliver twice.
    RepeatedMessages,
    /// Queues deliver a second time while the first delivery is at one of its calls.
    Overlaps,
    /// Queues deliver late, and so in another order.
    LateMessages,
    /// The stream of facts is late.
    LateStream,
    /// The clock does not tick for hours.
    ClockOutages,
    /// Clocks of functions, shops and suppliers differ.
    Skew,
    /// Shops send everything twice.
    RepeatedWebhooks,
    /// Shops send late, and so in another order.
    LateWebhooks,
    /// Shops send some never.
    LostWebhooks,
    /// Customers pay late.
    LatePayments,
    /// Quantities and lines change.
    Edits,
    /// Customers cancel.
    Cancellations,
    /// Shops take up again what they had cancelled.
    Reinstatements,
    /// Customers move.
    NewAddresses,
    /// SKUs that the catalogue does not know yet.
    UnknownSkus,
    /// Suppliers refuse.
    Refusals,
    /// Suppliers accept a part.
    PartialAcceptance,
    /// Suppliers ship in parts.
    PartialShipments,
    /// Suppliers answer late, or never.
    Silence,
    /// Suppliers find out that they have less than they promised.
    Shortages,
    /// Suppliers say things twice.
    RepeatedAnswers,
    /// What suppliers say is late, and so in another order.
    LateAnswers,
    /// Suppliers say what can't be.
    ImpossibleAnswers,
    /// Suppliers can't be reached for hours.
    SupplierOutages,
    /// Suppliers answer a cancellation later, or refuse it.
    StubbornSuppliers,
    /// Suppliers name a wrong number, and correct it.
    CorrectedNumbers,
    /// Mail is lost on its way.
    LostMail,
    /// Mail arrives twice, or late.
    RepeatedMail,
    /// Stock comes and goes.
    Stock,
    /// Carriers report late, and in another order.
    CarrierDisorder,
    /// Carriers report everything twice.
    CarrierRepeats,
    /// Carriers use a number again.
    ReusedNumbers,
    /// Parcels come back, or are never seen again.
    FailedParcels,
    /// Customers return, complain, and get money back.
    Returns,
    /// Banks refuse refunds, or don't say whether they paid.
    SilentBanks,
    /// Operators cancel and correct of their own accord.
    Operators,
}

impl Disturbance {
    /// All of them.
    pub const ALL: [Self; 40] = [
        Self::Deaths,
        Self::Failures,
        Self::LostAnswers,
        Self::Pauses,
        Self::RepeatedMessages,
        Self::Overlaps,
        Self::LateMessages,
        Self::LateStream,
        Self::ClockOutages,
        Self::Skew,
        Self::RepeatedWebhooks,
        Self::LateWebhooks,
        Self::LostWebhooks,
        Self::LatePayments,
        Self::Edits,
        Self::Cancellations,
        Self::Reinstatements,
        Self::NewAddresses,
        Self::UnknownSkus,
        Self::Refusals,
        Self::PartialAcceptance,
        Self::PartialShipments,
        Self::Silence,
        Self::Shortages,
        Self::RepeatedAnswers,
        Self::LateAnswers,
        Self::ImpossibleAnswers,
        Self::SupplierOutages,
        Self::StubbornSuppliers,
        Self::CorrectedNumbers,
        Self::LostMail,
        Self::RepeatedMail,
        Self::Stock,
        Self::CarrierDisorder,
        Self::CarrierRepeats,
        Self::ReusedNumbers,
        Self::FailedParcels,
        Self::Returns,
        Self::SilentBanks,
        Self::Operators,
    ];
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
