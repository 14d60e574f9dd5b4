"""The apps as lines of a table, aligned, for people and for `grep`."""

from datetime import datetime
from uuid import UUID

from app.domain.events.dsn import dsn
from app.reading.apps import App, AppKey, apps, keys
from app.reading.pages import Window
from app.reading.projects import projects_by_id

_HEAD = ("APP", "NAME", "PLATFORM", "KEYS", "DSN")


async def table(organization_id: UUID, base_url: str, *, now: datetime) -> list[str]:
    """The lines, the head first."""
    found: list[App] = []
    window = Window(first=100)
    while True:
        page = await apps(organization_id, window)
        found += page.nodes
        if not page.has_next:
            break
        window = Window(first=100, after=page.cursors[-1])
    slugs = await projects_by_id(organization_id, list({one.project_id for one in found}))
    valid = await keys(organization_id, [one.id for one in found], now=now)
    rows = [
        _HEAD,
        *(
            _row(one, slugs[one.project_id].slug, valid[one.id], base_url)
            for one in found
            if one.project_id in slugs
        ),
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _row(one: App, project: str, valid: list[AppKey], base_url: str) -> tuple[str, ...]:
    address = dsn(base_url, valid[0].key, one.number) if valid else "-"
    return (f"{project}/{one.slug}", one.name, one.platform, str(len(valid)), address)
