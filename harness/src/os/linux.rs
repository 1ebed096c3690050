//! Linux: processes and sockets, as `/proc` shows them.

use std::collections::{BTreeSet, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use procfs::net::{TcpState, UnixState};
use procfs::process::{FDTarget, Process, Stat, all_processes};
use rustix::process::{Pid, Signal, kill_process, test_kill_process_group};

use super::unix::{pid_of, signal_group};
use super::{Owner, Ownership, Usage};

/// The members of a group: the processes with its id, and their descendants in other groups. Zombies have ended.
fn members(leader: u32) -> Vec<Stat> {
    let Ok(all) = all_processes() else { return Vec::new() };
    let mut others: Vec<Stat> = all.filter_map(|process| process.ok()?.stat().ok()).collect();
    let leader = i32::try_from(leader).unwrap_or(0);
    let mut found: Vec<Stat> = Vec::new();
    let mut ids = BTreeSet::new();
    loop {
        let (new, rest): (Vec<Stat>, Vec<Stat>) =
            others.into_iter().partition(|stat| stat.pgrp == leader || stat.pid == leader || ids.contains(&stat.ppid));
        others = rest;
        if new.is_empty() {
            break;
        }
        ids.extend(new.iter().map(|stat| stat.pid));
        found.extend(new);
    }
    found.retain(|stat| !matches!(stat.state, 'Z' | 'X'));
    found
}

pub(super) fn usage(leader: u32) -> Option<Usage> {
    let members = members(leader);
    let ticks: u64 = members
        .iter()
        .map(|stat| {
            let ended = u64::try_from(stat.cutime).unwrap_or(0) + u64::try_from(stat.cstime).unwrap_or(0);
            stat.utime + stat.stime + ended
        })
        .sum();
    let cpu = Duration::from_millis(ticks * 1000 / procfs::ticks_per_second().max(1));
    let resident = members.iter().map(|stat| stat.rss * procfs::page_size()).sum();
    (!members.is_empty()).then_some(Usage { cpu, resident })
}

pub(super) fn most_resident(leader: u32) -> Option<u64> {
    let peak = |stat: &Stat| Process::new(stat.pid).ok()?.status().ok()?.vmhwm.map(|kibibytes| kibibytes << 10);
    members(leader).iter().filter_map(peak).reduce(|sum, one| sum + one)
}

pub(super) fn is_alive(leader: u32) -> bool {
    // The signal counts zombies as members, which nobody may ever collect.
    pid_of(leader).is_some_and(|group| test_kill_process_group(group).is_ok()) && !members(leader).is_empty()
}

pub(super) fn kill_group(leader: u32) {
    if !is_alive(leader) {
        return;
    }
    // Descendants that made a group of their own are not reached by the signal to the group.
    let descendants = members(leader);
    signal_group(leader);
    for pid in descendants.iter().filter_map(|stat| Pid::from_raw(stat.pid)) {
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Who listens at one of these addresses. `leader` names the group in question, where there is one.
///
/// All addresses have the same port. A listener of all addresses of the machine counts.
pub fn port_owner(addresses: &[SocketAddr], leader: Option<u32>) -> Ownership {
    let fits = |local: &SocketAddr| {
        addresses.iter().any(|wanted| {
            local.port() == wanted.port()
                && (local.ip().is_unspecified() || unmapped(local.ip()) == unmapped(wanted.ip()))
        })
    };
    let listening = [procfs::net::tcp(), procfs::net::tcp6()].into_iter().flatten().flatten();
    let inodes = listening.filter(|entry| entry.state == TcpState::Listen && fits(&entry.local_address));
    owner(&inodes.map(|entry| entry.inode).collect(), leader)
}

/// Who listens on a Unix socket with this path.
pub fn file_owner(path: &Path, leader: Option<u32>) -> Ownership {
    let all = procfs::net::unix().unwrap_or_default();
    let listening =
        all.into_iter().filter(|entry| entry.state == UnixState::UNCONNECTED && entry.path.as_deref() == Some(path));
    owner(&listening.map(|entry| entry.inode).collect(), leader)
}

/// An IPv4 address that is written as IPv6 in its own form.
fn unmapped(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn owner(inodes: &HashSet<u64>, leader: Option<u32>) -> Ownership {
    if inodes.is_empty() {
        return Ownership::Unknown;
    }
    let group: BTreeSet<i32> = leader.map(members).unwrap_or_default().into_iter().map(|stat| stat.pid).collect();
    let owns = |process: &Process| {
        let sockets = process.fd().into_iter().flatten().flatten();
        sockets.map(|fd| fd.target).any(|target| matches!(target, FDTarget::Socket(inode) if inodes.contains(&inode)))
    };
    if group.iter().filter_map(|pid| Process::new(*pid).ok()).any(|process| owns(&process)) {
        return Ownership::Group;
    }
    let other = all_processes().into_iter().flatten().flatten().find(owns);
    let named = other.and_then(|process| {
        let pid = u32::try_from(process.pid).ok()?;
        Some(Owner { pid, name: process.stat().ok()?.comm })
    });
    named.map_or(Ownership::Unknown, Ownership::Other)
}
