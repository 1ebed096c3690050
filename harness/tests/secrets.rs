//! Secrets of the user stay out of everything that a run writes, also where the target reflects them.
#![allow(missing_docs)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use common::{folder, output, text, wsspec};

const BOUND: Duration = Duration::from_secs(60);

/// What the user gives: a password, a token, a cookie, a key, a field that is secret by option, a parameter of the URL.
const SECRETS: [&str; 6] =
    ["pA55/word+9&x", "t0k/en?Value=77", "c00kie%Value", "k3y!Value~42", "0ption-Value.8", "par4mValue"];

/// A server that reflects each request in its head, in frames of several sizes and in a Close, in several encodings.
fn mirror() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || reflect(stream));
        }
    });
    address
}

fn reflect(mut stream: TcpStream) -> Option<()> {
    let mut request = [0; 8192];
    let count = stream.read(&mut request).ok()?;
    let request = String::from_utf8_lossy(&request[..count]).into_owned();
    let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap_or_default();
    let accept = wsspec::wire::handshake::accept_for(key.trim().as_bytes());
    // In one line; that of the URL, of each field, and of each in upper case.
    let one_line = request.replace(['\r', '\n'], " ");
    let mut head = format!(
        "HTTP/1.1 101 {one_line}\r\nServer: {one_line}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nX-Upper: {}\r\n",
        one_line.to_ascii_uppercase()
    );
    for secret in SECRETS {
        let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let base64 = STANDARD.encode(format!("value: {secret} reflected"));
        head += &format!("X-Encoded: {percent} {hex} {base64} {}\r\n", URL_SAFE_NO_PAD.encode(secret));
    }
    stream.write_all((head + "\r\n").as_bytes()).ok()?;
    let mut out = Vec::new();
    for size in [125, 60, 7, 1] {
        for (at, part) in request.as_bytes().chunks(size).enumerate() {
            let last = (at + 1) * size >= request.len();
            let opcode = if at == 0 { 1 } else { 0 };
            out.extend([opcode | if last { 0x80 } else { 0 }, part.len() as u8]);
            out.extend(part);
        }
    }
    out.extend([0x82, 126]);
    out.extend((request.len() as u16).to_be_bytes());
    out.extend(request.as_bytes());
    for secret in SECRETS {
        out.extend([0x89, secret.len() as u8]);
        out.extend(secret.as_bytes());
    }
    out.extend([0x88, (SECRETS[4].len() + 2) as u8, 0x03, 0xe8]);
    out.extend(SECRETS[4].as_bytes());
    stream.write_all(&out).ok()?;
    std::thread::sleep(Duration::from_millis(300));
    Some(())
}

/// Every spelling in which a secret must not be found.
fn spellings(secret: &str) -> Vec<String> {
    let percent = |format: fn(u8) -> String| secret.bytes().map(format).collect::<String>();
    let encoded: String = secret
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    vec![
        secret.to_owned(),
        encoded,
        percent(|byte| format!("%{byte:02X}")),
        percent(|byte| format!("{byte:02x}")),
        percent(|byte| format!("\\x{byte:02x}")),
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        STANDARD.encode(format!("user:{secret}")),
        STANDARD.encode(format!("value: {secret} reflected")),
        secret.replace('&', "&amp;"),
        // Most of it is as good as all of it.
        secret[..secret.len() - 2].to_owned(),
        secret[2..].to_owned(),
    ]
}

