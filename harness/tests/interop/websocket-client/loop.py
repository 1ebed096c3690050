"""Echo client that loops through every case: loop.py BASE_URL [AGENT]"""

import sys
from urllib.parse import quote

from connection import echo

import websocket

BASE = sys.argv[1]
AGENT = quote(sys.argv[2] if len(sys.argv) > 2 else "websocket-client", safe="")

counting = websocket.create_connection(f"{BASE}/getCaseCount")
count = int(counting.recv())
counting.close()

for number in range(1, count + 1):
    try:
        echo(f"{BASE}/runCase?case={number}&agent={AGENT}")
    except Exception as error:
        # A case may cause an error that the library does not foresee; the loop continues.
        print(f"case {number}: {error!r}", file=sys.stderr)

echo(f"{BASE}/updateReports?agent={AGENT}")
