//! Groups of processes that the harness has started, and their end at any exit of the harness.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::process::Child;
use tokio::time::Instant;

use super::{Usage, system};

/// The groups that are running. A panic in another thread leaves the set as it was, which is valid.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// How long members of a killed group may take to disappear.
const GROUP_END: Duration = Duration::from_secs(2);

/// A process that leads a group, and all processes that descend from it. The drop kills them.
///
/// The id is kept from the start, so that the members can be killed when the leader has already ended.
#[derive(Debug)]
pub struct ProcessGroup {
    leader: u32,
}

impl ProcessGroup {
    /// The group of a process that was just started by [`shell`](super::shell).
    ///
    /// # Errors
    /// The process has ended and was collected, or the system has no room for a group.
    pub fn new(leader: &Child) -> io::Result<Self> {
        let id = leader.id().ok_or_else(|| io::Error::other("the process has no id"))?;
        super::form_group(leader, id)?;
        Ok(Self::led_by(id))
    }

    /// The group of the process with this id, which leads one.
    pub(crate) fn led_by(leader: u32) -> Self {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).insert(leader);
        Self { leader }
    }

    /// The process id of the leader, which is the group's id.
    pub fn id(&self) -> u32 {
        self.leader
    }

    /// What all members have used so far, where the system reveals it.
    pub fn usage(&self) -> Option<Usage> {
        system::usage(self.leader)
    }

    /// The sum of the most memory that each member has had resident, in bytes, where the system reveals it.
    pub fn most_resident(&self) -> Option<u64> {
        system::most_resident(self.leader)
    }

    /// Whether any member runs.
    pub fn is_alive(&self) -> bool {
        system::is_alive(self.leader)
    }

    /// Kills every member.
    pub fn kill(&self) {
        system::kill_group(self.leader);
    }

    /// Waits until no member is left, for at most two seconds.
    pub async fn ended(&self) {
        let deadline = Instant::now() + GROUP_END;
        while self.is_alive() && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.leader);
    }
}

/// Kills every group that is running, for an exit that drops nothing.
pub fn kill_all_groups() {
    for &leader in RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        system::kill_group(leader);
    }
}
