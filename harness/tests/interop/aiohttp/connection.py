"""One echoing connection."""

import os

from aiohttp import WSMsgType

COMPRESS = 15 if os.environ.get("INTEROP_DEFLATE") == "1" else 0


def connect(session, url):
    """Opens a connection to `url`."""
    return session.ws_connect(url, compress=COMPRESS, max_msg_size=2**25)


async def echo(session, url):
    """Echoes over one connection to `url` until it ends."""
    async with connect(session, url) as connection:
        async for message in connection:
            if message.type == WSMsgType.TEXT:
                await connection.send_str(message.data)
            elif message.type == WSMsgType.BINARY:
                await connection.send_bytes(message.data)
