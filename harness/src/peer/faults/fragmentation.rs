//! Faults in fragmented messages.

super::faults! { Fragmentation;
    STRAY_CONTINUATION_TAKEN, "stray-continuation-taken", Both,
        "The peer accepts a continuation frame without a started message as a text message.",
        ["rfc6455-5.4-continuation-without-start-fails"];
    STRAY_CONTINUATION_SKIPPED, "stray-continuation-skipped", Both,
        "The peer skips a continuation frame without a started message.",
        ["rfc6455-5.4-continuation-without-start-fails"];
    MESSAGE_INSIDE_REPLACES, "message-inside-replaces", Both,
        "The peer drops an unfinished message when another begins.",
        ["rfc6455-5.4-new-message-inside-fails"];
    MESSAGE_INSIDE_APPENDED, "message-inside-appended", Both,
        "The peer treats a text or binary frame inside a message as its next fragment.",
        ["rfc6455-5.4-new-message-inside-fails"];
    FRAGMENTS_SWAPPED, "fragments-swapped", Both,
        "The peer puts each later fragment before the earlier ones.",
        ["rfc6455-5.4-fragments-concatenate", "rfc6455-5.4-fragments-in-order"];
    EMPTY_FRAGMENT_LOSES_MESSAGE, "empty-fragment-loses-message", Both,
        "The peer discards the earlier fragments of a message at an empty fragment.",
        ["rfc6455-5.4-fragments-concatenate", "rfc6455-5.4-fragment-any-size"];
    EMPTY_LAST_FRAGMENT_IGNORED, "empty-last-fragment-ignored", Both,
        "The peer ignores the FIN bit of an empty continuation frame.",
        ["rfc6455-6.2-received-message-complete"];
    EMPTY_FIRST_FRAGMENT_IGNORED, "empty-first-fragment-ignored", Both,
        "The peer ignores an empty first fragment.",
        ["rfc6455-5.4-fragmented-form", "rfc6455-5.4-fragment-any-size"];
    FRAGMENTS_DELIVERED, "fragments-delivered", Both,
        "The peer delivers each fragment as a message.",
        ["rfc6455-5.4-fragments-concatenate", "rfc6455-5.4-no-frame-boundary-meaning"];
    LAST_FRAGMENT_ONLY, "last-fragment-only", Both,
        "The peer delivers only the last fragment of a message.",
        ["rfc6455-5.4-fragments-concatenate"];
    TYPE_OF_LAST_FRAGMENT, "type-of-last-fragment", Both,
        "The peer uses the opcode of the last fragment as the type of the message.",
        ["rfc6455-6.2-received-type-noted", "rfc6455-5.4-fragments-one-type"];
    FRAGMENTS_REFUSED, "fragments-refused", Both,
        "The peer fails the connection on a fragmented message.",
        ["rfc6455-5.4-both-forms-received"];
    FRAGMENTS_BOUNDED, "fragments-bounded", Both,
        "The peer discards fragments from the ninth on.",
        ["rfc6455-5.4-fragments-concatenate"];
    ECHOES_FRAGMENTS_WITH_OPCODE, "echoes-fragments-with-opcode", Both,
        "The peer sends messages of more than 1024 bytes in fragments that all have the opcode of the message.",
        ["rfc6455-5.4-fragmented-form"];
    ECHOES_WITHOUT_FIN, "echoes-without-fin", Both,
        "The peer sends its messages without FIN.",
        ["rfc6455-6.1-send-fin-last-frame", "rfc6455-5.4-unfragmented-form"];
    ECHO_INTERLEAVED, "echo-interleaved", Both,
        "The peer sends an empty binary message inside a fragmented one.",
        ["rfc6455-5.4-fragments-not-interleaved"];
}
