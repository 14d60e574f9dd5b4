"""A server that reads what comes and answers at once: what a server in Python could take at most from the same clients.

python -m benches.answering PORT
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_connection

import uvicorn
from starlette.types import Receive, Scope, Send

from benches.event_load import BATCH

_BODY = b'{"accepted":%d}' % BATCH
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))]


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """An ASGI app."""
    assert scope["type"] == "http"
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})


@contextmanager
def answering(port: int) -> Iterator[None]:
    """Such a server, in a process of its own."""
    process = subprocess.Popen([sys.executable, "-m", "benches.answering", str(port)])
    try:
        deadline = time.monotonic() + 10
        while True:
            try:
                create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    uvicorn.run(answer, port=int(sys.argv[1]), lifespan="off", log_config=None, access_log=False)
