//! libFuzzer on [`tests::hostile`]'s target `settings`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("settings").throw)(bytes));
