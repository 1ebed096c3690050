//! The suite: the cases that are built into the binary, and those in files of the user.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::document::MAX_FILE;
use super::read::{self, Attachments, NoAttachments, Pool, ReadCase, ReadFile};
use super::select::Selection;
use crate::case::Case;
use crate::diagnostics::{Diagnostic, Diagnostics, FileText, Span};

/// The most threads that read case files.
const MAX_THREADS: usize = 8;
/// Fewer bytes than this are read by one thread.
const SIDE_BY_SIDE_FROM: usize = 32 * 1024;
/// The depth up to which folders are searched.
const MAX_FOLDERS: usize = 32;
/// The most bytes of an attachment that are read. The limit of the language is lower.
const MAX_READ: u64 = 17 * 1024 * 1024;

/// Cases in order: files by path, cases as in their file. Each id is unique.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    cases: Vec<Case>,
}

impl Suite {
    /// The cases in order.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The cases in order, owned.
    pub fn into_cases(self) -> Vec<Case> {
        self.cases
    }

    /// The case of an id.
    pub fn get(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }

    /// Adds the cases of another suite. A case with a known id replaces the case with that id; the others are appended.
    pub fn merge(&mut self, other: Self) {
        let places: HashMap<String, usize> =
            self.cases.iter().enumerate().map(|(place, case)| (case.id.clone(), place)).collect();
        for case in other.cases {
            match places.get(&case.id).and_then(|&place| self.cases.get_mut(place)) {
                Some(known) => *known = case,
                None => self.cases.push(case),
            }
        }
    }
}

/// The reason why a suite was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A folder without any case file.
    #[error("{}: the folder has no case file (`*.yaml`)", .0.display())]
    Empty(PathBuf),
    /// All errors in the case files.
    #[error(transparent)]
    Diagnostics(#[from] Diagnostics),
}

/// Loads the suite that is built into the binary.
///
/// # Errors
/// Errors in the shipped case files. The project's own tests make sure that there are none.
pub fn load_embedded() -> Result<Suite, LoadError> {
    load_embedded_for(&Selection::default())
}

/// Loads the files of the built-in suite that may have a selected case, so that a run of a few cases does not read all files.
///
/// # Errors
/// As [`load_embedded`].
pub fn load_embedded_for(selection: &Selection) -> Result<Suite, LoadError> {
    let files = wsspec_cases::CASES.iter().filter(|(_, text)| selection.may_fit_in(text)).map(|(name, text)| {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        Input::new(&format!("cases/{name}"), name, text.as_bytes(), Box::new(Embedded { folder }))
    });
    Ok(load(&files.collect::<Vec<_>>())?)
}

/// The texts of the case files that are built into the binary, with their paths.
pub fn embedded_texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    wsspec_cases::CASES.iter().copied()
}

/// Loads all case files (`*.yaml`, `*.yml`) below a folder, or a single file.
///
/// # Errors
/// A file or folder that cannot be read, a folder without case files, or all errors in the files.
pub fn load_dir(path: impl AsRef<Path>) -> Result<Suite, LoadError> {
    load_paths(&[path])
}

/// Loads several files and folders as one suite, so that duplicate ids among them are found.
///
/// # Errors
/// As [`load_dir`].
pub fn load_paths<P: AsRef<Path>>(paths: &[P]) -> Result<Suite, LoadError> {
    let mut inputs = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let is_dir = std::fs::metadata(path).map_err(|source| LoadError::Read { path: path.into(), source })?.is_dir();
        if !is_dir {
            let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            inputs.push(disk(path, &name)?);
            continue;
        }
        let mut files = Vec::new();
        walk(path, 0, &mut files)?;
        if files.is_empty() {
            return Err(LoadError::Empty(path.into()));
        }
        files.sort();
        for file in files {
            let relative = file.strip_prefix(path).unwrap_or(&file);
            let name = relative.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            inputs.push(disk(&file, &name)?);
        }
    }
    Ok(load(&inputs)?)
}

/// Reads the text of a single case file. Its cases cannot send attachments.
///
/// # Errors
/// All errors in it.
pub fn read_str(path: &str, text: &str) -> Result<Suite, Diagnostics> {
    read_bytes(path, text.as_bytes())
}

/// As [`read_str`], for bytes that need not be UTF-8.
///
/// # Errors
/// All errors in it.
pub fn read_bytes(path: &str, bytes: &[u8]) -> Result<Suite, Diagnostics> {
    load(&[Input::new(path, path, bytes, Box::new(NoAttachments))])
}

/// Reads a case from its definition, [`crate::case::Source::definition`], and the files that it sends.
///
/// # Errors
/// A definition that is not valid, or does not hold exactly one case.
pub fn read_definition(text: &str, files: BTreeMap<String, Bytes>) -> Result<Case, Diagnostics> {
    let input = Input::new("definition", "definition", text.as_bytes(), Box::new(files));
    let mut cases = load(std::slice::from_ref(&input))?.into_cases();
    match (cases.pop(), cases.is_empty()) {
        (Some(case), true) => Ok(case),
        _ => {
            let file = FileText::new("definition", text);
            Err(Diagnostics(vec![file.diagnostic(Span::default(), "the definition does not hold exactly one case")]))
        }
    }
}

