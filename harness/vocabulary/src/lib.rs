//! The words that all parts of wsspec share.
//!
//! Each is defined once, here, and spelled in one way: in case files, in results and on the terminal. This crate depends on no other
//! part of wsspec.

mod because;
mod direction;
mod layer;
mod level;
mod masking_key;
mod outcome;
mod phase;
mod requirement;
mod role;
mod zone;

pub use because::Because;
pub use direction::{Direction, StreamEnd};
pub use layer::{Layer, PathEnd};
pub use level::Level;
pub use masking_key::{MaskingKey, MaskingKeyError};
pub use outcome::{Ending, Outcome};
pub use phase::Phase;
pub use requirement::RequirementId;
pub use role::Role;
pub use zone::{Zone, ZoneError};

/// Implements `Display` by a method `name`.
macro_rules! display_by_name {
    ($($type:ty),*) => {$(
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    )*};
}
display_by_name!(Role, Level, Outcome, Direction, Layer, StreamEnd);
