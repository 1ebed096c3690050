use std::cell::RefCell;
use std::collections::BTreeSet;
thread_local! { pub static TAKEN: RefCell<BTreeSet<(&'static str, &'static str)>> = const { RefCell::new(BTreeSet::new()) }; }
