"""Echo client for one connection: client.py URL"""

import asyncio
import sys

from connection import echo

from aiohttp import ClientError, ClientSession


async def main(url):
    try:
        async with ClientSession() as session:
            await echo(session, url)
    except (ClientError, OSError) as error:
        print(repr(error), file=sys.stderr)


asyncio.run(main(sys.argv[1]))
