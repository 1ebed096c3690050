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
/// The kinds of samples.
pub static SAMPLES: &[&str] = &["json", "html", "prose", "image", "document"];

/// A number of bytes, or a seed.
const COUNT: Shape = Shape::Number(0, u64::MAX);
/// A number that must be at least 1.
const SIZE: Shape = Shape::Number(1, u64::MAX);

/// The forms of a payload.
pub(super) static PAYLOAD_KINDS: &[Key] = &[
    key("text", Shape::Text, "A text, encoded as UTF-8."),
    key("hex", Shape::Spelling, "Bytes as hexadecimal digits. Spaces are ignored."),
    key("base64", Shape::Text, "Bytes in base64."),
    key("repeat", Shape::Payload, "A payload that is repeated: up to `bytes` in total, or `times` times."),
    key("random", COUNT, "A number of random bytes, generated from `seed`: the same in every run."),
    key(
        "utf8",
        Shape::OneOrList(&Shape::Text),
        "Code points such as `U+0080` and ranges such as `U+D800..U+D8FF`, as UTF-8.",
    ),
    key("json", Shape::Any, "A value as compact JSON."),
    key("file", Shape::Text, "The content of a file, by its path from the folder of the case file; at most 16 MiB."),
    key("concat", Shape::List(&Shape::Payload), "Several payloads, one after the other."),
    key(
        "deflate",
        Shape::Payload,
        "A payload as DEFLATE data without its tail. The other keys of the map say how it is compressed.",
    ),
    key("sample", Shape::Words(SAMPLES), "Data of this kind with a length of `bytes`: the same in every run."),
];

/// The keys that belong to a form of a payload.
pub(super) static PAYLOAD_KEYS: &[Key] = &[
    key("bytes", COUNT, "The size in bytes of `repeat` or `sample`."),
    key("times", COUNT, "The number of repetitions of `repeat`."),
    key("seed", COUNT, "The seed of `random`. The default is 0."),
    key("blocks", Shape::OneOrList(&Shape::Words(BLOCKS)), "The kinds of the blocks of `deflate`, used in turn."),
    key("block", SIZE, "Bytes of data in each block of `deflate`. By default, one block has them all."),
    key("window", Shape::Number(8, 15), "The window of `deflate` in bits. The default is 15."),
    key("after", Shape::Payload, "Data that was inflated before, to which the distances of `deflate` may refer."),
    key("distance", SIZE, "The only distance that `deflate` uses, where it fits."),
    key("final", Shape::Bool, "`true` marks the last block of `deflate` as final."),
    key("tail", Shape::Bool, "`true` leaves 00 00 ff ff at the end of `deflate`."),
];

/// A payload.
pub static PAYLOAD: Table =
    Table { id: "payload", what: "a payload", kinds: &[PAYLOAD_KINDS], keys: &[PAYLOAD_KEYS], required: &[] };

/// Ways in which a frame can be invalid.
static FRAME_KEYS: &[Key] = &[
    key("fin", Shape::Bool, "`false` clears the FIN bit."),
    key("rsv", Shape::OneOrList(&Shape::Number(1, 3)), "The reserved bits that are set, from 1 to 3."),
    key("truncate", COUNT, "The number of bytes of the frame that are sent, including its header."),
    key("hold", COUNT, "The number of bytes at the end of the frame that are held back for `rest`."),
];
/// How a frame is encoded.
static CODING_KEYS: &[Key] = &[
    key(
        "mask",
        Shape::Either(&[Shape::Bool, Shape::Spelling]),
        "Whether the frame is masked, or a masking key of eight hexadecimal digits.",
    ),
    key("length", Shape::Map(&LENGTH), "Another form of the length, or a length other than the actual one."),
];
/// How bytes are written.
static WRITE_SPLIT_KEYS: &[Key] = &[key("split", Shape::WriteSplit, "The bytes are written in pieces of this size.")];

/// Something sent.
pub static SEND: Table = Table {
    id: "send",
    what: "a `send`",
    kinds: &[&[
        key("text", Shape::Payload, "A text frame."),
        key("binary", Shape::Payload, "A binary frame."),
        key("continuation", Shape::Payload, "A continuation frame."),
        key("ping", Shape::Payload, "A Ping frame."),
        key("pong", Shape::Payload, "A Pong frame."),
        key(
            "close",
            Shape::Either(&[CODE, Shape::Text, Shape::Map(&CLOSE)]),
            "A Close frame: a code, `{code, reason}`, `empty`, or any payload as its body.",
        ),
        key("frame", Shape::Map(&FRAME), "One frame with any opcode."),
        key("message", Shape::Map(&MESSAGE), "A message, optionally in fragments."),
        key("raw", Shape::Payload, "Bytes that are sent without a frame around them."),
        key("rest", COUNT, "A number of bytes that `hold` kept back. The word without a value sends all of them."),
        key("together", Shape::List(&Shape::Send), "Several things to send in one write."),
        key("unfinished", Shape::Map(&UNFINISHED), "A message whose fragments all have FIN clear, so it never ends."),
        key("half-close", Shape::Flag, "wsspec ends its direction of the stream (FIN)."),
        key(
            "close-notify",
            Shape::Flag,
            "wsspec sends the closure alert of TLS; TCP stays open. The case then needs `tls`.",
        ),
        key(
            "truncate-tls",
            Shape::Flag,
            "wsspec ends its direction of the stream without the closure alert of TLS. The case then needs `tls`.",
        ),
        key("reset", Shape::Flag, "wsspec resets the connection (RST)."),
        key("pause", Shape::Duration, "Nothing is sent for this time."),
        key(
            "barrier",
            Shape::Flag,
            "A ping with fresh data whose pong is awaited. What arrives before the pong is kept for the next `expect`.",
        ),
    ]],
    keys: &[FRAME_KEYS, CODING_KEYS, WRITE_SPLIT_KEYS, COMPRESS_KEYS],
    required: &[],
};

