"""Echo client for one connection: client.py URL"""

import asyncio
import sys

from connection import FAILURES, connect


async def main(url):
    try:
        await connect(url)
    except FAILURES as error:
        print(repr(error), file=sys.stderr)


asyncio.run(main(sys.argv[1]))
