"""Echo client that loops through every case: loop.py BASE_URL [AGENT]"""

import asyncio
import os
import ssl
import sys
from urllib.parse import quote

from websockets.asyncio.client import connect

BASE = sys.argv[1]
AGENT = quote(sys.argv[2] if len(sys.argv) > 2 else "websockets", safe="")
CA = os.environ.get("INTEROP_TLS_CA")
OPTIONS = {
    "compression": "deflate" if os.environ.get("INTEROP_DEFLATE") == "1" else None,
    "max_size": 2**25,
    "proxy": None,
    **({"ssl": ssl.create_default_context(cafile=CA)} if CA else {}),
}


async def case_count():
    async with connect(f"{BASE}/getCaseCount", **OPTIONS) as connection:
        return int(await connection.recv())


async def run_case(number):
    try:
        async with connect(f"{BASE}/runCase?case={number}&agent={AGENT}", **OPTIONS) as connection:
            async for message in connection:
                await connection.send(message)
    except Exception as error:
        # A case may cause an error that the library does not foresee; the loop continues.
        print(f"case {number}: {error!r}", file=sys.stderr)


async def update_reports():
    async with connect(f"{BASE}/updateReports?agent={AGENT}", **OPTIONS) as connection:
        await connection.wait_closed()


async def main():
    for number in range(1, await case_count() + 1):
        await run_case(number)
    await update_reports()


asyncio.run(main())
