//! libFuzzer on [`tests::hostile`]'s target `tracking_push`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("tracking_push").throw)(bytes));
