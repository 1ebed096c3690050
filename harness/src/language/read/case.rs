//! One case, its placeholders filled.

use strum::VariantArray as _;

use super::super::document::Node;
use super::super::expand::Row;
use super::super::tables::{CASE, ENDS, LEVELS, MEASURES, NEEDS, ROLES, STEP};
use super::fields::Fields;
use super::head::only_for;
use super::value::one_or_list;
use super::{ReadCase, Reader, check, expect, handshake, send};
use crate::case::{Case, Ends, Handshake, Measure, Need, Source, Step, StepKind, TlsHandshake};
use crate::diagnostics::suggest;
use crate::spec::requirements;
use crate::vocabulary::{Level, Role};

/// The longest id.
const MAX_ID: usize = 200;

/// Reads a case whose keys are its own and those of its group.
pub fn read(reader: &mut Reader<'_>, group: &str, node: &Node, row: &Row, source: Source) -> Option<ReadCase> {
    let mut fields = Fields::open(reader, node, &CASE)?;
    fields.take("matrix");
    let id_node = fields.take("id");
    let id = id_node.and_then(|node| id(reader, node));
    let title = fields.take("title").and_then(|node| reader.line(node, "the case's title"));
    let note = fields.take("note").and_then(|node| reader.line(node, "a note"));
    // The number of a row counts if the case has none.
    let autobahn = fields.take("autobahn").or_else(|| row.get("autobahn").filter(|node| !node.is_null()));
    let autobahn = autobahn.map_or_else(Vec::new, |node| autobahn_numbers(reader, node));
    reader.role = role(reader, fields.take("role"));
    let spec = fields.take("spec").map_or_else(Vec::new, |node| specs(reader, node));
    let proves_node = fields.take("proves");
    let proves = proves_node.map_or_else(Vec::new, |node| requirement_ids(reader, node));
    let level = match fields.take("level") {
        Some(node) => level(reader, node),
        // A case of an application may have neither: then its expectations are requirements.
        None => Some(requirements::strongest(&proves).unwrap_or(Level::Must)),
    };
    let mut needs = fields.take("needs").map_or_else(Vec::new, |node| needs(reader, node));
    let handshake_node = fields.take_entry("handshake");
    let handshake = handshake_node.map_or(Some(Handshake::default()), |(_, node)| handshake::read(reader, node));
    let stress = fields.take("stress").map_or(Some(false), |node| reader.boolean(node));
    let idle_connections =
        fields.take("idle-connections").map_or(Some(0), |node| reader.number(node, "a number of connections", 1, 1000));
    let measures = fields.take("measures").map_or(Some(Vec::new()), |node| measures(reader, node));
    let ends_node = fields.take("ends");
    let ends = ends_node.map_or(Some(Ends::Clean), |node| ends(reader, node));
    if let Some(node) = ends_node.filter(|_| ends == Some(Ends::ServerClosesTcp)) {
        only_for(reader, Role::Client, node.span, "server-closes-tcp");
    }
    let steps_node = fields.take_entry("steps");
    let (mut steps, mut nodes) = (Vec::new(), Vec::new());
    let step_nodes = steps_node.map(|(_, node)| reader.list(node, "the list of steps")).unwrap_or_default();
    let mut whole = true;
    let mut echoes = false;
    for node in step_nodes {
        echoes |= node.get("echo").is_some();
        match step(reader, node) {
            Some(read) => {
                nodes.resize(nodes.len() + read.len(), node);
                steps.extend(read);
            }
            None => whole = false,
        }
    }
    fields.finish(reader, "case");
    if echoes && !needs.contains(&Need::Echo) {
        needs.push(Need::Echo);
    }
    let handshake = handshake?;
    let of_tls = |step: &Step| matches!(&step.kind, StepKind::Send(send) if check::last(send, check::is_of_tls));
    let mut with_heads = handshake.request.then.iter().chain(&handshake.response.then);
    let of_tls = with_heads.any(|send| check::last(send, check::is_of_tls)) || steps.iter().any(of_tls);
    for (asks, need) in [
        (handshake.deflate.is_some(), Need::Deflate),
        (handshake.tls != TlsHandshake::default() || of_tls, Need::Tls),
        (handshake.url.is_some(), Need::Url),
    ] {
        if asks && !needs.contains(&need) {
            needs.push(need);
        }
    }
    let case = Case {
        id: id?,
        title: title?.to_string(),
        note: note.map(|note| note.to_string()),
        group: group.to_string(),
        autobahn,
        role: reader.role,
        spec,
        proves: proves.into_iter().map(Into::into).collect(),
        level: level?,
        needs,
        handshake,
        steps,
        ends: ends?,
        stress: stress?,
        idle_connections: usize::try_from(idle_connections?).unwrap_or_default(),
        measures: measures?,
        source,
    };
    if whole {
        check::conversation(reader, &case, &nodes, steps_node.map(|(key, _)| key.span));
    }
    let id_span = id_node.map_or(node.head(), |node| node.span);
    duplicate(reader, &case, id_span, row);
    Some(ReadCase { case, id_span })
}

