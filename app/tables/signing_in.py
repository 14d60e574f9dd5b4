"""How people sign in: who failed how often, and who they are elsewhere."""

from piccolo.columns import UUID, Bytea, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from app.tables.people import Person


class SignInAttempt(Table, tablename="sign_in_attempt"):
    """How often somebody failed in the present quarter of an hour; the key is a hash, and names nobody."""

    key = Bytea(primary_key=True)
    failures = Integer()
    ends_at = Timestamptz()


class Identity(Table, tablename="identity"):
    """Who a person is at an OIDC provider: one identity for each of both."""

    id = UUID(primary_key=True)
    person_id = ForeignKey(Person, on_delete=OnDelete.cascade, null=False)
    issuer = Text()
    subject = Text()
    created_at = Timestamptz()
