//! Faults in the server's half of the opening handshake.

super::faults! { ServerHandshake;
    TAKES_ANY_VERSION, "takes-any-version", Server,
        "The server switches protocols for a Sec-WebSocket-Version that it does not support.",
        ["rfc6455-4.2.1-version-13", "rfc6455-4.2.2-version-unknown-aborts"];
    TAKES_MISSING_VERSION, "takes-missing-version", Server,
        "The server switches protocols for a request without Sec-WebSocket-Version.",
        ["rfc6455-4.2.1-version-required"];
    TAKES_VERSION_TWICE, "takes-version-twice", Server,
        "The server checks only the first of two Sec-WebSocket-Version lines.",
        ["rfc6455-11.3.5-version-twice-refused"];
    VERSION_REFUSED_WITHOUT_LIST, "version-refused-without-list", Server,
        "The server rejects a version without listing the versions that it supports.",
        ["rfc6455-4.2.2-version-unknown-lists-known", "rfc6455-4.4-server-lists-all-versions"];
    UPGRADE_REQUIRED_WITHOUT_UPGRADE, "upgrade-required-without-upgrade", Server,
        "The server answers 426 without the required Upgrade field.",
        ["rfc9110-7.8-426-has-upgrade"];
    TAKES_MISSING_KEY, "takes-missing-key", Server,
        "The server switches protocols for a request without Sec-WebSocket-Key.",
        ["rfc6455-4.2.1-key-required"];
    TAKES_SHORT_KEY, "takes-short-key", Server,
        "The server accepts a key that is the base64 form of more or fewer than 16 bytes.",
        ["rfc6455-4.2.1-key-16-bytes"];
    TAKES_KEY_NOT_BASE64, "takes-key-not-base64", Server,
        "The server accepts a key that is not base64.",
        ["rfc6455-4.2.1-key-base64", "rfc4648-3.3-non-alphabet-refused"],
        "section 4.2.2 does not require a server to decode the key (Z32), and most servers do not";
    TAKES_KEY_TWICE, "takes-key-twice", Server,
        "The server uses the first of two different keys.",
        ["rfc6455-11.3.1-key-twice-refused"];
    TAKES_POST, "takes-post", Server,
        "The server switches protocols for a POST request.",
        ["rfc6455-4.2.1-get-required"];
    METHOD_IN_ANY_CASE, "method-in-any-case", Server,
        "The server compares the method case-insensitively.",
        ["rfc9110-9.1-method-case-sensitive", "rfc6455-4.2.1-get-required"];
    TAKES_HTTP_1_0, "takes-http-1-0", Server,
        "The server switches protocols for an HTTP/1.0 request.",
        ["rfc6455-4.2.1-http-1-1-required", "rfc9110-7.8-upgrade-in-1-0-ignored"];
    TAKES_MISSING_HOST, "takes-missing-host", Server,
        "The server switches protocols for a request without Host.",
        ["rfc6455-4.2.1-host-required", "rfc9112-3.2-host-missing-400"];
    TAKES_HOST_TWICE, "takes-host-twice", Server,
        "The server switches protocols for a request with two Host lines.",
        ["rfc9112-3.2-host-twice-400"];
    TAKES_INVALID_HOST, "takes-invalid-host", Server,
        "The server ignores the value of Host.",
        ["rfc9112-3.2-host-invalid-400"],
        "hardly any server checks it, and the name is the server's choice (Z33)";
    TAKES_MISSING_UPGRADE, "takes-missing-upgrade", Server,
        "The server switches protocols for a request without Upgrade.",
        ["rfc6455-4.2.1-upgrade-required"];
    TAKES_OTHER_UPGRADE, "takes-other-upgrade", Server,
        "The server switches to WebSocket when Upgrade names another protocol.",
        ["rfc6455-4.2.1-upgrade-required", "rfc9110-7.8-only-offered-protocol"];
    TAKES_MISSING_CONNECTION, "takes-missing-connection", Server,
        "The server ignores the Connection field.",
        ["rfc6455-4.2.1-connection-upgrade-required"];
    CONNECTION_BY_SUBSTRING, "connection-by-substring", Server,
        "The server accepts any Connection value that contains the letters of upgrade.",
        ["rfc6455-4.2.1-connection-upgrade-required"];
    REFUSES_CONNECTION_LIST, "refuses-connection-list", Server,
        "The server rejects a Connection field that lists more than Upgrade.",
        ["rfc6455-4.2.1-connection-token-list"];
    CONNECTION_CASE_SENSITIVE, "connection-case-sensitive", Server,
        "The server accepts the Connection token in only one letter case.",
        ["rfc6455-4.2.1-connection-token-list", "rfc9110-7.6.1-options-case-insensitive"];
    UPGRADE_CASE_SENSITIVE, "upgrade-case-sensitive", Server,
        "The server accepts the Upgrade value only in lower case.",
        ["rfc6455-4.2.1-upgrade-case-ignored"];
    REQUEST_NAMES_CASE_SENSITIVE, "request-names-case-sensitive", Server,
        "The server recognizes a field only when its name is in the usual letter case.",
        ["rfc6455-4.1-header-names-case-insensitive", "rfc9110-5.1-names-case-insensitive"];
    REQUEST_FIRST_LINE_ONLY, "request-first-line-only", Server,
        "The server reads only the first line of a field that is spread over several.",
        ["rfc9110-5.2-repeated-fields-combine", "rfc6455-11.3.4-protocol-repeat-in-request"];
    REFUSES_UNKNOWN_FIELDS, "refuses-unknown-fields", Server,
        "The server rejects a request with a field that it does not know.",
        ["rfc6455-4.2.1-unknown-fields-ignored", "rfc9110-5.1-unknown-fields-ignored"];
    REFUSES_FIELD_ORDER, "refuses-field-order", Server,
        "The server requires Host to be the first field.",
        ["rfc6455-4.2.1-field-order-free"];
    REFUSES_ABSOLUTE_TARGET, "refuses-absolute-target", Server,
        "The server rejects the absolute form of the request target.",
        ["rfc6455-4.2.1-absolute-target-accepted", "rfc9112-3.2.2-absolute-form-accepted"];
    REFUSES_QUERY, "refuses-query", Server,
        "The server rejects a request target with a query.",
        ["rfc6455-4.2.1-target-is-resource-name"];
    REFUSES_LONG_HEAD, "refuses-long-head", Server,
        "The server rejects a request head of more than 1024 bytes.",
        ["rfc9112-3-line-8000"];
    REFUSES_LEADING_EMPTY_LINE, "refuses-leading-empty-line", Server,
        "The server rejects a request that follows an empty line.",
        ["rfc9112-2.2-empty-line-before-request"];
    TAKES_SPACE_BEFORE_COLON, "takes-space-before-colon", Server,
        "The server accepts a field name with whitespace before its colon.",
        ["rfc9112-5.1-space-before-colon-400"];
    TAKES_MALFORMED_EXTENSIONS, "takes-malformed-extensions", Server,
        "The server does not check the grammar of Sec-WebSocket-Extensions.",
        ["rfc6455-9.1-malformed-header-fails", "rfc6455-4.3-extensions-grammar"], "Z43";
    REFUSES_EXTENSIONS, "refuses-extensions", Server,
        "The server rejects a request that offers an extension.",
        ["rfc6455-4.2.1-extensions-header-optional"];
    REFUSES_UNKNOWN_SUBPROTOCOL, "refuses-unknown-subprotocol", Server,
        "The server rejects a request whose first subprotocol it does not know.",
        ["rfc6455-4.2.1-protocol-header-optional"], "Z42";
    REQUEST_BODY_READ_AS_FRAMES, "request-body-read-as-frames", Server,
        "The server switches protocols for a request with a body and reads the body as frames.",
        ["rfc9112-9.3-request-body-read-or-close"];
    HEAD_IN_PIECES_REFUSED, "head-in-pieces-refused", Server,
        "The server requires the whole request head in one read.",
        ["rfc6455-4.2.2-accept-steps"];
    ACTS_BEFORE_HEAD_ENDS, "acts-before-head-ends", Server,
        "The server switches protocols as soon as it has seen the start of a key, before the head is complete.",
        ["rfc9110-5.3-not-acted-before-all-fields"];
    EARLY_FRAMES_LOST, "early-frames-lost", Server,
        "The server loses the bytes that follow the request head in the same segment.",
        ["rfc6455-6.2-received-parsed-as-frames"];
    REFUSAL_STAYS_SILENT, "refusal-stays-silent", Server,
        "The server neither answers an invalid request nor ends the connection.",
        ["rfc6455-4.2.1-bad-handshake-refused", "rfc6455-7.2.2-server-abort-closes"];
    REFUSAL_STAYS_OPEN, "refusal-stays-open", Server,
        "The server sends Connection: close in an error response but does not close the connection.",
        ["rfc9112-9.6-close-option-obeyed"];
    REFUSAL_OPENS, "refusal-opens", Server,
        "The server answers an invalid request with an error and then sends frames anyway.",
        ["rfc6455-4.2.1-bad-handshake-refused"];
    WRONG_STATUS, "wrong-status", Server,
        "The server accepts the handshake with status 200.",
        ["rfc6455-4.2.2-status-101"];
    NO_ACCEPT, "no-accept", Server,
        "The server accepts the handshake without Sec-WebSocket-Accept.",
        ["rfc6455-4.2.2-accept-value"];
    WRONG_ACCEPT, "wrong-accept", Server,
        "The server sends an accept value that is unrelated to the key.",
        ["rfc6455-4.2.2-accept-value"];
    ACCEPT_OF_DECODED_KEY, "accept-of-decoded-key", Server,
        "The server computes the accept value from the decoded key.",
        ["rfc6455-4.2.2-accept-value"];
    ACCEPT_TRUNCATED, "accept-truncated", Server,
        "The server omits the padding of the accept value.",
        ["rfc6455-4.2.2-accept-value"];
    ACCEPT_TWICE, "accept-twice", Server,
        "The server sends Sec-WebSocket-Accept twice.",
        ["rfc6455-11.3.3-accept-once"];
    NO_UPGRADE_IN_RESPONSE, "no-upgrade-in-response", Server,
        "The server accepts the handshake without an Upgrade field.",
        ["rfc6455-4.2.2-upgrade-websocket", "rfc9110-7.8-101-has-upgrade"];
    NO_CONNECTION_IN_RESPONSE, "no-connection-in-response", Server,
        "The server accepts the handshake without a Connection field.",
        ["rfc6455-4.2.2-connection-upgrade"];
    CHOOSES_UNOFFERED_SUBPROTOCOL, "chooses-unoffered-subprotocol", Server,
        "The server selects the subprotocol chat although it was not offered.",
        ["rfc6455-4.2.2-protocol-from-client", "rfc6455-4.2.2-protocol-none-when-not-asked"];
    CHOOSES_UNKNOWN_SUBPROTOCOL, "chooses-unknown-subprotocol", Server,
        "The server sends all offered subprotocols back.",
        ["rfc6455-4.2.2-protocol-single-token", "rfc6455-4.3-protocol-server-grammar"];
    EMPTY_SUBPROTOCOL, "empty-subprotocol", Server,
        "The server sends an empty Sec-WebSocket-Protocol when it agrees to none.",
        ["rfc6455-4.2.2-protocol-not-empty", "rfc6455-4.2.2-protocol-none-when-no-match"];
    SENDS_UNOFFERED_EXTENSION, "sends-unoffered-extension", Server,
        "The server agrees to an extension that was not offered.",
        ["rfc6455-4.2.2-extensions-unlisted-never", "rfc6455-9-server-no-unasked-extension"];
    EMPTY_EXTENSIONS, "empty-extensions", Server,
        "The server sends an empty Sec-WebSocket-Extensions.",
        ["rfc6455-4.2.2-extensions-not-empty"];
    RESPONSE_BARE_LF, "response-bare-lf", Server,
        "The server ends the lines of its response with a bare LF.",
        ["rfc6455-4.2.2-valid-http-response"];
    RESPONSE_FOLDED, "response-folded", Server,
        "The server folds a line of its response.",
        ["rfc9112-5.2-fold-never-sent"];
    RESPONSE_HTTP_1_0, "response-http-1-0", Server,
        "The server accepts the handshake with an HTTP/1.0 status line.",
        ["rfc6455-4.2.2-valid-http-response"], "clients check the status, and few check the version";
    FRAME_BEFORE_RESPONSE, "frame-before-response", Server,
        "The server sends a frame before its response.",
        ["rfc6455-4.2.2-valid-http-response"];
}
