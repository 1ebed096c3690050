//! Writes a handshake head that is valid by default and can be patched in any way.

/// The line end of each line of a head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "lowercase")]
pub enum LineEnding {
    /// CR LF, the valid one.
    #[default]
    CrLf,
    /// A bare LF.
    Lf,
    /// A bare CR.
    Cr,
}

/// A head to be written: a start line and fields in order. Nothing is checked or corrected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeadWriter {
    /// The request line or status line without its end.
    pub start: Vec<u8>,
    /// The fields in order, each written as `name: value`.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The line end of each line.
    pub line_ending: LineEnding,
}

impl HeadWriter {
    /// A head with this start line and no fields.
    pub fn new(start: impl Into<Vec<u8>>) -> Self {
        Self { start: start.into(), ..Self::default() }
    }

    /// Gives the field a single value: it replaces the field's first line (other lines of the field are removed), or is
    /// added at the end.
    pub fn set(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        let line = (name.to_owned(), value.into());
        match self.fields.iter().position(|(other, _)| other.eq_ignore_ascii_case(name)) {
            Some(first) => {
                self.remove(name);
                // All lines before the first one of this field are still there, so its position is unchanged.
                self.fields.insert(first.min(self.fields.len()), line);
            }
            None => self.fields.push(line),
        }
    }

    /// Adds a line at the end, whether or not the field is present.
    pub fn add(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.fields.push((name.to_owned(), value.into()));
    }

    /// Removes all lines of the field, whatever the letter case of its name.
    pub fn remove(&mut self, name: &str) {
        self.fields.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    /// Puts these fields first, in this order; the others follow in their previous order. Several lines of one field
    /// keep their order, and an absent name changes nothing.
    pub fn order(&mut self, names: &[String]) {
        let place = |field: &str| names.iter().position(|name| name.eq_ignore_ascii_case(field));
        self.fields.sort_by_key(|(field, _)| place(field).unwrap_or(names.len()));
    }

    /// The head's bytes, including its empty line.
    pub fn write(&self) -> Vec<u8> {
        let end: &[u8] = match self.line_ending {
            LineEnding::CrLf => b"\r\n",
            LineEnding::Lf => b"\n",
            LineEnding::Cr => b"\r",
        };
        let mut out = self.start.clone();
        out.extend_from_slice(end);
        for (name, value) in &self.fields {
            for part in [name.as_bytes(), b": ", value, end] {
                out.extend_from_slice(part);
            }
        }
        out.extend_from_slice(end);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(fields: &[(&str, &str)]) -> HeadWriter {
        let mut head = HeadWriter::new("GET / HTTP/1.1");
        fields.iter().for_each(|(name, value)| head.add(name, *value));
        head
    }

    fn lines(head: &HeadWriter) -> Vec<String> {
        let text = String::from_utf8(head.write()).unwrap();
        text.split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn set_keeps_the_position_of_the_first_line() {
        let mut head = head(&[("A", "1"), ("b", "2"), ("C", "3"), ("B", "4")]);
        head.set("B", "5");
        assert_eq!(lines(&head), ["GET / HTTP/1.1", "A: 1", "B: 5", "C: 3", "", ""]);
        head.set("D", "");
        assert_eq!(lines(&head), ["GET / HTTP/1.1", "A: 1", "B: 5", "C: 3", "D: ", "", ""]);
    }

    #[test]
    fn remove_deletes_all_lines() {
        let mut head = head(&[("A", "1"), ("b", "2"), ("B", "4")]);
        head.remove("B");
        head.remove("x");
        assert_eq!(lines(&head), ["GET / HTTP/1.1", "A: 1", "", ""]);
    }

    #[test]
    fn order_puts_fields_first() {
        let mut head = head(&[("A", "1"), ("b", "2"), ("C", "3"), ("B", "4")]);
        head.order(&["c".into(), "x".into(), "B".into(), "c".into()]);
        assert_eq!(lines(&head), ["GET / HTTP/1.1", "C: 3", "b: 2", "B: 4", "A: 1", "", ""]);
    }

    #[test]
    fn nothing_is_corrected() {
        let mut head = head(&[("a b", "x\r\ny")]);
        head.line_ending = LineEnding::Cr;
        assert_eq!(head.write(), b"GET / HTTP/1.1\ra b: x\r\ny\r\r");
        head.line_ending = LineEnding::Lf;
        assert_eq!(head.write(), b"GET / HTTP/1.1\na b: x\r\ny\n\n");
    }
}
