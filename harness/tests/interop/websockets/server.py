"""Echo server: server.py PORT"""

import asyncio
import os
import ssl
import sys

from websockets.asyncio.server import serve

COMPRESSION = "deflate" if os.environ.get("INTEROP_DEFLATE") == "1" else None


TLS = None
if "INTEROP_TLS_CERT" in os.environ:
    TLS = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    TLS.load_cert_chain(os.environ["INTEROP_TLS_CERT"], os.environ["INTEROP_TLS_KEY"])


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main(port):
    # Cases send messages of 16 MiB, over the library's default limit of 1 MiB.
    async with serve(echo, "127.0.0.1", port, compression=COMPRESSION, max_size=2**25, ssl=TLS) as server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
