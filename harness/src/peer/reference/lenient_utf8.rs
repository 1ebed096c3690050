//! UTF-8 as faulty peers accept it.

/// The forms that are accepted although RFC 3629 forbids them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AcceptedForms {
    /// U+D800 to U+DFFF.
    pub(super) surrogates: bool,
    /// Overlong encodings.
    pub(super) overlong: bool,
    /// Code points above U+10FFFF, encoded in four bytes.
    pub(super) above_10ffff: bool,
}

/// Whether this is valid text if these forms are also accepted.
pub(super) fn is_text(bytes: &[u8], accepted: AcceptedForms) -> bool {
    let mut rest = bytes;
    while let Some((&lead, after_lead)) = rest.split_first() {
        let (continuation_count, bits, min) = match lead {
            0x00..=0x7f => (0, u32::from(lead), 0),
            0xc0..=0xdf => (1, u32::from(lead & 0x1f), 0x80),
            0xe0..=0xef => (2, u32::from(lead & 0x0f), 0x800),
            0xf0..=0xf7 => (3, u32::from(lead & 0x07), 0x1_0000),
            _ => return false,
        };
        let Some((continuation, after)) = after_lead.split_at_checked(continuation_count) else {
            return false;
        };
        if !continuation.iter().all(|byte| byte & 0xc0 == 0x80) {
            return false;
        }
        let code_point = continuation.iter().fold(bits, |code_point, byte| code_point << 6 | u32::from(byte & 0x3f));
        let valid = (code_point >= min || accepted.overlong)
            && (!(0xd800..=0xdfff).contains(&code_point) || accepted.surrogates)
            && (code_point <= 0x10_ffff || accepted.above_10ffff);
        if !valid {
            return false;
        }
        rest = after;
    }
    true
}

/// Whether this code point is a noncharacter, which Unicode reserves for internal use.
pub(super) fn is_noncharacter(c: char) -> bool {
    let code_point = u32::from(c);
    code_point & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code_point)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flag_accepts_one_form() {
        let surrogate: &[u8] = &[0xed, 0xa0, 0x80];
        let overlong: &[u8] = &[0xc0, 0x80];
        let above: &[u8] = &[0xf4, 0x90, 0x80, 0x80];
        let strict = AcceptedForms::default();
        for (bytes, accepted) in [
            (surrogate, AcceptedForms { surrogates: true, ..strict }),
            (overlong, AcceptedForms { overlong: true, ..strict }),
            (above, AcceptedForms { above_10ffff: true, ..strict }),
        ] {
            assert!(is_text(bytes, accepted));
            for other in [surrogate, overlong, above] {
                assert!(other == bytes || !is_text(other, accepted));
                assert!(!is_text(other, strict));
            }
        }
        assert!(is_text("añ€😀\0".as_bytes(), strict));
        assert!(!is_text(&[0xe2, 0x82], strict));
        assert!(!is_text(&[0x80], strict) && !is_text(&[0xff], strict));
        assert!(is_noncharacter('\u{fffe}') && is_noncharacter('\u{1ffff}'));
        assert!(!is_noncharacter('\u{fffd}'));
    }
}
