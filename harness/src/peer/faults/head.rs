//! Faults in parsing the head of a request or response, independent of its content: RFC 9112 sections 2 to 5.

super::faults! { Head;
    CR_ENDS_A_LINE, "cr-ends-a-line", Both,
        "The peer treats a bare CR as the end of a line.",
        ["rfc9112-2.2-bare-cr-refused-or-space", "rfc9110-5.5-cr-lf-nul-refused"];
    NUL_DROPPED, "nul-dropped", Both,
        "The peer removes each NUL from a head.",
        ["rfc9110-5.5-cr-lf-nul-refused"];
    NUL_ENDS_A_LINE, "nul-ends-a-line", Both,
        "The peer treats a NUL as the end of a line.",
        ["rfc9110-5.5-cr-lf-nul-refused"];
    LINES_SPLIT_AS_TEXT, "lines-split-as-text", Both,
        "The peer splits a head into lines at each character that Unicode defines as a line end.",
        ["rfc9112-2.2-parsed-as-bytes"];
    CHARACTERS_NARROWED, "characters-narrowed", Both,
        "The peer decodes a head as UTF-8 and keeps the low byte of each character.",
        ["rfc9112-2.2-parsed-as-bytes"];
    LEADING_SPACE_DROPPED, "leading-space-dropped", Both,
        "The peer removes the whitespace at the start of a line, so that a folded line becomes a field.",
        ["rfc9112-2.2-space-before-first-field", "rfc9112-5.2-fold-in-request", "rfc9112-5.2-fold-in-response"];
    SPACE_BEFORE_COLON_KEPT, "space-before-colon-kept", Server,
        "The server treats whitespace before a colon as part of the field name, and so sees another field.",
        ["rfc9112-5.1-space-before-colon-400"];
    VALUES_NOT_TRIMMED, "values-not-trimmed", Both,
        "The peer treats the whitespace around a value as part of it.",
        ["rfc9110-5.5-outer-space-excluded", "rfc9112-5.1-space-around-value"];
    MALFORMED_LINES_SKIPPED, "malformed-lines-skipped", Both,
        "The peer ignores lines that are not fields.",
        ["rfc9112-2.2-bad-grammar-400-close"];
    LAST_FIELDS_LOST, "last-fields-lost", Client,
        "The client keeps the first sixteen fields of a head and drops the others.",
        ["rfc9110-5.1-unknown-fields-ignored"], "a client may limit the number of fields that it accepts";
    LONG_HEAD_HANGS, "long-head-hangs", Server,
        "The server stops at a head that is too long, and stays there after the client has disconnected.",
        ["rfc6455-10.4-limits-protected", "rfc6455-10.7-incoming-validated"];
    HEAD_UNBOUNDED, "head-unbounded", Client,
        "The client accepts a head of any size.",
        ["rfc6455-10.4-limits-imposed"];
    MALFORMED_HEAD_UNANSWERED, "malformed-head-unanswered", Both,
        "The peer neither continues nor gives up when a head is malformed.",
        ["rfc9112-2.2-bad-grammar-400-close"];
    LONG_VALUE_STALLS, "long-value-stalls", Both,
        "The peer never finishes reading a value of more than 250 bytes.",
        ["rfc6455-10.7-incoming-validated"];
    LONG_NAME_STALLS, "long-name-stalls", Both,
        "The peer never finishes reading a field name of more than 250 bytes.",
        ["rfc6455-10.7-incoming-validated"];
    MANY_FIELDS_STALL, "many-fields-stall", Both,
        "The peer never finishes reading a head with more than 100 fields.",
        ["rfc6455-10.7-incoming-validated"];
    EARLY_END_IGNORED, "early-end-ignored", Both,
        "The peer waits for the rest of a head although the stream has ended inside it.",
        ["rfc6455-10.7-incoming-validated"];
}
