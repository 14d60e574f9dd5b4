"""The command line: `snaglist ...`."""

from app.cli.main import main

__all__ = ["main"]
