#!/usr/bin/env bash
# Plays the whole suite in both roles several times while all cores are busy. The verdicts must be the same in each run.
#   harness/tests/stability.sh [RUNS]
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-50}
wsspec=target/release/wsspec
folder=$(mktemp -d)
burners=()
finish() { kill "${burners[@]}" 2>/dev/null || true; rm -rf "$folder"; }
trap finish EXIT
for _ in $(seq "$(nproc)"); do
  (while :; do :; done) &
  burners+=($!)
done
verdicts() { grep '"kind":"case"' "$1" | sed -E 's/^.*"case":"([^"]*)","role":"([^"]*)".*"outcome":"([a-z]*)","title".*$/\1 \2 \3/' | sort; }
different=0
for run in $(seq "$runs"); do
  "$wsspec" demo --no-html --no-gate --quiet --out "$folder/out" >/dev/null 2>&1 || true
  # The peers of the demo do not support permessage-deflate; our own peer does.
  "$wsspec" run --start "$wsspec peer server 127.0.0.1:{port} --fault none" 'ws://127.0.0.1:{port}/' 'deflate/*' \
    --no-html --no-gate --quiet --out "$folder/deflate" >/dev/null 2>&1 || true
  verdicts "$folder/out/results.jsonl" > "$folder/now"
  verdicts "$folder/deflate/results.jsonl" >> "$folder/now"
  if [ "$run" = 1 ]; then
    cp "$folder/now" "$folder/first"
    printf '%s verdicts in each run\n' "$(wc -l < "$folder/first")"
  elif ! cmp -s "$folder/first" "$folder/now"; then
    different=$((different + 1))
    printf 'run %s differs:\n' "$run"
    diff "$folder/first" "$folder/now" | head -n 20 || true
  fi
done
printf '%s runs under load, %s with different verdicts\n' "$runs" "$different"
[ "$different" = 0 ]
