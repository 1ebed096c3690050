//! Proof that the suite can fail: faulty reference peers in memory, and the kill matrix that they make.

mod kill_matrix;
mod simulation;

pub use kill_matrix::{
    Earned, KillSettings, ROLES, VALID_PEERS, in_parallel, is_long_running, kill_matrix, must_be_detected,
};
pub use simulation::{SimulatedPeer, Simulation};
