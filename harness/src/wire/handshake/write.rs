//! Writing a handshake head: right by default, then patched in any way.

/// What ends each line of a head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnding {
    /// CR LF, the right one.
    #[default]
    CrLf,
    /// A bare LF.
    Lf,
    /// A bare CR.
    Cr,
}

/// A head to be written: a start line and fields in order. Nothing is checked and nothing is corrected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeadWriter {
    /// The request line or status line without its end.
    pub start: Vec<u8>,
    /// The fields in order, each written as `name: value`.
    pub fields: Vec<(String, Vec<u8>)>,
    /// What ends each line.
    pub line_ending: LineEnding,
}

impl HeadWriter {
    /// A head with this start line and no field.
    pub fn new(start: impl Into<Vec<u8>>) -> Self {
        Self { start: start.into(), ..Self::default() }
    }

    /// Gives the field a single value: in place of its first line (other lines of it go), or at the end.
    pub fn set(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        let _ = (name, value.into());
        todo!()
    }

    /// Adds a line at the end, whether the field is there or not.
    pub fn add(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        let _ = (name, value.into());
        todo!()
    }

    /// Takes all lines of the field away, whatever its letter case.
    pub fn remove(&mut self, name: &str) {
        let _ = name;
        todo!()
    }

    /// Puts these fields first, in this order; the others follow as they were.
    pub fn order(&mut self, names: &[String]) {
        let _ = names;
        todo!()
    }

    /// The head's octets, its empty line included.
    pub fn write(&self) -> Vec<u8> {
        todo!()
    }
}
