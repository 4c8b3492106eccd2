//! libFuzzer on [`tests::hostile`]'s target `supplier_reply`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("supplier_reply").throw)(bytes));
