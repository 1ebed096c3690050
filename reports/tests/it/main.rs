//! The reports, from a made-up run of every outcome.

mod autobahn;
mod cases;
mod frames;
mod hostile;
mod html;
mod junit;
mod kill;
mod read;
mod sample;
mod schema;
mod summary;
