//! Faults in TLS.

super::faults! { Tls;
    TAKES_ANY_CERTIFICATE, "takes-any-certificate", Client,
        "The client does not check certificates.",
        ["rfc6455-4.1-tls-failure-fails"];
    TAKES_UNTRUSTED_CERTIFICATE, "takes-untrusted-certificate", Client,
        "The client accepts a certificate from an authority that it does not trust.",
        ["rfc6455-4.1-tls-failure-fails"];
    TAKES_WRONG_HOST, "takes-wrong-host", Client,
        "The client accepts a certificate for another host.",
        ["rfc6455-4.1-tls-failure-fails"];
    TAKES_EXPIRED_CERTIFICATE, "takes-expired-certificate", Client,
        "The client accepts an expired certificate.",
        ["rfc6455-4.1-tls-failure-fails"];
    NO_SERVER_NAME, "no-server-name", Client,
        "The client does not name the host in its TLS handshake.",
        ["rfc6455-4.1-sni-sent"];
    PLAIN_ON_TLS_PORT, "plain-on-tls-port", Server,
        "The server answers a request without TLS on its TLS port.",
        ["rfc6455-4.2.2-tls-all-inside"];
    TLS_FAILURE_LEFT_OPEN, "tls-failure-left-open", Server,
        "The server leaves a connection open on which no ClientHello arrives.",
        ["rfc6455-4.2.2-tls-failure-closes"];
    NO_CLOSURE_ALERT, "no-closure-alert", Both,
        "The peer ends TLS without a closure alert.",
        ["rfc9112-9.8-tls-closure-alerts"], "many implementations end TLS with only a FIN";
}
