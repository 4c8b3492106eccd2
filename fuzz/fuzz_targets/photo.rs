//! libFuzzer on [`tests::hostile`]'s target `photo`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("photo").throw)(bytes));
