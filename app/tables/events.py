"""What apps sent, and the small tables that keep it unique."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, ForeignKey, Integer, SmallInt, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from app.tables.people import Organization
from app.tables.projects import App


class Event(Table, tablename="event"):
    """An accepted event, kept until retention; partitioned by the time of receipt."""

    id = UUID(primary_key=True)
    received_at = Timestamptz()
    organization_id = UUID()
    project_id = UUID()
    app_id = UUID()
    level = SmallInt(
        null=True,
        default=None,
        help_text="As `domain.events.event.Level`; null where the door did not read it.",
    )
    occurred_at = Timestamptz(help_text="The app's time; that of receipt where the door did not read it.")
    session_id = Text(null=True, default=None)
    payload = Bytea(help_text="JSON, zstd; without secrets once it has been scanned.")
    format = SmallInt(default=1, help_text="As `domain.events.event.Format`.")
    reference_id = BigInt(null=True, default=None, help_text="What the payload was compressed against.")


class PayloadReference(Table, tablename="payload_reference"):
    """What the payloads of an app are compressed against."""

    id = BigInt(primary_key=True)
    app_id = ForeignKey(App, on_delete=OnDelete.cascade, null=False)
    made_at = Timestamptz()
    content = Bytea()


class Inbox(Table, tablename="inbox"):
    """An event that is not scanned yet."""

    event_id = UUID(primary_key=True)
    received_at = Timestamptz()
    app_id = UUID()
    attempts = SmallInt(default=0)
    problem = Text(null=True, default=None, help_text="Why it could not be recorded: it waits aside.")
    size = Integer(default=0, help_text="Bytes of the packed payload.")
    organization_id = UUID()


class ClientEvent(Table, tablename="client_event"):
    """An event's id as its app names it, so that a retry is harmless."""

    app_id = UUID(primary_key=True, help_text="With `client_event_id` the primary key.")
    client_event_id = Text()
    received_at = Timestamptz()
    event_id = UUID(null=True, default=None)


class FingerprintSession(Table, tablename="fingerprint_session"):
    """A session in which an error happened."""

    fingerprint_id = BigInt(primary_key=True, help_text="With `session_id` the primary key.")
    session_id = Text()
    first_seen_at = Timestamptz()
    is_stored = Boolean(
        default=False, help_text="Whether an occurrence of the error in this session was stored."
    )


class FingerprintUser(Table, tablename="fingerprint_user"):
    """A user to whom an error happened."""

    fingerprint_id = BigInt(primary_key=True, help_text="With `user_id` the primary key.")
    user_id = Text()
    first_seen_at = Timestamptz()
    last_seen_at = Timestamptz()


class FingerprintTag(Table, tablename="fingerprint_tag"):
    """How often an error carried a tag."""

    fingerprint_id = BigInt(primary_key=True, help_text="With `key` and `value` the primary key.")
    key = Text()
    value = Text()
    total_count = BigInt()
    last_seen_at = Timestamptz()


class AppTally(Table, tablename="app_tally"):
    """How often something became of what an app sent, in an hour."""

    app_id = ForeignKey(
        App,
        on_delete=OnDelete.cascade,
        null=False,
        primary_key=True,
        help_text="With `hour` and `outcome` the primary key.",
    )
    hour = Timestamptz()
    outcome = Text(help_text="As `domain.events.event.Outcome`.")
    total_count = BigInt()


class UserFeedback(Table, tablename="user_feedback"):
    """What a user of an app wrote about an error."""

    id = UUID(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    app_id = ForeignKey(App, on_delete=OnDelete.cascade, null=False)
    client_event_id = Text(
        null=True, default=None, help_text="The event that it is about, as its app names it."
    )
    name = Text(null=True, default=None)
    email = Text(null=True, default=None)
    message = Text()
    created_at = Timestamptz()
