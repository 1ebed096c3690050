//! Faults with messages of several frames.

super::faults! { Fragmentation;
    STRAY_CONTINUATION_TAKEN, "stray-continuation-taken", Both,
        "The peer takes a continuation without a start for a text message.",
        ["rfc6455-5.4-continuation-without-start-fails"];
    STRAY_CONTINUATION_SKIPPED, "stray-continuation-skipped", Both,
        "The peer skips a continuation without a start.",
        ["rfc6455-5.4-continuation-without-start-fails"];
    MESSAGE_INSIDE_REPLACES, "message-inside-replaces", Both,
        "The peer drops an unfinished message when another begins.",
        ["rfc6455-5.4-new-message-inside-fails"];
    MESSAGE_INSIDE_APPENDED, "message-inside-appended", Both,
        "The peer takes a text or binary frame inside a message for its next fragment.",
        ["rfc6455-5.4-new-message-inside-fails"];
    FRAGMENTS_SWAPPED, "fragments-swapped", Both,
        "The peer puts each later fragment before the earlier ones.",
        ["rfc6455-5.4-fragments-concatenate", "rfc6455-5.4-fragments-in-order"];
    EMPTY_FRAGMENT_LOSES_MESSAGE, "empty-fragment-loses-message", Both,
        "The peer forgets what it has of a message at an empty fragment.",
        ["rfc6455-5.4-fragments-concatenate", "rfc6455-5.4-fragment-any-size"];
    EMPTY_LAST_FRAGMENT_IGNORED, "empty-last-fragment-ignored", Both,
        "The peer does not see the FIN of an empty continuation.",
        ["rfc6455-6.2-received-message-complete"];
    EMPTY_FIRST_FRAGMENT_IGNORED, "empty-first-fragment-ignored", Both,
        "The peer does not see an empty first fragment.",
        ["rfc6455-5.4-fragmented-form", "rfc6455-5.4-fragment-any-size"];
    FRAGMENTS_DELIVERED, "fragments-delivered", Both,
        "The peer takes each fragment for a message.",
        ["rfc6455-5.4-fragments-concatenate", "rfc6455-5.4-no-frame-boundary-meaning"];
    LAST_FRAGMENT_ONLY, "last-fragment-only", Both,
        "The peer delivers only the last fragment of a message.",
        ["rfc6455-5.4-fragments-concatenate"];
    TYPE_OF_LAST_FRAGMENT, "type-of-last-fragment", Both,
        "The peer takes the opcode of the last fragment for the message's.",
        ["rfc6455-6.2-received-type-noted", "rfc6455-5.4-fragments-one-type"];
    FRAGMENTS_REFUSED, "fragments-refused", Both,
        "The peer fails the connection on a fragmented message.",
        ["rfc6455-5.4-both-forms-received"];
    FRAGMENTS_BOUNDED, "fragments-bounded", Both,
        "The peer forgets fragments from the ninth on.",
        ["rfc6455-5.4-fragments-concatenate"];
    ECHOES_FRAGMENTS_WITH_OPCODE, "echoes-fragments-with-opcode", Both,
        "The peer sends messages over 1024 bytes in fragments that all have the message's opcode.",
        ["rfc6455-5.4-fragmented-form"];
    ECHOES_WITHOUT_FIN, "echoes-without-fin", Both,
        "The peer sends its messages without FIN.",
        ["rfc6455-6.1-send-fin-last-frame", "rfc6455-5.4-unfragmented-form"];
    ECHO_INTERLEAVED, "echo-interleaved", Both,
        "The peer sends an empty binary message inside a fragmented one.",
        ["rfc6455-5.4-fragments-not-interleaved"];
}