fn holds_none_of(secrets: &[&str], file: &str, content: &str) {
    let content = content.to_ascii_lowercase();
    for secret in secrets {
        for spelling in spellings(secret) {
            let spelling = spelling.to_ascii_lowercase();
            let at = content.find(&spelling);
            assert!(
                at.is_none(),
                "{file} has `{spelling}`: {:?}",
                at.map(|at| &content[at.saturating_sub(80)..at + 80])
            );
        }
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found
}

#[test]
fn secrets_that_are_reflected_reach_no_file_and_no_terminal() {
    let [password, token, cookie, key, by_option, parameter] = SECRETS;
    let out = folder("secrets");
    let own = out.join("own.yaml");
    std::fs::write(&own, include_str!("secrets/patched-heads.yaml").replace("COOKIE", cookie)).unwrap();
    let address = mirror();
    let url = format!("ws://{address}/?q=1&access_token={parameter}");
    for (credentials, secret) in [
        (["--basic".to_owned(), format!("user:{password}")], password),
        (["--bearer".to_owned(), token.to_owned()], token),
    ] {
        let given = [secret, cookie, key, by_option, parameter];
        let folder = out.join(&credentials[0]);
        let mut command = wsspec();
        command.args(["run", &url, "1.1.*", "2.*", "handshake/request/*", "own/*", "--cases"]).arg(&own);
        command.args(credentials).args(["--cookie", &format!("sid={cookie}")]);
        command.args(["--header", &format!("x-api-KEY: {key}"), "--secret-header", &format!("X-Tag: {by_option}")]);
        command.args(["--no-gate", "--timeout", "400ms", "--junit"]).arg(folder.join("junit.xml"));
        command.arg("--autobahn-report").arg(folder.join("autobahn")).arg("--out").arg(&folder);
        let ran = output(command, BOUND);
        assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
        holds_none_of(&given, "standard output", &text(&ran.stdout));
        holds_none_of(&given, "standard error", &text(&ran.stderr));
        let files = files(&folder);
        assert!(files.len() > 5, "{files:?}");
        for file in files {
            holds_none_of(&given, &file.display().to_string(), &std::fs::read_to_string(&file).unwrap());
        }
        let results = std::fs::read_to_string(folder.join("results.jsonl")).unwrap();
        for line in ["Authorization: [secret]", "Cookie: [secret]", "x-api-KEY: [secret]", "X-Tag: [secret]"] {
            assert!(results.contains(line), "{line}");
        }
        assert!(results.contains("access_token=[secret]"));
    }
}

#[test]
fn secrets_in_messages_about_the_command_line_are_not_shown() {
    for arguments in [
        &["run", "ws://user:Pa55word@127.0.0.1:1/", "1.1.1"][..],
        &["run", "ws://127.0.0.1:1/?token=Pa55word#f", "1.1.1"],
        &["run", "ws://127.0.0.1:1/", "--header", "Authorization Pa55word", "1.1.1"],
        &["run", "ws://127.0.0.1:1/", "--cookie", "Pa55word", "1.1.1"],
        &["run", "ws://127.0.0.1:1/", "--basic", "Pa55word", "1.1.1"],
        &["run", "ws://127.0.0.1:1/", "--proxy", "http://user:Pa55word@", "1.1.1"],
    ] {
        let mut command = wsspec();
        command.args(arguments).arg("--out").arg(folder("messages"));
        let ran = output(command, BOUND);
        assert!(matches!(ran.status.code(), Some(2 | 3)), "{arguments:?}");
        assert!(!text(&ran.stderr).contains("Pa55word"), "{}", text(&ran.stderr));
    }
}

#[test]
fn a_replay_needs_and_hides_the_secret_of_the_url() {
    let out = folder("replay");
    let url = format!("ws://{}/?token=Pa55word", mirror());
    let mut command = wsspec();
    command.args(["run", &url, "2.1", "--no-gate", "--timeout", "400ms", "--out"]).arg(&out);
    assert_eq!(output(command, BOUND).status.code(), Some(0));
    let replay = |more: &[&str]| {
        let mut command = wsspec();
        command.arg("replay").arg(out.join("results.jsonl")).arg("2.1").args(more);
        output(command, BOUND)
    };
    let ran = replay(&[]);
    assert!(text(&ran.stderr).contains("give it with --url"), "{}", text(&ran.stderr));
    let ran = replay(&["--url", &url]);
    let said = format!("{}{}", text(&ran.stdout), text(&ran.stderr));
    assert!(said.contains("token=[secret]") && !said.contains("Pa55word"), "{said}");
}
