"""What apps sent, and the small tables that keep it unique."""

from piccolo.columns import UUID, BigInt, Bytea, SmallInt, Text, Timestamptz
from piccolo.table import Table


class Event(Table, tablename="event"):
    """An accepted event, kept until retention; partitioned by the time of receipt."""

    id = UUID(primary_key=True)
    received_at = Timestamptz()
    organization_id = UUID()
    project_id = UUID()
    app_id = UUID()
    level = SmallInt()
    occurred_at = Timestamptz()
    session_id = Text(null=True, default=None)
    payload = Bytea(help_text="JSON, zstd.")


class Inbox(Table, tablename="inbox"):
    """An event that is not scanned yet."""

    event_id = UUID(primary_key=True)
    received_at = Timestamptz()
    app_id = UUID()
    attempts = SmallInt(default=0)
    problem = Text(null=True, default=None)


class ClientEvent(Table, tablename="client_event"):
    """An event's id as its app names it, so that a retry is harmless."""

    app_id = UUID(primary_key=True, help_text="With `client_event_id` the primary key.")
    client_event_id = Text()
    received_at = Timestamptz()


class FingerprintSession(Table, tablename="fingerprint_session"):
    """A session in which an error happened."""

    fingerprint_id = BigInt(primary_key=True, help_text="With `session_id` the primary key.")
    session_id = Text()
    first_seen_at = Timestamptz()


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
