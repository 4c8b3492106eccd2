//! Shopify.

pub mod fulfillment;
