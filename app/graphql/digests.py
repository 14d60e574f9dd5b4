"""The digests of projects: what the next one would say, and whether the viewer wants them.

Comes in: a project. Goes out: HTML, and a yes or no.
"""

from functools import partial
from typing import Final
from uuid import UUID

from app.alerts.digests.opting_out import is_opted_out
from app.alerts.digests.preview import preview
from app.errors import NotFound
from app.graphql import ids
from app.graphql.context import Info
from app.graphql.loading import load

PREVIEW: Final = (
    "What the digest of a project would say if it were sent now: all that opened or came back in production since the last"
    " one, as a whole page of HTML with its pictures inside. Show it in an `<iframe sandbox srcdoc=...>`. Nothing is sent."
)
OPTED_OUT: Final = (
    "Whether the viewer gets no digests of this project, by `projectDigestOptOut` or by the link of a mail. Agents get none"
    " anyway: false."
)


async def digest_preview(info: Info, project_id: str) -> str:
    """The page. NotFound: there is no such project."""
    key = ids.decode("Project", project_id)
    if key is None:
        raise NotFound("there is no such project", field="projectId")
    return await preview(info.context.organization_id, key, now=info.context.now)


async def digest_opted_out(info: Info, project_id: UUID) -> bool:
    """Whether the viewer opted out; asked for many projects at once."""
    membership_id = info.context.signed_in.membership_id
    if membership_id is None:
        return False
    read = partial(is_opted_out, info.context.organization_id, membership_id)
    return bool(await load(info, "digests opted out", read, project_id))
