//! Faults in compressed messages.

super::faults! { Deflate;
    COMPRESSES_WITHOUT_AGREEMENT, "compresses-without-agreement", Both,
        "The peer compresses its messages although nothing was agreed.",
        ["rfc7692-5-declined-goes-on-uncompressed", "rfc6455-5.2-rsv-zero-when-sending"];
    RSV1_ON_CONTINUATION_PASSED_OVER, "rsv1-on-continuation-passed-over", Both,
        "The peer ignores RSV1 on continuation frames when compression is agreed.",
        ["rfc7692-6.1-rsv1-on-later-fragment-fails"];
    RSV1_ON_CONTINUATION_INFLATED, "rsv1-on-continuation-inflated", Both,
        "The peer inflates a message starting at the fragment that has RSV1.",
        ["rfc7692-6.1-rsv1-on-later-fragment-fails"];
    RSV1_ON_CONTROL_PASSED_OVER, "rsv1-on-control-passed-over", Both,
        "The peer ignores RSV1 on control frames when compression is agreed.",
        ["rfc7692-6.1-rsv1-on-control-fails"];
    RSV1_ON_CONTROL_ARMS, "rsv1-on-control-arms", Both,
        "The peer inflates the message that follows a control frame with RSV1.",
        ["rfc7692-6.1-rsv1-on-control-fails"];
    PING_RESETS_INFLATER, "ping-resets-inflater", Both,
        "The peer restarts inflating at a control frame between compressed fragments.",
        ["rfc7692-6-data-messages-only", "rfc7692-6-compressed-is-inflated"];
    PING_INFLATED, "ping-inflated", Both,
        "The peer inflates the data of a control frame between compressed fragments.",
        ["rfc7692-6-data-messages-only"];
    PLAIN_REFUSED_WHEN_AGREED, "plain-refused-when-agreed", Both,
        "The peer rejects messages that are not compressed once compression is agreed.",
        ["rfc7692-6-uncompressed-as-is", "rfc7692-6-rsv1-marks-compressed"];
    PLAIN_INFLATED, "plain-inflated", Both,
        "The peer inflates every message once compression is agreed.",
        ["rfc7692-6-uncompressed-as-is", "rfc7692-6-rsv1-marks-compressed"];
    PLAIN_RESETS_INFLATER, "plain-resets-inflater", Both,
        "The peer discards its window at a message that is not compressed.",
        ["rfc7692-7.2.3.2-plain-messages-leave-window"];
    UNSHRUNK_SENT_PLAIN, "unshrunk-sent-plain", Both,
        "The peer sends a message uncompressed when compression does not shrink it, although its window has moved.",
        ["rfc7692-7.2.3.2-plain-messages-leave-window"];
    RSV1_ON_EVERY_FRAGMENT, "rsv1-on-every-fragment", Both,
        "The peer sends compressed messages in two fragments with RSV1 on both.",
        ["rfc7692-6.1-rsv1-not-on-later-fragments"];
    RSV1_SENT_ON_CONTROL, "rsv1-sent-on-control", Both,
        "The peer sets RSV1 on its control frames once compression is agreed.",
        ["rfc7692-6.1-rsv1-not-on-control"];
    CONTROL_COMPRESSED, "control-compressed", Both,
        "The peer compresses its control frames.",
        ["rfc7692-6-data-messages-only", "rfc7692-6.1-rsv1-not-on-control"];
    COMPRESSED_WITHOUT_RSV1, "compressed-without-rsv1", Both,
        "The peer compresses its messages but does not set RSV1.",
        ["rfc7692-6.1-send-compressed-steps", "rfc7692-6-rsv1-marks-compressed"];
    FLUSHES_STRIPPED_IN_FRAGMENTS, "flushes-stripped-in-fragments", Both,
        "The peer flushes each of two fragments and removes the tail from both.",
        ["rfc7692-7.2.1-no-strip-on-early-fragments"];
    ZLIB_HEADER_SENT, "zlib-header-sent", Both,
        "The peer sends compressed messages with a zlib header.",
        ["rfc7692-6.1-send-compressed-steps"];
    DEFLATE_TAIL_SENT, "deflate-tail-sent", Both,
        "The peer leaves 00 00 ff ff at the end of its compressed messages.",
        ["rfc7692-7.2.1-tail-stripped"];
    FINAL_BLOCK_SENT, "final-block-sent", Both,
        "The peer ends its compressed messages with a final block and appends no empty block.",
        ["rfc7692-7.2.1-message-ends-in-empty-block"];
    EMPTY_COMPRESSED_TO_NOTHING, "empty-compressed-to-nothing", Both,
        "The peer sends an empty message as a compressed message of zero bytes.",
        ["rfc7692-7.2.3.6-empty-fragment"], "Z27";
    DEFLATE_TAKEOVER_KEPT, "deflate-takeover-kept", Both,
        "The peer compresses with references to earlier messages although it agreed not to.",
        ["rfc7692-7.2.1-client-no-takeover-obeyed", "rfc7692-7.2.1-server-no-takeover-obeyed"];
    INFLATE_TAKEOVER_LOST, "inflate-takeover-lost", Both,
        "The peer discards its window after each message although this was not agreed.",
        ["rfc7692-7.2.2-client-keeps-window", "rfc7692-7.2.2-server-keeps-window"];
    DEFLATE_TAKEOVERS_SWAPPED, "deflate-takeovers-swapped", Both,
        "The peer confuses server_no_context_takeover with client_no_context_takeover.",
        ["rfc7692-7.2.1-client-no-takeover-obeyed", "rfc7692-7.2.1-server-no-takeover-obeyed",
         "rfc7692-7.2.2-client-keeps-window", "rfc7692-7.2.2-server-keeps-window"];
    DEFLATE_WINDOW_EXCEEDED, "deflate-window-exceeded", Both,
        "The peer compresses with a window of 15 bits, whatever window was agreed.",
        ["rfc7692-7.2.1-client-window-obeyed", "rfc7692-7.2.1-server-window-obeyed"];
    WINDOW_OF_8_EXCEEDED, "window-of-8-exceeded", Both,
        "The peer agrees to a window of 8 bits and compresses with 15 bits.",
        ["rfc7692-7.2.1-client-window-obeyed", "rfc7692-7.2.1-server-window-obeyed",
         "rfc7692-7-decline-unsupported"];
    DEFLATE_WINDOWS_SWAPPED, "deflate-windows-swapped", Both,
        "The peer compresses with the window that was agreed for the other end.",
        ["rfc7692-7.2.1-client-window-obeyed", "rfc7692-7.2.1-server-window-obeyed"];
    INFLATE_WINDOW_SMALL, "inflate-window-small", Both,
        "The peer keeps only 4096 bytes of its window from one message to the next.",
        ["rfc7692-7.2.2-client-32k-window", "rfc7692-7.2.2-server-32k-window",
         "rfc7692-7.1.2.1-absent-means-32k", "rfc7692-7.1.2.2-absent-means-32k"];
    DEFLATE_TAIL_NOT_ADDED, "deflate-tail-not-added", Both,
        "The peer inflates messages without the tail that their sender removed.",
        ["rfc7692-7.2.2-inflate-after-adding-tail"];
    FIRST_FLUSH_ENDS_MESSAGE, "first-flush-ends-message", Both,
        "The peer loses the rest of a message after the first flush in it.",
        ["rfc7692-7.2.1-several-blocks", "rfc7692-6-compressed-is-inflated"];
    FINAL_BLOCK_REFUSED, "final-block-refused", Both,
        "The peer rejects a final block.",
        ["rfc7692-7.2.3.4-bfinal-message-inflates", "rfc7692-7.2.1-bfinal-allowed"];
    FINAL_BLOCK_ENDS_ALL, "final-block-ends-all", Both,
        "The peer finds no data in compressed messages that follow a final block.",
        ["rfc7692-7.2.3.4-bfinal-message-inflates"];
    BLOCKS_BEHIND_FINAL_LOST, "blocks-behind-final-lost", Both,
        "The peer loses the rest of a message after a final block.",
        ["rfc7692-6-compressed-is-inflated", "rfc7692-7.2.1-bfinal-allowed"],
        "the RFC does not define a message that continues after a final block";
    BYTES_BEHIND_FINAL_COPIED, "bytes-behind-final-copied", Both,
        "The peer delivers the bytes after a final block without inflating them.",
        ["rfc7692-7.2.3.4-bfinal-message-inflates"];
    STORED_BLOCKS_REFUSED, "stored-blocks-refused", Both,
        "The peer rejects messages that begin with a stored block.",
        ["rfc7692-7.2.1-any-block-type", "rfc7692-7.2.3.3-rsv1-with-stored-blocks"];
    FIXED_BLOCKS_REFUSED, "fixed-blocks-refused", Both,
        "The peer rejects messages that begin with a block of fixed codes.",
        ["rfc7692-7.2.1-any-block-type", "rfc7692-6-compressed-is-inflated"];
    DYNAMIC_BLOCKS_REFUSED, "dynamic-blocks-refused", Both,
        "The peer rejects messages that begin with a block of dynamic codes.",
        ["rfc7692-7.2.1-any-block-type", "rfc7692-6-compressed-is-inflated"];
    BAD_STREAM_DELIVERED, "bad-stream-delivered", Both,
        "The peer delivers a payload unchanged when it does not inflate.",
        ["rfc7692-7.2.2-bad-deflate-fails"];
    BAD_STREAM_DELIVERED_IN_PART, "bad-stream-delivered-in-part", Both,
        "The peer delivers the part that it could inflate of an invalid message.",
        ["rfc7692-7.2.2-bad-deflate-fails"];
    BAD_STREAM_SKIPPED, "bad-stream-skipped", Both,
        "The peer drops a message that does not inflate and continues.",
        ["rfc7692-7.2.2-bad-deflate-fails"];
    CUT_STREAM_DELIVERED, "cut-stream-delivered", Both,
        "The peer delivers a compressed message that ends inside a block.",
        ["rfc7692-7.2.2-bad-deflate-fails"];
    UTF8_CHECKED_BEFORE_INFLATING, "utf8-checked-before-inflating", Both,
        "The peer requires the compressed bytes of a text message to be valid UTF-8.",
        ["rfc7692-6.1-compressed-bytes-need-no-utf8"];
    INFLATED_TEXT_UNCHECKED, "inflated-text-unchecked", Both,
        "The peer does not check the UTF-8 of compressed text messages.",
        ["rfc7692-6.1-utf8-after-inflating", "rfc6455-8.1-invalid-utf8-fails"];
    INFLATED_UNBOUNDED, "inflated-unbounded", Both,
        "The peer limits the size of messages before it inflates them but hardly afterwards.",
        ["rfc6455-10.4-limits-protected"], "Z22";
    INFLATED_CUT_AT_1_MIB, "inflated-cut-at-1-mib", Both,
        "The peer delivers only the first 1 MiB of a compressed message.",
        ["rfc7692-6-compressed-is-inflated", "rfc6455-6.2-received-message-complete"];
    INFLATES_INTO_ONE_BUFFER, "inflates-into-one-buffer", Both,
        "The peer delivers only the part of a compressed message that fits into 64 KiB.",
        ["rfc7692-6-compressed-is-inflated", "rfc6455-6.2-received-message-complete"];
    LONG_COMPRESSED_UNANSWERED, "long-compressed-unanswered", Both,
        "The peer never delivers a compressed message of more than 1 MiB.",
        ["rfc7692-6-compressed-is-inflated"];
    COMPRESSED_IN_PIECES_REFUSED, "compressed-in-pieces-refused", Both,
        "The peer fails the connection on a compressed frame that does not arrive in one read.",
        ["rfc7692-6-compressed-is-inflated"];
    FRAGMENTS_INFLATED_ALONE, "fragments-inflated-alone", Both,
        "The peer inflates each fragment as if it were a message.",
        ["rfc7692-6-compressed-is-inflated", "rfc7692-6.2-receive-compressed-steps"];
    FIRST_FRAGMENT_INFLATED_ONLY, "first-fragment-inflated-only", Both,
        "The peer does not inflate the later fragments of a compressed message.",
        ["rfc7692-6-compressed-is-inflated", "rfc7692-6.2-receive-compressed-steps"];
    COMPRESSED_TEXT_IS_BINARY, "compressed-text-is-binary", Both,
        "The peer treats every compressed message as binary.",
        ["rfc7692-6.1-opcode-kept", "rfc6455-5.6-type-kept"];
    COMPRESSED_BINARY_IS_TEXT, "compressed-binary-is-text", Both,
        "The peer treats every compressed message as text.",
        ["rfc7692-6.1-opcode-kept", "rfc6455-5.6-type-kept"];
}
