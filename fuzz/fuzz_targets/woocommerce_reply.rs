//! libFuzzer on [`tests::hostile`]'s target `woocommerce_reply`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (tests::hostile::target("woocommerce_reply").throw)(
    bytes
));
