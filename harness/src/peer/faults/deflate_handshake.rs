//! Faults in the negotiation of permessage-deflate.

super::faults! { Deflate;
    UNKNOWN_DEFLATE_OFFER_TAKEN, "unknown-deflate-offer-taken", Server,
        "The server accepts an offer with an undefined parameter.",
        ["rfc7692-7-decline-undefined-parameter"];
    DEFLATE_PARAMETERS_SENT_BACK, "deflate-parameters-sent-back", Server,
        "The server accepts an offer with an undefined parameter and sends its name back.",
        ["rfc7692-7-decline-undefined-parameter", "rfc6455-9.1-parameters-defined"];
    DUPLICATE_IN_DEFLATE_OFFER_TAKEN, "duplicate-in-deflate-offer-taken", Server,
        "The server accepts an offer that has the same parameter twice.",
        ["rfc7692-7-decline-duplicate-parameter"];
    TAKEOVER_VALUE_OFFER_TAKEN, "takeover-value-offer-taken", Server,
        "The server accepts an offer whose takeover parameter has a value.",
        ["rfc7692-7-decline-invalid-value"];
    ANY_WINDOW_OFFER_TAKEN, "any-window-offer-taken", Server,
        "The server treats an offered window outside 8 to 15 bits as the nearest valid one.",
        ["rfc7692-7-decline-invalid-value"];
    WINDOW_OFFER_WITH_ZEROS_TAKEN, "window-offer-with-zeros-taken", Server,
        "The server accepts an offered window with leading zeros.",
        ["rfc7692-7-decline-invalid-value"];
    WINDOW_OFFER_IN_WORDS_TAKEN, "window-offer-in-words-taken", Server,
        "The server treats an offered window that is not a number as 15 bits.",
        ["rfc7692-7-decline-invalid-value"];
    BARE_WINDOW_OFFER_TAKEN, "bare-window-offer-taken", Server,
        "The server accepts an offer of server_max_window_bits without a value.",
        ["rfc7692-7-decline-invalid-value"];
    QUOTED_WINDOW_UNREAD, "quoted-window-unread", Server,
        "The server does not read the quoted value of an offered window and assumes 15 bits.",
        ["rfc7692-7.1.2.1-accept-same-or-smaller", "rfc6455-4.3-extension-quoted-value-is-token"];
    SERVER_TAKEOVER_UNANSWERED, "server-takeover-unanswered", Server,
        "The server accepts an offer with server_no_context_takeover and ignores the parameter.",
        ["rfc7692-7.1.1.1-accept-repeats-it"];
    TAKEOVER_ANSWERED_WITH_VALUE, "takeover-answered-with-value", Server,
        "The server sends server_no_context_takeover with a value.",
        ["rfc7692-7.1.1.1-response-has-no-value"];
    SERVER_WINDOW_UNANSWERED, "server-window-unanswered", Server,
        "The server accepts an offer with server_max_window_bits and ignores the parameter.",
        ["rfc7692-7.1.2.1-accept-same-or-smaller", "rfc7692-7.1.2.1-server-declines-if-unsupported"];
    SERVER_WINDOW_ANSWERED_LARGER, "server-window-answered-larger", Server,
        "The server answers every server_max_window_bits with 15 bits.",
        ["rfc7692-7.1.2.1-accept-same-or-smaller"];
    WINDOW_ANSWERED_WITH_ZEROS, "window-answered-with-zeros", Server,
        "The server writes its windows with leading zeros.",
        ["rfc7692-7.1.2.1-response-value-8-to-15", "rfc7692-7.1.2.2-response-value-8-to-15"];
    CLIENT_WINDOW_ANSWERED_BARE, "client-window-answered-bare", Server,
        "The server sends client_max_window_bits without a value.",
        ["rfc7692-7.1.2.2-response-value-8-to-15"];
    CLIENT_WINDOW_ANSWERED_UNASKED, "client-window-answered-unasked", Server,
        "The server sends client_max_window_bits although the client did not offer it.",
        ["rfc7692-7.1.2.2-response-only-if-offered"];
    CLIENT_HINT_EXCEEDED, "client-hint-exceeded", Server,
        "The server sends a larger client_max_window_bits than the client offered.",
        ["rfc7692-7.1.2.2-server-may-ignore-value"], "Z24";
    CLIENT_TAKEOVER_HINT_BINDS, "client-takeover-hint-binds", Server,
        "The server resets its window after each message although the client only gave a hint.",
        ["rfc7692-7.2.2-server-keeps-window-despite-hint"];
    DEFLATE_AGREED_UNASKED, "deflate-agreed-unasked", Server,
        "The server agrees to permessage-deflate although the client did not offer it.",
        ["rfc6455-9-server-no-unasked-extension", "rfc6455-4.2.2-extensions-unlisted-never"];
    DEFLATE_AGREED_TWICE, "deflate-agreed-twice", Server,
        "The server agrees to permessage-deflate twice when two offers are acceptable.",
        ["rfc7692-5-rsv1-conflict-not-accepted"];
    LATER_DEFLATE_OFFER_TAKEN, "later-deflate-offer-taken", Server,
        "The server accepts the last of several valid offers.",
        ["rfc7692-5-server-takes-preferred"], "the order of offers is a preference that a server should follow";
    BAD_DEFLATE_OFFER_ENDS_THE_LIST, "bad-deflate-offer-ends-the-list", Server,
        "The server ignores the offers after an invalid one.",
        ["rfc7692-5-server-takes-preferred"], "Z24";
    BAD_DEFLATE_OFFER_REFUSED, "bad-deflate-offer-refused", Server,
        "The server rejects a request with an invalid offer.",
        ["rfc7692-7-decline-undefined-parameter", "rfc7692-7-decline-invalid-value"],
        "a rejected request does not accept an offer either";
    EMPTY_EXTENSIONS_WHEN_DECLINED, "empty-extensions-when-declined", Server,
        "The server sends an empty Sec-WebSocket-Extensions when it declines all offers.",
        ["rfc6455-4.2.2-extensions-not-empty", "rfc7692-5-decline-names-none"];

    TAKES_UNKNOWN_DEFLATE_PARAMETER, "takes-unknown-deflate-parameter", Client,
        "The client accepts a response with an undefined parameter.",
        ["rfc7692-7-fail-undefined-parameter"];
    TAKES_DUPLICATE_IN_DEFLATE_ANSWER, "takes-duplicate-in-deflate-answer", Client,
        "The client accepts a response that has the same parameter twice.",
        ["rfc7692-7-fail-duplicate-parameter"];
    TAKES_TAKEOVER_WITH_VALUE, "takes-takeover-with-value", Client,
        "The client accepts a response whose takeover parameter has a value.",
        ["rfc7692-7-fail-invalid-value"];
    TAKES_ANY_WINDOW, "takes-any-window", Client,
        "The client treats a window outside 8 to 15 bits in the response as the nearest valid one.",
        ["rfc7692-7-fail-invalid-value"];
    TAKES_WINDOW_WITH_ZEROS, "takes-window-with-zeros", Client,
        "The client accepts a window with leading zeros in the response.",
        ["rfc7692-7-fail-invalid-value"];
    TAKES_WINDOW_IN_WORDS, "takes-window-in-words", Client,
        "The client treats a window that is not a number in the response as 15 bits.",
        ["rfc7692-7-fail-invalid-value"];
    TAKES_BARE_WINDOW, "takes-bare-window", Client,
        "The client accepts a window without a value in the response.",
        ["rfc7692-7-fail-invalid-value"];
    TAKES_DEFLATE_TWICE, "takes-deflate-twice", Client,
        "The client uses the first of several extensions in a response.",
        ["rfc7692-5-rsv1-conflict-fails", "rfc6455-4.1-extension-unasked-fails"];
    TAKES_UNOFFERED_CLIENT_WINDOW, "takes-unoffered-client-window", Client,
        "The client does not offer client_max_window_bits but accepts it in the response.",
        ["rfc7692-7.1.2.2-unoffered-in-response-fails"];
    BAD_DEFLATE_ANSWER_PASSED_OVER, "bad-deflate-answer-passed-over", Client,
        "The client continues without compression when the response is invalid.",
        ["rfc7692-5-invalid-response-fails", "rfc7692-7-fail-undefined-parameter", "rfc7692-7-fail-invalid-value",
         "rfc7692-7-fail-duplicate-parameter"];
    REFUSES_SERVER_NO_TAKEOVER, "refuses-server-no-takeover", Client,
        "The client rejects server_no_context_takeover in a response because it did not offer it.",
        ["rfc7692-7.1.1.1-server-may-add-it", "rfc7692-5-agreed-then-used"];
    REFUSES_SERVER_WINDOW, "refuses-server-window", Client,
        "The client rejects server_max_window_bits in a response because it did not offer it.",
        ["rfc7692-7.1.2.1-server-may-add-it", "rfc7692-5-agreed-then-used"];
    REFUSES_CLIENT_NO_TAKEOVER, "refuses-client-no-takeover", Client,
        "The client rejects client_no_context_takeover in a response.",
        ["rfc7692-7.1.1.2-client-supports-it"];
    REFUSES_CLIENT_WINDOW, "refuses-client-window", Client,
        "The client rejects client_max_window_bits in a response although it offered it.",
        ["rfc7692-7.1.2.2-server-may-answer-it", "rfc7692-5-agreed-then-used"];
    ANSWER_PARAMETERS_UNREAD, "answer-parameters-unread", Client,
        "The client does not apply the parameters of the response to its own messages.",
        ["rfc7692-7.2.1-client-no-takeover-obeyed", "rfc7692-7.2.1-client-window-obeyed"];
    OFFERS_WINDOW_OF_16_BITS, "offers-window-of-16-bits", Client,
        "The client offers a window of 16 bits.",
        ["rfc7692-7.1.2.1-offer-value-8-to-15"];
    OFFERS_BARE_SERVER_WINDOW, "offers-bare-server-window", Client,
        "The client offers server_max_window_bits without a value.",
        ["rfc7692-7.1.2.1-offer-value-8-to-15"];
    OFFERS_CLIENT_WINDOW_WITH_ZERO, "offers-client-window-with-zero", Client,
        "The client offers a window with a leading zero.",
        ["rfc7692-7.1.2.2-offer-value-8-to-15"];
    OFFERS_PARAMETER_TWICE, "offers-parameter-twice", Client,
        "The client offers the same parameter twice.",
        ["rfc7692-7-decline-duplicate-parameter"];
    OFFERS_UNKNOWN_DEFLATE_PARAMETER, "offers-unknown-deflate-parameter", Client,
        "The client offers an undefined parameter.",
        ["rfc6455-9.1-parameters-defined"];
    OFFERS_SERVER_TAKEOVER_WITH_VALUE, "offers-server-takeover-with-value", Client,
        "The client offers server_no_context_takeover with a value.",
        ["rfc7692-7.1.1.1-offer-has-no-value"];
    OFFERS_CLIENT_TAKEOVER_WITH_VALUE, "offers-client-takeover-with-value", Client,
        "The client offers client_no_context_takeover with a value.",
        ["rfc7692-7.1.1.2-offer-has-no-value"];
}
