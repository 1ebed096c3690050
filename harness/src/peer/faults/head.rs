//! Faults in reading the head of a request or response, whatever it says: RFC 9112 sections 2 to 5.

super::faults! { Head;
    CR_ENDS_A_LINE, "cr-ends-a-line", Both,
        "The peer takes a CR alone for the end of a line.",
        ["rfc9112-2.2-bare-cr-refused-or-space", "rfc9110-5.5-cr-lf-nul-refused"];
    NUL_DROPPED, "nul-dropped", Both,
        "The peer drops each NUL of a head.",
        ["rfc9110-5.5-cr-lf-nul-refused"];
    NUL_ENDS_A_LINE, "nul-ends-a-line", Both,
        "The peer takes a NUL for the end of a line.",
        ["rfc9110-5.5-cr-lf-nul-refused"];
    LINES_SPLIT_AS_TEXT, "lines-split-as-text", Both,
        "The peer cuts a head into lines at each character that Unicode takes for a line's end.",
        ["rfc9112-2.2-parsed-as-bytes"];
    CHARACTERS_NARROWED, "characters-narrowed", Both,
        "The peer decodes a head as UTF-8 and keeps the low byte of each character.",
        ["rfc9112-2.2-parsed-as-bytes"];
    LEADING_SPACE_DROPPED, "leading-space-dropped", Both,
        "The peer drops the white space at the start of a line, so that a fold becomes a field.",
        ["rfc9112-2.2-space-before-first-field", "rfc9112-5.2-fold-in-request", "rfc9112-5.2-fold-in-response"];
    SPACE_BEFORE_COLON_KEPT, "space-before-colon-kept", Server,
        "The server takes white space before a colon for a part of the name, and so sees another field.",
        ["rfc9112-5.1-space-before-colon-400"];
    VALUES_NOT_TRIMMED, "values-not-trimmed", Both,
        "The peer takes the white space around a value for a part of it.",
        ["rfc9110-5.5-outer-space-excluded", "rfc9112-5.1-space-around-value"];
    MALFORMED_LINES_SKIPPED, "malformed-lines-skipped", Both,
        "The peer passes over lines that are no field.",
        ["rfc9112-2.2-bad-grammar-400-close"];
    LAST_FIELDS_LOST, "last-fields-lost", Client,
        "The client keeps the first sixteen fields of a head and drops the others.",
        ["rfc9110-5.1-unknown-fields-ignored"], "how many fields it takes is its own matter";
    LONG_HEAD_HANGS, "long-head-hangs", Server,
        "The server stops at a head that is too long, and stays there when the client has gone.",
        ["rfc6455-10.4-limits-protected", "rfc6455-10.7-incoming-validated"];
    HEAD_UNBOUNDED, "head-unbounded", Client,
        "The client takes a head of any size.",
        ["rfc6455-10.4-limits-imposed"];
    MALFORMED_HEAD_UNANSWERED, "malformed-head-unanswered", Both,
        "The peer neither goes on nor gives up when a head is not well-formed.",
        ["rfc9112-2.2-bad-grammar-400-close"];
    LONG_VALUE_STALLS, "long-value-stalls", Both,
        "The peer never comes to the end of a value of more than 250 bytes.",
        ["rfc6455-10.7-incoming-validated"];
    LONG_NAME_STALLS, "long-name-stalls", Both,
        "The peer never comes to the end of a field name of more than 250 bytes.",
        ["rfc6455-10.7-incoming-validated"];
    MANY_FIELDS_STALL, "many-fields-stall", Both,
        "The peer never comes to the end of a head with more than 100 fields.",
        ["rfc6455-10.7-incoming-validated"];
    EARLY_END_IGNORED, "early-end-ignored", Both,
        "The peer waits for the rest of a head although the stream has ended inside it.",
        ["rfc6455-10.7-incoming-validated"];
}
