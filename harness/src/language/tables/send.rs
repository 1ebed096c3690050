//! The keys of what is sent, and of payloads.

use strum::VariantNames as _;

use super::{CODE, Key, Shape, Table, key};
use crate::wire::deflate::BlockKind;

/// The names of the opcodes that RFC 6455 section 5.2 defines.
pub static OPCODES: &[&str] = &["continuation", "text", "binary", "close", "ping", "pong"];
/// The forms of the payload length.
pub static FORMS: &[&str] = &["7-bit", "16-bit", "64-bit"];

/// The kinds of DEFLATE blocks.
pub static BLOCKS: &[&str] = BlockKind::VARIANTS;
/// The natures of data that samples have.
pub static SAMPLES: &[&str] = &["json", "html", "prose", "image", "document"];

/// A number of bytes, or a seed.
const COUNT: Shape = Shape::Number(0, u64::MAX);
/// A number of bytes of which there must be one.
const SIZE: Shape = Shape::Number(1, u64::MAX);

/// The forms of a payload.
pub(super) static PAYLOAD_KINDS: &[Key] = &[
    key("text", Shape::Text, "A text's UTF-8."),
    key("hex", Shape::Spelling, "Bytes as hexadecimal digits; spaces are free."),
    key("base64", Shape::Text, "Bytes in base64."),
    key("repeat", Shape::Payload, "A payload over and over: cut at `bytes`, or `times` as often."),
    key("random", COUNT, "So many bytes drawn from `seed`, the same in every run."),
    key(
        "utf8",
        Shape::OneOrList(&Shape::Text),
        "Code points such as `U+0080` and ranges such as `U+D800..U+D8FF`, as UTF-8.",
    ),
    key("json", Shape::Any, "A value as compact JSON."),
    key("file", Shape::Text, "A file's content, by a path beside the case file; at most 16 MiB."),
    key("concat", Shape::List(&Shape::Payload), "Several payloads, one behind the other."),
    key("deflate", Shape::Payload, "A payload as DEFLATE data without its tail, made as the keys beside say."),
    key("sample", Shape::Words(SAMPLES), "Data of this nature, `bytes` long: the same in every run."),
];

/// The keys that belong to a form of a payload.
pub(super) static PAYLOAD_KEYS: &[Key] = &[
    key("bytes", COUNT, "The size in bytes at which `repeat` is cut."),
    key("times", COUNT, "How often `repeat` repeats."),
    key("seed", COUNT, "The seed of `random`, 0 without it."),
    key("blocks", Shape::OneOrList(&Shape::Words(BLOCKS)), "The kinds of the blocks of `deflate`, over and over."),
    key("block", SIZE, "Bytes of data in each block of `deflate`; all of them without it."),
    key("window", Shape::Number(8, 15), "The window of `deflate` in bits, 15 without it."),
    key("after", Shape::Payload, "What was inflated before, into which distances of `deflate` may reach."),
    key("distance", SIZE, "The only distance that `deflate` uses, wherever it fits."),
    key("final", Shape::Bool, "`true` marks the last block of `deflate` as final."),
    key("tail", Shape::Bool, "`true` leaves 00 00 ff ff at the end of `deflate`."),
];

/// A payload.
pub static PAYLOAD: Table =
    Table { id: "payload", what: "a payload", kinds: &[PAYLOAD_KINDS], keys: &[PAYLOAD_KEYS], required: &[] };

/// What can be wrong in a frame's head.
static FRAME_KEYS: &[Key] = &[
    key("fin", Shape::Bool, "`false` clears the FIN bit."),
    key("rsv", Shape::OneOrList(&Shape::Number(1, 3)), "The reserved bits that are set, 1 to 3."),
    key("truncate", COUNT, "Only so many bytes of the frame are sent, its head included."),
    key("hold", COUNT, "So many bytes at the frame's end are kept back for `rest`."),
];
/// How a frame is coded.
static CODING_KEYS: &[Key] = &[
    key(
        "mask",
        Shape::Either(&[Shape::Bool, Shape::Spelling]),
        "Masked or not, or a masking key of eight hexadecimal digits.",
    ),
    key("length", Shape::Map(&LENGTH), "Another form of the length, or another length than the true one."),
];
/// How it is written.
static WRITE_SPLIT_KEYS: &[Key] = &[key("split", Shape::WriteSplit, "Written in pieces of so many bytes.")];

