//! libFuzzer on [`tests::hostile`]'s target `supplier_answer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("supplier_answer").throw)(
    bytes
));
