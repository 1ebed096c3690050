#!/usr/bin/env python3
"""Checks that the installed programs start and echo: check.py [NAME...]

Uses the standard library only. It connects to servers over a raw socket, and clients and loops connect to a small raw server.
Prints one line for each program and role, and fails if a program does not work.
"""

import base64
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MESSAGES = [
    (TEXT, "Grüße".encode()),
    (TEXT, b""),
    (BINARY, bytes(range(256))),
    (BINARY, bytes(70000)),
    (TEXT, b"*" * 2**24),
]


class Wire:
    """Frames over a socket, masked with a zero key if `masks` is set."""

    def __init__(self, sock, masks):
        self.sock, self.masks, self.buffer = sock, masks, b""
        sock.settimeout(20)

    def more(self):
        data = self.sock.recv(1 << 20)
        if not data:
            raise EOFError("the connection ended")
        self.buffer += data

    def take(self, count):
        parts = bytearray(self.buffer[:count])
        self.buffer = self.buffer[count:]
        while len(parts) < count:
            data = self.sock.recv(min(1 << 20, count - len(parts)))
            if not data:
                raise EOFError("the connection ended")
            parts += data
        return bytes(parts)

    def head(self):
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return head.decode("latin-1")

    def send(self, opcode, payload, first=0x80):
        length = len(payload)
        mask = 0x80 if self.masks else 0
        if length < 126:
            head = bytes([first | opcode, mask | length])
        elif length < 65536:
            head = bytes([first | opcode, mask | 126]) + length.to_bytes(2, "big")
        else:
            head = bytes([first | opcode, mask | 127]) + length.to_bytes(8, "big")
        self.sock.sendall(head + (bytes(4) if self.masks else b"") + payload)

    def frame(self):
        first, second = self.take(2)
        length = second & 0x7F
        if length > 125:
            length = int.from_bytes(self.take(2 if length == 126 else 8), "big")
        if bool(second & 0x80) == self.masks:
            raise ValueError("the frame is masked or unmasked contrary to the sender's role")
        key = self.take(4) if second & 0x80 else bytes(4)
        payload = self.take(length)
        pad = (key * (length // 4 + 1))[:length]
        plain = int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")
        return bool(first & 0x80), first & 0x0F, plain.to_bytes(length, "big")

    def message(self):
        fin, kind, data = self.frame()
        while not fin:
            fin, _, rest = self.frame()
            data += rest
        return kind, data


def exchange(wire):
    """Sends each message and expects it back, then sends a ping, then performs the closing handshake."""
    for kind, data in MESSAGES:
        # A thread sends the message: a program may echo the pieces of a long message before all of it has been sent.
        sending = threading.Thread(target=wire.send, args=(kind, data), daemon=True)
        sending.start()
        if wire.message() != (kind, data):
            raise ValueError(f"echo of {len(data)} bytes with opcode {kind} differs")
        sending.join()
    wire.send(PING, b"are you there")
    if wire.message() != (PONG, b"are you there"):
        raise ValueError("no pong")
    wire.send(CLOSE, (1000).to_bytes(2, "big"))
    kind, data = wire.message()
    if kind != CLOSE:
        raise ValueError(f"opcode {kind} instead of a close")
    code = int.from_bytes(data[:2], "big") if data else None
    return f"close reply {code}"


def accept(key):
    return base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()


def headers(head):
    pairs = (line.split(":", 1) for line in head.split("\r\n")[1:])
    return {name.strip().lower(): value.strip() for name, value in pairs}


def start(command, **values):
    words = [word.format(**values) for word in command]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def end(process):
    process.kill()
    return process.communicate()[0].decode(errors="replace").strip()


def connect(port, process):
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            if process.poll() is not None:
                raise ValueError(f"exit status {process.returncode} before the program listened") from None
            time.sleep(0.05)
    raise ValueError("the program never listened")


def handshake(port, process, extra):
    """Opens a connection with an extra header line; returns it and the extensions that the server accepted."""
    wire = Wire(connect(port, process), True)
    key = base64.b64encode(os.urandom(16)).decode()
    wire.sock.sendall(
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n".encode()
    )
    head = wire.head()
    fields = headers(head)
    if " 101" not in head.split("\r\n")[0] or fields.get("sec-websocket-accept") != accept(key):
        raise ValueError(f"handshake answered with {head!r}")
    return wire, fields.get("sec-websocket-extensions", "no extension")


def check_server(program):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start(program["server"], port=port)
    try:
        wire, _ = handshake(port, process, "")
        result = exchange(wire)
        wire, extensions = handshake(port, process, "Sec-WebSocket-Extensions: permessage-deflate\r\n")
        wire.sock.close()
        if process.poll() is not None:
            raise ValueError("the server process ended")
        return f"accepts {extensions}, {result}"
    finally:
        output = end(process)
        if output and "-v" in sys.argv:
            print(f"    {output[:600]}")


class Cases:
    """A raw server with the URLs that a looping client requests; case 2 refuses the handshake, case 3 violates the protocol."""

    def __init__(self):
        self.seen, self.failures, self.offer = [], [], None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        with sock:
            path = "?"
            try:
                wire = Wire(sock, False)
                head = wire.head()
                path = head.split(" ")[1]
                self.seen.append(path)
                self.answer(wire, headers(head), urlsplit(path))
            except Exception as error:  # pylint: disable=broad-except
                self.failures.append(f"{path}: {error}")

    def answer(self, wire, fields, url):
        case = parse_qs(url.query).get("case", ["1"])[0]
        if case == "2":
            wire.sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        self.offer = fields.get("sec-websocket-extensions")
        wire.sock.sendall(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept(fields['sec-websocket-key'])}\r\n\r\n".encode()
        )
        if url.path == "/getCaseCount":
            wire.send(TEXT, b"4")
        elif case == "3":
            wire.send(TEXT, b"reserved bit", first=0xC0)
            kind, _ = wire.message()
            if kind != CLOSE:
                raise ValueError("no close after a protocol error")
            return
        elif url.path in ("/", "/runCase"):
            exchange(wire)
            return
        wire.send(CLOSE, b"")
        wire.message()


def check_client(program, role):
    cases = Cases()
    base = f"ws://127.0.0.1:{cases.port}"
    process = start(program[role], url=base + "/", base=base, agent="Agent/1 ü")
    try:
        process.wait(40)
        if process.returncode != 0:
            raise ValueError(f"exit status {process.returncode} after {cases.seen}")
        if role == "loop":
            agents = {parse_qs(urlsplit(path).query).get("agent", [""])[0] for path in cases.seen[1:]}
            paths = [urlsplit(path).path for path in cases.seen]
            if paths != ["/getCaseCount"] + ["/runCase"] * 4 + ["/updateReports"] or agents != {"Agent/1 ü"}:
                raise ValueError(f"it requested {cases.seen}")
        notes = "; ".join(cases.failures)
        return f"offers {cases.offer or 'no extension'}{', but ' + notes if notes else ''}"
    except subprocess.TimeoutExpired:
        raise ValueError(f"the program never ended after {cases.seen}; {cases.failures}") from None
    finally:
        cases.listener.close()
        output = end(process)
        if output and "-v" in sys.argv:
            print(f"    {output[:600]}")


def main():
    names = [word for word in sys.argv[1:] if word != "-v"]
    programs = json.loads((HERE / "programs.json").read_text(encoding="utf-8"))
    failed = False
    for program in programs:
        if names and program["name"] not in names:
            continue
        for role in ("server", "client", "loop"):
            if role not in program:
                continue
            try:
                report = check_server(program) if role == "server" else check_client(program, role)
                print(f"{program['name']} {role}: works, {report}")
            except (ValueError, EOFError, OSError) as error:
                failed = True
                print(f"{program['name']} {role}: FAILS, {error}")
    sys.exit(failed)


main()
