#!/usr/bin/env bash
# Prints the version of an installed program: version.sh NAME
set -eu

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$(cd "$here/../../.." && pwd)/.interop
name=$1

if [[ -d $out/npm/$name ]]; then
    node -p 'require(process.argv[1]).version' "$out/npm/$name/node_modules/$name/package.json"
elif grep -q "^name = \"$name\"\$" "$here/rust/Cargo.lock"; then
    sed -n "/^name = \"$name\"\$/{n;s/^version = \"\(.*\)\"\$/\1/p}" "$here/rust/Cargo.lock"
else
    "$out/venv/bin/python" -c 'import sys; from importlib.metadata import version; print(version(sys.argv[1]))' "$name"
fi
