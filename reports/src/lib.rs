//! Reads `results.jsonl` and writes what people and machines read: HTML, JUnit, a terminal summary. It knows no socket.

pub mod results;
