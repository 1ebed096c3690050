//! Mistakes as a person reads them: the line itself, a caret under what is wrong, and what to do.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::Diagnostic;

/// How a rendering looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    #[default]
    Plain,
    /// With ANSI colours.
    Ansi,
}

/// The most characters of a line that are shown around a mistake.
const MAX_LINE: usize = 240;

/// Renders mistakes, one below the other with an empty line between, each ended by a line break.
pub fn render(diagnostics: &[Diagnostic], style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Ansi => Renderer::styled(),
    };
    let rendered: Vec<String> = diagnostics.iter().map(|diagnostic| one(&renderer, diagnostic)).collect();
    let mut text = rendered.join("\n\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn one(renderer: &Renderer, diagnostic: &Diagnostic) -> String {
    let source = diagnostic.source();
    let range = diagnostic.range();
    let start = source.get(..range.start).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
    let length = source.get(start..).map_or(0, |rest| rest.find('\n').unwrap_or(rest.len()));
    let line = source.get(start..start + length).unwrap_or_default().trim_end_matches('\r');
    let (from, to) = (range.start.saturating_sub(start), range.end.saturating_sub(start).min(line.len()));
    let title = Level::ERROR.primary_title(safe(&diagnostic.message));
    let mut group = if line.len() > MAX_LINE {
        // A line as long as a file is not shown; its place is enough.
        title.element(
            annotate_snippets::Origin::path(&*diagnostic.file).line(diagnostic.line).char_column(diagnostic.column),
        )
    } else {
        let annotation = AnnotationKind::Primary.span(from.min(line.len())..to.max(from.min(line.len())));
        title.element(Snippet::source(line).path(&*diagnostic.file).line_start(diagnostic.line).annotation(annotation))
    };
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(safe(hint)));
    }
    renderer.render(&[group])
}

/// A message without what could steer a terminal.
fn safe(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
