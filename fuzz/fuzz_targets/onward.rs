//! libFuzzer on [`tests::hostile`]'s target `onward`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("onward").throw)(bytes));
