"""One echoing connection."""

import os

from tornado.websocket import websocket_connect

COMPRESSION = {} if os.environ.get("INTEROP_DEFLATE") == "1" else None


def connect(url):
    """Opens a connection to `url`."""
    return websocket_connect(url, compression_options=COMPRESSION, max_message_size=2**25)


async def echo(url):
    """Echoes over one connection to `url` until it ends."""
    connection = await connect(url)
    while True:
        message = await connection.read_message()
        if message is None:
            return
        await connection.write_message(message, binary=isinstance(message, bytes))
