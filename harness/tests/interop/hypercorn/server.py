"""Echo server: server.py PORT"""

import asyncio
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config


async def app(scope, receive, send):
    """An ASGI application that echoes."""
    if scope["type"] != "websocket":
        return
    while True:
        event = await receive()
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif event["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event.get("text"), "bytes": event.get("bytes")})
        elif event["type"] == "websocket.disconnect":
            return


config = Config()
config.bind = [f"127.0.0.1:{sys.argv[1]}"]
# Cases send messages of 16 MiB, which is the library's default limit.
config.websocket_max_message_size = 2**25
asyncio.run(serve(app, config))
