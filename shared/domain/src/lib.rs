//! The rules of order fulfillment, and nothing else: no I/O, no clock, no chance.
//!
//! # Layout
//!
//! - [`shop_order`]: an order as a shop states it, whatever the shop speaks.
//! - [`order`]: the order as Onward knows it: its facts, the state they fold to, one module per decision, and what
//!   the state calls for next.
//! - [`message`]: what the functions send each other.
//! - [`catalog`], [`settings`]: what the merchant tells us: articles, offers, stock; suppliers, rules, limits.
//! - [`address`]: what a postal address needs, by country.
//! - [`language`]: what customers may speak.
//! - [`views`]: the rows that are kept for looking things up, as a function of an order's state.
//!
//! Nothing here can fail because of the world: a rule that says no is a fact or a `Refusal`, never an error.

pub mod address;
pub mod catalog;
pub mod id;
pub mod language;
pub mod message;
pub mod money;
pub mod order;
pub mod settings;
pub mod shop_order;
pub mod views;
