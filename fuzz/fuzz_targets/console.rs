//! libFuzzer on [`tests::hostile`]'s target `console`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("console").throw)(bytes));
