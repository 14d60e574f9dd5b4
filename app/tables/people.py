"""Who may use Snaglist: organizations, people, memberships, invitations, tokens; and who changed what."""

from piccolo.columns import JSONB, UUID, Array, BigSerial, Boolean, Bytea, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table


class Organization(Table, tablename="organization"):
    """The tenant."""

    id = UUID(primary_key=True)
    name = Text()
    slug = Text(unique=True)
    created_at = Timestamptz()


class Person(Table, tablename="person"):
    """A human being with an e-mail address; the address is unique whatever its case."""

    id = UUID(primary_key=True)
    email = Text()
    name = Text()
    password_hash = Text(null=True, default=None, secret=True)
    created_at = Timestamptz()
    disabled_at = Timestamptz(null=True, default=None)
    has_invited_password = Boolean(default=False)


class Membership(Table, tablename="membership"):
    """A person in an organization, with a role."""

    id = UUID(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    person_id = ForeignKey(Person, on_delete=OnDelete.cascade, null=False)
    role = Text()
    created_at = Timestamptz()


class AccessToken(Table, tablename="access_token"):
    """A session, a personal token or an agent's; only the SHA-256 of the secret is kept."""

    id = UUID(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    person_id = ForeignKey(Person, on_delete=OnDelete.cascade, null=True)
    maker_id = ForeignKey(Person, on_delete=OnDelete.cascade, null=True)
    kind = Text()
    name = Text()
    digest = Bytea(secret=True)
    scopes = Array(base_column=Text())
    role = Text()
    created_at = Timestamptz()
    expires_at = Timestamptz(null=True, default=None)
    last_used_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)


class Invitation(Table, tablename="invitation"):
    """A link by which somebody may become a member; only the SHA-256 of its secret is kept."""

    id = UUID(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    email = Text()
    role = Text()
    digest = Bytea(secret=True)
    invited_by = UUID(null=True, default=None)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    accepted_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)


class AuditEntry(Table, tablename="audit_entry"):
    """Who changed what, with the names of that moment, and each value before and after."""

    id = BigSerial(primary_key=True)
    organization_id = ForeignKey(Organization, on_delete=OnDelete.cascade, null=False)
    at = Timestamptz()
    actor_kind = Text()
    actor_id = UUID(null=True, default=None)
    actor_name = Text()
    kind = Text()
    subject_type = Text()
    subject_id = UUID(null=True, default=None)
    subject_name = Text()
    detail = JSONB(default="{}")
