//! The keys of a file, of a case and of a step.

use strum::VariantNames as _;

use super::{ECHO, EXPECT, HANDSHAKE, Key, Shape, Table, key};
use crate::case::{Ends, Need};

/// The target's roles.
pub static ROLES: &[&str] = &["server", "client"];
/// The levels, the strongest first.
pub static LEVELS: &[&str] = &["must", "should", "may", "info"];
/// What a case can need.
pub static NEEDS: &[&str] = Need::VARIANTS;
/// How a case can end.
pub static ENDS: &[&str] = Ends::VARIANTS;

/// The keys that a file may say for all its cases.
static INHERITED: &[Key] = &[
    key("role", Shape::Words(ROLES), "The target's role; without it the case plays against both."),
    key("spec", Shape::OneOrList(&Shape::Text), "Where an RFC speaks of it, such as `rfc6455#section-5.5.2`."),
    key(
        "needs",
        Shape::OneOrList(&Shape::Words(NEEDS)),
        "Features that the target must have, else the case is unsupported.",
    ),
    key("proves", Shape::OneOrList(&Shape::Text), "Ids of the requirements that are proved."),
    key("level", Shape::Words(LEVELS), "How strongly it is asked for; without it the strongest level of `proves`."),
    key("handshake", Shape::Map(&HANDSHAKE), "The opening handshake; without it a right one that must succeed."),
    key("stress", Shape::Bool, "`true`: a load that a host of others only gets with `--allow-stress`."),
    key("ends", Shape::Words(ENDS), "How the connection ends when the steps have not ended it; `clean` without it."),
];

/// A file.
pub static FILE: Table = Table {
    id: "file",
    what: "a file",
    kinds: &[],
    keys: &[
        &[
            key("group", Shape::Text, "The group's title."),
            key("cases", Shape::List(&Shape::Map(&CASE)), "The cases of the group, in order."),
        ],
        INHERITED,
    ],
    required: &["group", "cases"],
};

/// A case.
pub static CASE: Table = Table {
    id: "case",
    what: "a case",
    kinds: &[],
    keys: &[
        &[
            key("id", Shape::Text, "A stable name: a path of lower-case words, digits and `-`, with `/` between."),
            key("title", Shape::Text, "The stimulus, or what must happen, in a sentence."),
            key("note", Shape::Text, "What a reader should know beyond the title."),
            key("autobahn", Shape::OneOrList(&Shape::Text), "Its number in Autobahn|Testsuite, in quotes."),
            key(
                "matrix",
                Shape::Either(&[Shape::Open(&Shape::List(&Shape::Any)), Shape::List(&Shape::Open(&Shape::Any))]),
                "Values for `${name}`: lists that are multiplied, or a list of rows.",
            ),
            key(
                "idle-connections",
                Shape::Number(1, 1000),
                "So many further connections are open and silent while the case is played against a server.",
            ),
            key(
                "measures",
                Shape::Map(&MEASURES),
                "How much the case asks the target to take, for the report's facts.",
            ),
            key("steps", Shape::List(&Shape::Map(&STEP)), "What is said and awaited, in order."),
        ],
        INHERITED,
    ],
    required: &["id", "title"],
};

/// An amount.
const AMOUNT: Shape = Shape::Number(1, u64::MAX);

/// What a case measures.
pub static MEASURES: Table = Table {
    id: "measures",
    what: "what a case measures",
    kinds: &[],
    keys: &[&[
        key("largest-message", AMOUNT, "Bytes of a message."),
        key("largest-unfinished", AMOUNT, "Bytes of a message that is never finished."),
        key("largest-declared", AMOUNT, "Bytes that a frame declares, and that are waited for."),
        key("most-fragments", AMOUNT, "Fragments of a message."),
        key("most-messages", AMOUNT, "Messages over one connection."),
        key("most-pings", AMOUNT, "Pings in one write."),
        key("largest-head", AMOUNT, "Bytes of a handshake head."),
        key("most-fields", AMOUNT, "Fields of a handshake head."),
        key("most-connections", AMOUNT, "Connections at once."),
        key("longest-idle", AMOUNT, "Milliseconds in which nothing is said."),
    ]],
    required: &[],
};

/// A step.
pub static STEP: Table = Table {
    id: "step",
    what: "a step",
    kinds: &[&[
        key("send", Shape::Send, "What wsspec says."),
        key(
            "expect",
            Shape::Either(&[Shape::Words(&["nothing"]), Shape::Map(&EXPECT)]),
            "What the target must answer.",
        ),
        key("echo", Shape::Map(&ECHO), "A message that is sent, and that must come back unchanged."),
    ]],
    keys: &[],
    required: &[],
};
