//! Sec-WebSocket-Accept: RFC 6455 section 4.2.2.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use sha1::{Digest, Sha1};

/// The GUID that section 1.3 appends to the key.
pub const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The accept value for a `Sec-WebSocket-Key`, which is used as it appears on the wire, without decoding.
pub fn accept_for(key: &[u8]) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// The names of the invalid values that [`invalid_accept`] can produce.
pub const INVALID_ACCEPTS: &[&str] = &[
    "lower-case",
    "upper-case",
    "unpadded",
    "half",
    "url-safe",
    "hex",
    "pad-bits",
    "first-byte",
    "last-byte",
    "decoded-key",
    "lower-case-guid",
    "no-guid",
    "guid-first",
];

/// An accept value for `key` with one error that a client may fail to notice; `None` for an unknown name.
pub fn invalid_accept(key: &[u8], name: &str) -> Option<String> {
    let valid = accept_for(key);
    let hash = || Sha1::new().chain_update(key).chain_update(GUID).finalize();
    let hash_of =
        |parts: [&[u8]; 2]| STANDARD.encode(Sha1::new().chain_update(parts[0]).chain_update(parts[1]).finalize());
    Some(match name {
        "lower-case" => valid.to_ascii_lowercase(),
        "upper-case" => valid.to_ascii_uppercase(),
        "unpadded" => valid.trim_end_matches('=').to_owned(),
        "half" => valid.chars().take(14).collect(),
        "url-safe" => URL_SAFE_NO_PAD.encode(hash()),
        "hex" => HEXLOWER.encode(&hash()),
        "pad-bits" => with_pad_bit_set(&valid),
        "first-byte" => {
            let mut hash = hash();
            hash[0] ^= 1;
            STANDARD.encode(hash)
        }
        "last-byte" => {
            let mut hash = hash();
            hash[19] ^= 1;
            STANDARD.encode(hash)
        }
        "decoded-key" => hash_of([&STANDARD.decode(key).unwrap_or_default(), GUID.as_bytes()]),
        "lower-case-guid" => hash_of([key, GUID.to_ascii_lowercase().as_bytes()]),
        "no-guid" => hash_of([key, b""]),
        "guid-first" => hash_of([GUID.as_bytes(), key]),
        _ => return None,
    })
}

/// The same bytes in base64 with a pad bit set: with 20 bytes, two bits of the last letter are unused.
fn with_pad_bit_set(valid: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut letters = valid.trim_end_matches('=').to_owned();
    let last = letters.pop().and_then(|last| ALPHABET.iter().position(|letter| char::from(*letter) == last));
    letters.push(char::from(ALPHABET[last.unwrap_or_default() ^ 1]));
    letters.push('=');
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_section_1_3() {
        assert_eq!(accept_for(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
