"""Echo server: server.py PORT"""

import asyncio
import os
import sys

from tornado.web import Application
from tornado.websocket import WebSocketHandler

COMPRESSION = {} if os.environ.get("INTEROP_DEFLATE") == "1" else None


class Echo(WebSocketHandler):
    def on_message(self, message):
        return self.write_message(message, binary=isinstance(message, bytes))

    def get_compression_options(self):
        return COMPRESSION


async def main(port):
    # Cases send messages of 16 MiB, over the library's default limit of 10 MiB.
    app = Application([(r"/.*", Echo)], websocket_max_message_size=2**25)
    app.listen(port, address="127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1])))
