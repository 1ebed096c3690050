"""Echo client for one connection: client.py URL"""

import asyncio
import os
import ssl
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

COMPRESSION = "deflate" if os.environ.get("INTEROP_DEFLATE") == "1" else None
CA = os.environ.get("INTEROP_TLS_CA")
TLS = {"ssl": ssl.create_default_context(cafile=CA)} if CA else {}


async def main(url):
    try:
        async with connect(url, compression=COMPRESSION, max_size=2**25, proxy=None, **TLS) as connection:
            async for message in connection:
                await connection.send(message)
    except (WebSocketException, OSError) as error:
        print(repr(error), file=sys.stderr)


asyncio.run(main(sys.argv[1]))
