"""One connection over asyncio streams, as server or as client."""

import asyncio
import os
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Message, Ping, Request
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

FAILURES = (LocalProtocolError, RemoteProtocolError, OSError)


def extensions():
    """permessage-deflate, if the environment requests it."""
    return [PerMessageDeflate()] if os.environ.get("INTEROP_DEFLATE") == "1" else []


async def talk(ws, reader, writer, consume=None):
    """Echoes until the connection ends, except for messages that `consume` consumes."""
    while data := await reader.read(65536):
        try:
            ws.receive_data(data)
        except RemoteProtocolError as error:
            if error.event_hint is not None:
                writer.write(ws.send(error.event_hint))
                await writer.drain()
            raise
        for event in ws.events():
            if isinstance(event, Request):
                writer.write(ws.send(AcceptConnection(extensions=extensions())))
            elif isinstance(event, Message):
                if consume is not None:
                    consume(event.data)
                else:
                    # A message is echoed in the same pieces in which it arrives.
                    writer.write(ws.send(Message(data=event.data, message_finished=event.message_finished)))
            elif isinstance(event, Ping):
                writer.write(ws.send(event.response()))
            elif isinstance(event, CloseConnection):
                writer.write(ws.send(event.response()))
                await writer.drain()
                return
        await writer.drain()


async def connect(url, consume=None):
    """Opens a connection to `url` and serves it until it ends."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        ws = WSConnection(ConnectionType.CLIENT)
        writer.write(ws.send(Request(host=parts.netloc, target=target, extensions=extensions())))
        await talk(ws, reader, writer, consume)
    finally:
        writer.close()
