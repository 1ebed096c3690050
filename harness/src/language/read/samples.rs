//! Data like that which programs exchange, to exercise compression. It is generated, and is the same in every run.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// `size` bytes of data of this kind.
pub fn sample(kind: &str, size: usize) -> Vec<u8> {
    let mut rng = ChaCha8Rng::seed_from_u64(kind.bytes().fold(7, |seed, byte| seed * 31 + u64::from(byte)));
    let mut out = Vec::with_capacity(size + 256);
    while out.len() < size {
        match kind {
            "json" => json(&mut rng, &mut out),
            "html" => html(&mut rng, &mut out),
            "prose" => prose(&mut rng, &mut out),
            "image" => image(&mut rng, &mut out),
            _ => document(&mut rng, &mut out),
        }
    }
    truncate(&mut out, size);
    out
}

/// Truncates at `size`. Text is padded with spaces where the limit is inside a character.
fn truncate(out: &mut Vec<u8>, size: usize) {
    let text = std::str::from_utf8(out).ok();
    let whole = text.and_then(|text| (0..=size.min(text.len())).rev().find(|at| text.is_char_boundary(*at)));
    out.truncate(whole.unwrap_or(size));
    out.resize(size, b' ');
}

fn below(rng: &mut ChaCha8Rng, bound: u32) -> u32 {
    rng.next_u32() % bound.max(1)
}

/// Words of an invented language, some of them with letters beyond ASCII.
const WORDS: [&str; 32] = [
    "tal", "und", "weder", "schön", "marisch", "in", "der", "alo", "gründe", "fels", "wolte", "an", "ein", "schlaf",
    "nimmer", "ober", "licht", "dorn", "süd", "mag", "er", "kehrt", "sie", "wie", "hin", "straße", "ach", "nur", "es",
    "viel", "morgen", "ist",
];

fn word(rng: &mut ChaCha8Rng) -> &'static str {
    WORDS.get(below(rng, 32) as usize).copied().unwrap_or_default()
}

/// Lines of verse.
fn prose(rng: &mut ChaCha8Rng, out: &mut Vec<u8>) {
    for place in 0..4 + below(rng, 4) {
        out.extend_from_slice(if place == 0 { b"" } else { b" " });
        out.extend_from_slice(word(rng).as_bytes());
    }
    out.extend_from_slice(if below(rng, 5) == 0 { b".\n" } else { b",\n" });
}

/// A record of a pretty-printed list.
fn json(rng: &mut ChaCha8Rng, out: &mut Vec<u8>) {
    let (section, number, time) = (below(rng, 13) + 1, below(rng, 20) + 1, below(rng, 900));
    let outcome = ["pass", "pass", "pass", "lenient", "fail"][below(rng, 5) as usize];
    let text = format!(
        "      \"{section}.{number}\": {{\n         \"outcome\": \"{outcome}\",\n         \"close\": \"{outcome}\",\n         \
         \"duration\": {time},\n         \"code\": {},\n         \"file\": \"agent_case_{section}_{number}.json\"\n      }},\n",
        [1000, 1002, 1007][below(rng, 3) as usize]
    );
    out.extend_from_slice(text.as_bytes());
}

/// A row of a table in a page; a few characters are beyond ASCII.
fn html(rng: &mut ChaCha8Rng, out: &mut Vec<u8>) {
    let plain = if below(rng, 64) == 0 { "–" } else { "-" };
    let (a, b) = (below(rng, 100), below(rng, 10_000));
    let text = format!(
        "      <tr class=\"row_{}\">\n        <td><a href=\"#case_{a}\">Case {a}</a></td>\n        \
         <td class=\"value\">{b} ms {plain} ok</td>\n      </tr>\n",
        a % 2
    );
    out.extend_from_slice(text.as_bytes());
}

/// A line of a grey picture: slopes with some noise.
fn image(rng: &mut ChaCha8Rng, out: &mut Vec<u8>) {
    let (mut level, slope) = (below(rng, 256) as i32 * 16, below(rng, 33) as i32 - 16);
    for _ in 0..512 {
        level += slope + below(rng, 65) as i32 - 32;
        out.push((level / 16).rem_euclid(256) as u8);
    }
}

/// A part of a document: a few lines of text, then bytes that look compressed.
fn document(rng: &mut ChaCha8Rng, out: &mut Vec<u8>) {
    let (number, length) = (below(rng, 9000), 256 + below(rng, 2048) as usize);
    let text = format!("{number} 0 obj\n<< /Length {length} /Filter /FlateDecode >>\nstream\n");
    out.extend_from_slice(text.as_bytes());
    let start = out.len();
    out.resize(start + length, 0);
    rng.fill_bytes(out.get_mut(start..).unwrap_or_default());
    out.extend_from_slice(b"\nendstream\nendobj\n");
    for entry in 0..40 {
        out.extend_from_slice(format!("{:010} 00000 n \n", number * 100 + entry).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::deflate::Compressor;

    #[test]
    fn samples_are_the_same_each_time_and_compress_as_their_kind_does() {
        for (kind, least, most) in [
            ("json", 0.02, 0.2),
            ("html", 0.02, 0.25),
            ("prose", 0.2, 0.5),
            ("image", 0.6, 1.0),
            ("document", 0.5, 0.95),
        ] {
            let made = sample(kind, 100_001);
            assert_eq!(made.len(), 100_001);
            assert!(made == sample(kind, 100_001) && made.starts_with(&sample(kind, 50_000)[..49_990]));
            let packed = Compressor::new(15, true).message(&made).len() as f64 / made.len() as f64;
            assert!((least..most).contains(&packed), "{kind}: {packed}");
            if matches!(kind, "json" | "html" | "prose") {
                assert!(std::str::from_utf8(&made).is_ok(), "{kind}");
            }
        }
        assert!(!sample("html", 100_000).is_ascii());
    }
}
