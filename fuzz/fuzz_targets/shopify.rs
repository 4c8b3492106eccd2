//! libFuzzer on [`tests::hostile`]'s target `shopify`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("shopify").throw)(bytes));
