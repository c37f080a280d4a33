#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sqlreach_fuzz::bodies::import(bytes));
