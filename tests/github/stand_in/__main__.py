"""The stand-in as a process of its own: `python -m tests.github.stand_in --port N`.

Comes in: the port (0: a free one). Goes out: its URL as the first line on standard output; it listens until SIGTERM or SIGINT.
"""

import argparse
import asyncio
import signal
import sys

from tests.github.stand_in.control import control
from tests.github.stand_in.stand_in import GithubStandIn


async def _listen(port: int) -> None:
    github = GithubStandIn()
    github.server.more = control(github)
    end = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, end.set)
    await github.server.start(port)
    sys.stdout.write(f"{github.url}\n")
    sys.stdout.flush()
    await end.wait()
    await github.server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(_listen(parser.parse_args().port))
