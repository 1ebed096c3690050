"""Echo client that loops through every case: loop.py BASE_URL [AGENT]"""

import asyncio
import sys
from urllib.parse import quote

from connection import connect, echo

from aiohttp import ClientSession

BASE = sys.argv[1]
AGENT = quote(sys.argv[2] if len(sys.argv) > 2 else "aiohttp", safe="")


async def main():
    async with ClientSession() as session:
        async with connect(session, f"{BASE}/getCaseCount") as connection:
            count = int(await connection.receive_str())
        for number in range(1, count + 1):
            try:
                await echo(session, f"{BASE}/runCase?case={number}&agent={AGENT}")
            except Exception as error:
                # A case may cause an error that the library does not foresee; the loop continues.
                print(f"case {number}: {error!r}", file=sys.stderr)
        await echo(session, f"{BASE}/updateReports?agent={AGENT}")


asyncio.run(main())
