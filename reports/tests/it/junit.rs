//! The JUnit report of the fixture, read back with an XML parser.

use quick_xml::Reader;
use quick_xml::events::Event;
use wsspec_reports::junit::render;
use wsspec_reports::read::Results;

use crate::sample;

/// An element: its name, its attributes in order, the text right in it.
#[derive(Debug, Default, PartialEq)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
}

impl Element {
    pub fn get(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// The elements of the report in order; panics on anything that is not well-formed.
pub fn parse(xml: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    loop {
        let event = reader.read_event().expect("well-formed");
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                let attributes = start.attributes().map(|attribute| {
                    let attribute = attribute.expect("a well-formed attribute");
                    let value = std::str::from_utf8(&attribute.value).expect("UTF-8");
                    let value = quick_xml::escape::unescape(value).expect("right entities");
                    (String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value.into_owned())
                });
                let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
                elements.push(Element { name, attributes: attributes.collect(), text: String::new() });
                if matches!(event, Event::Start(_)) {
                    open.push(elements.len() - 1);
                }
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Text(text) => {
                if let Some(&at) = open.last() {
                    elements[at].text.push_str(&text.decode().expect("UTF-8"));
                }
            }
            Event::GeneralRef(entity) => {
                let name = entity.decode().expect("UTF-8");
                let text = quick_xml::escape::unescape(&format!("&{name};")).expect("a right entity").into_owned();
                if let Some(&at) = open.last() {
                    elements[at].text.push_str(&text);
                }
            }
            Event::CData(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => panic!("unexpected {event:?}"),
            Event::Decl(_) => {}
            Event::Eof => return elements,
        }
    }
}

fn report(results: &Results) -> Vec<Element> {
    parse(&render(results).expect("the report can be rendered"))
}

#[test]
fn the_whole_report() {
    insta::assert_snapshot!(render(&sample::results()).expect("rendered"));
}

#[test]
fn outcomes_become_what_readers_of_junit_know() {
    let elements = report(&sample::results());
    let count = |name: &str| elements.iter().filter(|element| element.name == name).count();
    assert_eq!(
        (count("testcase"), count("failure"), count("error"), count("skipped"), count("system-out")),
        (16, 4, 1, 2, 3)
    );
    let root = &elements[0];
    assert_eq!((root.get("tests"), root.get("failures"), root.get("errors")), ("16", "4", "1"));
    let suites: Vec<&str> =
        elements.iter().filter(|element| element.name == "testsuite").map(|suite| suite.get("name")).collect();
    assert!(
        suites.contains(&"Text and binary messages (server)") && suites.contains(&"Text and binary messages (client)")
    );
    let at = elements
        .iter()
        .position(|element| element.get("name") == "ping-pong/oversized-ping-fails")
        .expect("the case is there");
    assert_eq!(elements[at].get("classname"), "ping-pong");
    assert_eq!(
        elements[at + 1].get("message"),
        "expected the connection to fail with 1002, got a pong of 126 bytes after 0.22 ms"
    );
    assert_eq!(elements[at + 1].get("type"), "rfc6455-5.5-control-over-125-fails");
}

#[test]
fn a_run_that_is_not_whole_is_no_success() {
    let mut results = sample::results();
    results.cases.retain(|case| case.findings.is_empty());
    assert_eq!(report(&results)[0].get("errors"), "0");
    results.truncated = true;
    results.end = None;
    let elements = report(&results);
    assert_eq!(elements[0].get("errors"), "1");
    let error = elements.iter().find(|element| element.name == "error").expect("an error");
    assert_eq!(error.get("message"), "the results end before the run did");
}
