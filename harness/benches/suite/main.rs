//! `make bench`: the suite's speed by section beside the targets' own, the wire beside memcpy, and many connections, in one run.
//!
//! Nothing here is a test: figures are to be compared within one run only.
#![allow(missing_docs)]

mod connections;
mod processes;
mod rates;
mod runs;

fn main() {
    // `cargo test` runs benches to see that they build.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    // `cargo bench --bench suite -- rates` does one part alone.
    let parts: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|one| one == part);
    for (part, work) in [("runs", runs::all as fn()), ("connections", connections::all), ("rates", rates::all)] {
        if wanted(part) {
            work();
        }
    }
}
