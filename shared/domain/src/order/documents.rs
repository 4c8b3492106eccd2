//! Documents: which an order calls for, and the record that one was archived.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::ParcelId;
use crate::order::Order;
use crate::order::fact::Fact;

/// A document of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentId {
    /// The shipping label of a parcel.
    Label(ParcelId),
    /// The customer's invoice.
    Invoice,
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(parcel_id) => write!(f, "label-{parcel_id}"),
            Self::Invoice => f.write_str("invoice"),
        }
    }
}

/// The record of an archived document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// Which document.
    pub document: DocumentId,
    /// Its key in the archive; contains the hash.
    pub key: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its media type: `application/pdf`.
    pub media_type: String,
}

/// The documents that the order calls for and that are not archived: the label of every parcel that has one, and the
/// invoice as soon as something was shipped.
#[must_use]
pub fn owed(order: &Order) -> Vec<DocumentId> {
    let labelled = order.parcels.iter().filter(|(_, parcel)| parcel.label.is_some());
    let labels = labelled.map(|(parcel_id, _)| DocumentId::Label(*parcel_id));
    let invoice = (!order.parcels.is_empty()).then_some(DocumentId::Invoice);
    labels.chain(invoice).filter(|document| !order.documents.contains_key(document)).collect()
}

/// The document was archived.
#[must_use]
pub fn done(order: &Order, archived: &Archived) -> Vec<Fact> {
    if order.documents.contains_key(&archived.document) {
        return Vec::new();
    }
    vec![Fact::Archived(archived.clone())]
}
