//! The keys of the opening handshake.

use strum::VariantNames as _;

use super::{EARNS, Key, Shape, Table, key};
use crate::case::Certificate;
use crate::wire::handshake::LineEnding;

/// What the negotiation of permessage-deflate can leave to the sender.
pub static FREE: &[&str] = &["takeover", "window"];
/// The line endings of a head.
pub static LINE_ENDINGS: &[&str] = LineEnding::VARIANTS;
/// The placeholders in the text of heads, written `%{host}`.
pub static PLACES: &[&str] = &[
    "host",
    "port",
    "path",
    "http",
    "ws",
    "WS",
    "key",
    "accept",
    "accept:lower-case",
    "accept:upper-case",
    "accept:unpadded",
    "accept:half",
    "accept:url-safe",
    "accept:hex",
    "accept:pad-bits",
    "accept:first-byte",
    "accept:last-byte",
    "accept:decoded-key",
    "accept:lower-case-guid",
    "accept:no-guid",
    "accept:guid-first",
];

/// The certificates that wsspec can present to a client.
pub static CERTIFICATES: &[&str] = Certificate::VARIANTS;
/// The expectations about the TLS handshake of a client.
pub static TLS_EXPECTS: &[&str] = &["refused", "server-name"];

/// The TLS handshake before the opening handshake.
pub static TLS: Table = Table {
    id: "tls",
    what: "a TLS handshake",
    kinds: &[],
    keys: &[&[
        key("plain", Shape::Flag, "The request is sent to the TLS port of the server without TLS."),
        key("certificate", Shape::Words(CERTIFICATES), "The certificate that wsspec presents to the client."),
        key(
            "expect",
            Shape::Words(TLS_EXPECTS),
            "`refused`: the client aborts the TLS handshake and sends no request. `server-name`: its ClientHello has the host of the URL.",
        ),
    ]],
    required: &[],
};

/// The opening handshake.
pub static HANDSHAKE: Table = Table {
    id: "handshake",
    what: "a handshake",
    kinds: &[],
    keys: &[&[
        key("tls", Shape::Map(&TLS), "Changes to the TLS handshake. The case then needs `tls`."),
        key("url", Shape::Text, "The URL for the client. `%{ws}`, `%{host}`, `%{port}` and `%{path}` are filled in."),
        key("request", Shape::Map(&REQUEST), "Changes to the request that wsspec sends to a server."),
        key("response", Shape::Map(&RESPONSE), "Changes to the response that wsspec sends to a client."),
        key(
            "expect",
            Shape::Either(&[Shape::Words(&["refused", "not-upgraded"]), Shape::Map(&HEAD_EXPECT)]),
            "What the head of the target may be. Without it, the handshake must succeed.",
        ),
        key(
            "deflate",
            Shape::Either(&[Shape::Flag, Shape::Map(&DEFLATE)]),
            "wsspec negotiates permessage-deflate. If the target does not agree, the case is unsupported.",
        ),
    ]],
    required: &[],
};

/// How permessage-deflate is negotiated.
pub static DEFLATE: Table = Table {
    id: "deflate",
    what: "`deflate`",
    kinds: &[],
    keys: &[&[
        key(
            "offer",
            Shape::OneOrList(&Shape::Text),
            "The parameters that wsspec offers to a server, such as `server_max_window_bits=10`; a list has several offers. The \
             default is `client_max_window_bits`.",
        ),
        key("answer", Shape::Text, "The parameters in the answer to a client. By default there are none."),
        key(
            "free",
            Shape::OneOrList(&Shape::Words(FREE)),
            "What the target must leave free for the messages of wsspec, or else the case is unsupported: `takeover`, or a \
             `window` of 15 bits.",
        ),
    ]],
    required: &[],
};