/// Reports an id that an earlier case of the file has.
fn duplicate(reader: &mut Reader<'_>, case: &Case, span: super::Span, row: &Row) {
    let line = reader.file.line(span.start);
    match reader.ids.get(&case.id) {
        None => {
            reader.ids.insert(case.id.clone(), line);
        }
        Some(&first) if first == line && row.matrix => {
            let message = format!("two rows of the matrix produce the id `{}`", case.id);
            let hint = "the id must contain `${name}` for each value that varies".to_string();
            reader.diagnostic(span, message, Some(hint));
        }
        Some(&first) => {
            let message = format!("the id `{}` is used twice", case.id);
            reader.diagnostic(span, message, Some(format!("it is already used in line {first}")));
        }
    }
}

/// Checks a key that cases inherit.
pub fn check_inherited(reader: &mut Reader<'_>, name: &str, node: &Node) {
    match name {
        "spec" => drop(specs(reader, node)),
        "needs" => drop(needs(reader, node)),
        "proves" => drop(requirement_ids(reader, node)),
        "level" => drop(level(reader, node)),
        "ends" => drop(ends(reader, node)),
        "stress" => drop(reader.boolean(node)),
        // The caller reads the role. The handshake is read where the role is known.
        _ => {}
    }
}

/// A step: a send, an expectation, or both for an echo.
fn step(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Step>> {
    let line = reader.file.line(node.head().start);
    let mut fields = Fields::open(reader, node, &STEP)?;
    let (name, _, value) = fields.kind(reader)?;
    let kinds = match name {
        "send" => vec![StepKind::Send(send::read(reader, value)?)],
        "expect" => vec![StepKind::Expect(expect::read(reader, value)?)],
        _ => send::echo(reader, value)?,
    };
    fields.finish(reader, name);
    Some(kinds.into_iter().map(|kind| Step { kind, line }).collect())
}

fn id(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.text(node, "an id")?;
    let word = |word: &str| !word.is_empty() && word.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let valid = text.len() <= MAX_ID && text.split('/').all(|part| part.split('-').all(word));
    if valid {
        return Some(text.to_string());
    }
    let hint =
        "an id is a path such as `ping-pong/echoes-payload-125`: lower-case words and digits, separated by `-` and `/`";
    reader.diagnostic(node.span, format!("`{text}` is not a valid id"), Some(hint.into()));
    None
}

fn autobahn_numbers(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    let number = |text: &str| {
        text.split('.').count() >= 2
            && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut numbers = Vec::new();
    for item in one_or_list(node) {
        let Some(text) = reader.text(item, "a text such as \"7.1.6\"") else {
            continue;
        };
        if number(&text) {
            numbers.push(text.to_string());
        } else {
            let hint = "write it in quotes, such as \"7.1.6\"; write several as a list".to_string();
            reader.diagnostic(item.span, format!("`{text}` is not an Autobahn case number"), Some(hint));
        }
    }
    numbers
}

/// The role of a node. `None` is both roles.
pub fn role(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Role> {
    reader.one_of(node?, "a role", ROLES)
}

fn specs(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    let mut specs = Vec::new();
    for item in one_or_list(node) {
        let Some(text) = reader.text(item, "a section of an RFC") else {
            continue;
        };
        if requirements::is_spec(&text) {
            specs.push(text.to_string());
        } else {
            let hint = "write it as `rfc6455#section-5.5.2`".to_string();
            reader.diagnostic(item.span, format!("`{text}` is not a section of an RFC"), Some(hint));
        }
    }
    specs
}

fn requirement_ids(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    let mut ids = Vec::new();
    for item in one_or_list(node) {
        let Some(text) = reader.text(item, "the id of a requirement") else {
            continue;
        };
        if requirements::find(&text).is_some() {
            ids.push(text.to_string());
            continue;
        }
        let near = suggest::nearest(&text, requirements::all().iter().map(|requirement| requirement.id));
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`wsspec list --requirements` lists all requirements".to_string(),
        };
        reader.diagnostic(item.span, format!("unknown requirement `{text}`"), Some(hint));
    }
    ids
}

fn level(reader: &mut Reader<'_>, node: &Node) -> Option<Level> {
    reader.one_of(node, "a level", LEVELS)
}

fn needs(reader: &mut Reader<'_>, node: &Node) -> Vec<Need> {
    one_or_list(node).iter().filter_map(|item| reader.one_of(item, "a need", NEEDS)).collect()
}

fn measures(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<(Measure, u64)>> {
    let mut fields = Fields::open(reader, node, &MEASURES)?;
    let mut measures = Vec::new();
    for &measure in Measure::VARIANTS {
        if let Some(node) = fields.take(measure.name()) {
            measures.push((measure, reader.number(node, "an amount", 1, u64::MAX)?));
        }
    }
    fields.finish(reader, "measures");
    Some(measures)
}

fn ends(reader: &mut Reader<'_>, node: &Node) -> Option<Ends> {
    reader.one_of(node, "an end", ENDS)
}
