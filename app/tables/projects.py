"""What is watched: projects, the instances whose logs are read, the apps that send events."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigSerial,
    Boolean,
    Bytea,
    DoublePrecision,
    ForeignKey,
    Integer,
    Text,
    Timestamptz,
)
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from app.tables.people import Organization


class Project(Table, tablename="project"):
    """What an organization runs; carries thresholds, retention and the digest's frequency."""

    id = UUID(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    name = Text()
    slug = Text()
    time_zone = Text(default="UTC")
    cooldown_seconds = Integer(
        default=300,
        help_text="Within so many seconds, by log time, of the last stored occurrence a repeat is only counted.",
    )
    auto_resolve_days = Integer(default=3)
    retention_days = Integer(default=90)
    regress_without_version = Boolean(default=False)
    priority_weights = JSONB(default="{}")
    alert_frequency = Text(default="DAILY")
    github_threshold = Integer(default=1)
    github_daily_cap = Integer(default=20)
    rescored_through = UUID(
        null=True,
        default=None,
        help_text="The last group that has its score by the newest weights; null: all have.",
    )
    emptied_at = Timestamptz(
        null=True, default=None, help_text="When the groups of a deleted project were all deleted too."
    )
    created_at = Timestamptz()
    deleted_at = Timestamptz(null=True, default=None)
    quota_per_minute = Integer(
        null=True, default=None, help_text="Events of all its apps; null: as many as come."
    )
    grouping_rules = JSONB(default="[]", help_text="As `domain.events.grouping_rules`.")
    scrubbing = JSONB(default="{}", help_text="As `domain.secrets.scrubbing`.")
    retained_from = Timestamptz(
        null=True,
        default=None,
        help_text="What is older than this, retention has removed; null: it never looked.",
    )


class Instance(Table, tablename="instance"):
    """A running Odoo server whose log is scanned."""

    id = UUID(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    project_id = ForeignKey(Project, on_delete=OnDelete.cascade, null=False)
    name = Text()
    slug = Text()
    environment = Text()
    source_kind = Text()
    source = JSONB(help_text="Where the log is, without secrets.")
    source_secrets = Bytea(null=True, default=None, secret=True, help_text="Keys and passwords, encrypted.")
    error_detection_enabled = Boolean(
        null=True, default=None, help_text="Null inherits: on for production, off otherwise."
    )
    error_ignore_patterns = Array(base_column=Text(), default=list)
    addon_folders = Array(base_column=Text(), default=list)
    odoo_version = Text(null=True, default=None)
    commit_sha = Text(null=True, default=None)
    created_at = Timestamptz()
    deleted_at = Timestamptz(null=True, default=None)


class ScanState(Table, tablename="scan_state"):
    """How far an instance's log was read; moves in the transaction that records what was found."""

    instance_id = ForeignKey(Instance, on_delete=OnDelete.cascade, null=False, primary_key=True)
    position = JSONB(default="{}", help_text="Only the reader of this kind of source knows what it means.")
    due_at = Timestamptz()
    last_scan_at = Timestamptz(null=True, default=None)
    last_scan_status = Text(null=True, default=None)
    last_scan_error = Text(null=True, default=None)
    last_complete_at = Timestamptz(null=True, default=None)
    lag_seconds = DoublePrecision(null=True, default=None)
    failures = Integer(default=0)
    scanner = UUID(null=True, default=None, help_text="The scan that reads the log at this moment.")
    scanning_until = Timestamptz(
        null=True, default=None, help_text="When that scan is taken for dead if it has not said otherwise."
    )
    last_missed_at = Timestamptz(
        null=True, default=None, help_text="When a scan last found that text was gone before it was read."
    )
    last_missed = Text(null=True, default=None, help_text="What that was, in words.")


class App(Table, tablename="app"):
    """A program that sends events itself."""

    id = UUID(primary_key=True)
    number = BigSerial(unique=True, help_text="The project number in a Sentry DSN.")
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    project_id = ForeignKey(Project, on_delete=OnDelete.cascade, null=False)
    name = Text()
    slug = Text()
    platform = Text()
    ignore_rules = JSONB(default="[]")
    sample_rate = DoublePrecision(default=1)
    quota_per_minute = Integer(null=True, default=None)
    created_at = Timestamptz()
    deleted_at = Timestamptz(null=True, default=None)
    in_app_include = Array(base_column=Text(), help_text="Beginnings of modules and paths that are its own.")
    in_app_exclude = Array(base_column=Text(), help_text="Beginnings of modules and paths that are not.")


class AppVersion(Table, tablename="app_version"):
    """A version of an app that an event came from."""

    app_id = ForeignKey(
        App,
        on_delete=OnDelete.cascade,
        null=False,
        primary_key=True,
        help_text="With `version` the primary key.",
    )
    version = Text()
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    first_seen_at = Timestamptz()


class AppKey(Table, tablename="app_key"):
    """A key that an app sends events with. It stands in front ends and in the DSN, for everybody to read."""

    id = UUID(primary_key=True)
    app_id = ForeignKey(App, on_delete=OnDelete.cascade, null=False)
    key = Text(unique=True)
    created_at = Timestamptz()
    expires_at = Timestamptz(null=True, default=None)
