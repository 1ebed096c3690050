//! The masking key of a frame.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A frame's masking key: RFC 6455 section 5.3. In results it is a text of eight hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MaskingKey(pub [u8; 4]);

/// A text that is not a masking key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a masking key has eight hexadecimal digits")]
pub struct MaskingKeyError;

impl MaskingKey {
    /// The key as a number, its first byte the most significant.
    pub const fn number(self) -> u32 {
        u32::from_be_bytes(self.0)
    }
}

impl fmt::Display for MaskingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.number())
    }
}

impl FromStr for MaskingKey {
    type Err = MaskingKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = digits.then(|| u32::from_str_radix(text, 16).ok()).flatten().ok_or(MaskingKeyError)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl TryFrom<String> for MaskingKey {
    type Error = MaskingKeyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<MaskingKey> for String {
    fn from(key: MaskingKey) -> Self {
        key.to_string()
    }
}

impl JsonSchema for MaskingKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MaskingKey".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::MaskingKey;

    #[test]
    fn a_key_is_eight_digits() {
        let key = MaskingKey([0x07, 0xfa, 0x21, 0x3d]);
        assert_eq!(key.to_string(), "07fa213d");
        assert_eq!("07fa213d".parse(), Ok(key));
        for text in ["", "7fa213d", "+7fa213d", "07fa213d0"] {
            assert!(text.parse::<MaskingKey>().is_err(), "{text}");
        }
    }
}
