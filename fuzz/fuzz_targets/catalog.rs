//! libFuzzer on [`tests::hostile`]'s target `catalog`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("catalog").throw)(bytes));
