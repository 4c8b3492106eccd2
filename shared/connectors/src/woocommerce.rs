//! WooCommerce.

pub mod fulfillment;
