//! Names of things, each of a type of its own, so that one can't be passed for another.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

/// A name that can't be one of ours: empty, too long, or with a character that would blur where it ends.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{value}` is no {what}: 1 to {MAX_LEN} characters, none of them a space, a control character, `/` or `#`"
)]
pub struct InvalidId {
    what: &'static str,
    value: String,
}

/// DynamoDB allows 2,048 bytes in a partition key; three names of four-byte characters and their separators stay below.
const MAX_LEN: usize = 128;

/// Names are short, and copied all the time: up to 23 bytes lie in the value itself.
fn parse(what: &'static str, value: &str) -> Result<SmolStr, InvalidId> {
    let foreign = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '#');
    if value.is_empty() || value.chars().count() > MAX_LEN || value.chars().any(foreign) {
        return Err(InvalidId { what, value: value.chars().take(MAX_LEN).collect() });
    }
    Ok(SmolStr::new(value))
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "SmolStr", into = "SmolStr")]
        pub struct $name(SmolStr);

        impl $name {
            /// Takes a name from outside.
            ///
            /// # Errors
            /// When it is empty, longer than 128 characters, or holds a space, a control character, `/` or `#`.
            pub fn parse(value: &str) -> Result<Self, InvalidId> {
                parse($what, value).map(Self)
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<SmolStr> for $name {
            type Error = InvalidId;

            fn try_from(value: SmolStr) -> Result<Self, InvalidId> {
                Self::parse(&value)
            }
        }

        impl From<$name> for SmolStr {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// One storefront of the merchant, by the name it has in the settings.
    ShopId,
    "shop"
);
name!(
    /// Whoever ships for us, by the name it has in the settings.
    SupplierId,
    "supplier"
);
name!(
    /// A place that a supplier ships from.
    LocationId,
    "location"
);
name!(
    /// A system of the merchant that is told what happens, by the name it has in the settings.
    EndpointId,
    "endpoint"
);
name!(
    /// A line of the order, by the shop's own id for it.
    LineId,
    "line"
);
name!(
    /// What the merchant's catalogue calls one thing that can be shipped, whoever ships it.
    ArticleId,
    "article"
);
name!(
    /// A carrier's service in the settings: "intl-small-packet".
    ServiceId,
    "service"
);

name!(
    /// A reason for a return, by the name it has in the settings: "damaged".
    ReasonId,
    "reason"
);
name!(
    /// An address that returned goods go to, by the name it has in the settings.
    DestinationId,
    "destination"
);

/// An order: the shop, and the id that the shop gave it. Written `shop/order`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct OrderId(SmolStr);

impl OrderId {
    /// Names an order of a shop.
    ///
    /// # Errors
    /// When the shop's own id for it is no name, see [`ShopId::parse`].
    pub fn new(shop: &ShopId, order: &str) -> Result<Self, InvalidId> {
        Ok(Self(format_smolstr!("{shop}/{}", parse("order", order)?)))
    }

    /// Takes `shop/order`.
    ///
    /// # Errors
    /// When there is no `/`, or either side of it is no name.
    pub fn parse(value: &str) -> Result<Self, InvalidId> {
        let (shop, order) = value.split_once('/').ok_or_else(|| InvalidId {
            what: "order",
            value: value.chars().take(MAX_LEN).collect(),
        })?;
        Self::new(&ShopId::parse(shop)?, order)
    }

    /// The order as text, `shop/order`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The shop it came from.
    #[must_use]
    pub fn shop(&self) -> ShopId {
        ShopId(SmolStr::new(self.halves().0))
    }

    /// The shop's own id for the order.
    #[must_use]
    pub fn order(&self) -> &str {
        self.halves().1
    }

    fn halves(&self) -> (&str, &str) {
        self.0.split_once('/').expect("every maker of an OrderId puts a slash in it")
    }
}

impl TryFrom<SmolStr> for OrderId {
    type Error = InvalidId;

    fn try_from(value: SmolStr) -> Result<Self, InvalidId> {
        Self::parse(&value)
    }
}

impl From<OrderId> for SmolStr {
    fn from(order_id: OrderId) -> Self {
        order_id.0
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A fulfillment order within its order, counted from 1. Never used again: a second try is a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FulfillmentOrderId(pub u16);

impl fmt::Display for FulfillmentOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{}", self.0)
    }
}

impl std::str::FromStr for FulfillmentOrderId {
    type Err = InvalidId;

    fn from_str(value: &str) -> Result<Self, InvalidId> {
        let number = value.strip_prefix('F').and_then(|digits| digits.parse().ok());
        number
            .map(Self)
            .ok_or_else(|| InvalidId { what: "fulfillment order", value: value.to_owned() })
    }
}

/// A parcel within its order, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ParcelId(pub u16);

impl fmt::Display for ParcelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P{}", self.0)
    }
}

