//! The members of a process group on a system of the Unix family without `/proc`. The tests run it on Linux, too.

use std::collections::BTreeSet;

// The function of the same name in `rustix` must not meet a process of group 0, such as the kernel's own.
use nix::unistd::{self, getpgid};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// The processes with the group's id, and their descendants in other groups.
pub(super) fn members(leader: u32) -> Vec<u32> {
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing().without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    let id = |pid: u32| i32::try_from(pid).ok().map(unistd::Pid::from_raw);
    let in_group = |pid: &Pid| id(pid.as_u32()).and_then(|pid| getpgid(Some(pid)).ok()) == id(leader);
    let mut found: BTreeSet<Pid> = system.processes().keys().copied().filter(in_group).collect();
    loop {
        let is_child = |parent: Option<Pid>| parent.is_some_and(|parent| found.contains(&parent));
        let all = system.processes().iter();
        let new: Vec<Pid> = all
            .filter(|(pid, process)| is_child(process.parent()) && !found.contains(pid))
            .map(|(pid, _)| *pid)
            .collect();
        if new.is_empty() {
            return found.into_iter().map(Pid::as_u32).collect();
        }
        found.extend(new);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn descendants_in_other_groups_are_members() {
        let line = "setsid sh -c 'sleep 100 & wait' & wait";
        let child = super::super::shell(line).kill_on_drop(true).spawn().unwrap();
        let group = super::super::ProcessGroup::new(&child).unwrap();
        let deadline = Instant::now() + Duration::from_secs(5);
        while members(group.id()).len() < 3 {
            assert!(Instant::now() < deadline, "{:?}", members(group.id()));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(!members(group.id()).contains(&std::process::id()));
    }
}
