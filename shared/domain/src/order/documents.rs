//! Documents: which an order calls for, and the record that one was archived.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::id::{OrderId, ParcelId};
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

/// A document, of whichever order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentRef {
    /// Its order.
    pub order_id: OrderId,
    /// Which of the order's documents.
    pub document: DocumentId,
}

impl fmt::Display for DocumentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.order_id, self.document)
    }
}

/// The record of an archived document: a reader finds it by these, and needs nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// Which document.
    pub document: DocumentId,
    /// The key of its object in the archive; contains the object's hash.
    pub key: String,
    /// SHA-256 of the document's bytes, in hex.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its media type: `application/pdf`.
    pub media_type: String,
    /// Where it begins in its object, in bytes, if that is a ZIP of documents of many orders. None where the object is
    /// the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl Archived {
    /// Which of its object's bytes it is, as HTTP counts them; none where it is all of them.
    #[must_use]
    pub fn range(&self) -> Option<RangeInclusive<u64>> {
        let last = |first: u64| first + self.bytes.saturating_sub(1);
        self.offset.map(|first| first..=last(first))
    }

    /// Where people find it: its object, and its name in there if it is not alone.
    #[must_use]
    pub fn place(&self, order_id: &OrderId) -> String {
        let entry = self.entry(order_id).map(|entry| format!(": {entry}"));
        format!("{}{}", self.key, entry.unwrap_or_default())
    }

    /// What it is called in the ZIP that its object is; none where the object is the document.
    #[must_use]
    pub fn entry(&self, order_id: &OrderId) -> Option<String> {
        self.offset.map(|_| entry(order_id, self.document, &self.media_type))
    }
}

/// What a document is called in a ZIP of many: `alpenshop/1001/invoice.pdf`. What shops call an order may mean something
/// in a path on somebody's desk, so such characters are written as in a URL.
#[must_use]
pub fn entry(order_id: &OrderId, document: DocumentId, media_type: &str) -> String {
    let mut name = String::new();
    for part in order_id.as_str().split('/') {
        for (place, character) in part.char_indices() {
            let is_hidden = place == 0 && character == '.';
            if is_hidden || r#"%\:*?"<>|"#.contains(character) {
                name.push_str(&format!("%{:02X}", u32::from(character)));
            } else {
                name.push(character);
            }
        }
        name.push('/');
    }
    format!("{name}{document}.{}", extension(media_type))
}

/// How names of files of a media type end.
#[must_use]
pub fn extension(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "pdf",
        "application/zpl" => "zpl",
        "image/png" => "png",
        _ => "bin",
    }
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

/// These documents were archived; those that are on record already stay as they were.
#[must_use]
pub fn done(order: &Order, archived: &[Archived]) -> Vec<Fact> {
    let is_new = |archived: &&Archived| !order.documents.contains_key(&archived.document);
    archived.iter().filter(is_new).cloned().map(Fact::Archived).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_entry_leads_out_of_the_folder_that_a_zip_is_unpacked_in() {
        let check = |order_id: &str, expected: &str| {
            let order_id = OrderId::parse(order_id).unwrap();
            assert_eq!(entry(&order_id, DocumentId::Invoice, "application/pdf"), expected);
        };
        check("alpenshop/1001", "alpenshop/1001/invoice.pdf");
        check("shop/..", "shop/%2E./invoice.pdf");
        check(r"shop/..\..\x", r"shop/%2E.%5C..%5Cx/invoice.pdf");
        check("shop/C:a%5C", "shop/C%3Aa%255C/invoice.pdf");
        check("shop/注文-1.5", "shop/注文-1.5/invoice.pdf");
    }

    #[test]
    fn a_document_is_all_of_its_object_or_a_range_of_it() {
        let stored = r#"{"document":{"label":2},"key":"k","sha256":"00","bytes":9,"media_type":"image/png"}"#;
        let mut archived: Archived = serde_json::from_str(stored).unwrap();
        let order_id = OrderId::parse("alpenshop/1001").unwrap();
        assert_eq!((archived.range(), archived.entry(&order_id)), (None, None));
        archived.offset = Some(100);
        assert_eq!(archived.range(), Some(100..=108));
        assert_eq!(archived.entry(&order_id).as_deref(), Some("alpenshop/1001/label-P2.png"));
    }
}
