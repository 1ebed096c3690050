"""Echo server: server.py PORT"""

import asyncio
import sys

from connection import FAILURES, talk

from wsproto import ConnectionType, WSConnection


async def serve(reader, writer):
    try:
        await talk(WSConnection(ConnectionType.SERVER), reader, writer)
    except FAILURES as error:
        print(repr(error), file=sys.stderr)
    finally:
        writer.close()


async def main(port):
    async with await asyncio.start_server(serve, "127.0.0.1", port) as server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
