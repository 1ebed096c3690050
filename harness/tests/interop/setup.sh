#!/usr/bin/env bash
# Installs the WebSocket programs that the suite is played against, by package name, into .interop/ at the repository's root.
# Usage: setup.sh [NAME...]   Without a name it installs every program. `core` means the programs that the tests use.
# Prints one line per program. Fails only if a program that was requested by name is not installed afterwards.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
out=$root/.interop
logs=$out/log
mkdir -p "$logs"

core=(ws websockets tokio-tungstenite)
npm_programs=(ws websocket faye-websocket undici)
pypi_programs=(websockets aiohttp tornado wsproto hypercorn websocket-client)
cargo_programs=(tokio-tungstenite tokio-websockets fastwebsockets soketto)
debian_programs=(gorilla-websocket nhooyr-websocket libwebsockets mojolicious)
all=("${npm_programs[@]}" "${pypi_programs[@]}" "${cargo_programs[@]}" "${debian_programs[@]}")

reason=
updated=

have() { command -v "$1" >/dev/null 2>&1; }

contains() {
    local wanted=$1 word
    shift
    for word in "$@"; do [[ $word == "$wanted" ]] && return 0; done
    return 1
}

# Runs a command, writes its output to the program's log, and sets `reason` if it fails.
logged() {
    local name=$1
    shift
    echo "+ $*" >>"$logs/$name.log"
    "$@" >>"$logs/$name.log" 2>&1 && return 0
    reason="'$1 ${2-}' failed, see .interop/log/$name.log"
    return 1
}

# Each program has its own folder, so that the dependencies of one program cannot change the behaviour of another.
install_npm() {
    local name=$1 folder=$out/npm/$1
    have npm || { reason="npm is not installed"; return 1; }
    cmp -s "$here/$name/package-lock.json" "$folder/installed.json" && return 0
    mkdir -p "$folder"
    cp "$here/$name/package.json" "$here/$name/package-lock.json" "$folder/" || return 1
    logged "$name" npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund || return 1
    cp "$here/$name/package-lock.json" "$folder/installed.json"
}

install_pypi() {
    local name=$1 python=$out/venv/bin/python
    have python3 || { reason="python3 is not installed"; return 1; }
    cmp -s "$here/requirements.txt" "$out/venv/installed.txt" && return 0
    [[ -x $python ]] || logged "$name" python3 -m venv "$out/venv" || return 1
    logged "$name" "$python" -m pip install --disable-pip-version-check -r "$here/requirements.txt" || return 1
    cp "$here/requirements.txt" "$out/venv/installed.txt"
}

install_cargo() {
    local name=$1
    have cargo || { reason="cargo is not installed"; return 1; }
    CARGO_TARGET_DIR=$out/target logged "$name" cargo build --release --locked \
        --manifest-path "$here/rust/Cargo.toml" --features "$name" --bin "$name"
}

# Installs the Debian packages that are missing. Updates the package lists at most once in each run.
debian() {
    local name=$1 package missing=()
    shift
    have dpkg-query || { reason="this is not Debian"; return 1; }
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == "ii " ]] || missing+=("$package")
    done
    ((${#missing[@]} == 0)) && return 0
    [[ $(id -u) == 0 ]] || { reason="only root can install ${missing[*]}"; return 1; }
    if [[ -z $updated ]]; then
        logged "$name" apt-get update || return 1
        updated=yes
    fi
    DEBIAN_FRONTEND=noninteractive logged "$name" apt-get install -y --no-install-recommends "${missing[@]}"
}

# Builds program $1 with the command that follows, unless it is newer than its source $2.
build() {
    local name=$1 source=$2
    shift 2
    mkdir -p "$out/bin"
    [[ -x $out/bin/$name && -z $(find "$source" -newer "$out/bin/$name") ]] || logged "$name" "$@"
}

# Debian's Go packages are source trees below /usr/share/gocode, for a build without modules.
build_go() {
    local name=$1 tag=$2
    build "$name" "$here/go" env -C "$here/go" GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$out/gocache" \
        go build -tags "$tag" -o "$out/bin/$name"
}

install_debian() {
    local name=$1
    case $name in
    gorilla-websocket)
        debian "$name" golang-go golang-github-gorilla-websocket-dev && build_go "$name" gorilla
        ;;
    nhooyr-websocket)
        debian "$name" golang-go golang-nhooyr-websocket-dev && build_go "$name" nhooyr
        ;;
    libwebsockets)
        debian "$name" gcc libc6-dev libwebsockets-dev &&
            build "$name" "$here/libwebsockets" \
                gcc -O2 -Wall -Wextra -o "$out/bin/$name" "$here/libwebsockets/echo.c" -lwebsockets
        ;;
    mojolicious)
        debian "$name" libmojolicious-perl
        ;;
    esac
}

install() {
    local name=$1
    if contains "$name" "${npm_programs[@]}"; then
        install_npm "$name"
    elif contains "$name" "${pypi_programs[@]}"; then
        install_pypi "$name"
    elif contains "$name" "${cargo_programs[@]}"; then
        install_cargo "$name"
    elif contains "$name" "${debian_programs[@]}"; then
        install_debian "$name"
    else
        reason="no program has this name"
        return 1
    fi
}

asked=()
for word in "$@"; do
    if [[ $word == core ]]; then asked+=("${core[@]}"); else asked+=("$word"); fi
done
if (($# > 0)); then chosen=("${asked[@]}"); else chosen=("${all[@]}"); fi

failed=0
for name in "${chosen[@]}"; do
    reason=
    : >"$logs/$name.log"
    if install "$name"; then
        echo "$name: installed $("$here/version.sh" "$name")"
    else
        echo "$name: skipped because ${reason:-it could not be installed}"
        (($# > 0)) && failed=1
    fi
done
exit "$failed"
