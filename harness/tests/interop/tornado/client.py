"""Echo client for one connection: client.py URL"""

import asyncio
import sys

from connection import echo

from tornado.httpclient import HTTPError
from tornado.websocket import WebSocketError


async def main(url):
    try:
        await echo(url)
    except (WebSocketError, HTTPError, OSError) as error:
        print(repr(error), file=sys.stderr)


asyncio.run(main(sys.argv[1]))
