"""The instances as lines of a table, aligned, for people and for `grep`."""

from uuid import UUID

from app.domain.log_source import DockerLog, FileLog, JournalLog, KubernetesLog, restored
from app.reading.instances import Instance, instances
from app.reading.pages import Window
from app.reading.projects import projects_by_id

_HEAD = ("INSTANCE", "NAME", "ENVIRONMENT", "LOG", "DETECTION", "LAST SCAN", "STATUS", "PROBLEM")


async def table(organization_id: UUID) -> list[str]:
    """The lines, the head first."""
    found: list[Instance] = []
    window = Window(first=100)
    while True:
        page = await instances(organization_id, window)
        found += page.nodes
        if not page.has_next:
            break
        window = Window(first=100, after=page.cursors[-1])
    slugs = await projects_by_id(organization_id, list({one.project_id for one in found}))
    rows = [_HEAD, *(_row(one, slugs[one.project_id].slug) for one in found if one.project_id in slugs)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _row(one: Instance, project: str) -> tuple[str, ...]:
    at = one.last_scan_at
    return (
        f"{project}/{one.slug}",
        one.name,
        one.environment,
        _log(one),
        "on" if one.is_detecting else "off",
        f"{at:%Y-%m-%d %H:%M:%SZ}" if at else "never",
        one.last_scan_status or "-",
        one.last_scan_error or "",
    )


def _log(one: Instance) -> str:
    try:
        source = restored(one.source_kind, one.source)
    except ValueError:
        return "?"
    machine = f" on {source.machine.user}@{source.machine.host}" if source.machine else ""
    match source.log:
        case FileLog(path):
            return f"file {path}{machine}"
        case DockerLog(container):
            return f"docker {container}{machine}"
        case JournalLog(unit):
            return f"journal {unit}{machine}"
        case KubernetesLog(namespace, target):
            return f"kubernetes {namespace} {target}{machine}"
