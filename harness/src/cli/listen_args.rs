//! What clients call: TLS with a CA of our own, Unix sockets, and the files of both.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::config::Config;
use super::failure::Failure;
use crate::link::tls::Authority;
use crate::run::Exit;
use crate::targets::CommandPlaceholders;

/// TLS toward those who call.
#[derive(Clone, Debug, Default, Args)]
pub struct Secured {
    /// Let them call wss:// URLs; the certificate for localhost, 127.0.0.1 and ::1 and its CA are made at start
    #[arg(long)]
    pub tls: bool,
    /// Write the CA's certificate there (PEM); {ca} in the command of --client is this file, or a temporary one
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub ca_out: Option<PathBuf>,
}

/// A folder of our own that goes when this is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("wsspec-{:016x}", rand::random::<u64>()));
        // A folder that another made would not be ours.
        let made = std::fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| Failure::new(Exit::NotWritten, format!("cannot make {}: {error}", path.display())))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the folder for temporary files does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Secured {
    /// Takes what the configuration says and the command line does not.
    pub fn or(mut self, config: &Config) -> Self {
        self.tls |= config.tls;
        self.ca_out = self.ca_out.or_else(|| config.ca_out.clone());
        self
    }

    /// The authority, where there is TLS; its certificate is written where the user asks.
    pub fn authority(&self) -> Result<Option<Authority>, Failure> {
        if !self.tls {
            return match &self.ca_out {
                Some(_) => Err(Failure::usage("a CA is made for TLS only: say `tls` beside `ca-out`")),
                None => Ok(None),
            };
        }
        let authority = Authority::new().map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
        if let Some(file) = &self.ca_out {
            write_ca(&authority, file)?;
        }
        Ok(Some(authority))
    }

    /// How clients that are spawned with this command are called. The folder must live as long as the run.
    pub fn called_by(&self, command: &str) -> Result<(CommandPlaceholders, Option<Folder>), Failure> {
        let authority = self.authority()?;
        let own_ca = authority.is_some() && self.ca_out.is_none() && command.contains("{ca}");
        let socket = command.contains("{socket}");
        let folder = if own_ca || socket { Some(Folder::new()?) } else { None };
        let within = |name: &str| folder.as_ref().map(|folder| folder.0.join(name));
        let mut ca_file = self.ca_out.clone();
        if let (Some(authority), Some(file), true) = (&authority, within("ca.pem"), own_ca) {
            write_ca(authority, &file)?;
            ca_file = Some(file);
        }
        // A client may be started in another folder.
        let ca_file = ca_file.map(|file| std::path::absolute(&file).unwrap_or(file));
        let socket = within("socket").filter(|_| socket);
        Ok((CommandPlaceholders { authority, ca_file, socket }, folder))
    }
}

fn write_ca(authority: &Authority, file: &Path) -> Result<(), Failure> {
    crate::run::write_file(file, authority.pem()).map_err(Failure::from)
}
