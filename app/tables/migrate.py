"""Bring the database to the newest migration; safe for any number of processes at once, and on every start."""

import contextlib
import io
from typing import Final

from piccolo.apps.migrations.commands.forwards import run_forwards

from app.tables.database import fetch, transaction

LOCK: Final = 0x534E4147  # "SNAG"


async def migrate() -> None:
    """Run what has not run, all in one transaction, one process at a time. Raises RuntimeError where a step fails."""
    async with transaction():
        await fetch("select pg_advisory_xact_lock($1)", LOCK)
        with contextlib.redirect_stdout(io.StringIO()) as told:
            result = await run_forwards(app_name="snaglist", migration_id="all")
        if not result.success:
            raise RuntimeError(f"a migration failed: {result.message or told.getvalue()}")
