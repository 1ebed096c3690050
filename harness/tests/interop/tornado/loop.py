"""Echo client that loops through every case: loop.py BASE_URL [AGENT]"""

import asyncio
import sys
from urllib.parse import quote

from connection import connect, echo

BASE = sys.argv[1]
AGENT = quote(sys.argv[2] if len(sys.argv) > 2 else "tornado", safe="")


async def main():
    connection = await connect(f"{BASE}/getCaseCount")
    count = int(await connection.read_message())
    connection.close()
    for number in range(1, count + 1):
        try:
            await echo(f"{BASE}/runCase?case={number}&agent={AGENT}")
        except Exception as error:
            # A case may cause an error that the library does not foresee; the loop continues.
            print(f"case {number}: {error!r}", file=sys.stderr)
    await echo(f"{BASE}/updateReports?agent={AGENT}")


asyncio.run(main())
