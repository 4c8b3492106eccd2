//! The outside world.

pub mod shop;
