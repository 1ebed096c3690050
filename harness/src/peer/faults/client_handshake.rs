//! Faults in the client's half of the opening handshake.

super::faults! { ClientHandshake;
    TAKES_WRONG_ACCEPT, "takes-wrong-accept", Client,
        "The client does not compare the accept value with its key.",
        ["rfc6455-4.1-accept-wrong-fails"];
    TAKES_MISSING_ACCEPT, "takes-missing-accept", Client,
        "The client opens the connection without Sec-WebSocket-Accept in the response.",
        ["rfc6455-4.1-accept-missing-fails"];
    ACCEPT_IN_ANY_CASE, "accept-in-any-case", Client,
        "The client compares the accept value case-insensitively.",
        ["rfc6455-4.1-accept-wrong-fails"];
    TAKES_ACCEPT_TWICE, "takes-accept-twice", Client,
        "The client uses the first of two Sec-WebSocket-Accept lines.",
        ["rfc6455-11.3.3-accept-twice-fails"];
    TAKES_RESPONSE_WITHOUT_UPGRADE, "takes-response-without-upgrade", Client,
        "The client opens the connection without an Upgrade field in the response.",
        ["rfc6455-4.1-upgrade-missing-fails"];
    TAKES_OTHER_UPGRADE_IN_RESPONSE, "takes-other-upgrade-in-response", Client,
        "The client opens the connection when the response upgrades to another protocol.",
        ["rfc6455-4.1-upgrade-wrong-fails"];
    RESPONSE_UPGRADE_CASE_SENSITIVE, "response-upgrade-case-sensitive", Client,
        "The client accepts the response's Upgrade value only in lower case.",
        ["rfc6455-4.1-upgrade-case-ignored"];
    TAKES_RESPONSE_WITHOUT_CONNECTION, "takes-response-without-connection", Client,
        "The client opens the connection without a Connection field in the response.",
        ["rfc6455-4.1-connection-missing-fails"];
    TAKES_OTHER_CONNECTION_IN_RESPONSE, "takes-other-connection-in-response", Client,
        "The client opens the connection when the response's Connection field lacks the Upgrade token.",
        ["rfc6455-4.1-connection-no-token-fails"];
    REFUSES_CONNECTION_LIST_IN_RESPONSE, "refuses-connection-list-in-response", Client,
        "The client rejects a Connection field that lists more than Upgrade.",
        ["rfc6455-4.1-connection-token-list"];
    RESPONSE_NAMES_CASE_SENSITIVE, "response-names-case-sensitive", Client,
        "The client recognizes a field only when its name is in the usual letter case.",
        ["rfc6455-4.1-header-names-case-insensitive", "rfc9110-5.1-names-case-insensitive"];
    TAKES_STATUS_200, "takes-status-200", Client,
        "The client opens the connection on status 200.",
        ["rfc6455-4.1-non-101-is-http"];
    TAKES_ANY_STATUS, "takes-any-status", Client,
        "The client ignores the status when the fields are valid.",
        ["rfc6455-4.1-non-101-is-http"];
    OPENS_ON_ERROR, "opens-on-error", Client,
        "The client opens the connection on a final status other than 101 and checks nothing else.",
        ["rfc6455-4.1-non-101-is-http"];
    LOOKS_AT_STATUS_ONLY, "looks-at-status-only", Client,
        "The client opens the connection on every 101, whatever its fields are.",
        ["rfc6455-4.1-response-validated", "rfc6455-4.1-accept-wrong-fails"];
    STATUS_LINE_UNCHECKED, "status-line-unchecked", Client,
        "The client checks the fields of a response but not its status line.",
        ["rfc6455-4.1-response-validated", "rfc6455-4.1-non-101-is-http"];
    TAKES_HTTP_1_0_IN_RESPONSE, "takes-http-1-0-in-response", Client,
        "The client opens the connection on a 101 of HTTP/1.0.",
        ["rfc6455-4.1-response-validated"], "no rule requires the client to check the version";
    WANTS_SPACE_AFTER_STATUS, "wants-space-after-status", Client,
        "The client rejects a status line that ends with the status code.",
        ["rfc9112-4-lenient-status-whitespace"];
    JUNK_BEFORE_RESPONSE_SKIPPED, "junk-before-response-skipped", Client,
        "The client skips everything that comes before the letters HTTP.",
        ["rfc6455-4.1-nonconforming-response-fails"];
    EMPTY_LINE_BEFORE_RESPONSE_SKIPPED, "empty-line-before-response-skipped", Client,
        "The client ignores an empty line before the status line.",
        ["rfc6455-4.1-response-validated"], "no rule requires the client to check for it";
    TAKES_SPACE_BEFORE_COLON_IN_RESPONSE, "takes-space-before-colon-in-response", Client,
        "The client accepts a field name with whitespace before its colon.",
        ["rfc6455-4.1-response-validated"], "no rule requires the client to check for it";
    FRAMES_IN_PLACE_OF_RESPONSE, "frames-in-place-of-response", Client,
        "The client accepts frames that come in place of a response.",
        ["rfc6455-4.1-nonconforming-response-fails", "rfc6455-4.1-response-validated"];
    LAST_ACCEPT_TAKEN, "last-accept-taken", Client,
        "The client uses the last of several Sec-WebSocket-Accept lines.",
        ["rfc6455-11.3.3-accept-twice-fails"];
    UPGRADE_LIST_IN_RESPONSE, "upgrade-list-in-response", Client,
        "The client opens the connection when the response's Upgrade lists websocket among other protocols.",
        ["rfc6455-4.1-upgrade-wrong-fails"], "the RFC leaves open whether such a list is invalid";
    TAKES_UNOFFERED_SUBPROTOCOL, "takes-unoffered-subprotocol", Client,
        "The client opens the connection with a subprotocol that it did not offer.",
        ["rfc6455-4.1-protocol-unasked-fails"];
    TAKES_UNOFFERED_EXTENSION, "takes-unoffered-extension", Client,
        "The client opens the connection with an extension that it did not offer.",
        ["rfc6455-4.1-extension-unasked-fails"];
    FRAMES_WITH_RESPONSE_LOST, "frames-with-response-lost", Client,
        "The client loses the bytes that follow the response head in the same segment.",
        ["rfc6455-6.2-received-parsed-as-frames"];
    INTERIM_RESPONSE_TAKEN_FOR_FINAL, "interim-response-taken-for-final", Client,
        "The client gives up on a 1xx response before the 101.",
        ["rfc9110-15.2-1xx-skipped"];
    REFUSES_REASON_PHRASE, "refuses-reason-phrase", Client,
        "The client requires the reason phrase Switching Protocols.",
        ["rfc9112-4-reason-ignored"];
    REFUSES_EXTRA_FIELDS, "refuses-extra-fields", Client,
        "The client rejects a response with a field that it does not know.",
        ["rfc9110-5.1-unknown-fields-ignored"];
    RESPONSE_IN_PIECES_REFUSED, "response-in-pieces-refused", Client,
        "The client requires the whole response head in one read.",
        ["rfc6455-4.1-response-validated"];
    BODY_OF_101_SKIPPED, "body-of-101-skipped", Client,
        "The client skips as many bytes after the 101 as its Content-Length states.",
        ["rfc9112-6.3-101-has-no-body"];
    KEY_CONSTANT, "key-constant", Client,
        "The client sends the same key in every handshake.",
        ["rfc6455-4.1-key-random", "rfc6455-4.1-key-fresh"];
    KEY_SHORT, "key-short", Client,
        "The client's key is the base64 form of 15 bytes.",
        ["rfc6455-4.1-key-16-bytes"];
    KEY_MISSING, "key-missing", Client,
        "The client sends no key.",
        ["rfc6455-4.1-key-present"];
    KEY_TWICE, "key-twice", Client,
        "The client sends its key twice.",
        ["rfc6455-11.3.1-key-once"];
    HOST_WITHOUT_PORT, "host-without-port", Client,
        "The client omits the port in Host.",
        ["rfc6455-4.1-host-port-non-default"];
    HOST_LAST, "host-last", Client,
        "The client sends Host after all other fields.",
        ["rfc9110-7.2-host-first"];
    HOST_MISSING, "host-missing", Client,
        "The client sends no Host field.",
        ["rfc6455-4.1-host-present", "rfc9112-3.2-host-in-every-request"];
    REQUEST_WITHOUT_UPGRADE, "request-without-upgrade", Client,
        "The client sends no Upgrade field.",
        ["rfc6455-4.1-upgrade-websocket"];
    REQUEST_WITHOUT_CONNECTION, "request-without-connection", Client,
        "The client sends no Connection field.",
        ["rfc6455-4.1-connection-upgrade"];
    VERSION_MISSING, "version-missing", Client,
        "The client sends no Sec-WebSocket-Version.",
        ["rfc6455-4.1-version-present"];
    VERSION_8, "version-8", Client,
        "The client requests version 8.",
        ["rfc6455-4.1-version-13"];
    REQUEST_POST, "request-post", Client,
        "The client sends its handshake with POST.",
        ["rfc6455-4.1-method-get"];
    REQUEST_HTTP_1_0, "request-http-1-0", Client,
        "The client sends its handshake with HTTP/1.0.",
        ["rfc6455-4.1-http-1-1"];
    REQUEST_WITHOUT_QUERY, "request-without-query", Client,
        "The client omits the query in the request target.",
        ["rfc6455-3-resource-name-keeps-query", "rfc6455-4.1-request-target-matches"];
    REQUEST_BARE_LF, "request-bare-lf", Client,
        "The client ends the lines of its request with a bare LF.",
        ["rfc6455-4.1-valid-http-request"];
    SENDS_BEFORE_RESPONSE, "sends-before-response", Client,
        "The client sends a frame before the server has answered.",
        ["rfc6455-4.1-wait-before-data"];
    SCHEME_CASE_SENSITIVE, "scheme-case-sensitive", Client,
        "The client accepts the scheme of a URL only in lower case.",
        ["rfc6455-3-scheme-case-insensitive"];
    EMPTY_PATH_SENT, "empty-path-sent", Client,
        "The client sends the path of a URL unchanged even if it is empty.",
        ["rfc6455-3-resource-name-slash-for-empty-path", "rfc9112-3.2.1-slash-for-empty-path"];
    EMPTY_QUERY_SENT, "empty-query-sent", Client,
        "The client sends the question mark of an empty query.",
        ["rfc6455-3-resource-name-empty-query"], "many URL libraries keep it";
    REFUSES_EMPTY_QUERY, "refuses-empty-query", Client,
        "The client rejects a URL whose query is empty.",
        ["rfc6455-3-resource-name-empty-query"];
    HASH_DECODED, "hash-decoded", Client,
        "The client decodes %23 in a URL to a # character.",
        ["rfc6455-3-hash-escaped"];
    FRAGMENT_SENT, "fragment-sent", Client,
        "The client sends the fragment of a URL.",
        ["rfc6455-3-fragment-not-used", "rfc3986-3.5-fragment-stays-at-client"];
    USER_IN_HOST, "user-in-host", Client,
        "The client sends the user and password of a URL in Host.",
        ["rfc6455-3-uri-without-userinfo", "rfc9110-4.2.4-no-userinfo-sent"];
    REFUSES_IPV6_LITERAL, "refuses-ipv6-literal", Client,
        "The client rejects a URL whose host is an IPv6 address.",
        ["rfc6455-3-ipv6-host-literal"];
    HOST_WITHOUT_BRACKETS, "host-without-brackets", Client,
        "The client omits the brackets of an IPv6 address in Host.",
        ["rfc6455-3-ipv6-host-literal"];
    HOST_CASE_SENSITIVE, "host-case-sensitive", Client,
        "The client rejects a URL whose host has upper-case letters.",
        ["rfc3986-3.2.2-host-case-insensitive"];
    HOST_NOT_ASCII, "host-not-ascii", Client,
        "The client sends a non-ASCII host as UTF-8.",
        ["rfc6455-11.1.1-host-to-ascii"];
    TARGET_NOT_ENCODED, "target-not-encoded", Client,
        "The client sends the characters of the path and the query unencoded, as UTF-8.",
        ["rfc6455-11.1.1-others-percent-encoded", "rfc3986-2.1-percent-encoding"];
    OFFERS_SUBPROTOCOL_TWICE, "offers-subprotocol-twice", Client,
        "The client offers the same subprotocol twice.",
        ["rfc6455-4.1-protocol-unique"];
}
