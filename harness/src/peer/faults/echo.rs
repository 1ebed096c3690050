//! Faults in the echoed message.

super::faults! { Echo;
    DROPS_EVERY_TENTH, "drops-every-tenth", Both,
        "The peer does not answer every tenth message.",
        ["rfc6455-6.1-send-transmits"];
    EMPTY_MESSAGES_DROPPED, "empty-messages-dropped", Both,
        "The peer does not answer an empty message.",
        ["rfc6455-6.2-received-message-complete"];
    TEXT_AS_BINARY, "text-as-binary", Both,
        "The peer answers a text message with a binary message.",
        ["rfc6455-5.6-type-kept"];
    BINARY_AS_TEXT, "binary-as-text", Both,
        "The peer answers a binary message with a text message.",
        ["rfc6455-5.6-type-kept", "rfc6455-5.6-text-is-utf8"];
    TRUNCATED_AT_65535, "truncated-at-65535", Both,
        "The peer echoes at most 65535 bytes of a message.",
        ["rfc6455-5.2-length-64-bit", "rfc6455-6.1-send-transmits"];
    TRUNCATED_AT_125, "truncated-at-125", Both,
        "The peer echoes at most 125 bytes of a message.",
        ["rfc6455-5.2-length-16-bit", "rfc6455-6.1-send-transmits"];
    APPENDS_A_BYTE, "appends-a-byte", Both,
        "The peer appends a space to each message.",
        ["rfc6455-6.1-send-transmits"];
    LAST_BYTE_LOST, "last-byte-lost", Both,
        "The peer echoes a message without its last byte.",
        ["rfc6455-6.2-received-message-complete"];
    FLIPS_A_BIT_OF_LONG_MESSAGES, "flips-a-bit-of-long-messages", Both,
        "The peer changes one bit in the middle of a message of more than 4096 bytes.",
        ["rfc6455-6.1-send-transmits"];
    ECHOES_TWICE, "echoes-twice", Both,
        "The peer answers each message twice.",
        ["rfc6455-6.1-send-transmits"];
    ECHOES_ONE_LATE, "echoes-one-late", Both,
        "The peer holds each message back until the next one arrives.",
        ["rfc6455-6.1-send-transmits"];
    ECHOES_SWAPPED, "echoes-swapped", Both,
        "The peer answers the messages of one read in reverse order.",
        ["rfc6455-6.1-send-transmits"];
    GREETS, "greets", Server,
        "The server sends an unsolicited message when the connection opens.",
        ["rfc6455-6.1-send-transmits"];
}
