//! Faults in closing and failing the connection.

super::faults! { Close;
    NO_CLOSE_REPLY, "no-close-reply", Both,
        "The peer ends the stream without answering a Close.",
        ["rfc6455-5.5.1-close-answered"];
    CLOSE_IGNORED, "close-ignored", Both,
        "The peer ignores a Close.",
        ["rfc6455-5.5.1-close-answered", "rfc6455-5.5.1-tcp-closed-after-both"];
    CLOSE_MID_MESSAGE_IGNORED, "close-mid-message-ignored", Both,
        "The peer ignores a Close between fragments.",
        ["rfc6455-5.5.1-close-answered", "rfc6455-5.4-control-mid-message-handled"];
    CLOSE_TWICE, "close-twice", Both,
        "The peer answers a Close with two Closes.",
        ["rfc6455-5.5.1-no-data-after-close"], "a second Close is not a data frame";
    SENDS_1005, "sends-1005", Both,
        "The peer answers a Close without a code with code 1005.",
        ["rfc6455-7.4.1-code-1005-never-sent"];
    FAILS_WITH_1006, "fails-with-1006", Both,
        "The peer sends code 1006 in the Close when it fails the connection.",
        ["rfc6455-7.4.1-code-1006-never-sent"];
    FAILS_WITH_0, "fails-with-0", Both,
        "The peer sends code 0 in the Close when it fails the connection.",
        ["rfc6455-7.4.2-codes-0-999-unused"];
    FORBIDDEN_CODES_ECHOED, "forbidden-codes-echoed", Both,
        "The peer accepts and echoes close codes that may not be sent.",
        ["rfc6455-7.4.1-code-reserved-received", "rfc6455-7.4.1-code-1006-never-sent",
         "rfc6455-7.4.2-codes-0-999-unused"];
    CLOSE_OF_ONE_BYTE_TAKEN, "close-of-one-byte-taken", Both,
        "The peer treats a Close body of one byte as an empty one.",
        ["rfc6455-5.5.1-close-one-byte-fails"], "Z2";
    CLOSE_OF_ONE_BYTE_ECHOED, "close-of-one-byte-echoed", Both,
        "The peer sends a Close body of one byte back.",
        ["rfc6455-5.5.1-close-one-byte-fails"];
    CLOSE_REPLY_GOING_AWAY, "close-reply-going-away", Both,
        "The peer answers every Close with 1001.",
        ["rfc6455-5.5.1-close-code-echoed"], "Z6";
    CLOSE_REASON_REFUSED, "close-reason-refused", Both,
        "The peer rejects a Close with a reason.",
        ["rfc6455-5.5.1-close-reason-optional"];
    ERROR_CODES_REFUSED, "error-codes-refused", Both,
        "The peer answers the close codes 1003 to 1011 with 1002.",
        ["rfc6455-7.4.1-codes-may-be-used"];
    LATER_CODES_REFUSED, "later-codes-refused", Both,
        "The peer rejects the close codes that were registered after RFC 6455.",
        ["rfc6455-11.7-code-registry-range"], "Z15";
    UNKNOWN_CODES_IGNORED, "unknown-codes-ignored", Both,
        "The peer ignores a Close whose code it does not know.",
        ["rfc6455-5.5.1-close-answered"];
    STREAM_END_IGNORED, "stream-end-ignored", Both,
        "The peer leaves its direction of the stream open after the other end has closed its own.",
        ["rfc6455-7.2.1-client-fails-on-loss", "rfc6455-10.7-incoming-validated"];
    CLOSE_CODE_SWAPPED, "close-code-swapped", Both,
        "The peer writes the bytes of its close codes in reverse order.",
        ["rfc6455-5.5.1-close-code-two-bytes"];
    CLOSE_CODE_IN_DIGITS, "close-code-in-digits", Both,
        "The peer writes its close code as decimal digits.",
        ["rfc6455-5.5.1-close-code-two-bytes"];
    PRIVATE_CODES_REFUSED, "private-codes-refused", Both,
        "The peer rejects the close codes 3000 to 4999.",
        ["rfc6455-7.4.2-codes-3000-3999-libraries", "rfc6455-7.4.2-codes-4000-4999-private"];
    GOING_AWAY_REFUSED, "going-away-refused", Both,
        "The peer answers a Close with code 1001 with 1002.",
        ["rfc6455-7.4.1-code-1001-going-away"];
    LONG_REASON_REFUSED, "long-reason-refused", Both,
        "The peer rejects a close reason of more than 64 bytes.",
        ["rfc6455-5.5.1-close-reason-optional", "rfc6455-5.5-control-max-125"];
    BAD_REASON_ECHOED, "bad-reason-echoed", Both,
        "The peer sends a close reason that is not valid UTF-8 back.",
        ["rfc6455-5.5.1-close-reason-utf8"];
    REASON_NOT_UTF8, "reason-not-utf8", Both,
        "The peer sends a close reason that is not valid UTF-8.",
        ["rfc6455-5.5.1-close-reason-utf8"];
    CLOSE_TOO_LONG, "close-too-long", Both,
        "The peer sends a close reason of 200 bytes.",
        ["rfc6455-5.5-control-max-125"];
    CLOSE_WITHOUT_FIN, "close-without-fin", Both,
        "The peer sends its Close without FIN.",
        ["rfc6455-5.5-control-fragmented-never-sent"];
    DATA_AFTER_CLOSE_ECHOED, "data-after-close-echoed", Both,
        "The peer echoes messages that arrive after a Close.",
        ["rfc6455-5.5.1-no-data-after-close"];
    SENDS_DATA_AFTER_CLOSE, "sends-data-after-close", Both,
        "The peer sends a message after its own Close.",
        ["rfc6455-5.5.1-no-data-after-close"];
    TCP_LEFT_OPEN, "tcp-left-open", Server,
        "The server does not end the stream after the closing handshake.",
        ["rfc6455-5.5.1-server-closes-tcp-at-once", "rfc6455-5.5.1-tcp-closed-after-both"];
    TCP_LEFT_OPEN_AFTER_FAILING, "tcp-left-open-after-failing", Server,
        "The server does not end the stream after it has failed the connection.",
        ["rfc6455-7.1.7-server-fails-by-closing"];
    GOES_ON_AFTER_FAILING, "goes-on-after-failing", Both,
        "The peer sends the Close of a failed connection and then accepts the frame anyway.",
        ["rfc6455-7.1.7-nothing-processed-after-failing"];
    CLOSES_AFTER_FIRST_MESSAGE, "closes-after-first-message", Both,
        "The peer closes the connection after one message.",
        ["rfc6455-7.3-client-close-not-arbitrary", "rfc6455-6.2-received-next-is-new"];
    DROPS_PENDING_ON_CLOSE, "drops-pending-on-close", Both,
        "The peer drops answers that it has not yet written when it receives a Close.",
        ["rfc6455-6.1-send-transmits"], "an application may learn of the Close before it has answered";
    CLIENT_ENDS_TCP_FIRST, "client-ends-tcp-first", Client,
        "The client ends TCP after the closing handshake without waiting for the server.",
        ["rfc6455-5.5.1-client-waits-for-tcp-close", "rfc6455-7.1.1-client-waits-when-closing"];
    CLOSES_WHEN_IDLE, "closes-when-idle", Client,
        "The client closes a connection that is idle for a moment.",
        ["rfc6455-7.1.7-client-no-other-closing", "rfc6455-7.2.1-client-no-arbitrary-close",
            "rfc6455-7.3-client-close-not-arbitrary"];
}