/// Something sent.
pub static SEND: Table = Table {
    id: "send",
    what: "a send",
    kinds: &[&[
        key("text", Shape::Payload, "A text frame."),
        key("binary", Shape::Payload, "A binary frame."),
        key("continuation", Shape::Payload, "A continuation frame."),
        key("ping", Shape::Payload, "A Ping frame."),
        key("pong", Shape::Payload, "A Pong frame."),
        key(
            "close",
            Shape::Either(&[CODE, Shape::Text, Shape::Map(&CLOSE)]),
            "A Close frame: a code, `{code, reason}`, `empty`, or any payload as its raw body.",
        ),
        key("frame", Shape::Map(&FRAME), "One frame with any opcode."),
        key("message", Shape::Map(&MESSAGE), "A message, in fragments if so wished."),
        key("raw", Shape::Payload, "Bytes without a frame around them."),
        key("rest", COUNT, "The next so many bytes that `hold` kept back; the word alone sends all that is left."),
        key("together", Shape::List(&Shape::Send), "Several sends in one write."),
        key(
            "unfinished",
            Shape::Map(&UNFINISHED),
            "A message whose fragments all have FIN clear: its end never comes.",
        ),
        key("half-close", Shape::Flag, "The end of our direction of the stream (FIN)."),
        key(
            "close-notify",
            Shape::Flag,
            "TLS's closure alert alone; the stream below stays open. The case needs `tls` then.",
        ),
        key(
            "truncate-tls",
            Shape::Flag,
            "The end of our direction without TLS's closure alert. The case needs `tls` then.",
        ),
        key("reset", Shape::Flag, "A reset of the connection (RST)."),
        key("pause", Shape::Duration, "Nothing is sent for a while."),
        key(
            "barrier",
            Shape::Flag,
            "A ping with fresh data whose pong is awaited; what comes before is kept for the next `expect`.",
        ),
    ]],
    keys: &[FRAME_KEYS, CODING_KEYS, WRITE_SPLIT_KEYS, COMPRESS_KEYS],
    required: &[],
};

/// How a message is compressed.
static COMPRESS_KEYS: &[Key] =
    &[key("compress", Shape::Bool, "`true` compresses the message as `handshake.deflate` agreed, with RSV1.")];

/// What is echoed.
pub static ECHO: Table = Table {
    id: "echo",
    what: "an echo",
    kinds: &[&[
        key("text", Shape::Payload, "A text message of one frame."),
        key("binary", Shape::Payload, "A binary message of one frame."),
        key("message", Shape::Map(&MESSAGE), "A message, in fragments if so wished."),
        key("many", Shape::Map(&MANY), "Many numbered messages in one write, which come back in their order."),
        key(
            "series",
            Shape::Map(&SERIES),
            "Messages cut from one source, each sent when the one before has come back.",
        ),
    ]],
    keys: &[CODING_KEYS, WRITE_SPLIT_KEYS, COMPRESS_KEYS, super::expect::WITHIN],
    required: &[],
};

/// Many numbered messages.
pub static MANY: Table = Table {
    id: "many",
    what: "many messages",
    kinds: &[&[
        key("text", Shape::Text, "The text of each, `%{n}` standing for its number from 1."),
        key("binary", Shape::Text, "The same as binary messages."),
    ]],
    keys: &[&[key("count", SIZE, "How many messages there are.")]],
    required: &["count"],
};