/// The changes to any head.
static PATCH: &[Key] = &[
    key("set", Shape::Open(&Shape::Template), "Fields that are set to a single value."),
    key("add", Shape::Open(&Shape::OneOrList(&Shape::Template)), "Field lines that are added at the end."),
    key("remove", Shape::OneOrList(&Shape::Text), "Fields that are removed."),
    key("order", Shape::List(&Shape::Text), "Fields that come first."),
    key("version", Shape::Spelling, "The protocol version, in place of `HTTP/1.1`."),
    key("line-ending", Shape::Words(LINE_ENDINGS), "The line ending."),
    key(
        "subprotocols",
        Shape::OneOrList(&Shape::Spelling),
        "The subprotocols that a request offers or that a response selects.",
    ),
    key(
        "extensions",
        Shape::OneOrList(&Shape::Spelling),
        "The extensions that a request offers or that a response accepts.",
    ),
    key("raw", Shape::Template, "The whole head, in place of all other changes."),
    key("before", Shape::Template, "Bytes before the head."),
    key("body", Shape::Template, "Bytes directly after the head."),
    key("then", Shape::OneOrList(&Shape::Send), "Things to send in the same write as the head."),
    key("split", Shape::WriteSplit, "The head is written in pieces."),
];

/// Changes to the request that a server gets.
pub static REQUEST: Table = Table {
    id: "request",
    what: "a request",
    kinds: &[],
    keys: &[
        PATCH,
        &[
            key("method", Shape::Spelling, "The method, in place of GET."),
            key("target", Shape::Template, "The request target."),
        ],
    ],
    required: &[],
};

/// Changes to the response that a client gets.
pub static RESPONSE: Table = Table {
    id: "response",
    what: "a response",
    kinds: &[],
    keys: &[
        PATCH,
        &[
            key("status", Shape::Number(0, 999), "The status, in place of 101."),
            key("reason", Shape::Spelling, "The reason phrase."),
            key(
                "accept-for",
                Shape::Text,
                "The key from which the accept value is computed, in place of the received key.",
            ),
        ],
    ],
    required: &[],
};

const STATUS: Shape = Shape::OneOrList(&Shape::Either(&[Shape::Number(100, 999), Shape::Text]));

/// What a head must contain.
static HEAD: &[Key] = &[
    key("status", STATUS, "The status of the response: a number, a range such as `400-499`, or a list."),
    key("accept", Shape::Words(&["valid"]), "The accept value is valid."),
    key("method", Shape::Spelling, "The method of the request."),
    key("target", Shape::Template, "The request target."),
    key(
        "header",
        Shape::Open(&Shape::Either(&[Shape::Spelling, Shape::Map(&FIELD_MATCH)])),
        "What fields must contain: a value, `present`, `absent`, `first`, or a match.",
    ),
];
static END: &[Key] = &[key("end", Shape::Flag, "The stream ends without a head.")];

/// What the head of the target may be.
pub static HEAD_EXPECT: Table = Table {
    id: "head-expect",
    what: "an expected head",
    kinds: &[],
    keys: &[
        HEAD,
        END,
        &[key(
            "one-of",
            Shape::List(&Shape::Map(&HEAD_ALTERNATIVE)),
            "One of these alternatives, each with its outcome.",
        )],
    ],
    required: &[],
};

/// One of several heads that may come.
pub static HEAD_ALTERNATIVE: Table =
    Table { id: "head-alternative", what: "an alternative head", kinds: &[], keys: &[HEAD, END, EARNS], required: &[] };

/// A second head after the handshake.
pub static HTTP: Table = Table { id: "http", what: "an HTTP head", kinds: &[], keys: &[HEAD], required: &[] };

/// What a field must contain.
pub static FIELD_MATCH: Table = Table {
    id: "field-match",
    what: "a field match",
    kinds: &[&[
        key("contains", Shape::Spelling, "A value that contains this text."),
        key("token", Shape::Spelling, "A list that contains this token, in any letter case."),
        key("one-of", Shape::List(&Shape::Spelling), "One of these values, exactly."),
        key("equals", Shape::Template, "This value, exactly."),
    ]],
    keys: &[],
    required: &[],
};
