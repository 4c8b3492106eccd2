//! What outside systems really send and expect: one module each, with its wire types, its signature and its errors.
//! Nothing past this crate knows their JSON.

pub mod aftership;
pub mod customer_link;
pub mod easypost;
pub mod form;
mod json;
pub mod label;
mod lines;
pub mod listing;
mod locale;
pub mod onward;
pub mod refund;
mod rest;
pub mod seventeen_track;
pub mod shipment;
pub mod shop_answer;
pub mod shopify;
pub mod signature;
pub mod status;
pub mod supplier;
pub mod supplier_mail;
pub mod tracking;
pub mod webhook;
mod wishes;
pub mod woocommerce;
