"""Who may use Snaglist: organizations, people, memberships, tokens."""

from piccolo.columns import UUID, Array, Bytea, ForeignKey, Text, Timestamptz
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
    kind = Text()
    name = Text()
    digest = Bytea(secret=True)
    scopes = Array(base_column=Text())
    role = Text()
    created_at = Timestamptz()
    expires_at = Timestamptz(null=True, default=None)
    last_used_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
