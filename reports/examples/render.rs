//! Writes the HTML report, the JUnit report or the terminal summary of a results file to standard output:
//! `cargo run -p wsspec-reports --example render -- html results.jsonl`.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, Write as _};

use wsspec_reports::{html, junit, read, summary};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(format), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("two arguments are needed: html, junit or summary, and a results file".into());
    };
    let results = read::read(BufReader::new(File::open(path)?))?;
    let mut out = io::stdout().lock();
    match format.as_str() {
        "html" => out.write_all(html::render(&results)?.as_bytes())?,
        "junit" => out.write_all(junit::render(&results)?.as_bytes())?,
        "summary" => summary::write(&mut out, &results, &summary::Options::default())?,
        other => return Err(format!("unknown format `{other}`").into()),
    }
    Ok(())
}
