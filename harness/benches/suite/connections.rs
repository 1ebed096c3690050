//! Many connections: conversations a second without payload, and ten thousand held at once.

use std::sync::Arc;
use std::time::Instant;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use wsspec::case::Case;
use wsspec::language::suite::load_embedded;
use wsspec::link::Link;
use wsspec::play::{Call, Settings, play_against_server};

use super::processes::{cpu, free_port, listening, peak, spawn};

/// Conversations that are timed, and how many run side by side.
const CONVERSATIONS: usize = 20_480;
const AT_ONCE: usize = 64;
/// Connections that are held.
const HELD: usize = 10_000;
/// A case that opens, pings with nothing, and closes.
const CASE: &str = "ping-pong/ping-with-no-data";

pub fn all() {
    let suite = load_embedded().expect("the suite");
    let case = Arc::new(suite.get(CASE).expect("the case").clone());
    let port = free_port().to_string();
    let command = [env!("CARGO_BIN_EXE_wsspec"), "peer", "server", "127.0.0.1:{port}"].map(str::to_owned);
    let mut target = spawn(&command, "{port}", &port);
    let address = format!("127.0.0.1:{port}");
    listening(&address);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let before = (cpu(std::process::id()), cpu(target.id()));
    let (good, seconds) = runtime.block_on(converse(&case, &address));
    #[allow(clippy::cast_precision_loss)]
    let rate = good as f64 / seconds;
    println!(
        "\nconversations without payload: {good} of {CONVERSATIONS} right, {rate:.0} a second; CPU {:.0} ms of ours, {:.0} ms of the \
         tungstenite peer's",
        cpu(std::process::id()) - before.0,
        cpu(target.id()) - before.1
    );
    let start = Instant::now();
    let held = runtime.block_on(hold(&case, &address));
    println!(
        "connections held at once: {held} of {HELD} opened, all played to their end, in {:.1} s; peak memory of this process {:.0} MiB",
        start.elapsed().as_secs_f64(),
        peak(std::process::id())
    );
    let _ = target.kill();
    let _ = target.wait();
}

fn call(address: &str) -> Call {
    Call::of_server(address, "/", Vec::new())
}

async fn play(case: &Case, stream: TcpStream, address: &str) -> bool {
    let _ = stream.set_nodelay(true);
    play_against_server(case, Link::from(stream), &call(address), &Settings::default()).await.facts.is_empty()
}

async fn converse(case: &Arc<Case>, address: &str) -> (usize, f64) {
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (case, address) = (case.clone(), address.to_owned());
        running.spawn(async move {
            let mut good = 0;
            for _ in 0..CONVERSATIONS / AT_ONCE {
                if let Ok(stream) = TcpStream::connect(&address).await {
                    good += usize::from(play(&case, stream, &address).await);
                }
            }
            good
        });
    }
    let good = running.join_all().await.into_iter().sum();
    (good, start.elapsed().as_secs_f64())
}

/// Opens all, and plays on each only when all are open.
async fn hold(case: &Arc<Case>, address: &str) -> usize {
    let mut streams = Vec::with_capacity(HELD);
    while streams.len() < HELD {
        match TcpStream::connect(address).await {
            Ok(stream) => streams.push(stream),
            Err(error) => {
                println!("no more than {} connections: {error}", streams.len());
                break;
            }
        }
    }
    let mut running = JoinSet::new();
    for stream in streams {
        let (case, address) = (case.clone(), address.to_owned());
        running.spawn(async move { play(&case, stream, &address).await });
    }
    running.join_all().await.into_iter().filter(|good| *good).count()
}