/// Collects the case files below a folder. Hidden files and links to folders are ignored.
fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let failed = |source| LoadError::Read { path: folder.into(), source };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().map_err(failed)?.is_dir() {
            if depth < MAX_FOLDERS {
                walk(&path, depth + 1, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
    Ok(())
}

/// A case file before it is read.
struct Input {
    /// Its text, or the error that it is not text.
    file: Result<FileText, Diagnostic>,
    /// Its path in the suite.
    source: Arc<str>,
    attachments: Box<dyn Attachments>,
}

impl Input {
    fn new(shown: &str, source: &str, bytes: &[u8], attachments: Box<dyn Attachments>) -> Self {
        let file = std::str::from_utf8(bytes).map(|text| FileText::new(shown, text)).map_err(|error| {
            let at = error.valid_up_to();
            let file = FileText::new(shown, String::from_utf8_lossy(bytes));
            let diagnostic =
                file.diagnostic(Span::new(at, at + '\u{fffd}'.len_utf8()), "the file is not valid UTF-8 here");
            diagnostic.hint("write bytes that are not text as `{hex: ...}`")
        });
        Self { file, source: source.into(), attachments }
    }

    fn size(&self) -> usize {
        self.file.as_ref().map_or(0, |file| file.text.len())
    }

    fn read(&self, pool: &Pool) -> ReadFile {
        match &self.file {
            Ok(file) => read::read_file(file, &self.source, &*self.attachments, pool),
            Err(diagnostic) => ReadFile { cases: Vec::new(), diagnostics: vec![diagnostic.clone()] },
        }
    }
}

/// A case file on disk.
fn disk(path: &Path, source: &str) -> Result<Input, LoadError> {
    // One byte more than the limit shows that the file is too large.
    let bytes =
        read_bounded(path, MAX_FILE as u64 + 1).map_err(|source| LoadError::Read { path: path.into(), source })?;
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    Ok(Input::new(&path.to_string_lossy(), source, &bytes, Box::new(Folder(folder))))
}

/// Reads files and joins them into a suite.
fn load(inputs: &[Input]) -> Result<Suite, Diagnostics> {
    let mut cases: Vec<Case> = Vec::new();
    let mut diagnostics = Vec::new();
    // The place of each id: the file as it is shown, and the line.
    let mut ids: HashMap<String, (Arc<str>, usize)> = HashMap::new();
    for (input, read) in inputs.iter().zip(read_all(inputs)) {
        diagnostics.extend(read.diagnostics);
        let Ok(file) = &input.file else { continue };
        for ReadCase { case, id_span } in read.cases {
            match ids.get(&case.id) {
                Some((path, line)) => {
                    let diagnostic = file.diagnostic(id_span, format!("the id `{}` is used twice", case.id));
                    diagnostics.push(diagnostic.hint(format!("it is already used in {path}:{line}")));
                }
                None => {
                    ids.insert(case.id.clone(), (file.path.clone(), file.line(id_span.start)));
                    cases.push(case);
                }
            }
        }
    }
    if diagnostics.is_empty() { Ok(Suite { cases }) } else { Err(Diagnostics(diagnostics)) }
}

/// Reads files and keeps their order. Several threads read when there is enough to read.
fn read_all(inputs: &[Input]) -> Vec<ReadFile> {
    let pool = Pool::default();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS).min(inputs.len());
    if threads < 2 || inputs.iter().map(Input::size).sum::<usize>() < SIDE_BY_SIDE_FROM {
        return inputs.iter().map(|input| input.read(&pool)).collect();
    }
    let slots: Vec<OnceLock<ReadFile>> = inputs.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((input, slot)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((inputs.get(at)?, slots.get(at)?)))
                {
                    let _ = slot.set(input.read(&pool));
                }
            });
        }
    });
    slots.into_iter().map(|slot| slot.into_inner().unwrap_or_default()).collect()
}

fn read_bounded(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Attachments on disk, in the folder of a case file.
struct Folder(PathBuf);

impl Attachments for Folder {
    fn load(&self, path: &str) -> Result<Bytes, String> {
        let folder = if self.0.as_os_str().is_empty() { Path::new(".") } else { &self.0 };
        let resolve = |path: &Path| path.canonicalize().map_err(|error| error.to_string());
        let (folder, file) = (resolve(folder)?, resolve(&folder.join(path))?);
        // A link may lead out of the folder although the path does not.
        if !file.starts_with(&folder) {
            return Err("it is outside the folder of the case file".into());
        }
        if !file.is_file() {
            return Err("it is not a file".into());
        }
        read_bounded(&file, MAX_READ).map(Bytes::from).map_err(|error| error.to_string())
    }
}

/// Attachments that are built into the binary.
struct Embedded {
    folder: &'static str,
}

impl Attachments for Embedded {
    fn load(&self, path: &str) -> Result<Bytes, String> {
        let wanted = if self.folder.is_empty() { path.to_string() } else { format!("{}/{path}", self.folder) };
        let found = wsspec_cases::ATTACHMENTS.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, content)| Bytes::from_static(content)).ok_or_else(|| "the suite has no such file".into())
    }
}

#[cfg(test)]
#[path = "suite_tests.rs"]
mod tests;
