//! The keys of what is expected after the handshake.

use super::send::{PAYLOAD_KEYS, PAYLOAD_KINDS};
use super::{CODE, EARNS, HTTP, Key, Shape, Table, key};

/// The time limit of an expectation.
pub(super) const WITHIN: &[Key] =
    &[key("within", Shape::Duration, "The time limit, in place of the timeout of the run.")];

/// The single expectations.
static SINGLE: &[Key] = &[
    key("text", Shape::Content, "A text message."),
    key("binary", Shape::Content, "A binary message."),
    key("message", Shape::Content, "A message of either kind."),
    key("ping", Shape::Content, "A ping that the target sends."),
    key("pong", Shape::Content, "A pong. `same` is the data of the last ping that this case sent."),
    key(
        "close",
        Shape::Either(&[Shape::OneOrList(&CODE), Shape::Words(&["same", "empty", "any"]), Shape::Map(&CLOSE_EXPECT)]),
        "The Close frame of the target, and the end of the closing handshake.",
    ),
    key("fail", Shape::OneOrList(&CODE), "The target fails the connection with this code, or with one of these."),
    key(
        "eof",
        Shape::OneOrList(&Shape::Words(&["any", "fin", "truncated", "reset"])),
        "The stream ends without a Close frame, in this way, or in one of these.",
    ),
    key("http", Shape::Map(&HTTP), "A second HTTP response head."),
    key(
        "still-open",
        Shape::Either(&[Shape::Flag, Shape::Words(&["quiet"])]),
        "The connection stays open: a barrier is answered, or with `quiet`, nothing arrives for a short time.",
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
            key("nothing", Shape::Flag, "Nothing arrives before the answer to a barrier."),
            key("optional", Shape::Map(&EXPECTATION), "Consumed if it arrives next; otherwise skipped."),
            key(
                "one-of",
                Shape::List(&Shape::Map(&ALTERNATIVE)),
                "One of these alternatives, each with its outcome. They are tried in order.",
            ),
            key("all-of", Shape::List(&Shape::Map(&EXPECTATION)), "All of these, in any order."),
        ],
    ],
    keys: &[WITHIN],
    required: &[],
};

/// One of several alternatives.
pub static ALTERNATIVE: Table = Table {
    id: "alternative",
    what: "an alternative",
    kinds: &[SINGLE, &[key("sequence", Shape::List(&Shape::Map(&EXPECTATION)), "Several expectations in order.")]],
    keys: &[EARNS],
    required: &[],
};

/// What a message must contain.
pub static CONTENT: Table = Table {
    id: "content",
    what: "the content of a message",
    kinds: &[
        PAYLOAD_KINDS,
        &[
            key(
                "json-contains",
                Shape::Any,
                "JSON that contains at least this: objects may have more members; arrays are compared item by item.",
            ),
            key("contains", Shape::Payload, "A payload that contains these bytes."),
        ],
    ],
    keys: &[PAYLOAD_KEYS],
    required: &[],
};

/// A Close frame without alternatives.
pub static CLOSE_EXPECT: Table = Table {
    id: "close-expect",
    what: "an expected Close frame",
    kinds: &[],
    keys: &[&[key("exactly", Shape::OneOrList(&CODE), "Exactly one of these codes; any other code, or none, fails.")]],
    required: &["exactly"],
};
