#!/usr/bin/env python3
"""Plays the whole suite against every installed program, servers and looping clients, and writes one table of all results.

    harness/tests/interop/matrix.py [NAME...]      run from the repository's root; results go to .interop/matrix/

WSSPEC is the path of the binary; the default is target/release/wsspec.
"""

import json
import os
import pathlib
import shlex
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
OUT = ROOT / ".interop" / "matrix"
WSSPEC = os.environ.get("WSSPEC", str(ROOT / "target" / "release" / "wsspec"))


# Programs that support permessage-deflate have it enabled.
ENVIRONMENT = {**os.environ, "INTEROP_DEFLATE": "1"}


def installed(name):
    version = subprocess.run([ROOT / "harness/tests/interop/version.sh", name], capture_output=True, text=True, cwd=ROOT)
    return version.stdout.strip() if version.returncode == 0 else None


def quoted(words):
    return " ".join(word if "{" in word else shlex.quote(word) for word in words)


def say(name, role, started, folder, code):
    end = json.loads(folder.joinpath("results.jsonl").read_text().splitlines()[-1])
    counts = ", ".join(f"{count} {word}" for word, count in end.get("totals", {}).items() if count)
    print(f"{name:<20} {role:<7} exit {code}  {time.monotonic() - started:5.1f} s  {counts}", flush=True)


def server(program):
    folder = OUT / f"{program['name']}-server"
    started = time.monotonic()
    ran = subprocess.run(
        [WSSPEC, "run", "--start", quoted(program["server"]), "ws://127.0.0.1:{port}/", "--no-gate", "--no-html", "--quiet",
         "--out", folder],
        cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900)
    say(program["name"], "server", started, folder, ran.returncode)
    return folder / "results.jsonl"


def client(program):
    folder = OUT / f"{program['name']}-client"
    started = time.monotonic()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % probe.getsockname()[1]
    # A pattern also selects the cases whose handshake the client must refuse.
    harness = subprocess.Popen(
        [WSSPEC, "run", "--listen", address, "*", "--no-gate", "--no-html", "--quiet", "--out", folder],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(500):
        try:
            socket.create_connection(address.split(":")).close()
            break
        except OSError:
            time.sleep(0.02)
    words = [word.replace("{base}", f"ws://{address}").replace("{agent}", program["name"]) for word in program["loop"]]
    looping = subprocess.Popen(words, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        code = harness.wait(900)
    finally:
        looping.kill()
        harness.kill()
    say(program["name"], "client", started, folder, code)
    return folder / "results.jsonl"


def main():
    wanted = sys.argv[1:]
    files = []
    for program in json.loads((ROOT / "harness/tests/interop/programs.json").read_text()):
        if wanted and program["name"] not in wanted:
            continue
        if installed(program["name"]) is None:
            print(f"{program['name']:<20} skipped: not installed; harness/tests/interop/setup.sh {program['name']}")
            continue
        for role, play in (("server", server), ("loop", client)):
            if role in program:
                try:
                    files.append(play(program))
                except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
                    print(f"{program['name']:<20} {role}: not played: {error}")
    if files:
        subprocess.run([WSSPEC, "matrix", *files, "--html", OUT / "matrix.html"], check=True)
        print(f"table: {OUT / 'matrix.html'}")


if __name__ == "__main__":
    main()
