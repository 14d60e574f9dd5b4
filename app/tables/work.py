"""What is to be done: alerts, digests, and whatever follows a change."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from app.tables.errors import GroupChange
from app.tables.people import Organization
from app.tables.projects import Project


class AlertRule(Table, tablename="alert_rule"):
    """When to tell whom."""

    id = UUID(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    project_id = ForeignKey(Project, on_delete=OnDelete.cascade, null=False)
    name = Text()
    condition = JSONB()
    filters = JSONB(default="{}")
    channels = Bytea(secret=True, help_text="Where to send, encrypted.")
    quiet_seconds = Integer(default=3600)
    enabled = Boolean(default=True)
    last_fired_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()


class Delivery(Table, tablename="delivery"):
    """A message that is to be sent, or was."""

    id = UUID(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    rule_id = ForeignKey(AlertRule, on_delete=OnDelete.set_null, null=True)
    kind = Text()
    target = Text()
    body = JSONB()
    status = Text()
    attempts = Integer(default=0)
    error = Text(null=True, default=None)
    next_attempt_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    sent_at = Timestamptz(null=True, default=None)


class Digest(Table, tablename="digest"):
    """Up to when a project's digest was sent."""

    project_id = ForeignKey(Project, on_delete=OnDelete.cascade, null=False, primary_key=True)
    sent_through = Timestamptz()


class Outbox(Table, tablename="outbox"):
    """What must follow a change, written with it and swept up after a crash."""

    id = BigSerial(primary_key=True)
    organization_id = UUID()
    change_kind = Text()
    group_id = UUID()
    change_id = ForeignKey(GroupChange, on_delete=OnDelete.cascade, null=False)
    detail = JSONB(default="{}")
    created_at = Timestamptz()
    attempts = SmallInt(default=0)


class JobRun(Table, tablename="job_run"):
    """The newest time for which a scheduled job is known to have run."""

    name = Text(primary_key=True)
    ran_for = Timestamptz()
