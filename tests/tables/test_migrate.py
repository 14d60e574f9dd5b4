"""Migrations on a real server, and whether Piccolo knows the tables as they are."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from piccolo.columns import ForeignKey

from app.domain.log_source import local_file
from app.reading.groups import Filter, groups
from app.scanning.instance_source import described
from app.tables.database import fetch, fetch_one
from app.tables.migrate import migrate
from app.tables.piccolo_app import APP_CONFIG
from tests.database import NOW, pool
from tests.reading.stage import seen
from tests.recording.stage import set_up

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
TABLES = {table._meta.tablename: table for table in APP_CONFIG.table_classes}
MIGRATIONS = list((ROOT / "app" / "tables" / "piccolo_migrations").glob("snaglist_*.py"))
MIGRATE = """
import asyncio, os
from app.tables.database import close_pool, open_pool
from app.tables.migrate import migrate

async def run():
    await open_pool(os.environ["DATABASE_URL"], size=2)
    try:
        await migrate()
    finally:
        await close_pool()

asyncio.run(run())
"""


async def test_migrating_twice_changes_nothing_more(bare_database: str) -> None:
    async with pool(bare_database):
        await migrate()
        before = await _columns()
        await migrate()
        assert await _columns() == before
        assert [row["count"] for row in await fetch("select count(*) from migration")] == [len(MIGRATIONS)]


def test_four_processes_may_start_at_once(bare_database: str) -> None:
    environment = {**os.environ, "DATABASE_URL": bare_database}
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    told = [process.communicate(timeout=60)[1] for process in starting]
    assert [process.returncode for process in starting] == [0] * 4, told

    async def migrations() -> int:
        async with pool(bare_database):
            return len(await fetch("select from migration"))

    assert asyncio.run(migrations()) == len(MIGRATIONS)


async def test_instances_from_before_logs_had_kinds_are_read_on(bare_database: str) -> None:
    async with pool(bare_database):
        await migrate()
        stage = await set_up()
        # As it was before the migration of sources, which is then done once more.
        await fetch("alter table instance drop constraint instance_source_kind_check")
        await fetch("""update instance set source_kind = 'local_file', source = '{"path": "/odoo.log"}'""")
        await fetch("alter table instance add constraint instance_source_kind_check check (true)")
        await fetch("delete from migration where name = '2026-11-22T01:00:00:000000'")
        await migrate()
        row = await fetch_one("select * from instance where id = $1", stage.shop.id)
        assert row
        assert described(row) == local_file("/odoo.log")


async def test_who_may_not_make_an_extension_is_told_what_to_do(bare_database: str) -> None:
    async with pool(bare_database):
        [row] = await fetch("select current_database() as name")
        await fetch("create role snaglist_weak")
        await fetch("grant all on schema public to snaglist_weak")
        await fetch(f"revoke create on database {row['name']} from public")
    try:
        async with pool(f"{bare_database}{'&' if '?' in bare_database else '?'}role=snaglist_weak"):
            with pytest.raises(RuntimeError, match=r"pg_trgm.*create extension pg_trgm.*start again"):
                await migrate()
            assert await fetch("select from pg_class where relname = 'error_group'") == []
    finally:
        async with pool(bare_database):
            await fetch("drop owned by snaglist_weak")
            await fetch("drop role snaglist_weak")


async def test_groups_from_before_there_was_a_search_are_found(bare_database: str) -> None:
    async with pool(bare_database):
        await migrate()
        stage = await set_up()
        one = await seen(stage.shop, "KeyError")
        # As it was before the migration of searches, which is then done once more.
        await fetch("drop table group_text")
        for name in ("kind", "module", "dev"):
            await fetch(f"drop index error_group_{name}")
        await fetch("drop index fingerprint_tag_value")
        await fetch("delete from migration where name = '2026-11-22T22:30:00:000000'")
        await migrate()
        for text in ("keyERROR: 'partner_id'", "sale"):
            found = await groups(stage.organization_id, Filter(search=text), now=NOW)
            assert [each.id for each in found.nodes] == [one]


@pytest.mark.usefixtures("database")
async def test_every_table_of_the_database_is_known_and_none_besides() -> None:
    rows = await fetch(
        "select relname from pg_class where relkind in ('r', 'p') and not relispartition"
        " and relnamespace = 'public'::regnamespace and relname <> 'migration'"
    )
    assert {row["relname"] for row in rows} == set(TABLES)


@pytest.mark.usefixtures("database")
async def test_every_column_is_there_with_the_type_and_the_nulls_that_are_declared() -> None:
    declared = {
        (name, column._meta.db_column_name, _type(column), bool(column._meta.null))
        for name, table in TABLES.items()
        for column in table._meta.columns
    }
    assert {column for column in await _columns() if column[0] in TABLES} == declared


@pytest.mark.usefixtures("database")
async def test_every_reference_says_what_becomes_of_it_and_the_database_agrees() -> None:
    rows = await fetch(
        """
        select c.conrelid::regclass::text as tablename, a.attname, c.confrelid::regclass::text as target, c.confdeltype
        from pg_constraint as c join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and c.connamespace = 'public'::regnamespace
        """
    )
    meanings = {b"c": "CASCADE", b"n": "SET NULL", b"r": "RESTRICT"}
    there = {(r["tablename"], r["attname"], r["target"], meanings[r["confdeltype"]]) for r in rows}
    declared = {
        (
            name,
            column._meta.db_column_name,
            column._foreign_key_meta.resolved_references._meta.tablename,
            column._foreign_key_meta.on_delete.value,
        )
        for name, table in TABLES.items()
        for column in table._meta.foreign_key_columns
    }
    assert there == declared


@pytest.mark.usefixtures("database")
async def test_every_reference_can_be_followed_back_by_an_index() -> None:
    """Without one, a deletion reads a whole table; the tenant's own deletion may take its time."""
    rows = await fetch(
        """
        select c.conrelid::regclass::text as tablename, a.attname
        from pg_constraint as c join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and c.connamespace = 'public'::regnamespace and a.attname <> 'organization_id'
            and not exists (select from pg_index as i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])
        """
    )
    assert sorted((row["tablename"], row["attname"]) for row in rows) == []


def test_every_table_says_what_it_holds() -> None:
    assert [name for name, table in TABLES.items() if not (table.__doc__ or "").strip()] == []


def _type(column: object) -> str:
    if isinstance(column, ForeignKey):
        column = column._foreign_key_meta.resolved_references._meta.primary_key
        return _type(column)
    return {
        "UUID": "uuid",
        "Text": "text",
        "Timestamptz": "timestamp with time zone",
        "Date": "date",
        "JSONB": "jsonb",
        "Boolean": "boolean",
        "Integer": "integer",
        "BigInt": "bigint",
        "BigSerial": "bigint",
        "SmallInt": "smallint",
        "DoublePrecision": "double precision",
        "Bytea": "bytea",
        "Array": "text[]",
    }[type(column).__name__]


async def _columns() -> set[tuple[str, str, str, bool]]:
    rows = await fetch(
        """
        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable
        from pg_attribute as a join pg_class as c on c.oid = a.attrelid
        where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
            and a.attnum > 0 and not a.attisdropped
        """
    )
    return {tuple(row) for row in rows}
