//! Faults in the message that comes back.

super::faults! { Echo;
    DROPS_EVERY_TENTH, "drops-every-tenth", Both,
        "The peer does not answer every tenth message.",
        ["rfc6455-6.1-send-transmits"];
    EMPTY_MESSAGES_DROPPED, "empty-messages-dropped", Both,
        "The peer does not answer an empty message.",
        ["rfc6455-6.2-received-message-complete"];
    TEXT_AS_BINARY, "text-as-binary", Both,
        "The peer answers text with binary.",
        ["rfc6455-5.6-type-kept"];
    BINARY_AS_TEXT, "binary-as-text", Both,
        "The peer answers binary with text.",
        ["rfc6455-5.6-type-kept", "rfc6455-5.6-text-is-utf8"];
    TRUNCATED_AT_65535, "truncated-at-65535", Both,
        "The peer answers with at most 65535 bytes.",
        ["rfc6455-5.2-length-64-bit", "rfc6455-6.1-send-transmits"];
    TRUNCATED_AT_125, "truncated-at-125", Both,
        "The peer answers with at most 125 bytes.",
        ["rfc6455-5.2-length-16-bit", "rfc6455-6.1-send-transmits"];
    APPENDS_A_BYTE, "appends-a-byte", Both,
        "The peer appends a space to each message.",
        ["rfc6455-6.1-send-transmits"];
    LAST_BYTE_LOST, "last-byte-lost", Both,
        "The peer leaves the last byte of a message out.",
        ["rfc6455-6.2-received-message-complete"];
    FLIPS_A_BIT_OF_LONG_MESSAGES, "flips-a-bit-of-long-messages", Both,
        "The peer changes one bit in the middle of a message over 4096 bytes.",
        ["rfc6455-6.1-send-transmits"];
    ECHOES_TWICE, "echoes-twice", Both,
        "The peer answers each message twice.",
        ["rfc6455-6.1-send-transmits"];
    ECHOES_ONE_LATE, "echoes-one-late", Both,
        "The peer holds each message back until the next one comes.",
        ["rfc6455-6.1-send-transmits"];
    ECHOES_SWAPPED, "echoes-swapped", Both,
        "The peer answers the messages of one read in reverse order.",
        ["rfc6455-6.1-send-transmits"];
    GREETS, "greets", Server,
        "The server sends a message that nobody asked for when the connection opens.",
        ["rfc6455-6.1-send-transmits"];
}
