"""One echoing connection."""

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
        # Behind a Close that was answered, close() leaves the socket to the garbage collector.
        connection.shutdown()
