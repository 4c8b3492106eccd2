//! Our own JSON, for every other shop.

pub mod shipment;
