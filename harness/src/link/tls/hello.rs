//! The server's name in a ClientHello: RFC 8446 section 4.1.2 and RFC 6066 section 3.
//!
//! The TLS library reports valid names only, and a rule needs the invalid ones too.

/// The extension `server_name`.
const SERVER_NAME: u16 = 0;

/// The first host name of the `server_name` extension in the ClientHello that these bytes of a TLS stream begin with.
pub fn server_name(bytes: &[u8]) -> Option<Vec<u8>> {
    let hello = client_hello(bytes)?;
    let mut rest = ByteReader(&hello);
    // The version and the random, then session id, cipher suites and compression methods.
    rest.take(34)?;
    rest.vector(1)?;
    rest.vector(2)?;
    rest.vector(1)?;
    let mut extensions = ByteReader(rest.vector(2)?);
    while !extensions.0.is_empty() {
        let kind = extensions.number(2)?;
        let body = extensions.vector(2)?;
        if kind == usize::from(SERVER_NAME) {
            let mut names = ByteReader(ByteReader(body).vector(2)?);
            while !names.0.is_empty() {
                let kind = names.number(1)?;
                let name = names.vector(2)?;
                if kind == 0 {
                    return Some(name.to_vec());
                }
            }
        }
    }
    None
}

/// The body of the first handshake message, joined from the records that it is split into.
fn client_hello(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut records = ByteReader(bytes);
    let mut message = Vec::new();
    loop {
        if records.number(1)? != 22 {
            return None;
        }
        records.take(2)?;
        message.extend_from_slice(records.vector(2)?);
        let mut whole = ByteReader(&message);
        if let (Some(kind), Some(body)) = (whole.number(1), whole.vector(3)) {
            return (kind == 1).then(|| body.to_vec());
        }
    }
}

/// Bytes that are taken from the front.
struct ByteReader<'a>(&'a [u8]);

impl<'a> ByteReader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of so many bytes, at most four.
    fn number(&mut self, bytes: usize) -> Option<usize> {
        Some(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// Bytes after their length, which has so many bytes.
    fn vector(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let length = self.number(bytes)?;
        self.take(length)
    }
}
