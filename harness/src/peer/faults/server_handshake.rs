//! Faults of the server's half of the opening handshake.

super::faults! { ServerHandshake;
    TAKES_ANY_VERSION, "takes-any-version", Server,
        "The server switches protocols for a Sec-WebSocket-Version that it does not speak.",
        ["rfc6455-4.2.1-version-13", "rfc6455-4.2.2-version-unknown-aborts"];
    TAKES_MISSING_VERSION, "takes-missing-version", Server,
        "The server switches protocols without a Sec-WebSocket-Version.",
        ["rfc6455-4.2.1-version-required"];
    TAKES_VERSION_TWICE, "takes-version-twice", Server,
        "The server looks at the first of two Sec-WebSocket-Version lines only.",
        ["rfc6455-11.3.5-version-twice-refused"];
    VERSION_REFUSED_WITHOUT_LIST, "version-refused-without-list", Server,
        "The server refuses a version without naming the versions that it speaks.",
        ["rfc6455-4.2.2-version-unknown-lists-known", "rfc6455-4.4-server-lists-all-versions"];
    UPGRADE_REQUIRED_WITHOUT_UPGRADE, "upgrade-required-without-upgrade", Server,
        "The server answers 426 without the Upgrade field that it must have.",
        ["rfc9110-7.8-426-has-upgrade"];
    TAKES_MISSING_KEY, "takes-missing-key", Server,
        "The server switches protocols without a Sec-WebSocket-Key.",
        ["rfc6455-4.2.1-key-required"];
    TAKES_SHORT_KEY, "takes-short-key", Server,
        "The server takes a key that is base64 of another number of bytes than 16.",
        ["rfc6455-4.2.1-key-16-bytes"];
    TAKES_KEY_NOT_BASE64, "takes-key-not-base64", Server,
        "The server takes a key that is not base64.",
        ["rfc6455-4.2.1-key-base64", "rfc4648-3.3-non-alphabet-refused"],
        "section 4.2.2 frees a server from decoding the key (Z32), and most do not";
    TAKES_KEY_TWICE, "takes-key-twice", Server,
        "The server takes the first of two different keys.",
        ["rfc6455-11.3.1-key-twice-refused"];
    TAKES_POST, "takes-post", Server,
        "The server switches protocols for a POST request.",
        ["rfc6455-4.2.1-get-required"];
    METHOD_IN_ANY_CASE, "method-in-any-case", Server,
        "The server compares the method without letter case.",
        ["rfc9110-9.1-method-case-sensitive", "rfc6455-4.2.1-get-required"];
    TAKES_HTTP_1_0, "takes-http-1-0", Server,
        "The server switches protocols for an HTTP/1.0 request.",
        ["rfc6455-4.2.1-http-1-1-required", "rfc9110-7.8-upgrade-in-1-0-ignored"];
    TAKES_MISSING_HOST, "takes-missing-host", Server,
        "The server switches protocols without a Host field.",
        ["rfc6455-4.2.1-host-required", "rfc9112-3.2-host-missing-400"];
    TAKES_HOST_TWICE, "takes-host-twice", Server,
        "The server switches protocols with two Host lines.",
        ["rfc9112-3.2-host-twice-400"];
    TAKES_INVALID_HOST, "takes-invalid-host", Server,
        "The server does not look at the value of Host.",
        ["rfc9112-3.2-host-invalid-400"],
        "hardly a server looks at it, and the name is the server's choice (Z33)";
    TAKES_MISSING_UPGRADE, "takes-missing-upgrade", Server,
        "The server switches protocols without an Upgrade field.",
        ["rfc6455-4.2.1-upgrade-required"];
    TAKES_OTHER_UPGRADE, "takes-other-upgrade", Server,
        "The server switches to WebSocket when Upgrade names another protocol.",
        ["rfc6455-4.2.1-upgrade-required", "rfc9110-7.8-only-offered-protocol"];
    TAKES_MISSING_CONNECTION, "takes-missing-connection", Server,
        "The server does not look at the Connection field.",
        ["rfc6455-4.2.1-connection-upgrade-required"];
    CONNECTION_BY_SUBSTRING, "connection-by-substring", Server,
        "The server takes any Connection value that contains the letters of upgrade.",
        ["rfc6455-4.2.1-connection-upgrade-required"];
    REFUSES_CONNECTION_LIST, "refuses-connection-list", Server,
        "The server refuses a Connection field that lists more than Upgrade.",
        ["rfc6455-4.2.1-connection-token-list"];
    CONNECTION_CASE_SENSITIVE, "connection-case-sensitive", Server,
        "The server takes the Connection token in one letter case only.",
        ["rfc6455-4.2.1-connection-token-list", "rfc9110-7.6.1-options-case-insensitive"];
    UPGRADE_CASE_SENSITIVE, "upgrade-case-sensitive", Server,
        "The server takes the Upgrade value in lower case only.",
        ["rfc6455-4.2.1-upgrade-case-ignored"];
    REQUEST_NAMES_CASE_SENSITIVE, "request-names-case-sensitive", Server,
        "The server finds a field only when its name is in the usual letter case.",
        ["rfc6455-4.1-header-names-case-insensitive", "rfc9110-5.1-names-case-insensitive"];
    REQUEST_FIRST_LINE_ONLY, "request-first-line-only", Server,
        "The server reads only the first line of a field that is spread over several.",
        ["rfc9110-5.2-repeated-fields-combine", "rfc6455-11.3.4-protocol-repeat-in-request"];
    REFUSES_UNKNOWN_FIELDS, "refuses-unknown-fields", Server,
        "The server refuses a request with a field that it does not know.",
        ["rfc6455-4.2.1-unknown-fields-ignored", "rfc9110-5.1-unknown-fields-ignored"];
    REFUSES_FIELD_ORDER, "refuses-field-order", Server,
        "The server wants Host to be the first field.",
        ["rfc6455-4.2.1-field-order-free"];
    REFUSES_ABSOLUTE_TARGET, "refuses-absolute-target", Server,
        "The server refuses the absolute form of the request target.",
        ["rfc6455-4.2.1-absolute-target-accepted", "rfc9112-3.2.2-absolute-form-accepted"];
    REFUSES_QUERY, "refuses-query", Server,
        "The server refuses a request target with a query.",
        ["rfc6455-4.2.1-target-is-resource-name"];
    REFUSES_LONG_HEAD, "refuses-long-head", Server,
        "The server refuses a request head of more than 1024 bytes.",
        ["rfc9112-3-line-8000"];
    REFUSES_LEADING_EMPTY_LINE, "refuses-leading-empty-line", Server,
        "The server refuses a request that follows an empty line.",
        ["rfc9112-2.2-empty-line-before-request"];
    TAKES_SPACE_BEFORE_COLON, "takes-space-before-colon", Server,
        "The server takes a field name with white space before its colon.",
        ["rfc9112-5.1-space-before-colon-400"];
    TAKES_MALFORMED_EXTENSIONS, "takes-malformed-extensions", Server,
        "The server does not look at the grammar of Sec-WebSocket-Extensions.",
        ["rfc6455-9.1-malformed-header-fails", "rfc6455-4.3-extensions-grammar"], "Z43";
    REFUSES_EXTENSIONS, "refuses-extensions", Server,
        "The server refuses a request that offers an extension.",
        ["rfc6455-4.2.1-extensions-header-optional"];
    REFUSES_UNKNOWN_SUBPROTOCOL, "refuses-unknown-subprotocol", Server,
        "The server refuses a request whose first subprotocol it does not know.",
        ["rfc6455-4.2.1-protocol-header-optional"], "Z42";
    REQUEST_BODY_READ_AS_FRAMES, "request-body-read-as-frames", Server,
        "The server switches protocols for a request with a body and reads the body as frames.",
        ["rfc9112-9.3-request-body-read-or-close"];
    HEAD_IN_PIECES_REFUSED, "head-in-pieces-refused", Server,
        "The server wants the whole request head in one read.",
        ["rfc6455-4.2.2-accept-steps"];
    ACTS_BEFORE_HEAD_ENDS, "acts-before-head-ends", Server,
        "The server switches protocols as soon as it has seen the start of a key, before the head is complete.",
        ["rfc9110-5.3-not-acted-before-all-fields"];
    EARLY_FRAMES_LOST, "early-frames-lost", Server,
        "The server loses the bytes that follow the request head in the same segment.",
        ["rfc6455-6.2-received-parsed-as-frames"];
    REFUSAL_STAYS_SILENT, "refusal-stays-silent", Server,
        "The server neither answers a bad request nor ends the connection.",
        ["rfc6455-4.2.1-bad-handshake-refused", "rfc6455-7.2.2-server-abort-closes"];
    REFUSAL_STAYS_OPEN, "refusal-stays-open", Server,
        "The server says Connection: close in a refusal and does not close.",
        ["rfc9112-9.6-close-option-obeyed"];
    REFUSAL_OPENS, "refusal-opens", Server,
        "The server answers a bad request with an error and then speaks frames all the same.",
        ["rfc6455-4.2.1-bad-handshake-refused"];
    WRONG_STATUS, "wrong-status", Server,
        "The server accepts with status 200.",
        ["rfc6455-4.2.2-status-101"];
    NO_ACCEPT, "no-accept", Server,
        "The server accepts without Sec-WebSocket-Accept.",
        ["rfc6455-4.2.2-accept-value"];
    WRONG_ACCEPT, "wrong-accept", Server,
        "The server sends an accept value that has nothing to do with the key.",
        ["rfc6455-4.2.2-accept-value"];
    ACCEPT_OF_DECODED_KEY, "accept-of-decoded-key", Server,
        "The server computes the accept value from the decoded key.",
        ["rfc6455-4.2.2-accept-value"];
    ACCEPT_TRUNCATED, "accept-truncated", Server,
        "The server leaves the padding off the accept value.",
        ["rfc6455-4.2.2-accept-value"];
    ACCEPT_TWICE, "accept-twice", Server,
        "The server sends Sec-WebSocket-Accept twice.",
        ["rfc6455-11.3.3-accept-once"];
    NO_UPGRADE_IN_RESPONSE, "no-upgrade-in-response", Server,
        "The server accepts without an Upgrade field.",
        ["rfc6455-4.2.2-upgrade-websocket", "rfc9110-7.8-101-has-upgrade"];
    NO_CONNECTION_IN_RESPONSE, "no-connection-in-response", Server,
        "The server accepts without a Connection field.",
        ["rfc6455-4.2.2-connection-upgrade"];
    CHOOSES_UNOFFERED_SUBPROTOCOL, "chooses-unoffered-subprotocol", Server,
        "The server names the subprotocol chat although it was not offered.",
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
        "The server accepts with an HTTP/1.0 status line.",
        ["rfc6455-4.2.2-valid-http-response"], "clients look at the status, and few at the version";
    FRAME_BEFORE_RESPONSE, "frame-before-response", Server,
        "The server sends a frame before its response.",
        ["rfc6455-4.2.2-valid-http-response"];
}
