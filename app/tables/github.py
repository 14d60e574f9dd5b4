"""GitHub: where a project's errors become issues, what is to be done there, and what GitHub told."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
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

from app.tables.errors import ErrorGroup
from app.tables.people import Organization
from app.tables.projects import Project


class GithubInstallation(Table, tablename="github_installation"):
    """An installation of a GitHub App, or a token: whose writes go out one at a time, not too fast."""

    key = Text(primary_key=True, help_text="A hash of where it is and of who we are there.")
    write_at = Timestamptz(help_text="No write goes out before.")
    blocked_until = Timestamptz(
        null=True, default=None, help_text="GitHub said that it wants no more until then."
    )
    blocked_times = SmallInt(default=0, help_text="How often it has said so since it last took a write.")
    taken_by = UUID(null=True, default=None, help_text="Who writes at this moment.")
    taken_until = Timestamptz(null=True, default=None, help_text="When that one is taken for dead.")


class GithubConnection(Table, tablename="github_connection"):
    """The repository that a project's errors become issues of, and how it is reached."""

    project_id = ForeignKey(Project, on_delete=OnDelete.cascade, null=False, primary_key=True)
    base_url = Text(help_text="Of the API: https://api.github.com, or https://HOST/api/v3.")
    repository = Text(help_text="owner/name, as it was last heard.")
    repository_id = BigInt()
    credentials = Bytea(secret=True, help_text="The private key or the token, encrypted.")
    webhook_secret = Bytea(secret=True, help_text="Encrypted.")
    comments_back = Boolean(default=False)
    created_at = Timestamptz()
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    kind = Text(help_text="app or token.")
    app_id = BigInt(null=True, default=None)
    installation_id = BigInt(null=True, default=None)
    login = Text(help_text="Who we are there: `name[bot]`, or the token's user.")
    installation_key = ForeignKey(GithubInstallation, on_delete=OnDelete.restrict, null=False)
    labels = Array(base_column=Text(), default=list, help_text="Those that are known to be there.")
    problem = Text(null=True, default=None, help_text="Why nothing can be done in this repository, in words.")
    attempts = SmallInt(default=0, help_text="How often that was found in a row.")
    retry_at = Timestamptz(null=True, default=None, help_text="When it is tried again.")
    checked_at = Timestamptz(help_text="When it was last found to work.")


class GithubIssue(Table, tablename="github_issue"):
    """The issue that a group became, or is to become."""

    group_id = ForeignKey(ErrorGroup, on_delete=OnDelete.cascade, null=False, primary_key=True)
    project_id = ForeignKey(Project, on_delete=OnDelete.cascade, null=False)
    marker = UUID(unique=True, help_text="Stands in the issue's text, so that a crash makes no second one.")
    number = Integer(null=True, default=None)
    url = Text(null=True, default=None)
    state = Text(null=True, default=None)
    sync_status = Text()
    sync_error = Text(null=True, default=None)
    attempts = Integer(default=0)
    attempted_at = Timestamptz(null=True, default=None, help_text="When it was last tried to make it.")
    next_attempt_at = Timestamptz(
        null=True, default=None, help_text="When the first of its actions is due; null: there is none."
    )
    created_at = Timestamptz()
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    repository_id = BigInt(null=True, default=None, help_text="Where it was made.")
    is_on_demand = Boolean(
        default=False, help_text="Somebody asked for it, whatever the threshold and the cap."
    )
    made_at = Timestamptz(null=True, default=None)
    told_at = Timestamptz(null=True, default=None, help_text="Of the newest state that GitHub told.")
    asked_state = Text(null=True, default=None, help_text="What we last asked GitHub to make of it.")
    asked_at = Timestamptz(null=True, default=None)
    followed_change_id = BigInt(
        null=True,
        default=None,
        help_text="The group's newest change that the issue, or what is to be done, reflects.",
    )


class GithubAction(Table, tablename="github_action"):
    """One write that is to be made on GitHub; those of a group go out in the order of their ids."""

    id = BigSerial(primary_key=True)
    group_id = ForeignKey(ErrorGroup, on_delete=OnDelete.cascade, null=False)
    kind = Text()
    detail = JSONB(default="{}")
    marker = UUID(unique=True, help_text="Stands in a comment's text, so that a crash makes no second one.")
    attempted_at = Timestamptz(null=True, default=None, help_text="Null: it has never been tried.")
    created_at = Timestamptz()


class GithubDelivery(Table, tablename="github_delivery"):
    """What GitHub told by its webhook, for each project that it concerns; kept to know it again."""

    project_id = ForeignKey(
        Project,
        on_delete=OnDelete.cascade,
        null=False,
        primary_key=True,
        help_text="With `delivery_id` the primary key.",
    )
    delivery_id = Text()
    event = Text()
    payload = JSONB(help_text="What of it matters to us.")
    received_at = Timestamptz()
    handled_at = Timestamptz(null=True, default=None)
    attempts = SmallInt(default=0)
    problem = Text(null=True, default=None)
