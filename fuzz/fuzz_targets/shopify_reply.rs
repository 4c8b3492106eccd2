//! libFuzzer on [`tests::hostile`]'s target `shopify_reply`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("shopify_reply").throw)(bytes));
