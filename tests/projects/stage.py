"""What stands before the tests of projects: two organizations, each with a project of two instances."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.log_source import local_file
from app.projects.create_instance import NewInstance
from app.tables.database import fetch, fetch_one
from tests.recording import stage as recording

HALF = "\ud800"
"""Half of a character, which JSON can carry and PostgreSQL refuses."""


@dataclass(frozen=True)
class Stage:
    """Our organization, and what belongs to it and to somebody else."""

    organization_id: UUID
    project_id: UUID
    shop_id: UUID
    warehouse_id: UUID
    others_project_id: UUID
    others_shop_id: UUID

    def instance(self, **different: Any) -> NewInstance:
        """An instance to be."""
        wanted: dict[str, Any] = {
            "project_id": self.project_id,
            "name": "Depot",
            "source": local_file("/var/log/odoo.log"),
        }
        return NewInstance(**wanted | different)


async def set_up() -> Stage:
    """A new stage."""
    ours, others = await recording.set_up(), await recording.set_up()
    return Stage(
        ours.organization_id,
        ours.project_id,
        ours.shop.id,
        ours.warehouse.id,
        others.project_id,
        others.shop.id,
    )


async def one(table: str, key: str, value: UUID) -> dict[str, Any]:
    """The row with this key."""
    row = await fetch_one(f"select * from {table} where {key} = $1", value)  # noqa: S608  the tests name them
    assert row
    return dict(row)


async def everything() -> dict[str, list[dict[str, Any]]]:
    """All that is stored about projects, to see that nothing changed."""
    tables = {"project": "id", "instance": "id", "scan_state": "instance_id"}
    return {
        table: [dict(row) for row in await fetch(f"select * from {table} order by {key}")]  # noqa: S608  named above
        for table, key in tables.items()
    }
