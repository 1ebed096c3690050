#!/usr/bin/env bash
# Runs every fuzz target for some seconds, with the data that the cases send as seeds: fuzz/run.sh [SECONDS].
#
# It uses the stable toolchain without a sanitizer. If a nightly toolchain is installed, one target also runs with
# AddressSanitizer. The script exits with 1 if there is a finding, and prints the command that replays it.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
if ! [[ $seconds =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: fuzz/run.sh [SECONDS]" >&2
  exit 2
fi

if ! cargo fuzz --version >/dev/null 2>&1; then
  echo "cargo-fuzz is not installed; installing it"
  cargo install --locked --quiet cargo-fuzz
fi

cargo run --quiet --bin wsspec -- generate corpus fuzz/corpus
mkdir -p fuzz/target
findings=0

# fuzz LABEL TARGET CARGO-ARGUMENTS...: runs one target. Its output goes to a log, whose relevant part is shown.
fuzz() {
  local label=$1 target=$2 log started artifacts
  shift 2
  log=fuzz/target/$label.log
  started=$(mktemp)
  if cargo "$@" "$target" "fuzz/corpus/$target" -- -dict=fuzz/websocket.dict -max_total_time="$seconds" \
    -max_len=4096 -timeout=10 >"$log" 2>&1; then
    printf '%-28s %s\n' "$label" "$(grep '^Done' "$log")"
  else
    findings=$((findings + 1))
    artifacts=$(find "fuzz/artifacts/$target" -type f -newer "$started" 2>/dev/null || true)
    if [ -n "$artifacts" ]; then
      printf '%-28s FINDING\n' "$label"
      grep -A 3 -m 1 -E 'panicked at|ERROR: (Address|lib)' "$log" || true
      for artifact in $artifacts; do
        echo "  artifact: $artifact"
        echo "  replay:   cargo $* $target $artifact"
      done
    else
      printf '%-28s FAILED without an artifact\n' "$label"
      tail -n 20 "$log"
    fi
    echo "  log:      $log"
  fi
  rm -f "$started"
}

cargo fuzz build --sanitizer none >fuzz/target/build.log 2>&1 || { cat fuzz/target/build.log; exit 1; }
for source in fuzz/fuzz_targets/*.rs; do
  target=$(basename "$source" .rs)
  fuzz "$target" "$target" fuzz run --sanitizer none
done

if [ "${WSSPEC_FUZZ_ASAN:-1}" = 0 ]; then
  echo "AddressSanitizer is skipped: WSSPEC_FUZZ_ASAN=0"
elif rustup toolchain list 2>/dev/null | grep -q '^nightly'; then
  fuzz frames-with-asan frames +nightly fuzz run --sanitizer address
else
  echo "AddressSanitizer is skipped: it needs a nightly toolchain (rustup toolchain install nightly)"
fi

if [ "$findings" -gt 0 ]; then
  echo "targets with a finding or a failure: $findings"
  exit 1
fi
