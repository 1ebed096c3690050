//! Durations, and lists of one item.

use std::time::Duration;

use super::super::document::{Node, Value};

/// Reads a duration with its unit: `us`, `ms`, `s` or `min`.
pub fn time(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let scale = match unit.trim() {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "min" => 60.0,
        _ => return None,
    };
    number.parse::<f64>().ok().and_then(|number| Duration::try_from_secs_f64(number * scale).ok())
}

/// The items of a list, or the node itself if it is not a list.
pub fn one_or_list(node: &Node) -> &[Node] {
    match &node.value {
        Value::Seq(items) => items,
        _ => std::slice::from_ref(node),
    }
}
