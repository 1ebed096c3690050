"""One echoing connection."""

from contextlib import suppress

import websocket


def echo(url):
    """Echoes over one connection to `url` until it ends."""
    connection = websocket.create_connection(url)
    try:
        while True:
            opcode, data = connection.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return
            connection.send(data, opcode)
    finally:
        connection.close()
        # After a Close that it has answered, close() leaves the socket to the garbage collector. The server ends the stream.
        if connection.sock is not None:
            with suppress(OSError):
                connection.sock.settimeout(2)
                while connection.sock.recv(4096):
                    pass
        connection.shutdown()
