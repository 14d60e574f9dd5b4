"""Sources on other machines, stored: their secrets encrypted for one instance, changed by several at once."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from app.accounts import keys_in_force
from app.accounts.source_secrets import sealed, unsealed
from app.domain.log_source import DockerLog, FileLog, LogSource, Machine, local_file
from app.errors import BadInput
from app.projects.create_instance import create_instance
from app.projects.known_source import known_source
from app.projects.update_instance import InstanceChanges, update_instance
from app.tables.database import fetch
from tests.database import NOW
from tests.projects.stage import Stage, everything, one, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database", "secret_key")]

JUMP = Machine("jump", "ann", password="hunter two")  # noqa: S106
THERE = Machine("odoo", "odoo", 22, "ssh-ed25519 BBBB", "the key", "open sesame", jump=JUMP)
SOURCE = LogSource(FileLog("/odoo.log"), THERE)


@pytest.fixture
def secret_key() -> Iterator[None]:
    keys_in_force.use_keys("a key of tests alone")
    yield
    keys_in_force.use_keys()


async def made(stage: Stage, source: LogSource = SOURCE) -> UUID:
    return await create_instance(stage.organization_id, stage.instance(source=source), now=NOW)


async def change(stage: Stage, instance_id: UUID, source: LogSource) -> None:
    await update_instance(stage.organization_id, instance_id, InstanceChanges(source=source), now=NOW)


async def test_secrets_are_stored_apart_and_encrypted() -> None:
    stage = await set_up()
    instance_id = await made(stage)
    row = await one("instance", "id", instance_id)
    assert row["source_kind"] == "file"
    place = json.loads(row["source"])
    assert (place["path"], place["host"]["login"], place["host"]["jump"]["login"]) == (
        "/odoo.log",
        "privateKey",
        "password",
    )
    for secret in ("the key", "open sesame", "hunter two"):
        assert secret not in str(row)
    assert await known_source(stage.organization_id, instance_id) == SOURCE


async def test_with_another_key_in_front_the_old_secrets_are_read() -> None:
    stage = await set_up()
    instance_id = await made(stage)
    keys_in_force.use_keys("a newer key of tests", "a key of tests alone")
    assert await known_source(stage.organization_id, instance_id) == SOURCE
    other = sealed(stage.shop_id, [{"password": "a"}])
    with pytest.raises(ValueError, match="damaged, or belong elsewhere"):
        unsealed(instance_id, other)


async def test_without_any_key_no_secret_is_stored_and_other_instances_need_none() -> None:
    stage = await set_up()
    instance_id = await made(stage, local_file("/odoo.log"))
    keys_in_force.use_keys()
    before = await everything()
    with pytest.raises(BadInput, match="SNAGLIST_SECRET_KEY must be set"):
        await made(stage)
    with pytest.raises(BadInput, match="SNAGLIST_SECRET_KEY must be set"):
        await change(stage, instance_id, SOURCE)
    assert await everything() == before
    await change(stage, instance_id, LogSource(DockerLog("odoo")))
    assert (await one("instance", "id", instance_id))["source_kind"] == "docker"


async def test_a_change_of_something_else_leaves_the_secrets() -> None:
    stage = await set_up()
    instance_id = await made(stage)
    before = await one("instance", "id", instance_id)
    await update_instance(stage.organization_id, instance_id, InstanceChanges(name="Nord"), now=NOW)
    assert await one("instance", "id", instance_id) == {**before, "name": "Nord"}


async def test_who_is_not_said_how_to_log_in_with_is_refused() -> None:
    stage = await set_up()
    instance_id = await made(stage, local_file("/odoo.log"))
    before = await everything()
    unsaid = LogSource(FileLog("/odoo.log"), replace(THERE, jump=replace(JUMP, password=None)))
    for refused in (made(stage, unsaid), change(stage, instance_id, unsaid)):
        with pytest.raises(BadInput) as raised:
            await refused
        assert raised.value.field == "source.ssh.jump.privateKey"
    assert await everything() == before


async def test_two_who_change_a_source_at_once_lose_no_secret() -> None:
    """One changes the key, the others the log, and keep what there is: the new key, if they come second."""
    stage = await set_up()
    for _ in range(5):
        instance_id = await made(stage)
        moved = LogSource(FileLog("/other.log"), Machine("odoo", "odoo"))
        await asyncio.gather(
            change(
                stage,
                instance_id,
                LogSource(FileLog("/odoo.log"), replace(THERE, private_key="new", jump=None)),
            ),
            *(change(stage, instance_id, moved) for _ in range(3)),
        )
        known = await known_source(stage.organization_id, instance_id)
        assert known
        assert known.machine
        assert known.machine.private_key == "new"


async def test_a_log_on_another_machine_was_never_read() -> None:
    stage = await set_up()
    instance_id = await made(stage)
    await fetch(
        """update scan_state set position = '{"path": "/odoo.log"}' where instance_id = $1""", instance_id
    )
    renamed = LogSource(FileLog("/odoo.log"), replace(THERE, host="odoo.example.com"))
    await change(stage, instance_id, renamed)
    assert (await one("scan_state", "instance_id", instance_id))["position"] != "{}"
    other = replace(THERE, host="other", host_key="ssh-ed25519 CCCC")
    await change(stage, instance_id, LogSource(FileLog("/odoo.log"), other))
    assert (await one("scan_state", "instance_id", instance_id))["position"] == "{}"
