//! Faults in text messages.

super::faults! { Utf8;
    UTF8_UNCHECKED, "utf8-unchecked", Both,
        "The peer does not check that text is valid UTF-8.",
        ["rfc6455-8.1-invalid-utf8-fails", "rfc3629-3-invalid-not-decoded"];
    UTF8_UNCHECKED_IN_FRAGMENTS, "utf8-unchecked-in-fragments", Both,
        "The peer checks only unfragmented text messages.",
        ["rfc6455-8.1-invalid-utf8-fails", "rfc6455-5.6-text-is-utf8"];
    UTF8_REPLACED, "utf8-replaced", Both,
        "The peer replaces invalid bytes with U+FFFD.",
        ["rfc6455-8.1-invalid-utf8-fails", "rfc3629-3-invalid-not-decoded"];
    UTF8_PER_FRAME, "utf8-per-frame", Both,
        "The peer requires each frame of a text message to be valid UTF-8 by itself.",
        ["rfc6455-5.6-text-frame-may-split-character"];
    UTF8_INCOMPLETE_TAKEN, "utf8-incomplete-taken", Both,
        "The peer accepts a text message that ends inside a character.",
        ["rfc6455-5.6-text-is-utf8", "rfc3629-4-sequences-complete"];
    SURROGATES_TAKEN, "surrogates-taken", Both,
        "The peer accepts the code points U+D800 to U+DFFF.",
        ["rfc3629-3-no-surrogates", "rfc6455-8.1-invalid-utf8-fails"];
    OVERLONG_TAKEN, "overlong-taken", Both,
        "The peer accepts overlong encodings of characters.",
        ["rfc3629-3-no-overlong", "rfc6455-8.1-invalid-utf8-fails"];
    ABOVE_10FFFF_TAKEN, "above-10ffff-taken", Both,
        "The peer accepts code points above U+10FFFF.",
        ["rfc3629-3-max-10ffff", "rfc6455-8.1-invalid-utf8-fails"];
    NONCHARACTERS_REFUSED, "noncharacters-refused", Both,
        "The peer rejects noncharacters such as U+FFFE.",
        ["rfc6455-5.6-text-is-utf8"];
    BEYOND_BMP_REFUSED, "beyond-bmp-refused", Both,
        "The peer rejects characters of four bytes.",
        ["rfc6455-5.6-text-is-utf8", "rfc3629-3-max-10ffff"];
    TEXT_CUT_AT_NUL, "text-cut-at-nul", Both,
        "The peer truncates a text message at its first NUL.",
        ["rfc6455-6.2-received-message-complete"];
    BOM_REMOVED, "bom-removed", Both,
        "The peer removes a byte order mark from the start of a text message.",
        ["rfc3629-6-bom-is-data"];
    NEWLINES_CONVERTED, "newlines-converted", Both,
        "The peer converts CR LF in a text message to LF.",
        ["rfc6455-6.2-received-message-complete"];
    BINARY_CHECKED, "binary-checked", Both,
        "The peer requires binary messages to be valid UTF-8, too.",
        ["rfc6455-5.6-binary-any-bytes"];
    PING_CHECKED_AS_TEXT, "ping-checked-as-text", Both,
        "The peer checks the data of a ping between fragments as part of the text.",
        ["rfc6455-5.4-control-mid-message-handled"];
    BAD_UTF8_ENDS_NOTHING, "bad-utf8-ends-nothing", Both,
        "The peer drops a text message that is not valid UTF-8 and continues.",
        ["rfc6455-8.1-invalid-utf8-fails"];
}
