//! Faults that appear only with long messages, many fragments or many frames.

super::faults! { Limits;
    TRUNCATED_AT_1_MIB, "truncated-at-1-mib", Both,
        "The peer echoes at most 1 MiB of a message.",
        ["rfc6455-6.1-send-transmits", "rfc6455-10.4-limits-protected"];
    BYTE_AT_64_KIB_LOST, "byte-at-64-kib-lost", Both,
        "The peer loses the byte after the first 64 KiB of a message.",
        ["rfc6455-6.2-received-message-complete"];
    BYTE_AT_16_MIB_LOST, "byte-at-16-mib-lost", Both,
        "The peer loses the byte after the first 16 MiB of a message.",
        ["rfc6455-6.2-received-message-complete"];
    LONG_MESSAGES_DROPPED, "long-messages-dropped", Both,
        "The peer does not answer messages of more than 1 MiB.",
        ["rfc6455-6.2-received-message-complete", "rfc6455-10.4-limits-protected"];
    LONG_MESSAGES_SPLIT, "long-messages-split", Both,
        "The peer answers a message of more than 1 MiB with several messages.",
        ["rfc6455-6.1-send-transmits"];
    LONG_MESSAGES_REFUSED_AS_WRONG, "long-messages-refused-as-wrong", Both,
        "The peer answers a message of more than 1 MiB with 1002.",
        ["rfc6455-10.4-limits-imposed"], "Z22";
    SENDS_LENGTH_WRAPPED, "sends-length-wrapped", Both,
        "The peer writes only the low 16 bits of a length above 65535.",
        ["rfc6455-5.2-length-64-bit"];
    SENDS_LENGTH_65535_LONG, "sends-length-65535-long", Both,
        "The peer writes the length 65535 in the 64-bit form.",
        ["rfc6455-5.2-length-minimal-when-sending"];
    UNMASKS_64_KIB_ONLY, "unmasks-64-kib-only", Server,
        "The server does not unmask the payload bytes after the first 64 KiB.",
        ["rfc6455-5.3-xor-mod-4", "rfc6455-6.2-server-unmasks"];
    UTF8_PER_64_KIB, "utf8-per-64-kib", Both,
        "The peer requires each 64 KiB of a text message to be valid UTF-8 by itself.",
        ["rfc6455-5.6-text-is-utf8"];
    FRAGMENTS_COUNTED_IN_16_BITS, "fragments-counted-in-16-bits", Both,
        "The peer discards fragments from the 65536th on.",
        ["rfc6455-5.4-fragments-concatenate"];
    FRAGMENT_COUNT_OVERFLOWS, "fragment-count-overflows", Both,
        "The peer treats the 32768th fragment as the first.",
        ["rfc6455-5.4-fragments-concatenate"];
    EMPTY_FRAGMENTS_END_MESSAGE, "empty-fragments-end-message", Both,
        "The peer treats an empty fragment after a hundred others as the last.",
        ["rfc6455-5.4-fragmented-form", "rfc6455-5.4-fragment-any-size"];
    FRAGMENTS_OVER_1024_REFUSED, "fragments-over-1024-refused", Both,
        "The peer answers the 1025th fragment of a message with 1002.",
        ["rfc6455-5.4-both-forms-received"], "a peer may limit the number of fragments that it accepts";
    DROPS_EVERY_THOUSANDTH, "drops-every-thousandth", Both,
        "The peer does not answer every thousandth message.",
        ["rfc6455-6.1-send-transmits"];
    DEAF_AFTER_500_MESSAGES, "deaf-after-500-messages", Both,
        "The peer ignores all input after 500 messages.",
        ["rfc6455-6.2-received-next-is-new", "rfc6455-6.2-received-parsed-as-frames"];
    FRAMES_OF_A_READ_BOUNDED, "frames-of-a-read-bounded", Both,
        "The peer loses the bytes that follow the 101st frame of a read.",
        ["rfc6455-6.2-received-parsed-as-frames"];
    READS_OF_64_BYTES_CUT, "reads-of-64-bytes-cut", Both,
        "The peer loses the last byte of a read of 64 bytes.",
        ["rfc6455-6.2-received-parsed-as-frames"];
    PINGS_UNANSWERED_IN_LONG_MESSAGE, "pings-unanswered-in-long-message", Both,
        "The peer does not answer pings after 64 KiB of an unfinished message.",
        ["rfc6455-5.5.2-ping-answered", "rfc6455-5.4-control-mid-message-handled"];
    PONGS_BOUNDED, "pongs-bounded", Both,
        "The peer answers only the first hundred pings.",
        ["rfc6455-5.5.2-ping-answered"];
    STALE_END_BEHIND_LONG_MESSAGE, "stale-end-behind-long-message", Both,
        "The peer appends the end of a message of more than 64 KiB to a shorter message that follows it.",
        ["rfc6455-6.1-send-transmits", "rfc6455-6.2-received-next-is-new"];
}
