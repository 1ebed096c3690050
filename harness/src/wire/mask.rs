//! Masking: RFC 6455 section 5.3.

/// XORs `data` in place with `key`, as if `data` began `offset` bytes into the payload.
///
/// Applying it twice restores the data. It runs at memory speed: eight bytes at a time, which the compiler widens
/// further.
pub fn apply(data: &mut [u8], key: [u8; 4], offset: usize) {
    let mut rotated = key;
    rotated.rotate_left(offset % 4);
    let word = u64::from_ne_bytes([
        rotated[0], rotated[1], rotated[2], rotated[3], rotated[0], rotated[1], rotated[2], rotated[3],
    ]);
    let (chunks, rest) = data.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(rotated.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_equals_the_byte_loop_at_any_offset() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        for offset in 0..9 {
            for length in 0..70 {
                let data: Vec<u8> = (0..length).map(|i: u8| i.wrapping_mul(7)).collect();
                let naive: Vec<u8> = data.iter().enumerate().map(|(i, byte)| byte ^ key[(i + offset) % 4]).collect();
                let mut masked = data.clone();
                apply(&mut masked, key, offset);
                assert_eq!(masked, naive);
                apply(&mut masked, key, offset);
                assert_eq!(masked, data);
            }
        }
    }
}
