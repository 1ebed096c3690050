#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| wsspec::fuzzing::tungstenite_messages(data));
