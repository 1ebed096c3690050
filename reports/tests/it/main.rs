//! The reports, from a made-up run of every outcome.

mod frames;
mod html;
mod junit;
mod read;
mod sample;
mod schema;
mod summary;
mod hostile;
