//! Faults in the bits, lengths, opcodes and masking of frames.

super::faults! { Framing;
    SERVER_MASKS, "server-masks", Server,
        "The server masks its frames.",
        ["rfc6455-5.1-server-never-masks"];
    CLIENT_DOES_NOT_MASK, "client-does-not-mask", Client,
        "The client does not mask its frames.",
        ["rfc6455-5.1-client-masks-all", "rfc6455-5.3-masked-flag-set"];
    CLIENT_DOES_NOT_MASK_CONTROL, "client-does-not-mask-control", Client,
        "The client does not mask its control frames.",
        ["rfc6455-5.1-client-masks-all", "rfc6455-5.5.1-client-close-masked"];
    MASK_KEY_CONSTANT, "mask-key-constant", Client,
        "The client masks each frame with the same key.",
        ["rfc6455-5.3-key-fresh-per-frame", "rfc6455-10.3-key-new-per-frame"];
    MASK_KEY_COUNTS, "mask-key-counts", Client,
        "The client uses a counter as its masking key.",
        ["rfc6455-5.3-key-not-predictable"];
    MASK_KEY_HALF_RANDOM, "mask-key-half-random", Client,
        "The client always sets two bytes of its masking keys to zero.",
        ["rfc6455-5.3-key-strong-entropy"], "statistics only warn";
    MASK_BIT_WITHOUT_MASKING, "mask-bit-without-masking", Client,
        "The client sends a masking key but does not mask the payload.",
        ["rfc6455-5.3-xor-mod-4"];
    TAKES_UNMASKED, "takes-unmasked", Server,
        "The server accepts unmasked frames.",
        ["rfc6455-5.1-server-closes-on-unmasked"];
    TAKES_MASKED, "takes-masked", Client,
        "The client accepts masked frames.",
        ["rfc6455-5.1-client-closes-on-masked"];
    REFUSES_ZERO_KEY, "refuses-zero-key", Server,
        "The server rejects the masking key 00000000.",
        ["rfc6455-5.3-key-any-value-received"];
    UNMASKS_FROM_EACH_READ, "unmasks-from-each-read", Server,
        "The server restarts at the first byte of the masking key with each read of a payload.",
        ["rfc6455-5.3-xor-mod-4", "rfc6455-6.2-server-unmasks"];
    UNMASKS_WHOLE_WORDS_ONLY, "unmasks-whole-words-only", Server,
        "The server does not unmask the payload bytes after the last multiple of four.",
        ["rfc6455-5.3-xor-mod-4", "rfc6455-6.2-server-unmasks"];
    TAKES_RSV1, "takes-rsv1", Both,
        "The peer ignores RSV1.",
        ["rfc6455-5.2-rsv-nonzero-fails"];
    TAKES_RSV2, "takes-rsv2", Both,
        "The peer ignores RSV2.",
        ["rfc6455-5.2-rsv-nonzero-fails"];
    TAKES_RSV3, "takes-rsv3", Both,
        "The peer ignores RSV3.",
        ["rfc6455-5.2-rsv-nonzero-fails"];
    TAKES_ANY_RSV, "takes-any-rsv", Both,
        "The peer ignores the reserved bits.",
        ["rfc6455-5.2-rsv-nonzero-fails"];
    RSV_FRAMES_SKIPPED, "rsv-frames-skipped", Both,
        "The peer drops frames with a reserved bit set.",
        ["rfc6455-5.2-rsv-nonzero-fails"];
    TAKES_RSV_IN_CONTROL, "takes-rsv-in-control", Both,
        "The peer ignores the reserved bits of control frames.",
        ["rfc6455-5.2-rsv-nonzero-fails"];
    TAKES_RSV_IN_CONTINUATION, "takes-rsv-in-continuation", Both,
        "The peer ignores the reserved bits of continuation frames.",
        ["rfc6455-5.2-rsv-nonzero-fails"];
    SKIPS_RESERVED_DATA_OPCODES, "skips-reserved-data-opcodes", Both,
        "The peer skips frames with the opcodes 3 to 7.",
        ["rfc6455-5.2-opcode-data-reserved-fails"];
    SKIPS_RESERVED_CONTROL_OPCODES, "skips-reserved-control-opcodes", Both,
        "The peer skips frames with the opcodes 11 to 15.",
        ["rfc6455-5.2-opcode-control-reserved-fails"];
    RESERVED_OPCODE_IS_BINARY, "reserved-opcode-is-binary", Both,
        "The peer treats frames with the opcodes 3 to 7 as binary messages.",
        ["rfc6455-5.2-opcode-data-reserved-fails"];
    LENGTH_16_SIGNED, "length-16-signed", Both,
        "The peer reads the 16-bit length as a signed number and rejects lengths above 32767.",
        ["rfc6455-5.2-length-16-bit"];
    LENGTH_16_LITTLE_ENDIAN, "length-16-little-endian", Both,
        "The peer reads the 16-bit length as little-endian.",
        ["rfc6455-5.2-length-16-bit"];
    LENGTH_64_REFUSED, "length-64-refused", Both,
        "The peer rejects every 64-bit length.",
        ["rfc6455-5.2-length-64-bit"];
    LENGTH_64_CUT, "length-64-cut", Both,
        "The peer keeps only the low 32 bits of a 64-bit length.",
        ["rfc6455-5.2-length-64-bit", "rfc6455-10.4-limits-protected"];
    LENGTH_64_NEGATIVE, "length-64-negative", Both,
        "The peer reads the low 32 bits of a 64-bit length as a signed number and treats a negative one as zero.",
        ["rfc6455-5.2-length-64-bit", "rfc6455-10.4-limits-protected"];
    LONG_LENGTH_FORM_TAKEN, "long-length-form-taken", Both,
        "The peer accepts a length that is not in its shortest form.",
        ["rfc6455-5.2-length-nonminimal-received"], "Z19";
    LONG_LENGTH_FORM_SKIPPED, "long-length-form-skipped", Both,
        "The peer drops a frame whose length is not in its shortest form.",
        ["rfc6455-5.2-length-nonminimal-received"];
    LENGTH_TOP_BIT_CUT, "length-top-bit-cut", Both,
        "The peer ignores the top bit of a 64-bit length.",
        ["rfc6455-5.2-length-64-msb-zero"];
    LENGTH_TOP_BIT_AWAITED, "length-top-bit-awaited", Both,
        "The peer waits for the payload of a length whose top bit is set.",
        ["rfc6455-5.2-length-64-msb-zero"];
    LENGTH_UNBOUNDED, "length-unbounded", Both,
        "The peer waits for a payload of any declared length.",
        ["rfc6455-10.4-limits-imposed"];
    SENDS_LONG_LENGTH_FORM, "sends-long-length-form", Both,
        "The peer writes each length in the 64-bit form.",
        ["rfc6455-5.2-length-minimal-when-sending"];
    SENDS_LENGTH_126_SHORT, "sends-length-126-short", Both,
        "The peer writes the length 126 into the 7-bit field.",
        ["rfc6455-5.2-length-16-bit"];
    LENGTH_COUNTS_KEY, "length-counts-key", Client,
        "The client includes the masking key in the payload length.",
        ["rfc6455-5.3-length-without-key"];
    SENDS_RSV1, "sends-rsv1", Both,
        "The peer sets RSV1 in its messages.",
        ["rfc6455-5.2-rsv-zero-when-sending"];
    SENDS_RESERVED_OPCODE, "sends-reserved-opcode", Both,
        "The peer sends binary messages with opcode 3.",
        ["rfc6455-5.2-opcodes-sent-are-defined", "rfc6455-6.1-send-opcode-first-frame"];
    HEAD_IN_PIECES_LOST, "head-in-pieces-lost", Both,
        "The peer loses the bytes of a frame header that it has read when a read ends inside the header.",
        ["rfc6455-6.2-received-parsed-as-frames"];
    ONE_FRAME_A_READ, "one-frame-a-read", Both,
        "The peer loses the bytes that follow a complete frame in the same read.",
        ["rfc6455-6.2-received-parsed-as-frames"];
}
