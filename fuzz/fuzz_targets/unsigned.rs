//! libFuzzer on [`tests::hostile`]'s target `unsigned`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("unsigned").throw)(bytes));
