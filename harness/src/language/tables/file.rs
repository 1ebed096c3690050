//! The keys of a file, of a case and of a step.

use strum::VariantNames as _;

use super::{ECHO, EXPECT, HANDSHAKE, Key, Shape, Table, key};
use crate::case::{Ends, Need};
use crate::vocabulary::Level;

/// The target's roles.
pub static ROLES: &[&str] = &["server", "client"];
/// The levels, the strongest first.
pub static LEVELS: &[&str] = Level::VARIANTS;
/// The features that a case can need.
pub static NEEDS: &[&str] = Need::VARIANTS;
/// The ways in which a case can end.
pub static ENDS: &[&str] = Ends::VARIANTS;

/// The keys that a file may have for all its cases.
static INHERITED: &[Key] = &[
    key("role", Shape::Words(ROLES), "The role of the target. Without it, the case is played against both roles."),
    key("spec", Shape::OneOrList(&Shape::Text), "The section of an RFC, such as `rfc6455#section-5.5.2`, or a list."),
    key(
        "needs",
        Shape::OneOrList(&Shape::Words(NEEDS)),
        "Features that the target must have; otherwise the case is unsupported.",
    ),
    key("proves", Shape::OneOrList(&Shape::Text), "Ids of the requirements that the case proves."),
    key(
        "level",
        Shape::Words(LEVELS),
        "How strongly the RFC requires it; `quality` is what wsspec itself requires. The default is the strongest level in `proves`.",
    ),
    key(
        "handshake",
        Shape::Map(&HANDSHAKE),
        "The opening handshake. Without it, wsspec performs a valid one, which must succeed.",
    ),
    key(
        "stress",
        Shape::Bool,
        "`true`: the case is a load. A host other than this machine receives it only with `--allow-stress`.",
    ),
    key("ends", Shape::Words(ENDS), "How the connection ends if the steps have not ended it. The default is `clean`."),
];

/// A file.
pub static FILE: Table = Table {
    id: "file",
    what: "a file",
    kinds: &[],
    keys: &[
        &[
            key("group", Shape::Text, "The title of the group."),
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
            key("id", Shape::Text, "A stable name: a path of lower-case words, digits and `-`, separated by `/`."),
            key("title", Shape::Text, "The stimulus, or what must happen, as one sentence."),
            key("note", Shape::Text, "What a reader should know beyond the title."),
            key(
                "autobahn",
                Shape::OneOrList(&Shape::Text),
                "Its number in the Autobahn test suite, in quotes, or a list.",
            ),
            key(
                "matrix",
                Shape::Either(&[Shape::Open(&Shape::List(&Shape::Any)), Shape::List(&Shape::Open(&Shape::Any))]),
                "Values for `${name}`: lists whose combinations are the rows, or a list of rows.",
            ),
            key(
                "idle-connections",
                Shape::Number(1, 1000),
                "The number of further connections that are open and idle while the case is played against a server.",
            ),
            key(
                "measures",
                Shape::Map(&MEASURES),
                "The amounts that the case asks the target to accept, for the report.",
            ),
            key("steps", Shape::List(&Shape::Map(&STEP)), "What wsspec sends and expects, in order."),
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
    what: "`measures`",
    kinds: &[],
    keys: &[&[
        key("largest-message", AMOUNT, "Bytes of a message."),
        key("largest-unfinished", AMOUNT, "Bytes of a message that is never finished."),
        key("largest-declared", AMOUNT, "Bytes that a frame declares and that the target waits for."),
        key("most-fragments", AMOUNT, "Fragments of a message."),
        key("most-messages", AMOUNT, "Messages on one connection."),
        key("most-pings", AMOUNT, "Pings in one write."),
        key("largest-head", AMOUNT, "Bytes of a handshake head."),
        key("most-fields", AMOUNT, "Fields of a handshake head."),
        key("most-connections", AMOUNT, "Connections at once."),
        key("longest-idle", AMOUNT, "Milliseconds in which nothing is sent."),
    ]],
    required: &[],
};

/// A step.
pub static STEP: Table = Table {
    id: "step",
    what: "a step",
    kinds: &[&[
        key("send", Shape::Send, "What wsspec sends."),
        key(
            "expect",
            Shape::Either(&[Shape::Words(&["nothing"]), Shape::Map(&EXPECT)]),
            "What the target must answer.",
        ),
        key("echo", Shape::Map(&ECHO), "A message that wsspec sends and that must come back unchanged."),
    ]],
    keys: &[],
    required: &[],
};