impl std::str::FromStr for ParcelId {
    type Err = InvalidId;

    fn from_str(value: &str) -> Result<Self, InvalidId> {
        let number = value.strip_prefix('P').and_then(|digits| digits.parse().ok());
        number.map(Self).ok_or_else(|| InvalidId { what: "parcel", value: value.to_owned() })
    }
}

/// A return within its order, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReturnId(pub u16);

impl ReturnId {
    /// The number that people see on papers and parcels, the RMA number: `alpenshop/1001/R1`. Labels are bought under it.
    #[must_use]
    pub fn rma(self, order_id: &OrderId) -> String {
        format!("{order_id}/{self}")
    }
}

impl fmt::Display for ReturnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "R{}", self.0)
    }
}

impl std::str::FromStr for ReturnId {
    type Err = InvalidId;

    fn from_str(value: &str) -> Result<Self, InvalidId> {
        let number = value.strip_prefix('R').and_then(|digits| digits.parse().ok());
        number.map(Self).ok_or_else(|| InvalidId { what: "return", value: value.to_owned() })
    }
}

/// A refund within its order, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RefundId(pub u16);

impl RefundId {
    /// The key under which the shop gives the money back once: `alpenshop/1001/RF1`.
    #[must_use]
    pub fn key(self, order_id: &OrderId) -> String {
        format!("{order_id}/{self}")
    }
}

impl fmt::Display for RefundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RF{}", self.0)
    }
}

impl std::str::FromStr for RefundId {
    type Err = InvalidId;

    fn from_str(value: &str) -> Result<Self, InvalidId> {
        let number = value.strip_prefix("RF").and_then(|digits| digits.parse().ok());
        number.map(Self).ok_or_else(|| InvalidId { what: "refund", value: value.to_owned() })
    }
}

/// What one line needs of one article. A bundle's line has several items.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ItemId {
    /// The line that the customer bought.
    pub line: LineId,
    /// The article that is shipped for it.
    pub article: ArticleId,
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.line, self.article)
    }
}

/// Our name for a fulfillment order towards its supplier: `shop/order/F1`. The key under which nothing is bought twice.
#[must_use]
pub fn reference(order_id: &OrderId, fulfillment_order_id: FulfillmentOrderId) -> String {
    format!("{order_id}/{fulfillment_order_id}")
}

/// Reads back what [`reference`] wrote.
///
/// # Errors
/// When it has not that form.
pub fn parse_reference(reference: &str) -> Result<(OrderId, FulfillmentOrderId), InvalidId> {
    let (order_id, fulfillment_order_id) = reference.rsplit_once('/').ok_or_else(|| InvalidId {
        what: "reference",
        value: reference.chars().take(MAX_LEN).collect(),
    })?;
    Ok((OrderId::parse(order_id)?, fulfillment_order_id.parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_slash_a_space_or_nothing_in_it_is_refused() {
        for value in ["", "a/b", "a b", "a#b", "a\n", &"x".repeat(129)] {
            assert!(ShopId::parse(value).is_err(), "{value:?}");
        }
        assert!(ShopId::parse("alpenshop").is_ok());
    }

    #[test]
    fn an_order_id_is_its_shop_and_the_shops_own_id() {
        let order_id = OrderId::parse("alpenshop/820982911946154508").unwrap();
        assert_eq!(
            (order_id.shop().as_str(), order_id.order()),
            ("alpenshop", "820982911946154508")
        );
        assert!(OrderId::parse("alpenshop").is_err());
        assert!(OrderId::parse("alpenshop/1/2").is_err());
    }

    #[test]
    fn a_reference_reads_back() {
        let order_id = OrderId::parse("alpenshop/1001").unwrap();
        let written = reference(&order_id, FulfillmentOrderId(2));
        assert_eq!(written, "alpenshop/1001/F2");
        assert_eq!(parse_reference(&written).unwrap(), (order_id, FulfillmentOrderId(2)));
        assert!(parse_reference("F2").is_err());
    }
}
