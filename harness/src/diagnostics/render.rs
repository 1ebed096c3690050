//! Errors as text: the line, a caret under the error, and a hint.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::Diagnostic;

/// The style of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    #[default]
    Plain,
    /// With ANSI colours.
    Ansi,
}

/// The maximum length of a line that is shown, in bytes.
const MAX_LINE: usize = 240;

/// Renders errors one after the other, separated by an empty line.
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
        // A very long line is not shown. Its place is enough.
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

/// A message without control characters.
fn safe(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
