//! The suite: the cases built into the binary, and those of a user's own files.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::document::MAX_FILE;
use super::mistake::{FileText, Mistake, Mistakes, Span};
use super::model::Case;
use super::read::{self, Attachments, NoAttachments, Pool, ReadCase};

/// The case files that the build has put into the binary.
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/suite.rs"));
}

/// The deepest folder that is looked into.
const MAX_FOLDERS: usize = 32;
/// The largest attachment that is read at all; the reader's own bound is lower.
const MAX_READ: u64 = 17 * 1024 * 1024;

/// Cases in their natural order: files by path, cases as in the file. No id comes twice.
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

    /// Adds another suite's cases: one with a known id takes that one's place, the others follow at the end.
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

/// Why no suite was loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder without any case file.
    #[error("{}: no case file (`*.yaml`) is there", .0.display())]
    Empty(PathBuf),
    /// Case files with mistakes: all of them.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
}

/// Loads the suite that is built into the binary.
///
/// # Errors
/// Mistakes in the shipped case files, which the project's own tests keep out.
pub fn load_embedded() -> Result<Suite, LoadError> {
    let mut loader = Loader::default();
    for (name, text) in embedded::CASES {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        loader.file(&FileText::new(format!("cases/{name}"), *text), name, &Embedded { folder });
    }
    Ok(loader.finish()?)
}

/// Loads all case files (`*.yaml`, `*.yml`) below a folder, or a single file.
///
/// # Errors
/// What cannot be read, a folder without case files, or all mistakes of the files.
pub fn load_dir(path: impl AsRef<Path>) -> Result<Suite, LoadError> {
    load_paths(&[path])
}

/// Loads several files and folders as one suite, so that ids that come twice among them are found.
///
/// # Errors
/// As [`load_dir`].
pub fn load_paths<P: AsRef<Path>>(paths: &[P]) -> Result<Suite, LoadError> {
    let mut loader = Loader::default();
    for path in paths {
        let path = path.as_ref();
        let is_dir = std::fs::metadata(path).map_err(|source| LoadError::Read { path: path.into(), source })?.is_dir();
        if !is_dir {
            let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            loader.disk(path, &name)?;
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
            loader.disk(&file, &name)?;
        }
    }
    Ok(loader.finish()?)
}

/// Reads the text of a single case file, which cannot send other files.
///
/// # Errors
/// All mistakes in it.
pub fn read_str(path: &str, text: &str) -> Result<Suite, Mistakes> {
    let mut loader = Loader::default();
    loader.file(&FileText::new(path, text), path, &NoAttachments);
    loader.finish()
}

/// As [`read_str`], for octets that need not be UTF-8.
///
/// # Errors
/// All mistakes in it.
pub fn read_bytes(path: &str, octets: &[u8]) -> Result<Suite, Mistakes> {
    let mut loader = Loader::default();
    loader.octets(path, path, octets, &NoAttachments);
    loader.finish()
}

/// Collects the case files below a folder; hidden ones and links to folders are passed over.
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

/// Joins files to a suite.
#[derive(Default)]
struct Loader {
    pool: Pool,
    cases: Vec<Case>,
    /// Where each id stands: the file as it is shown, and the line.
    ids: HashMap<String, (Arc<str>, usize)>,
    mistakes: Vec<Mistake>,
}

impl Loader {
    fn file(&mut self, file: &FileText, source: &str, attachments: &dyn Attachments) {
        let source: Arc<str> = source.into();
        let read = read::read_file(file, &source, attachments, &mut self.pool);
        self.mistakes.extend(read.mistakes);
        for ReadCase { case, id_span } in read.cases {
            match self.ids.get(&case.id) {
                Some((path, line)) => {
                    let mistake = file.mistake(id_span, format!("the id `{}` is used twice", case.id));
                    self.mistakes.push(mistake.hint(format!("it stands in {path}:{line} already")));
                }
                None => {
                    self.ids.insert(case.id.clone(), (file.path.clone(), file.line(id_span.start)));
                    self.cases.push(case);
                }
            }
        }
    }

    fn octets(&mut self, shown: &str, source: &str, octets: &[u8], attachments: &dyn Attachments) {
        match std::str::from_utf8(octets) {
            Ok(text) => self.file(&FileText::new(shown, text), source, attachments),
            Err(error) => {
                let at = error.valid_up_to();
                let file = FileText::new(shown, String::from_utf8_lossy(octets));
                let mistake = file.mistake(Span::new(at, at + '\u{fffd}'.len_utf8()), "the file is not UTF-8 here");
                self.mistakes.push(mistake.hint("octets that are no text are written as `{hex: ...}`"));
            }
        }
    }

    fn disk(&mut self, path: &Path, source: &str) -> Result<(), LoadError> {
        // One octet more than the bound is enough to see that the file is too large.
        let octets =
            read_bounded(path, MAX_FILE as u64 + 1).map_err(|source| LoadError::Read { path: path.into(), source })?;
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        self.octets(&path.to_string_lossy(), source, &octets, &Folder(folder));
        Ok(())
    }

    fn finish(self) -> Result<Suite, Mistakes> {
        if self.mistakes.is_empty() { Ok(Suite { cases: self.cases }) } else { Err(Mistakes(self.mistakes)) }
    }
}

fn read_bounded(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    std::fs::File::open(path)?.take(most).read_to_end(&mut octets)?;
    Ok(octets)
}

/// Attachments on disk, beside a case file.
struct Folder(PathBuf);

impl Attachments for Folder {
    fn load(&self, path: &str) -> Result<Bytes, String> {
        let folder = if self.0.as_os_str().is_empty() { Path::new(".") } else { &self.0 };
        let resolve = |path: &Path| path.canonicalize().map_err(|error| error.to_string());
        let (folder, file) = (resolve(folder)?, resolve(&folder.join(path))?);
        // A link may lead out although the path does not.
        if !file.starts_with(&folder) {
            return Err("it leads out of the case file's folder".into());
        }
        if !file.is_file() {
            return Err("it is no file".into());
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
        let found = embedded::ATTACHMENTS.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, content)| Bytes::from_static(content)).ok_or_else(|| "there is none in the suite".into())
    }
}

#[cfg(test)]
#[path = "suite_tests.rs"]
mod tests;
