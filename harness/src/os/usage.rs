//! What processes use, by the crate `sysinfo`, for the systems without `/proc`. The tests run it on Linux, too.

use std::time::Duration;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use super::Usage;

/// What these processes use. Children of theirs that have ended are not included.
pub(super) fn usage_of(ids: &[u32]) -> Option<Usage> {
    let ids: Vec<Pid> = ids.iter().map(|id| Pid::from_u32(*id)).collect();
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&ids), true, kind);
    let processes = system.processes().values();
    processes.map(|one| (one.accumulated_cpu_time(), one.memory())).fold(None, |sum: Option<Usage>, (cpu, resident)| {
        let sum = sum.unwrap_or_default();
        let cpu = sum.cpu.saturating_add(Duration::from_millis(cpu));
        Some(Usage { cpu, resident: sum.resident.saturating_add(resident) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_cpu_of_a_process_are_read() {
        let before = usage_of(&[std::process::id()]).unwrap();
        assert!(before.resident > 1 << 20, "{before:?}");
        let filled = vec![1_u8; 64 << 20];
        let start = std::time::Instant::now();
        while start.elapsed() < Duration::from_millis(200) {
            std::hint::black_box(&filled);
        }
        let after = usage_of(&[std::process::id()]).unwrap();
        assert!(after.resident > before.resident + (32 << 20), "{before:?}, {after:?}");
        assert!(after.cpu > before.cpu + Duration::from_millis(50), "{before:?}, {after:?}");
    }

    #[test]
    fn a_process_that_does_not_exist_uses_nothing() {
        assert_eq!(usage_of(&[u32::MAX >> 1]), None);
    }
}
