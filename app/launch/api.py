"""`python -m app.launch.api FD`: the API, on a socket that its parent listens on."""

import os
import sys

from app import logs
from app.config import BAD_CONFIGURATION, from_environment
from app.errors import ConfigurationError
from app.server import serve


def run(fd: int) -> int:
    """Serve until we are asked to end, as the environment says; the exit status comes out."""
    try:
        settings = from_environment(os.environ)
        logs.configure(settings)
        return serve(settings, fd)
    except ConfigurationError as refusal:
        sys.stderr.write(f"snaglist: {refusal}\n")
        return BAD_CONFIGURATION


def main() -> int:
    """Serve on the socket that the command line names."""
    return run(int(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(main())
