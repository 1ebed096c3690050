//! The keys of what is expected behind the handshake.

use super::send::{PAYLOAD_KEYS, PAYLOAD_KINDS};
use super::{CODE, EARNS, HTTP, Key, Shape, Table, key};

/// The most that an expectation may take.
pub(super) const WITHIN: &[Key] =
    &[key("within", Shape::Duration, "The most it may take, in place of the run's timeout.")];

/// The single expectations.
static SINGLE: &[Key] = &[
    key("text", Shape::Content, "A text message."),
    key("binary", Shape::Content, "A binary message."),
    key("message", Shape::Content, "A message of either kind."),
    key("ping", Shape::Content, "A ping of the target's own."),
    key("pong", Shape::Content, "A pong; `same` has the data of the last ping of this case."),
    key(
        "close",
        Shape::Either(&[Shape::OneOrList(&CODE), Shape::Words(&["same", "empty", "any"]), Shape::Map(&CLOSE_EXPECT)]),
        "The target's Close and the end of the closing handshake.",
    ),
    key("fail", Shape::OneOrList(&CODE), "The target fails the connection with this code, or one of these."),
    key(
        "eof",
        Shape::OneOrList(&Shape::Words(&["any", "fin", "truncated", "reset"])),
        "The stream ends without a Close.",
    ),
    key("http", Shape::Map(&HTTP), "A second HTTP head."),
    key(
        "still-open",
        Shape::Either(&[Shape::Flag, Shape::Words(&["quiet"])]),
        "The connection goes on: a barrier is answered, or with `quiet` nothing comes for a short time.",
    ),
];

/// An expectation inside another.
pub static EXPECTATION: Table =
    Table { id: "expectation", what: "an expectation", kinds: &[SINGLE], keys: &[], required: &[] };

/// What a step expects.
pub static EXPECT: Table = Table {
    id: "expect",
    what: "an expectation",
    kinds: &[
        SINGLE,
        &[
            key("nothing", Shape::Flag, "Nothing comes before the answer to a barrier."),
            key("optional", Shape::Map(&EXPECTATION), "Taken when it comes next, else passed over."),
            key(
                "one-of",
                Shape::List(&Shape::Map(&ALTERNATIVE)),
                "One of these, each with what it earns, tried in order.",
            ),
            key("all-of", Shape::List(&Shape::Map(&EXPECTATION)), "All of these, in any order."),
        ],
    ],
    keys: &[WITHIN],
    required: &[],
};

/// One of several things that may come.
pub static ALTERNATIVE: Table = Table {
    id: "alternative",
    what: "an alternative",
    kinds: &[SINGLE, &[key("sequence", Shape::List(&Shape::Map(&EXPECTATION)), "Several expectations in order.")]],
    keys: &[EARNS],
    required: &[],
};

/// What a message must hold.
pub static CONTENT: Table = Table {
    id: "content",
    what: "a content",
    kinds: &[
        PAYLOAD_KINDS,
        &[
            key(
                "json-contains",
                Shape::Any,
                "JSON that has at least this: objects by subset, arrays member by member.",
            ),
            key("contains", Shape::Payload, "Bytes that contain these."),
        ],
    ],
    keys: &[PAYLOAD_KEYS],
    required: &[],
};

/// A Close that nothing else can stand for.
pub static CLOSE_EXPECT: Table = Table {
    id: "close-expect",
    what: "an expected Close",
    kinds: &[],
    keys: &[&[key("exactly", Shape::OneOrList(&CODE), "One of these codes; nothing else will do.")]],
    required: &["exactly"],
};
