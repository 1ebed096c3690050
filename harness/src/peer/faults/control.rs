//! Faults in pings and pongs.

super::faults! { Control;
    NO_PONG, "no-pong", Both,
        "The peer does not answer pings.",
        ["rfc6455-5.5.2-ping-answered"];
    NO_PONG_TO_EMPTY_PING, "no-pong-to-empty-ping", Both,
        "The peer does not answer a ping without data.",
        ["rfc6455-5.5.2-ping-answered"];
    PONG_EMPTY, "pong-empty", Both,
        "The peer sends an empty pong.",
        ["rfc6455-5.5.3-pong-same-data"];
    PONG_WRONG, "pong-wrong", Both,
        "The peer sends a pong in which the first byte of the data is changed.",
        ["rfc6455-5.5.3-pong-same-data"];
    PONG_TRUNCATED, "pong-truncated", Both,
        "The peer sends at most 124 bytes in a pong.",
        ["rfc6455-5.5.3-pong-same-data"];
    PONG_CUT_AT_NUL, "pong-cut-at-nul", Both,
        "The peer truncates its pong at the first NUL of the data.",
        ["rfc6455-5.5.3-pong-same-data"];
    PONG_OF_FIRST_PING, "pong-of-first-ping", Both,
        "The peer answers each ping with the data of the first ping.",
        ["rfc6455-5.5.3-pong-same-data"];
    PONG_AFTER_MESSAGE, "pong-after-message", Both,
        "The peer holds its pongs back until the next message is complete.",
        ["rfc6455-5.5.2-pong-soon", "rfc6455-5.4-control-mid-message-handled"];
    PONG_FRAGMENTED, "pong-fragmented", Both,
        "The peer sends its pongs without FIN.",
        ["rfc6455-5.4-control-not-fragmented", "rfc6455-5.5-control-fragmented-never-sent"];
    PONG_IS_PING, "pong-is-ping", Both,
        "The peer answers a ping with a ping.",
        ["rfc6455-5.5.2-ping-answered"];
    PONGS_ANSWERED, "pongs-answered", Both,
        "The peer answers a pong with a pong.",
        ["rfc6455-5.5.3-pong-not-answered"], "a pong may be unsolicited";
    REFUSES_PONG, "refuses-pong", Both,
        "The peer fails the connection on a pong that answers no ping.",
        ["rfc6455-5.5.3-pong-unsolicited"];
    PONG_ECHOED, "pong-echoed", Both,
        "The peer delivers a pong's data as a binary message.",
        ["rfc6455-6.2-received-control-as-5-5"];
    PING_ECHOED, "ping-echoed", Both,
        "The peer delivers a ping's data as a binary message in addition to its pong.",
        ["rfc6455-6.2-received-control-as-5-5"];
    LONG_CONTROL_TAKEN, "long-control-taken", Both,
        "The peer answers a ping of more than 125 bytes.",
        ["rfc6455-5.5-control-over-125-fails"];
    CONTROL_OF_125_REFUSED, "control-of-125-refused", Both,
        "The peer rejects a control frame of 125 bytes.",
        ["rfc6455-5.5-control-max-125"];
    FRAGMENTED_CONTROL_TAKEN, "fragmented-control-taken", Both,
        "The peer accepts fragmented control frames and treats each fragment as a complete frame.",
        ["rfc6455-5.5-control-fragmented-fails"];
    CONTROL_MID_MESSAGE_REFUSED, "control-mid-message-refused", Both,
        "The peer fails the connection on a control frame between fragments.",
        ["rfc6455-5.4-control-mid-message-handled", "rfc6455-5.4-control-may-be-injected"];
    CONTROL_MID_MESSAGE_ENDS_IT, "control-mid-message-ends-it", Both,
        "The peer discards the fragments that came before a control frame.",
        ["rfc6455-5.4-control-mid-message-handled", "rfc6455-5.4-fragments-concatenate"];
    CONTROL_DATA_IN_MESSAGE, "control-data-in-message", Both,
        "The peer adds the data of a ping between fragments to the message.",
        ["rfc6455-5.4-control-mid-message-handled", "rfc6455-5.4-fragments-concatenate"];
}
