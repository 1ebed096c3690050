//! Masking: RFC 6455 section 5.3.

/// XORs `data` in place with `key`, as if `data` began `offset` octets into the payload.
///
/// Applying it twice gives the data back. It runs at memory speed: eight octets at a time, which the compiler widens further.
pub fn apply(data: &mut [u8], key: [u8; 4], offset: usize) {
    let mut turned = key;
    turned.rotate_left(offset % 4);
    let word = u64::from_ne_bytes([
        turned[0], turned[1], turned[2], turned[3], turned[0], turned[1], turned[2], turned[3],
    ]);
    let (chunks, rest) = data.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (octet, key) in rest.iter_mut().zip(turned.iter().cycle()) {
        *octet ^= key;
    }
}
