//! Whole runs, section by section: wall time, CPU of harness and target apart, peak memory of the harness.

use std::time::{Duration, Instant};

use super::processes::{children, cpu, free_port, listening, program, spawn, watch_peak, wsspec};

/// Runs of each section; long sections get one.
const ROUNDS: usize = 3;

/// A section: its name, the cases, further arguments, and whether it is long.
struct Section(&'static str, &'static [&'static str], &'static [&'static str], bool);

const CORE: &[&str] = &["--exclude", "limits/*", "--exclude", "deflate/*"];
const SECTIONS: &[Section] = &[
    Section("Autobahn 1-7, 10", &["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"], &[], false),
    Section("all but limits, deflate", &["*"], CORE, false),
    Section("limits", &["limits/*"], &[], false),
    Section("deflate", &["deflate/*"], &[], false),
    Section("the whole suite", &["*"], &[], false),
    Section("limits --full", &["limits/*"], &["--full"], true),
    Section("deflate 13.* --full", &["13.*"], &["--full"], true),
];

pub fn all() {
    let own = |kind: &str| {
        let words = [env!("CARGO_BIN_EXE_wsspec"), "peer", kind];
        words.map(str::to_owned).to_vec()
    };
    let mut peer = own("server");
    peer.push("127.0.0.1:{port}".into());
    let mut ours = peer.clone();
    ours.extend(["--fault".to_owned(), "none".to_owned()]);
    println!(
        "medians of {ROUNDS} runs (one of --full); CPU is user and system time of a run; ratio is harness / target"
    );
    println!(
        "{:<26} {:<24} {:>9} {:>11} {:>10} {:>6} {:>9}",
        "target", "section", "wall ms", "harness ms", "target ms", "ratio", "peak MiB"
    );
    let long = std::env::var_os("WSSPEC_BENCH_FULL").is_some();
    let sections = || SECTIONS.iter().filter(move |section| long || !section.3);
    sections().for_each(|section| server("tungstenite server", &peer, section));
    sections().filter(|section| section.0.contains("deflate")).for_each(|section| server("own server", &ours, section));
    for name in ["ws", "websockets"] {
        if let Some(command) = program(name, "server") {
            sections().for_each(|section| server(&format!("{name} server"), &command, section));
        }
    }
    let mut client = own("client");
    client.extend(["--loop".to_owned(), "{base}".to_owned()]);
    let short = || SECTIONS.iter().filter(|section| !section.3);
    short().for_each(|section| looping("tungstenite client", &client, section));
    if let Some(command) = program("ws", "loop") {
        short().for_each(|section| looping("ws client, looping", &command, section));
    }
    if !long {
        println!("(WSSPEC_BENCH_FULL=1 adds the runs with --full, which take minutes)");
    }
    let start = Instant::now();
    let before = children();
    for _ in 0..ROUNDS {
        let _ = wsspec(&["list"]).status();
    }
    #[allow(clippy::cast_precision_loss)]
    let rounds = ROUNDS as f64;
    println!(
        "\nreading the whole suite (`wsspec list`): {:.1} ms wall, {:.1} ms CPU",
        start.elapsed().as_secs_f64() * 1e3 / rounds,
        (children() - before) / rounds
    );
}

fn out() -> String {
    std::env::temp_dir().join(format!("wsspec-bench-{}", std::process::id())).display().to_string()
}

/// What one run cost.
#[derive(Default)]
struct Cost {
    walls: Vec<Duration>,
    harness: f64,
    target: f64,
    peak: f64,
}

fn server(name: &str, command: &[String], section: &Section) {
    let port = free_port().to_string();
    let mut target = spawn(command, "{port}", &port);
    listening(&format!("127.0.0.1:{port}"));
    let url = format!("ws://127.0.0.1:{port}/");
    let folder = out();
    let mut arguments = vec!["run", &url];
    arguments.extend(section.1);
    arguments.extend(section.2);
    arguments.extend(["--no-html", "--quiet", "--no-gate", "--out", &folder]);
    let mut cost = Cost::default();
    let rounds = if section.3 { 1 } else { ROUNDS };
    let before = (children(), cpu(target.id()));
    for _ in 0..rounds {
        let start = Instant::now();
        let mut run = wsspec(&arguments).spawn().expect("wsspec runs");
        let peak = watch_peak(run.id());
        let _ = run.wait();
        cost.walls.push(start.elapsed());
        cost.peak = cost.peak.max(peak.join().unwrap_or(0.0));
    }
    (cost.harness, cost.target) = (children() - before.0, cpu(target.id()) - before.1);
    let _ = target.kill();
    let _ = target.wait();
    row(name, section, cost);
}

fn looping(name: &str, command: &[String], section: &Section) {
    let folder = out();
    let mut cost = Cost::default();
    for _ in 0..ROUNDS {
        let address = format!("127.0.0.1:{}", free_port());
        let mut arguments = vec!["run", "--listen", &address];
        arguments.extend(section.1);
        arguments.extend(section.2);
        arguments.extend(["--no-html", "--quiet", "--no-gate", "--out", &folder]);
        let start = Instant::now();
        let mut harness = wsspec(&arguments).spawn().expect("wsspec runs");
        listening(&address);
        let peak = watch_peak(harness.id());
        let mut client = spawn(command, "{base}", &format!("ws://{address}"));
        let before = children();
        let _ = client.wait();
        cost.target += children() - before;
        let before = children();
        let _ = harness.wait();
        cost.peak = cost.peak.max(peak.join().unwrap_or(0.0));
        cost.walls.push(start.elapsed());
        cost.harness += children() - before;
    }
    row(name, section, cost);
}

fn row(name: &str, section: &Section, mut cost: Cost) {
    cost.walls.sort();
    #[allow(clippy::cast_precision_loss)]
    let rounds = cost.walls.len().max(1) as f64;
    let wall = cost.walls.get(cost.walls.len() / 2).map_or(0.0, Duration::as_secs_f64) * 1e3;
    let (harness, target) = (cost.harness / rounds, cost.target / rounds);
    println!(
        "{name:<26} {:<24} {wall:>9.0} {harness:>11.0} {target:>10.0} {:>6.2} {:>9.0}",
        section.0,
        harness / target.max(1.0),
        cost.peak
    );
}
