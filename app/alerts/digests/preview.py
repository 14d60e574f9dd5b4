"""What a digest would say if it were sent now.

Comes in: a project. Goes out: its HTML, with the pictures inside, for a browser. Nothing is sent, and nothing is written.
"""

import base64
from datetime import datetime
from typing import Final
from uuid import UUID

from app import links
from app.alerts.digests import noting
from app.alerts.digests.content import content
from app.alerts.digests.due import PROJECT, project_of
from app.alerts.digests.opting_out import PATH
from app.alerts.digests.sparkline_images import sparkline
from app.domain.alerts.digest_text import digest
from app.errors import NotFound
from app.reading.turns import turn
from app.tables.database import fetch_one

_FIND: Final = f"""{PROJECT}
left join digest as d on d.project_id = p.id
where p.organization_id = $1 and p.id = $2 and p.deleted_at is null
"""


async def preview(organization_id: UUID, project_id: UUID, *, now: datetime) -> str:
    """The HTML of all that was not told yet; its link to unsubscribe is nobody's. NotFound: there is no such project."""
    row = await fetch_one(_FIND, organization_id, project_id)
    if row is None:
        raise NotFound("there is no such project", field="projectId")
    since = min(row["sent_through"] or row["created_at"], now)
    async with turn(organization_id):
        told = await content(project_of(row), await noting.noted(project_id), since, now, now=now)
    pictures = {
        error.link: f"data:image/png;base64,{base64.b64encode(sparkline(error.trend.counts)).decode()}"
        for error in told.new.errors + told.regressed.errors
    }
    return digest(told, pictures).html_for(f"{links.base_url()}{PATH}")
