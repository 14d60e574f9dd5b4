"""What went wrong: groups, their fingerprints, occurrences and counts, and what became of them."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from app.tables.people import Membership, Organization
from app.tables.projects import App, Instance, Project


class ErrorGroup(Table, tablename="error_group"):
    """One error that people work on; its totals are those of its fingerprints."""

    id = UUID(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    project_id = ForeignKey(Project, on_delete=OnDelete.cascade, null=False)
    app_id = ForeignKey(App, on_delete=OnDelete.cascade, null=True)
    source = Text()
    kind = Text()
    title = Text()
    exception_type = Text(null=True, default=None)
    message = Text()
    module = Text(null=True, default=None)
    severity = SmallInt(help_text="3 critical, 2 high, 1 medium.")
    status = Text()
    is_dev = Boolean(default=False)
    muted_at = Timestamptz(null=True, default=None)
    mute_until = Timestamptz(null=True, default=None)
    mute_until_count = BigInt(null=True, default=None)
    total_count = BigInt(default=0)
    occurrence_count = BigInt(default=0)
    user_count = BigInt(default=0)
    count_at_resolve = BigInt(null=True, default=None, help_text="The total when it was resolved.")
    first_seen_at = Timestamptz()
    last_seen_at = Timestamptz()
    last_stored_at = Timestamptz(
        null=True,
        default=None,
        help_text="Log time of the occurrence that was stored last: the cooldown counts from it.",
    )
    resolved_at = Timestamptz(
        null=True, default=None, help_text="Kept after a regression: what is older changes no status."
    )
    resolved_in_version = Text(null=True, default=None)
    resolved_in_next = Boolean(default=False)
    assignee_id = ForeignKey(Membership, on_delete=OnDelete.set_null, null=True)
    score = Integer(default=0)
    priority = SmallInt(default=3, help_text="0 to 3, 0 the most urgent.")
    is_score_fleeting = Boolean(
        default=True,
        help_text="Whether time or somebody's hand can lower the score; if not, it is not looked at.",
    )
    odoo_version = Text(null=True, default=None)
    commit_sha = Text(null=True, default=None)
    merged_into_id: ForeignKey["ErrorGroup"] = ForeignKey(
        "self",
        on_delete=OnDelete.set_null,
        null=True,
        help_text="The survivor, where this is the tombstone of a merge.",
    )
    deleted_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    session_count = BigInt(default=0)
    thinned_until = Timestamptz(
        null=True,
        default=None,
        help_text="Until when, by receipt, a storm's stored occurrences use up what is allowed.",
    )
    refreshed_at = Timestamptz(
        null=True, default=None, help_text="When events last gave it its texts and its score."
    )


class GroupText(Table, tablename="group_text"):
    """What a group is searched for in, in small letters; apart from its counts, which change all the time."""

    group_id = ForeignKey(ErrorGroup, on_delete=OnDelete.cascade, null=False, primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    text = Text()


class Fingerprint(Table, tablename="fingerprint"):
    """What makes two detections the same error; its counts never move, a merge points it elsewhere."""

    id = BigSerial(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    scope_id = UUID(help_text="The project (LOG) or the app (EVENT).")
    is_dev = Boolean(default=False)
    version = SmallInt()
    digest = Bytea()
    reason = Text(help_text="The text whose SHA-256 is the digest, redacted.")
    home_group_id = ForeignKey(
        ErrorGroup,
        on_delete=OnDelete.cascade,
        null=False,
        help_text="Where taking a merge apart brings it back to.",
    )
    group_id = ForeignKey(ErrorGroup, on_delete=OnDelete.cascade, null=False)
    total_count = BigInt(default=0)
    occurrence_count = BigInt(default=0)
    first_seen_at = Timestamptz()
    last_seen_at = Timestamptz()
    last_stored_at = Timestamptz(null=True, default=None)
    retired_at = Timestamptz(
        null=True, default=None, help_text="Its group was deleted: the same error opens a new one."
    )
    severity = SmallInt(default=1, help_text="The worst of it that was seen, as a group's.")
    tag_count = Integer(default=0, help_text="How many different tags are noted.")


class FingerprintLikeness(Table, tablename="fingerprint_likeness"):
    """A key that fingerprints of probably the same error share; `domain.similarity` makes them."""

    key = BigInt(primary_key=True, help_text="With `fingerprint_id` the primary key.")
    fingerprint_id = BigInt()


class AffectedInstance(Table, tablename="affected_instance"):
    """An instance on which a fingerprint was seen."""

    fingerprint_id = ForeignKey(
        Fingerprint,
        on_delete=OnDelete.cascade,
        null=False,
        primary_key=True,
        help_text="Piccolo knows of one column of a primary key only; the other is `instance_id`.",
    )
    instance_id = ForeignKey(Instance, on_delete=OnDelete.cascade, null=False)
    total_count = BigInt()
    first_seen_at = Timestamptz()
    last_seen_at = Timestamptz()


class GroupInstance(Table, tablename="group_instance"):
    """An instance on which a group was seen, with what lists of its groups go by; triggers keep it."""

    instance_id = ForeignKey(
        Instance,
        on_delete=OnDelete.cascade,
        null=False,
        primary_key=True,
        help_text="With `group_id` the primary key.",
    )
    group_id = ForeignKey(ErrorGroup, on_delete=OnDelete.cascade, null=False)
    status = Text()
    severity = SmallInt()
    priority = SmallInt()
    first_day = Date(help_text="UTC, as the other one.")
    last_day = Date()


class Occurrence(Table, tablename="occurrence"):
    """One stored time an error happened; partitioned by the time of receipt."""

    id = UUID(primary_key=True, help_text="Version 7, made at the time of receipt.")
    received_at = Timestamptz()
    organization_id = UUID()
    project_id = UUID()
    fingerprint_id = BigInt()
    instance_id = UUID(null=True, default=None)
    app_id = UUID(null=True, default=None)
    event_id = UUID(null=True, default=None)
    occurred_at = Timestamptz()
    session_id = Text(null=True, default=None)
    user_id = Text(null=True, default=None)
    app_version = Text(null=True, default=None)
    environment = Text(null=True, default=None)
    message = Text()
    detail = Bytea(help_text="Compressed; `recording.details` reads it.")
    is_repeat = Boolean(
        default=False, help_text="A newer one of its session counts for the group: see `triage.repeats`."
    )


class KeptOccurrence(Table, tablename="kept_occurrence"):
    """The first and the newest occurrence of each fingerprint, when retention has dropped what lay around them."""

    id = UUID(primary_key=True, help_text="As it was; `received_at` too.")
    received_at = Timestamptz()
    organization_id = UUID()
    project_id = UUID()
    fingerprint_id = BigInt()
    instance_id = UUID(null=True, default=None)
    app_id = UUID(null=True, default=None)
    event_id = UUID(null=True, default=None)
    occurred_at = Timestamptz()
    session_id = Text(null=True, default=None)
    user_id = Text(null=True, default=None)
    app_version = Text(null=True, default=None)
    environment = Text(null=True, default=None)
    message = Text()
    detail = Bytea(help_text="With what its event's payload said, as that is gone.")
    is_repeat = Boolean(default=False, help_text="As in `Occurrence`.")


class HourlyCount(Table, tablename="hourly_count"):
    """How often a fingerprint was seen in an hour at an origin; partitioned by the hour."""

    fingerprint_id = BigInt(primary_key=True, help_text="With `hour` and `origin_id` the primary key.")
    hour = Timestamptz()
    origin_id = UUID(help_text="The instance or app.")
    total_count = BigInt()


class GroupChange(Table, tablename="group_change"):
    """One step in a group's life."""

    id = BigSerial(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    group_id = ForeignKey(ErrorGroup, on_delete=OnDelete.cascade, null=False)
    kind = Text()
    at = Timestamptz()
    actor_kind = Text()
    actor_id = UUID(null=True, default=None, help_text="The membership or token.")
    status_before = Text(null=True, default=None)
    status_after = Text(null=True, default=None)
    reason = Text(null=True, default=None)
    detail = JSONB(default="{}")
    actor_name = Text(null=True, default=None, help_text="As it was then, of a person or an agent.")


class Comment(Table, tablename="comment"):
    """What a person or an agent said about a group."""

    id = UUID(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    group_id = ForeignKey(ErrorGroup, on_delete=OnDelete.cascade, null=False)
    author_kind = Text()
    author_id = UUID(null=True, default=None)
    author_name = Text()
    body = Text(help_text="Markdown, as it was written.")
    body_html = Text(null=True, default=None, help_text="What it was rendered to, sanitised.")
    rendering = SmallInt(
        null=True, default=None, help_text="The edition of the rules by which it was rendered."
    )
    external_id = Text(null=True, default=None, unique=True, help_text="GitHub's id of it.")
    created_at = Timestamptz()
    edited_at = Timestamptz(null=True, default=None)
    deleted_at = Timestamptz(null=True, default=None)
    mentions_untold = Boolean(
        default=False, help_text="Whether somebody may be named in it who is not told yet."
    )
