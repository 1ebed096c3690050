//! Frames and events for results that tests make up.

use wsspec_reports::results::{Direction, Event, FrameEvent, Layer, MaskingKey, What};

pub const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How a frame is written, with the right way as its default.
#[derive(Clone)]
pub struct Frame {
    pub fin: bool,
    pub rsv: u8,
    pub opcode: u8,
    pub masked: bool,
    pub form: Option<u8>,
    pub payload: Vec<u8>,
    pub wrong: Vec<String>,
}

pub fn frame(opcode: u8, payload: &[u8]) -> Frame {
    Frame { fin: true, rsv: 0, opcode, masked: false, form: None, payload: payload.into(), wrong: Vec::new() }
}

pub fn close(code: u16, reason: &str) -> Frame {
    frame(8, &[&code.to_be_bytes(), reason.as_bytes()].concat())
}

impl Frame {
    pub fn masked(mut self) -> Self {
        self.masked = true;
        self
    }

    pub fn wrong(mut self, what: &str) -> Self {
        self.wrong.push(what.into());
        self
    }

    pub fn event(&self) -> FrameEvent {
        let length = self.payload.len() as u64;
        let form = self.form.unwrap_or(match length {
            0..=125 => 7,
            126..=0xffff => 16,
            _ => 64,
        });
        let mask = if self.masked { 0x80 } else { 0 };
        let mut head = vec![u8::from(self.fin) << 7 | self.rsv << 4 | self.opcode];
        match form {
            7 => head.push(mask | length as u8),
            16 => {
                head.push(mask | 126);
                head.extend_from_slice(&(length as u16).to_be_bytes());
            }
            _ => {
                head.push(mask | 127);
                head.extend_from_slice(&length.to_be_bytes());
            }
        }
        if self.masked {
            head.extend_from_slice(&KEY);
        }
        let kept = self.payload.len().min(64);
        let tail = self.payload.len().saturating_sub(16).max(kept);
        let long = self.payload.len() > kept;
        FrameEvent {
            fin: self.fin,
            rsv: self.rsv,
            opcode: self.opcode,
            mask: self.masked.then_some(MaskingKey(KEY)),
            form,
            length,
            head: hex(&head),
            payload: hex(&self.payload[..kept]),
            tail: if long { hex(&self.payload[tail..]) } else { String::new() },
            digest: long.then(|| "9a1f03c2b7de4415".into()),
            inflated: None,
            wrong: self.wrong.clone(),
        }
    }
}

/// A transcript that grows by 0.11 ms an event.
#[derive(Default)]
pub struct Talk {
    pub events: Vec<Event>,
    at: f64,
}

impl Talk {
    fn push(mut self, direction: Option<Direction>, what: What) -> Self {
        let layer = match &what {
            What::Head { .. } => Layer::Http1,
            What::Frame(_) => Layer::WebSocket,
            What::Bytes { .. } | What::End { .. } => Layer::Tcp,
            What::Note { .. } => Layer::Harness,
        };
        let at_ms = (self.at * 100.0).round() / 100.0;
        self.events.push(Event { at_ms, layer, direction, what, ..Event::default() });
        self.at += 0.11;
        self
    }

    pub fn after(mut self, ms: f64) -> Self {
        self.at += ms;
        self
    }

    pub fn sent(self, frame: Frame) -> Self {
        self.push(Some(Direction::Out), What::Frame(frame.event()))
    }

    pub fn actual(self, frame: Frame) -> Self {
        self.push(Some(Direction::In), What::Frame(frame.event()))
    }

    pub fn head(self, dir: Direction, text: &str) -> Self {
        self.push(Some(dir), What::Head { text: text.into() })
    }

    pub fn bytes(self, dir: Direction, bytes: &[u8], length: u64) -> Self {
        self.push(Some(dir), What::Bytes { length, hex: hex(bytes) })
    }

    pub fn note(self, text: &str) -> Self {
        self.push(None, What::Note { text: text.into() })
    }

    pub fn end(self, dir: Direction, how: &str) -> Self {
        self.push(Some(dir), What::End { how: how.parse().unwrap() })
    }

    /// A right opening handshake with a server.
    pub fn opened() -> Self {
        let request = "GET / HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nUser-Agent: wsspec/0.1.0\r\n\r\n";
        let response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nServer: echo-server/2.3\r\n\r\n";
        Self::default().head(Direction::Out, request).head(Direction::In, response)
    }

    /// A right closing handshake with a server.
    pub fn closed(self) -> Self {
        self.note("the steps are done: the connection is closed")
            .sent(close(1000, "").masked())
            .actual(close(1000, ""))
            .end(Direction::In, "fin")
            .end(Direction::Out, "fin")
    }
}
