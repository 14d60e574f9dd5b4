"""A supervisor in a process of its own: `python -m tests.embedded.supervise FOLDER`.

It writes a line of JSON, the URLs or the refusal, and stops the servers when its input ends or has a line.
"""

import json
import sys
from pathlib import Path

from app.embedded import EmbeddedError, start


def main() -> None:
    try:
        embedded = start(Path(sys.argv[1]))
    except EmbeddedError as error:
        say(error=type(error).__name__, message=str(error))
        return
    with embedded:
        say(**{server.name.lower(): server.url for server in embedded.servers})
        sys.stdin.readline()
    say()


def say(**words: str) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
