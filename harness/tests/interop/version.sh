#!/usr/bin/env bash
# Prints the version of an installed program: version.sh NAME. Fails if its command cannot be run.
set -eu

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$(cd "$here/../../.." && pwd)/.interop
name=$1

if [[ -d $out/npm/$name ]]; then
    node -p 'require(process.argv[1]).version' "$out/npm/$name/node_modules/$name/package.json"
elif grep -q "^name = \"$name\"\$" "$here/rust/Cargo.lock"; then
    # The lock file lists the program even if it was not built.
    [[ -x $out/target/release/$name ]]
    sed -n "/^name = \"$name\"\$/{n;s/^version = \"\(.*\)\"\$/\1/p}" "$here/rust/Cargo.lock"
elif [[ $name == gorilla-websocket ]]; then
    dpkg-query -W -f '${Version}\n' golang-github-gorilla-websocket-dev
elif [[ $name == nhooyr-websocket ]]; then
    dpkg-query -W -f '${Version}\n' golang-nhooyr-websocket-dev
elif [[ $name == libwebsockets ]]; then
    dpkg-query -W -f '${Version}\n' libwebsockets-dev
elif [[ $name == mojolicious ]]; then
    dpkg-query -W -f '${Version}\n' libmojolicious-perl
else
    "$out/venv/bin/python" -c 'import sys; from importlib.metadata import version; print(version(sys.argv[1]))' "$name"
fi