/// Messages cut from one source.
pub static SERIES: Table = Table {
    id: "series",
    what: "a series of messages",
    kinds: &[&[
        key("text", Shape::Payload, "Text that the messages are cut from, over and over; sizes count characters."),
        key("binary", Shape::Payload, "Bytes that the messages are cut from, over and over."),
    ]],
    keys: &[&[
        key("size", COUNT, "Bytes, or characters of text, in each message."),
        key("count", SIZE, "How many messages there are at full scale; 1 without it."),
        key(
            "fragments",
            Shape::Either(&[SIZE, Shape::List(&COUNT), Shape::Map(&FRAGMENTS)]),
            "How each message, as it goes on the wire, is cut into fragments.",
        ),
        key("unread", Shape::Bool, "`true`: all are written before anything is read, as far as the target takes them."),
        key(
            "may-refuse",
            Shape::Bool,
            "`true`: a target that ends the connection by a limit of its own is lenient (Z22).",
        ),
    ]],
    required: &["size"],
};

/// A message that is never finished.
pub static UNFINISHED: Table = Table {
    id: "unfinished",
    what: "a message without end",
    kinds: &[&[
        key("text", Shape::Payload, "Text that the message is cut from, over and over."),
        key("binary", Shape::Payload, "Bytes that the message is cut from, over and over."),
    ]],
    keys: &[&[
        key("size", SIZE, "Bytes that are sent at full scale; 8 MiB at most without it."),
        key("fragments", SIZE, "Bytes in each fragment."),
    ]],
    required: &["size", "fragments"],
};

/// A frame with any opcode.
pub static FRAME: Table = Table {
    id: "frame",
    what: "a frame",
    kinds: &[],
    keys: &[
        &[
            key(
                "opcode",
                Shape::Either(&[Shape::Words(OPCODES), Shape::Number(0, 15)]),
                "The opcode: its name, or 0 to 15.",
            ),
            key("payload", Shape::Payload, "The payload; none without it."),
        ],
        FRAME_KEYS,
        CODING_KEYS,
    ],
    required: &["opcode"],
};

/// A message.
pub static MESSAGE: Table = Table {
    id: "message",
    what: "a message",
    kinds: &[&[key("text", Shape::Payload, "A text message."), key("binary", Shape::Payload, "A binary message.")]],
    keys: &[&[key(
        "fragments",
        Shape::Either(&[SIZE, Shape::List(&COUNT), Shape::Map(&FRAGMENTS)]),
        "Bytes a fragment (the last has the rest), a list of sizes, `{size, empty-last}`, or `{empty}`.",
    )]],
    required: &[],
};

/// How a message is cut.
pub static FRAGMENTS: Table = Table {
    id: "fragments",
    what: "a cut into fragments",
    kinds: &[],
    keys: &[&[
        key("size", SIZE, "Bytes a fragment."),
        key("empty-last", Shape::Bool, "`true` ends the message with an empty final fragment."),
        key("empty", SIZE, "So many empty fragments behind one that holds all bytes, in place of `size`."),
    ]],
    required: &[],
};

/// The length in a frame's head.
pub static LENGTH: Table = Table {
    id: "length",
    what: "a length",
    kinds: &[],
    keys: &[&[
        key("form", Shape::Words(FORMS), "The form that holds the length, in place of the shortest."),
        key("declared", COUNT, "The length that is declared, in place of the true one."),
    ]],
    required: &[],
};

/// How bytes are cut into writes.
pub static WRITE_SPLIT: Table = Table {
    id: "split",
    what: "a write split",
    kinds: &[],
    keys: &[&[key("size", SIZE, "Bytes a write."), key("pause", Shape::Duration, "A pause between two writes.")]],
    required: &["size"],
};

/// The body of a Close frame.
pub static CLOSE: Table = Table {
    id: "close",
    what: "a Close",
    kinds: &[&[key("code", CODE, "The close code.")], PAYLOAD_KINDS],
    keys: &[&[key("reason", Shape::Payload, "The reason behind the code.")], PAYLOAD_KEYS],
    required: &[],
};
