"""Echo server: server.py PORT"""

import os
import sys

from aiohttp import WSMsgType, web

COMPRESS = os.environ.get("INTEROP_DEFLATE") == "1"


async def echo(request):
    # Cases send messages of 16 MiB, over the library's default limit of 4 MiB.
    connection = web.WebSocketResponse(compress=COMPRESS, max_msg_size=2**25)
    await connection.prepare(request)
    async for message in connection:
        if message.type == WSMsgType.TEXT:
            await connection.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await connection.send_bytes(message.data)
    return connection


app = web.Application()
app.router.add_route("GET", "/{path:.*}", echo)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