/// How a message is compressed.
static COMPRESS_KEYS: &[Key] =
    &[key("compress", Shape::Bool, "`true` compresses the message as negotiated by `handshake.deflate`, with RSV1.")];

/// What is echoed.
pub static ECHO: Table = Table {
    id: "echo",
    what: "an `echo` step",
    kinds: &[&[
        key("text", Shape::Payload, "A text message of one frame."),
        key("binary", Shape::Payload, "A binary message of one frame."),
        key("message", Shape::Map(&MESSAGE), "A message, optionally in fragments."),
        key("many", Shape::Map(&MANY), "Many numbered messages in one write, which must come back in order."),
        key(
            "series",
            Shape::Map(&SERIES),
            "Messages taken from one source, each sent when the previous one has come back.",
        ),
    ]],
    keys: &[CODING_KEYS, WRITE_SPLIT_KEYS, COMPRESS_KEYS, super::expect::WITHIN],
    required: &[],
};

/// Many numbered messages.
pub static MANY: Table = Table {
    id: "many",
    what: "`many`",
    kinds: &[&[
        key("text", Shape::Text, "The text of each message. `%{n}` is its number, from 1."),
        key("binary", Shape::Text, "The same as `text`, as binary messages."),
    ]],
    keys: &[&[key("count", SIZE, "The number of messages.")]],
    required: &["count"],
};

/// Messages taken from one source.
pub static SERIES: Table = Table {
    id: "series",
    what: "a series of messages",
    kinds: &[&[
        key(
            "text",
            Shape::Payload,
            "Text from which the messages are taken, repeated as needed. Sizes count characters.",
        ),
        key("binary", Shape::Payload, "Bytes from which the messages are taken, repeated as needed."),
    ]],
    keys: &[&[
        key("size", COUNT, "Bytes, or characters of text, in each message."),
        key("count", SIZE, "The number of messages at full scale. The default is 1."),
        key(
            "fragments",
            Shape::Either(&[SIZE, Shape::List(&COUNT), Shape::Map(&FRAGMENTS)]),
            "How each message is split into fragments on the wire.",
        ),
        key(
            "unread",
            Shape::Bool,
            "`true`: all messages are written before anything is read, as far as the target accepts them.",
        ),
        key(
            "may-refuse",
            Shape::Bool,
            "`true`: the result is lenient if the target ends the connection because of a limit of its own (Z22).",
        ),
    ]],
    required: &["size"],
};

/// A message that is never finished.
pub static UNFINISHED: Table = Table {
    id: "unfinished",
    what: "an unfinished message",
    kinds: &[&[
        key("text", Shape::Payload, "Text from which the message is taken, repeated as needed."),
        key("binary", Shape::Payload, "Bytes from which the message is taken, repeated as needed."),
    ]],
    keys: &[&[
        key("size", SIZE, "The number of bytes that are sent. Without `--full`, at most 8 MiB are sent."),
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
                "The opcode: a name, or a number from 0 to 15.",
            ),
            key("payload", Shape::Payload, "The payload. Without it, the frame has none."),
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
        "The size of each fragment in bytes (the last has the rest), a list of sizes, `{size, empty-last}`, or `{empty}`.",
    )]],
    required: &[],
};

/// How a message is split into fragments.
pub static FRAGMENTS: Table = Table {
    id: "fragments",
    what: "`fragments`",
    kinds: &[],
    keys: &[&[
        key("size", SIZE, "The size of each fragment in bytes."),
        key("empty-last", Shape::Bool, "`true` ends the message with an empty final fragment."),
        key("empty", SIZE, "The number of empty fragments after one that has all bytes. It replaces `size`."),
    ]],
    required: &[],
};

/// The length in a frame's head.
pub static LENGTH: Table = Table {
    id: "length",
    what: "a length",
    kinds: &[],
    keys: &[&[
        key("form", Shape::Words(FORMS), "The form of the length. The default is the shortest."),
        key("declared", COUNT, "The length that the header declares. The default is the actual length."),
    ]],
    required: &[],
};

/// How bytes are split into writes.
pub static WRITE_SPLIT: Table = Table {
    id: "split",
    what: "a write split",
    kinds: &[],
    keys: &[&[
        key("size", SIZE, "The size of each write in bytes."),
        key("pause", Shape::Duration, "The pause between two writes."),
    ]],
    required: &["size"],
};

/// The body of a Close frame.
pub static CLOSE: Table = Table {
    id: "close",
    what: "a Close frame",
    kinds: &[&[key("code", CODE, "The close code.")], PAYLOAD_KINDS],
    keys: &[&[key("reason", Shape::Payload, "The reason after the code.")], PAYLOAD_KEYS],
    required: &[],
};
