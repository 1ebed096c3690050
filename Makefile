# Each recipe line is one command that a person could type.

.PHONY: demo test lint fuzz bench report interop matrix stability kill-matrix

# Plays the suite in both roles against the embedded tungstenite peers and writes wsspec-report/report.html.
demo:
	cargo run --release --bin wsspec -- demo

# Unit, property, snapshot and end-to-end tests; the interop programs are played where they are installed.
test:
	cargo test --workspace

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
	cargo deny --all-features check licenses bans sources

# Every fault of the reference peer through the whole suite: which cases detect it, and which cases kill no fault.
kill-matrix:
	cargo run --release --bin wsspec -- kill-matrix --json kill-matrix.json --html kill-matrix.html

# The suite against real servers and clients from npm, PyPI and crates.io, installed by name into .interop/.
interop:
	harness/tests/interop/setup.sh core
	WSSPEC_INTEROP=full cargo test --release -p wsspec --test interop -- --nocapture

# The whole suite against every installed program; `harness/tests/interop/setup.sh` installs all.
matrix:
	cargo build --release --bin wsspec
	harness/tests/interop/matrix.py

# Fifty whole runs with all cores kept busy: the verdicts must not change.
stability:
	cargo build --release --bin wsspec
	harness/tests/stability.sh 50

# The speed of the suite compared with that of the targets, in one run.
bench:
	harness/tests/interop/setup.sh ws || true
	cargo bench -p wsspec --bench suite

# The fuzz targets, some seconds each; SECONDS_EACH=600 for longer.
SECONDS_EACH ?= 20
fuzz:
	fuzz/run.sh $(SECONDS_EACH)

# Writes the HTML report of the last run again.
report:
	cargo run --release --bin wsspec -- report wsspec-report/results.jsonl --html wsspec-report/report.html
