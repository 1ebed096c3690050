//! Nothing that a target, or a made-up results file, says can become markup, a script or a terminal escape.
//!
//! Every string of the fixture is replaced by an attack, and once more by harmless text of the same shape. Both reports must have
//! the same elements and the same attributes, in the same order.

use std::path::Path;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};
use serde_json::Value;
use wsspec_reports::read::Results;
use wsspec_reports::results::{CaseResult, Run};
use wsspec_reports::{html, junit, summary};

use crate::junit::parse;
use crate::{sample, summary as summary_test};

const ATTACK: &str = "<script>document.title='owned'</script>\"onmouseover=\"alert(1)\" '><img src=x onerror=alert(2)>\
    ]]></script></style></pre><!-- &lt; {{ 7*7 }} `javascript:alert(3)` \u{202e}\u{0}\u{1b}[31m\u{9b}2J\r\n";

/// The attack with every character that means something to HTML, XML or a terminal made harmless.
fn harmless() -> String {
    ATTACK
        .chars()
        .map(|c| if "<>\"'&`".contains(c) || (c.is_control() && c != '\n') || c == '\u{202e}' { 'x' } else { c })
        .collect()
}

/// Replaces every string, and the keys of maps that a run fills, but not the words that are variants of an enumeration.
fn replace(value: &mut Value, with: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = with(text),
        Value::Array(members) => members.iter_mut().for_each(|member| replace(member, with)),
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                if !matches!(
                    key.as_str(),
                    "outcome" | "direction" | "layer" | "mask" | "zone" | "type" | "role" | "level" | "how"
                ) {
                    replace(member, with);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn rebuilt<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T, with: &dyn Fn(&str) -> String) -> T {
    let mut json = serde_json::to_value(value).expect("it is JSON");
    replace(&mut json, with);
    serde_json::from_value(json).expect("the shape is kept")
}

fn results(with: &dyn Fn(&str) -> String) -> Results {
    let mut results = sample::results();
    results.run = Run { schema: 1, ..rebuilt(&results.run, with) };
    results.run.requirements =
        results.run.requirements.into_iter().map(|(id, text)| (with(&id).into(), text)).collect();
    results.run.zones = results.run.zones.into_iter().map(|(id, text)| (with(&id), text)).collect();
    results.cases =
        results.cases.iter().map(|case| CaseResult { agent: Some(with("agent")), ..rebuilt(case, with) }).collect();
    results.end = results.end.map(|end| rebuilt(&end, with));
    if let Some(end) = &mut results.end {
        end.complete = false;
        end.stopped = Some(with("stopped"));
    }
    results
}

/// The attack in place of each string, and behind each: a link keeps its `https://`, bytes their digits.
fn pairs() -> Vec<(Results, Results)> {
    let harmless = harmless();
    vec![
        (results(&|_| ATTACK.into()), results(&|_| harmless.clone())),
        (results(&|text| format!("{text}{ATTACK}")), results(&|text| format!("{text}{harmless}"))),
    ]
}

/// What the page consists of, with scripts and styles read as a browser reads them.
fn tokens(page: &str) -> impl Iterator<Item = Token> {
    let mut emitter = DefaultEmitter::<()>::default();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(page, emitter).map(|token| {
        let Ok(token) = token;
        token
    })
}

fn attributes(tag: &StartTag<()>) -> impl Iterator<Item = (String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    tag.attributes.iter().map(move |(name, value)| (text(name), text(value)))
}

/// The names of all tags, with those of their attributes.
fn shape(page: &str) -> Vec<String> {
    let mut shape = Vec::new();
    for token in tokens(page) {
        match token {
            Token::StartTag(tag) => {
                let attributes: Vec<String> = attributes(&tag).map(|(name, _)| name).collect();
                shape.push(format!("<{} {}>", String::from_utf8_lossy(&tag.name), attributes.join(" ")));
            }
            Token::EndTag(tag) => shape.push(format!("</{}>", String::from_utf8_lossy(&tag.name))),
            Token::Error(error) => panic!("{error:?}"),
            Token::Comment(_) => panic!("a comment"),
            Token::String(_) | Token::Doctype(_) => {}
        }
    }
    shape
}

#[test]
fn html_keeps_its_shape() {
    for (attacked, calm) in pairs() {
        let (attacked, calm) = (html::render(&attacked).expect("rendered"), html::render(&calm).expect("rendered"));
        let (found, wanted) = (shape(&attacked), shape(&calm));
        let difference = found.iter().zip(&wanted).position(|(left, right)| left != right);
        assert_eq!(difference, None, "the first different tag");
        assert_eq!(found.len(), wanted.len());
        assert_eq!(found.iter().filter(|tag| tag.starts_with("<script")).count(), 1);
        assert_eq!(found.iter().filter(|tag| tag.starts_with("<style")).count(), 1);
        assert!(attacked.contains("&lt;script&gt;document.title=&#39;owned&#39;"), "the attack is shown as text");
        let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!attacked.contains(acts), "no character acts");
    }
}

#[test]
fn html_links_lead_to_the_web_or_into_the_page() {
    for (attacked, _) in pairs() {
        let page = html::render(&attacked).expect("rendered");
        for token in tokens(&page) {
            let Token::StartTag(tag) = token else { continue };
            for (name, value) in attributes(&tag) {
                assert!(!name.starts_with("on") && name != "style", "{name}");
                if name == "href" {
                    assert!(["#", "https://", "http://"].iter().any(|start| value.starts_with(start)), "{value}");
                }
            }
        }
    }
}

#[test]
fn junit_keeps_its_shape() {
    for (attacked, calm) in pairs() {
        let (attacked, calm) = (junit::render(&attacked).expect("rendered"), junit::render(&calm).expect("rendered"));
        let (found, wanted) = (parse(&attacked), parse(&calm));
        assert_eq!(found.len(), wanted.len());
        for (left, right) in found.iter().zip(&wanted) {
            assert_eq!(left.name, right.name);
            assert!(left.attributes.iter().map(|(name, _)| name).eq(right.attributes.iter().map(|(name, _)| name)));
        }
        assert!(!attacked.contains("<script") && !attacked.contains("]]>") && !attacked.contains("<![CDATA["));
        assert!(!attacked.contains(|c: char| c.is_control() && c != '\n'), "no control character");
        assert!(found.iter().any(|element| element.get("message").contains("<script>document.title='owned'</script>")));
    }
}

#[test]
fn terminal_gets_no_escape_but_ours() {
    for (attacked, _) in pairs() {
        let text = summary_test::plain(&attacked, &summary::Options::default());
        assert!(!text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'));
        assert!(text.contains("\\x1b[31m"), "the escape is shown");
    }
}

/// Writes the attacked page, for a look at it in a browser: its title must not become `owned`.
/// `cargo test -p wsspec-reports -- --ignored attacked_page` says where it is.
#[test]
#[ignore = "writes a file for a person to open"]
fn attacked_page() {
    for (number, (attacked, _)) in pairs().into_iter().enumerate() {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("attacked-{number}.html"));
        std::fs::write(&path, html::render(&attacked).expect("rendered")).expect("written");
        println!("{}", path.display());
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large.html");
    std::fs::write(&path, html::render(&crate::html::large(600)).expect("rendered")).expect("written");
    println!("{}", path.display());
}
