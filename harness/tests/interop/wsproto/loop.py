"""Echo client that loops through every case: loop.py BASE_URL [AGENT]"""

import asyncio
import sys
from urllib.parse import quote

from connection import connect

BASE = sys.argv[1]
AGENT = quote(sys.argv[2] if len(sys.argv) > 2 else "wsproto", safe="")


async def main():
    answer = []
    await connect(f"{BASE}/getCaseCount", answer.append)
    for number in range(1, int("".join(answer)) + 1):
        try:
            await connect(f"{BASE}/runCase?case={number}&agent={AGENT}")
        except Exception as error:
            # A case may cause an error that the library does not foresee; the loop continues.
            print(f"case {number}: {error!r}", file=sys.stderr)
    await connect(f"{BASE}/updateReports?agent={AGENT}")


asyncio.run(main())
