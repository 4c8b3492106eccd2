//! libFuzzer on [`tests::hostile`]'s target `link`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("link").throw)(bytes));
