use super::*;

fn good(text: &str) -> AutobahnConfig {
    read("f.json", text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn bad(text: &str) -> String {
    read("f.json", text).expect_err("an error").to_string()
}

#[test]
fn a_fuzzingclient_is_read() {
    let config = good(
        r#"{
        "outdir": "./reports/servers",
        // one a line
        "servers": [
            {"agent": "Mine", "url": "ws://localhost:9001", "options": {"version": 18}},
            {"url": "wss://127.0.0.1:9002/echo", "origin": "http://x"}, /* no name */
        ],
        "options": {"failByDrop": false},
        "cases": ["*"],
        "exclude-cases": ["9.*", "12.*"],
        "exclude-agent-cases": {"Mine*": ["7.9.*"]},
    }"#,
    );
    let Mode::Servers(servers) = &config.mode else { panic!("{config:?}") };
    assert_eq!(servers.len(), 2);
    assert_eq!((servers[0].agent.as_deref(), servers[0].url.as_str()), (Some("Mine"), "ws://localhost:9001"));
    assert_eq!((servers[1].agent.as_deref(), servers[1].origin.as_deref()), (None, Some("http://x")));
    assert_eq!(config.outdir, Some("./reports/servers".into()));
    assert_eq!((config.cases.len(), config.exclude.len(), config.exclude_agent.len()), (1, 2, 1));
    assert!(config.notes.is_empty(), "{:?}", config.notes);
}

#[test]
fn a_fuzzingserver_is_read() {
    let listen = |text: &str| match good(text).mode {
        Mode::Clients { listen, secure } => (listen, secure),
        other => panic!("{other:?}"),
    };
    let plain = |address: &str| (address.to_owned(), false);
    assert_eq!(listen("{\"url\": \"ws://0.0.0.0:9001\", \"outdir\": \"./reports/clients\"}"), plain("0.0.0.0:9001"));
    assert_eq!(listen("\u{feff}{\"url\": \"ws://[::1]:9001/\"}"), plain("[::1]:9001"));
    assert_eq!(listen("{}"), plain(LISTEN));
    let secure = r#"{"url": "wss://127.0.0.1:9001", "key": "server.key", "cert": "server.crt"}"#;
    assert_eq!(listen(secure), ("127.0.0.1:9001".to_owned(), true));
    let notes = good(secure).notes;
    assert!(notes.len() == 2 && notes.iter().all(|note| note.contains("--ca-out")), "{notes:?}");
    assert!(good("{}").notes[0].contains("ws://127.0.0.1:9001"));
}

#[test]
fn what_has_no_meaning_is_noted_with_its_place() {
    let text = "{\n  \"url\": \"ws://127.0.0.1:9001\",\n  \"webport\": 8080,\n  \"case\": [],\n  \"options\": {\"closeHandshakeTimeout\": 2, \"version\": 10}\n}";
    let notes = good(text).notes;
    assert_eq!(notes.len(), 4, "{notes:?}");
    assert!(notes[0].starts_with("f.json:3:3: `webport`"), "{notes:?}");
    assert!(notes[1].contains("did you mean `cases`?"), "{notes:?}");
    assert!(notes[2].contains("--timeout") && notes[3].contains("RFC 6455"), "{notes:?}");
    let both = good(r#"{"url": "ws://x:1", "servers": [{"url": "ws://x:2", "hostname": "x"}]}"#);
    assert_eq!(both.notes.len(), 2, "{:?}", both.notes);
}

#[test]
fn errors_are_reported_with_their_place_and_a_hint() {
    for (text, place, word) in [
        ("{\n  \"servers\": [{\"url\": \"http://x\"}]\n}", "f.json:2:23", "ws://"),
        ("{\"servers\": [{\"url\": \"wss://x:0\"}]}", "f.json:1:22", "65535"),
        ("{\"servers\": [{\"agent\": \"x\"}]}", "f.json:1:14", "no `url`"),
        ("{\"servers\": []}", "f.json:1:1", "no server"),
        ("{\"servers\": {}}", "f.json:1:13", "list"),
        ("{\"url\": 9001}", "f.json:1:9", "double quotes"),
        ("{\"url\": \"ws://x:99999\"}", "f.json:1:9", "65535"),
        ("{\"url\": \"unix:/x\"}", "f.json:1:2", "ws://HOST:PORT"),
        ("{\"cases\": [\"7.*\", \"utf8\"]}", "f.json:1:19", "7.*"),
        ("{\"cases\": \"7.*\"}", "f.json:1:11", "list"),
        ("{\"exclude-agent-cases\": []}", "f.json:1:25", "object"),
        ("{\"outdir\": \n 7}", "f.json:2:2", "folder"),
        ("{\"outdir\": \"x\" \"cases\": []}", "f.json:1:15", "JSON"),
        ("[]", "f.json:1:1", "object"),
        ("", "f.json:1:1", "object"),
    ] {
        let message = bad(text);
        assert!(message.contains(place) && message.contains(word), "{text}: {message}");
    }
    // All errors are reported, not only the first one.
    let message = bad("{\"outdir\": 1, \"url\": 2, \"cases\": 3}");
    assert_eq!(message.matches("f.json:1:").count(), 3, "{message}");
}
