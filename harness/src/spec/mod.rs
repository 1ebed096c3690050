//! What the RFCs require: the table of requirements, the zones in which the RFCs leave room, and which requirements cases prove.

pub mod coverage;
mod implied;
pub mod requirements;
pub mod zones;

pub use implied::implied;
pub use requirements::Requirement;
pub use zones::ZoneText;
