"""What is to be done: alerts, digests, and whatever follows a change."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
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

from app.tables.errors import ErrorGroup, GroupChange
from app.tables.people import Membership, Organization
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
    channels_shown = JSONB(default="[]", help_text="What may be read of the channels.")
    updated_at = Timestamptz(null=True, default=None)


class AlertPending(Table, tablename="alert_pending"):
    """What a rule has matched and has not told yet; all of it is told at once."""

    rule_id = ForeignKey(AlertRule, on_delete=OnDelete.cascade, null=False, primary_key=True)
    first_at = Timestamptz()
    due_at = Timestamptz(help_text="When it is told: soon, or when the rule's quiet time is over.")
    total = BigInt(help_text="How much was matched.")
    sample = JSONB(help_text="The first of it.")


class AlertLevel(Table, tablename="alert_level"):
    """A group, instance or app that is over a rule's line: it is not told again until it was below."""

    rule_id = ForeignKey(
        AlertRule,
        on_delete=OnDelete.cascade,
        null=False,
        primary_key=True,
        help_text="With `subject_id` the primary key.",
    )
    subject_id = UUID()
    since = Timestamptz()


class AlertSample(Table, tablename="alert_sample"):
    """A group's total at a time, for rules that ask how often within minutes."""

    group_id = ForeignKey(
        ErrorGroup,
        on_delete=OnDelete.cascade,
        null=False,
        primary_key=True,
        help_text="With `at` the primary key.",
    )
    at = Timestamptz()
    total_count = BigInt()


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
    key = Text(null=True, default=None, unique=True, help_text="The same message is never added twice.")
    project_id = ForeignKey(Project, on_delete=OnDelete.cascade, null=True)
    membership_id = ForeignKey(Membership, on_delete=OnDelete.cascade, null=True)
    channel = Bytea(null=True, default=None, secret=True, help_text="Where to, encrypted.")
    taken_until = Timestamptz(null=True, default=None, help_text="When who sends it is taken for dead.")


class Digest(Table, tablename="digest"):
    """Up to when a project's digest was sent."""

    project_id = ForeignKey(Project, on_delete=OnDelete.cascade, null=False, primary_key=True)
    sent_through = Timestamptz()


class DigestItem(Table, tablename="digest_item"):
    """A change that the next digest of its project tells."""

    change_id = ForeignKey(GroupChange, on_delete=OnDelete.cascade, null=False, primary_key=True)
    project_id = ForeignKey(Project, on_delete=OnDelete.cascade, null=False)
    at = Timestamptz()


class DigestOptOut(Table, tablename="digest_opt_out"):
    """A member who wants no digests of a project."""

    membership_id = ForeignKey(
        Membership,
        on_delete=OnDelete.cascade,
        null=False,
        primary_key=True,
        help_text="With `project_id` the primary key.",
    )
    project_id = ForeignKey(Project, on_delete=OnDelete.cascade, null=False)
    created_at = Timestamptz()


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
