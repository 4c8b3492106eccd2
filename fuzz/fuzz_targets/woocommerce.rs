//! libFuzzer on [`tests::hostile`]'s target `woocommerce`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("woocommerce").throw)(bytes));
