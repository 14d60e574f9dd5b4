"""The organizations that there are, for whoever works at the machine itself and has no token that names one.

Comes in: a slug, or nothing. Goes out: an organization; and the instances that somebody means by a name.
"""

from dataclasses import dataclass
from uuid import UUID

from app.errors import BadInput, NotFound
from app.reading.conditions import can_be_stored
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization."""

    id: UUID
    slug: str


async def organization(slug: str | None = None) -> Organization:
    """The organization with this slug; without one, the only one. NotFound: there is none. BadInput: there are several."""
    rows = await fetch("select id, slug from organization order by slug")
    found = [Organization(*row) for row in rows if slug is None or row["slug"] == slug]
    if not found:
        raise NotFound("there is no organization yet" if slug is None else "there is no such organization")
    if len(found) > 1:
        raise BadInput(f"there are several organizations, say which: {', '.join(one.slug for one in found)}")
    return found[0]


async def instance_named(organization_id: UUID, name: str) -> UUID:
    """The instance that is meant by PROJECT/INSTANCE, both slugs, or INSTANCE alone. NotFound, BadInput: there are several."""
    project, _, instance = name.rpartition("/")
    if not can_be_stored(name):
        raise NotFound("there is no such instance")
    rows = await fetch(
        """
        select i.id, p.slug from instance as i join project as p on p.id = i.project_id
        where i.organization_id = $1 and p.organization_id = $1 and i.slug = $2 and ($3 = '' or p.slug = $3)
            and i.deleted_at is null and p.deleted_at is null
        order by p.slug
        """,
        organization_id,
        instance,
        project,
    )
    if not rows:
        raise NotFound(f"there is no instance {name}; `snaglist instance list` shows those that there are")
    if len(rows) > 1:
        raise BadInput(
            f"several instances have this slug: {', '.join(f'{row[1]}/{instance}' for row in rows)}"
        )
    return UUID(str(rows[0]["id"]))
