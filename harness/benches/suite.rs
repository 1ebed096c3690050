//! `make bench`: the suite's speed beside the targets' own, and masking beside memcpy, in one run.
#![allow(missing_docs)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const SECTIONS: [&str; 8] = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"];

fn main() {
    // `cargo test` runs benches to see that they build.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!(
        "Autobahn's sections 1-7 and 10, {ROUNDS} runs each: median wall time, CPU time of the harness and of the target"
    );
    println!("{:<34} {:>9} {:>12} {:>12} {:>7}", "target", "wall ms", "harness ms", "target ms", "ratio");
    let peer = [env!("CARGO_BIN_EXE_wsspec"), "peer", "server", "127.0.0.1:{port}"];
    server("tungstenite server (release peer)", &peer.map(str::to_owned));
    if let Some(command) = program("ws", "server") {
        server("npm ws server", &command);
    }
    looping(
        "tungstenite client (release peer)",
        &[env!("CARGO_BIN_EXE_wsspec"), "peer", "client", "--loop", "{base}"].map(str::to_owned),
    );
    if let Some(command) = program("ws", "loop") {
        looping("npm ws client, looping", &command);
    }
    println!("\nthe harness alone: `wsspec list`, that is reading the whole suite");
    let start = Instant::now();
    let before = children();
    for _ in 0..ROUNDS {
        let _ = wsspec(&["list"]).stdout(Stdio::null()).status();
    }
    #[allow(clippy::cast_precision_loss)]
    let rounds = ROUNDS as f64;
    println!(
        "{:>9.1} ms wall, {:.1} ms CPU",
        start.elapsed().as_secs_f64() * 1e3 / rounds,
        (children() - before) * 1e3 / rounds
    );
    masking();
}

fn masking() {
    println!("\nmasking in place beside memcpy, GB/s");
    for size in [125, 4096, 65536, 1 << 20] {
        let mut data = vec![0x5a_u8; size];
        let mut copy = vec![0_u8; size];
        let mask = rate(size, || wsspec::wire::mask::apply(black_box(&mut data), [1, 2, 3, 4], 0));
        let memcpy = rate(size, || black_box(&mut copy).copy_from_slice(black_box(&data)));
        println!("{size:>9} octets: mask {mask:>6.1}, memcpy {memcpy:>6.1}, ratio {:.2}", mask / memcpy);
    }
}

fn rate(size: usize, mut work: impl FnMut()) -> f64 {
    let mut count = 0_u32;
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(200) {
        for _ in 0..64 {
            work();
        }
        count += 64;
    }
    #[allow(clippy::cast_precision_loss)]
    let octets = f64::from(count) * size as f64;
    octets / start.elapsed().as_secs_f64() / 1e9
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn wsspec(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsspec"));
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// A program's command from the interop list, when it is installed.
fn program(name: &str, role: &str) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(root().join("harness/tests/interop/programs.json")).ok()?;
    let programs: serde_json::Value = serde_json::from_str(&text).ok()?;
    let entry = programs.as_array()?.iter().find(|program| program["name"] == name)?;
    let command: Vec<String> =
        entry[role].as_array()?.iter().filter_map(|word| Some(word.as_str()?.to_owned())).collect();
    if !root().join(".interop").exists() {
        println!("{name} is not installed: `harness/tests/interop/setup.sh {name}`");
        return None;
    }
    Some(command)
}

fn spawn(command: &[String], from: &str, to: &str) -> Child {
    let words: Vec<String> = command.iter().map(|word| word.replace(from, to).replace("{agent}", "bench")).collect();
    let (first, rest) = words.split_first().expect("a command");
    Command::new(first)
        .args(rest)
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts")
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// User and system time of a process so far, in seconds.
fn cpu(pid: u32) -> f64 {
    fields(&format!("/proc/{pid}/stat"), 13)
}

/// The same of all children that have ended.
fn children() -> f64 {
    fields("/proc/self/stat", 15)
}

fn fields(path: &str, first: usize) -> f64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let behind = text.rsplit(')').next().unwrap_or_default();
    let words: Vec<&str> = behind.split_whitespace().collect();
    let ticks = |at: usize| words.get(at - 2).and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(first) + ticks(first + 1)) / 100.0
}

fn out() -> PathBuf {
    std::env::temp_dir().join(format!("wsspec-bench-{}", std::process::id()))
}

fn server(name: &str, command: &[String]) {
    let port = free_port().to_string();
    let mut target = spawn(command, "{port}", &port);
    let deadline = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_err() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    let url = format!("ws://127.0.0.1:{port}/");
    let folder = out();
    let mut arguments = vec!["run", &url];
    arguments.extend(SECTIONS);
    let folder = folder.display().to_string();
    arguments.extend(["--no-html", "--quiet", "--no-gate", "--out", &folder]);
    let round = || {
        let start = Instant::now();
        let status = wsspec(&arguments).stdout(Stdio::null()).status().expect("wsspec runs");
        assert!(status.success(), "{name}: the run failed");
        start.elapsed()
    };
    round();
    let before = (children(), cpu(target.id()));
    let mut walls: Vec<Duration> = (0..ROUNDS).map(|_| round()).collect();
    row(name, &mut walls, children() - before.0, cpu(target.id()) - before.1);
    let _ = target.kill();
    let _ = target.wait();
}

fn looping(name: &str, command: &[String]) {
    let folder = out().display().to_string();
    let mut walls = Vec::new();
    let (mut harness_cpu, mut target_cpu) = (0.0, 0.0);
    for round in 0..=ROUNDS {
        let address = format!("127.0.0.1:{}", free_port());
        let mut arguments = vec!["run", "--listen", &address];
        arguments.extend(SECTIONS);
        arguments.extend(["--no-html", "--quiet", "--no-gate", "--out", &folder]);
        let start = Instant::now();
        let mut harness = wsspec(&arguments).stdout(Stdio::null()).spawn().expect("wsspec runs");
        while std::net::TcpStream::connect(&address).is_err() && start.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(2));
        }
        let mut client = spawn(command, "{base}", &format!("ws://{address}"));
        let client_before = children();
        let _ = client.wait();
        let client_cpu = children() - client_before;
        let harness_before = children();
        let _ = harness.wait();
        if round > 0 {
            walls.push(start.elapsed());
            harness_cpu += children() - harness_before;
            target_cpu += client_cpu;
        }
    }
    row(name, &mut walls, harness_cpu, target_cpu);
}

fn row(name: &str, walls: &mut [Duration], harness: f64, target: f64) {
    walls.sort();
    #[allow(clippy::cast_precision_loss)]
    let rounds = walls.len() as f64;
    let wall = walls.get(walls.len() / 2).map_or(0.0, Duration::as_secs_f64) * 1e3;
    let (harness, target) = (harness * 1e3 / rounds, target * 1e3 / rounds);
    println!("{name:<34} {wall:>9.0} {harness:>12.0} {target:>12.0} {:>7.2}", harness / target.max(0.1));
}
