//! The options for listeners: TLS with a CA that is made at the start, Unix sockets, and the files of both.

use std::path::{Path, PathBuf};

use clap::Args;

use super::config::Config;
use super::failure::Failure;
use crate::link::tls::Authority;
use crate::os::private_folder;
use crate::run::Exit;
use crate::targets::CommandPlaceholders;

/// TLS for connections from clients.
#[derive(Clone, Debug, Default, Args)]
pub struct Secured {
    /// Serve wss:// URLs; the CA and its certificate for localhost, 127.0.0.1 and ::1 are created at start
    #[arg(long)]
    pub tls: bool,
    /// Write the certificate of the CA to this file (PEM); {ca} in the command of --client is this file, or a temporary one
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub ca_out: Option<PathBuf>,
}

impl Secured {
    /// Adds what the configuration has and the command line has not.
    pub fn or(mut self, config: &Config) -> Self {
        self.tls |= config.tls;
        self.ca_out = self.ca_out.or_else(|| config.ca_out.clone());
        self
    }

    /// The CA of a run with TLS. Its certificate is written to the file that the user gives.
    pub fn authority(&self) -> Result<Option<Authority>, Failure> {
        if !self.tls {
            return match &self.ca_out {
                Some(_) => Err(Failure::usage("a CA is created for TLS only: set `tls` in addition to `ca-out`")),
                None => Ok(None),
            };
        }
        let authority = Authority::new().map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
        if let Some(file) = &self.ca_out {
            write_ca(&authority, file)?;
        }
        Ok(Some(authority))
    }

    /// What fills the placeholders of the command of spawned clients, with the files that these name.
    pub fn placeholders(&self, command: &str) -> Result<CommandPlaceholders, Failure> {
        let authority = self.authority()?;
        let own_ca = authority.is_some() && self.ca_out.is_none() && command.contains("{ca}");
        let own_socket = command.contains("{socket}");
        let folder = (own_ca || own_socket)
            .then(private_folder)
            .transpose()
            .map_err(|error| Failure::new(Exit::NotWritten, format!("cannot make a temporary folder: {error}")))?;
        let within = |name: &str| folder.as_ref().map(|folder| folder.path().join(name));
        let mut ca_file = self.ca_out.clone();
        if let (Some(authority), Some(file), true) = (&authority, within("ca.pem"), own_ca) {
            write_ca(authority, &file)?;
            ca_file = Some(file);
        }
        // A client may be started in another folder.
        let ca_file = ca_file.map(|file| std::path::absolute(&file).unwrap_or(file));
        let socket = within("socket").filter(|_| own_socket);
        Ok(CommandPlaceholders { authority, ca_file, socket, folder })
    }
}

fn write_ca(authority: &Authority, file: &Path) -> Result<(), Failure> {
    crate::run::write_file(file, authority.pem()).map_err(Failure::from)
}
