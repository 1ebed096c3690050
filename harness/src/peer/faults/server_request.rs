//! More faults in the server's half of the opening handshake: how it treats parts of a request.

super::faults! { ServerHandshake;
    TAKES_EVERY_GET, "takes-every-get", Server,
        "The server switches protocols for every well-formed request.",
        ["rfc6455-4.2.1-upgrade-required", "rfc6455-4.2.1-connection-upgrade-required"];
    TAKES_ANY_METHOD, "takes-any-method", Server,
        "The server ignores the method and a body.",
        ["rfc6455-4.2.1-get-required"];
    METHOD_BY_FIRST_LETTER, "method-by-first-letter", Server,
        "The server accepts every method that begins with G.",
        ["rfc6455-4.2.1-get-required"];
    UNKNOWN_METHOD_GETS_400, "unknown-method-gets-400", Server,
        "The server answers an unknown method with 400.",
        ["rfc9110-9.1-unknown-method-501"];
    TAKES_ANY_HTTP_VERSION, "takes-any-http-version", Server,
        "The server ignores the HTTP version.",
        ["rfc6455-4.2.1-http-1-1-required", "rfc9112-2.3-version-case-sensitive"];
    BAD_REQUEST_LINE_UNANSWERED, "bad-request-line-unanswered", Server,
        "The server neither answers an invalid request line nor ends the connection.",
        ["rfc6455-4.2.1-bad-handshake-refused"];
    LONG_HEAD_UNANSWERED, "long-head-unanswered", Server,
        "The server neither answers a request head that is too long nor ends the connection.",
        ["rfc6455-10.7-incoming-validated", "rfc6455-10.4-limits-protected"];
    EXPECTATION_UNANSWERED, "expectation-unanswered", Server,
        "The server neither answers a request with an unknown expectation nor ends the connection.",
        ["rfc9110-10.1.1-unknown-expect-417"];
    BAD_VERSION_UNANSWERED, "bad-version-unanswered", Server,
        "The server neither answers a request for an unsupported WebSocket version nor ends the connection.",
        ["rfc6455-4.2.2-version-unknown-aborts"];
    WANTS_HTTP_1_1_EXACTLY, "wants-http-1-1-exactly", Server,
        "The server rejects a minor HTTP version higher than 1.1.",
        ["rfc6455-4.2.1-http-1-1-required"], "the server supports only HTTP/1.1";
    ACCEPT_OF_JOINED_KEYS, "accept-of-joined-keys", Server,
        "The server joins the lines of the key with commas and computes the accept value from the result.",
        ["rfc6455-11.3.1-key-twice-refused"];
    TAKES_ANY_TARGET, "takes-any-target", Server,
        "The server does not check the form of the request target.",
        ["rfc9112-3.2-invalid-line-not-corrected"];
    TAKES_WS_TARGET, "takes-ws-target", Server,
        "The server accepts an absolute request target whose scheme is ws.",
        ["rfc9112-3.2-invalid-line-not-corrected"];
    TAKES_EMPTY_HOST, "takes-empty-host", Server,
        "The server accepts an empty Host.",
        ["rfc9112-3.2-invalid-line-not-corrected"];
    TAKES_EQUAL_REPEATS, "takes-equal-repeats", Server,
        "The server accepts Host, the key or the version on two lines when both values are equal.",
        ["rfc9112-3.2-host-twice-400", "rfc6455-11.3.1-key-twice-refused", "rfc6455-11.3.5-version-twice-refused"];
    UPGRADE_BY_SUBSTRING, "upgrade-by-substring", Server,
        "The server accepts any Upgrade value that contains the letters of websocket.",
        ["rfc6455-4.2.1-upgrade-required"];
    EMPTY_ELEMENTS_REFUSED, "empty-elements-refused", Server,
        "The server rejects a list with an empty element.",
        ["rfc9110-5.6.1-empty-elements-ignored"];
    TAKES_DRAFT_VERSIONS, "takes-draft-versions", Server,
        "The server also supports the draft versions 7 and 8.",
        ["rfc6455-4.2.1-version-13"], "a server may also support a draft (section 4.4)";
    LAST_VERSION_TAKEN, "last-version-taken", Server,
        "The server uses the last of several Sec-WebSocket-Version lines.",
        ["rfc6455-11.3.5-version-twice-refused"];
    TAKES_OLD_DRAFT_KEYS, "takes-old-draft-keys", Server,
        "The server accepts the keys of a 2010 draft in place of a key and a version.",
        ["rfc6455-4.2.1-key-required"];
    REFUSES_ZERO_NONCE, "refuses-zero-nonce", Server,
        "The server rejects a key that is 16 zero bytes.",
        ["rfc6455-4.2.2-accept-steps"];
    REFUSES_MISSING_ORIGIN, "refuses-missing-origin", Server,
        "The server rejects a request without Origin.",
        ["rfc6455-4.2.1-bad-handshake-refused"];
    ACCEPT_OF_URL_SAFE_KEY, "accept-of-url-safe-key", Server,
        "The server replaces plus signs and slashes in the key before it computes the accept value.",
        ["rfc6455-4.2.2-accept-value"];
    TRANSFER_ENCODING_IN_101, "transfer-encoding-in-101", Server,
        "The server sends Transfer-Encoding in its 101.",
        ["rfc9112-6.1-no-transfer-encoding-in-1xx"];
    BODY_BEHIND_101, "body-behind-101", Server,
        "The server sends a line of text after its 101.",
        ["rfc6455-4.2.2-valid-http-response"];
    SUBPROTOCOL_SENT_BACK, "subprotocol-sent-back", Server,
        "The server sends the first line of Sec-WebSocket-Protocol back unchanged.",
        ["rfc6455-4.2.2-protocol-single-token", "rfc6455-4.2.1-grammar-violation-refused"];
    SUBPROTOCOL_IN_CAPITALS, "subprotocol-in-capitals", Server,
        "The server selects the first subprotocol and writes it in capital letters.",
        ["rfc6455-4.2.2-protocol-from-client"];
    PREFERS_OWN_SUBPROTOCOL, "prefers-own-subprotocol", Server,
        "The server selects the subprotocol chat when it knows none of those offered.",
        ["rfc6455-4.2.2-protocol-from-client", "rfc6455-4.2.2-protocol-none-when-no-match"];
    EXTENSIONS_SENT_BACK, "extensions-sent-back", Server,
        "The server sends the first line of Sec-WebSocket-Extensions back unchanged.",
        ["rfc6455-4.2.2-extensions-from-client", "rfc6455-9.1-malformed-header-fails"];
}
