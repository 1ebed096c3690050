//! The keys of the opening handshake.

use strum::VariantNames as _;

use super::{EARNS, Key, Shape, Table, key};
use crate::case::Certificate;
use crate::wire::handshake::LineEnding;

/// What an agreement on permessage-deflate can leave free to a sender.
pub static FREE: &[&str] = &["takeover", "window"];
/// What ends the lines of a head.
pub static LINE_ENDINGS: &[&str] = LineEnding::VARIANTS;
/// The places in the text of heads, written `%{host}`.
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

/// The certificates that a client can be shown.
pub static CERTIFICATES: &[&str] = Certificate::VARIANTS;
/// What a client's TLS handshake may be.
pub static TLS_EXPECTS: &[&str] = &["refused", "server-name"];

/// The TLS handshake below.
pub static TLS: Table = Table {
    id: "tls",
    what: "a TLS handshake",
    kinds: &[],
    keys: &[&[
        key("plain", Shape::Flag, "No TLS: the request's bytes go straight to the server's TLS port."),
        key("certificate", Shape::Words(CERTIFICATES), "The certificate that a client is shown."),
        key(
            "expect",
            Shape::Words(TLS_EXPECTS),
            "`refused`: a client breaks off and sends no request; `server-name`: its ClientHello names the URL's host.",
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
        key("tls", Shape::Map(&TLS), "What is changed in the TLS handshake below; the case needs `tls` then."),
        key(
            "url",
            Shape::Text,
            "The URL that a client is given; `%{ws}`, `%{host}`, `%{port}` and `%{path}` are filled in.",
        ),
        key("request", Shape::Map(&REQUEST), "What is changed in the request that a server gets."),
        key("response", Shape::Map(&RESPONSE), "What is changed in the response that a client gets."),
        key(
            "expect",
            Shape::Either(&[Shape::Words(&["refused", "not-upgraded"]), Shape::Map(&HEAD_EXPECT)]),
            "What the target's head may be; without it the handshake must succeed.",
        ),
        key(
            "deflate",
            Shape::Either(&[Shape::Flag, Shape::Map(&DEFLATE)]),
            "permessage-deflate is asked for; where the target does not agree, the case is unsupported.",
        ),
    ]],
    required: &[],
};

/// How permessage-deflate is asked for.
pub static DEFLATE: Table = Table {
    id: "deflate",
    what: "how permessage-deflate is asked for",
    kinds: &[],
    keys: &[&[
        key(
            "offer",
            Shape::OneOrList(&Shape::Text),
            "The parameters that are offered to a server, such as `server_max_window_bits=10`; several offers are a list. Without \
             it `client_max_window_bits`.",
        ),
        key("answer", Shape::Text, "The parameters that are answered to a client; none without it."),
        key(
            "free",
            Shape::OneOrList(&Shape::Words(FREE)),
            "What the target must leave free to wsspec's own messages, else the case is unsupported: `takeover`, or a `window` of \
             15 bits.",
        ),
    ]],
    required: &[],
};

/// The changes to any head.
static PATCH: &[Key] = &[
    key("set", Shape::Open(&Shape::Template), "Fields that get this single value."),
    key("add", Shape::Open(&Shape::OneOrList(&Shape::Template)), "Lines added at the end."),
    key("remove", Shape::OneOrList(&Shape::Text), "Fields that go."),
    key("order", Shape::List(&Shape::Text), "Fields that come first."),
    key("version", Shape::Spelling, "The protocol version, in place of `HTTP/1.1`."),
    key("line-ending", Shape::Words(LINE_ENDINGS), "What ends the lines."),
    key("subprotocols", Shape::OneOrList(&Shape::Spelling), "Subprotocols that are offered; in a response, chosen."),
    key("extensions", Shape::OneOrList(&Shape::Spelling), "Extensions that are offered; in a response, agreed."),
    key("raw", Shape::Template, "The whole head, in place of all other changes."),
    key("before", Shape::Template, "Bytes before the head."),
    key("body", Shape::Template, "Bytes right behind the head."),
    key("then", Shape::OneOrList(&Shape::Send), "Sends in the same write as the head."),
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
            key("accept-for", Shape::Text, "The accept value is made of this key, in place of the one received."),
        ],
    ],
    required: &[],
};

const STATUS: Shape = Shape::OneOrList(&Shape::Either(&[Shape::Number(100, 999), Shape::Text]));

/// What a head must look like.
static HEAD: &[Key] = &[
    key("status", STATUS, "The response's status: a number, a range such as `400-499`, or a list."),
    key("accept", Shape::Words(&["valid"]), "The accept value is right."),
    key("method", Shape::Spelling, "The request's method."),
    key("target", Shape::Template, "The request target."),
    key(
        "header",
        Shape::Open(&Shape::Either(&[Shape::Spelling, Shape::Map(&FIELD_MATCH)])),
        "What single fields must hold: a value, `present`, `absent`, `first`, or a match.",
    ),
];
static END: &[Key] = &[key("end", Shape::Flag, "The stream ends without a head.")];

/// What the target's head may be.
pub static HEAD_EXPECT: Table = Table {
    id: "head-expect",
    what: "an expected head",
    kinds: &[],
    keys: &[
        HEAD,
        END,
        &[key("one-of", Shape::List(&Shape::Map(&HEAD_ALTERNATIVE)), "One of these, each with what it earns.")],
    ],
    required: &[],
};

/// One of several heads that may come.
pub static HEAD_ALTERNATIVE: Table =
    Table { id: "head-alternative", what: "an alternative head", kinds: &[], keys: &[HEAD, END, EARNS], required: &[] };

/// A second head behind the handshake.
pub static HTTP: Table = Table { id: "http", what: "an HTTP head", kinds: &[], keys: &[HEAD], required: &[] };

/// What a field must hold.
pub static FIELD_MATCH: Table = Table {
    id: "field-match",
    what: "a match of a field",
    kinds: &[&[
        key("contains", Shape::Spelling, "A value that contains this text."),
        key("token", Shape::Spelling, "A list that has this token, whatever its letter case."),
        key("one-of", Shape::List(&Shape::Spelling), "One of these values, exactly."),
        key("equals", Shape::Template, "This value, exactly."),
    ]],
    keys: &[],
    required: &[],
};
