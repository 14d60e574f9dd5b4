"""`python -m app.launch`: what `snaglist run` turns into, so that the command line's memory is given back."""

import os
import sys

from app import logs, memory
from app.config import from_environment
from app.embedded import EmbeddedError
from app.errors import ConfigurationError
from app.launch.supervisor import supervise


def main() -> int:
    """Run everything; the exit status comes out."""
    memory.use_one_heap()
    try:
        settings = from_environment(os.environ)
        logs.configure(settings)
        return supervise(settings, os.environ)
    except (ConfigurationError, EmbeddedError) as refusal:
        sys.stderr.write(f"snaglist: {refusal}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
