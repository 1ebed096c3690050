"""Echo client for one connection: client.py URL"""

import sys

from connection import echo

import websocket

try:
    echo(sys.argv[1])
except (websocket.WebSocketException, OSError) as error:
    print(repr(error), file=sys.stderr)
