//! The outside world, and what the tests share.

pub mod outside;
