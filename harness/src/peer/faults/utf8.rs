//! Faults with text.

super::faults! { Utf8;
    UTF8_UNCHECKED, "utf8-unchecked", Both,
        "The peer does not check text.",
        ["rfc6455-8.1-invalid-utf8-fails", "rfc3629-3-invalid-not-decoded"];
    UTF8_UNCHECKED_IN_FRAGMENTS, "utf8-unchecked-in-fragments", Both,
        "The peer checks unfragmented text only.",
        ["rfc6455-8.1-invalid-utf8-fails", "rfc6455-5.6-text-is-utf8"];
    UTF8_REPLACED, "utf8-replaced", Both,
        "The peer puts U+FFFD in the place of invalid bytes.",
        ["rfc6455-8.1-invalid-utf8-fails", "rfc3629-3-invalid-not-decoded"];
    UTF8_PER_FRAME, "utf8-per-frame", Both,
        "The peer wants each frame of a text to be UTF-8 by itself.",
        ["rfc6455-5.6-text-frame-may-split-character"];
    UTF8_INCOMPLETE_TAKEN, "utf8-incomplete-taken", Both,
        "The peer takes text that ends inside a character.",
        ["rfc6455-5.6-text-is-utf8", "rfc3629-4-sequences-complete"];
    SURROGATES_TAKEN, "surrogates-taken", Both,
        "The peer takes the code points U+D800 to U+DFFF.",
        ["rfc3629-3-no-surrogates", "rfc6455-8.1-invalid-utf8-fails"];
    OVERLONG_TAKEN, "overlong-taken", Both,
        "The peer takes characters in more bytes than they need.",
        ["rfc3629-3-no-overlong", "rfc6455-8.1-invalid-utf8-fails"];
    ABOVE_10FFFF_TAKEN, "above-10ffff-taken", Both,
        "The peer takes code points above U+10FFFF.",
        ["rfc3629-3-max-10ffff", "rfc6455-8.1-invalid-utf8-fails"];
    NONCHARACTERS_REFUSED, "noncharacters-refused", Both,
        "The peer refuses noncharacters such as U+FFFE.",
        ["rfc6455-5.6-text-is-utf8"];
    BEYOND_BMP_REFUSED, "beyond-bmp-refused", Both,
        "The peer refuses characters of four bytes.",
        ["rfc6455-5.6-text-is-utf8", "rfc3629-3-max-10ffff"];
    TEXT_CUT_AT_NUL, "text-cut-at-nul", Both,
        "The peer ends a text at its first NUL.",
        ["rfc6455-6.2-received-message-complete"];
    BOM_REMOVED, "bom-removed", Both,
        "The peer takes a byte order mark off the start of a text.",
        ["rfc3629-6-bom-is-data"];
    NEWLINES_CONVERTED, "newlines-converted", Both,
        "The peer turns CR LF in a text into LF.",
        ["rfc6455-6.2-received-message-complete"];
    BINARY_CHECKED, "binary-checked", Both,
        "The peer wants binary messages to be UTF-8 too.",
        ["rfc6455-5.6-binary-any-bytes"];
    PING_CHECKED_AS_TEXT, "ping-checked-as-text", Both,
        "The peer checks a ping between fragments as part of the text.",
        ["rfc6455-5.4-control-mid-message-handled"];
    BAD_UTF8_ENDS_NOTHING, "bad-utf8-ends-nothing", Both,
        "The peer drops a text that is not UTF-8 and goes on.",
        ["rfc6455-8.1-invalid-utf8-fails"];
}
