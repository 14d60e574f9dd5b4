"""Delete a rule: it says nothing any more, and what it has said and not sent is not sent.

Comes in: its id, and who deletes it. Goes out: nothing. Messages that were sent are still listed.
"""

from datetime import datetime
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.errors import NotFound
from app.tables.database import fetch_one
from app.triage.clusters import alone


async def delete_rule(organization_id: UUID, rule_id: UUID, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """Delete the rule. To be called outside of transactions.

    NotFound: the organization has no such rule, or not any more.
    """

    async def work() -> None:
        deleted = await fetch_one(
            """
            delete from alert_rule as r using project as p
            where r.id = $2 and r.organization_id = $1 and p.id = r.project_id and p.deleted_at is null
            returning r.name
            """,
            organization_id,
            rule_id,
        )
        if deleted is None:
            raise NotFound("there is no such alert rule", field="id")
        await audit.note(
            organization_id,
            actor,
            Kind.ALERT_RULE_DELETED,
            subject_type="AlertRule",
            subject_id=rule_id,
            subject_name=deleted["name"],
            now=now,
        )

    await alone(work)
